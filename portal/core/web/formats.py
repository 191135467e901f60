"""Words, clock times and figures for templates, in the person's language and zone.

A day's page asks for hundreds of them: what a request asks for is looked up once in it, and what hangs on language and
value alone, never on a person, is kept for the process.
"""

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import get_locale, get_timezone, get_translations
from markupsafe import Markup, escape

from portal.core.web.integrity import integrity
from portal.core.web.mending import to_mend

MINUTES_OF_TWO_LANGUAGES: Final = 2 * 24 * 60
MESSAGES: Final = 4096
FIGURES: Final = 2048


class Voice(NamedTuple):
    """How a request speaks: locale, the same as text, zone, catalogue."""

    locale: Locale
    code: str
    zone: ZoneInfo
    catalogue: Any


def register(app: Flask) -> None:
    """Templates' `_`, `gettext` and `ngettext`, always as text that is escaped already, and the filters."""
    app.jinja_env.filters.update(timeformat=time_of_day, dateformat=day, numberformat=figure, iso=iso)
    app.jinja_env.filters.update(to_mend=to_mend, integrity=integrity)
    app.jinja_env.globals.update(_=words, gettext=words, ngettext=plural)


def words(message: str, /, **variables: object) -> Markup:
    """The message in this request's language; `variables` are escaped, as Jinja's own newstyle gettext does."""
    voice = _voice()
    if not variables:
        return _plain(voice.catalogue, message)
    return _filled(_message(voice.catalogue, message), variables)


def plural(one: str, many: str, number: int, /, **variables: object) -> Markup:
    """The form of the message that goes with `number`, which is also `%(num)s` unless that is given."""
    return _filled(_voice().catalogue.ungettext(one, many, number), {"num": number} | variables)


def time_of_day(moment: datetime, form: str = "medium") -> str:
    """As Flask-Babel's filter of this name; `short` tells hour and minute, any other form is one of CLDR."""
    voice = _voice()
    local = _local(moment, voice.zone)
    if form == "short":
        return _minute(voice.code, local.hour, local.minute)
    return format_time(local, form, tzinfo=local.tzinfo, locale=voice.locale)


def day(on: date, form: str = "medium") -> str:
    """As Flask-Babel's filter `dateformat`: a date as it is, a moment as the day in the reader's zone."""
    voice = _voice()
    local = _local(on, voice.zone) if isinstance(on, datetime) else on
    return format_date(local, form, locale=voice.locale)


def figure(number: float) -> str:
    """As Flask-Babel's filter `numberformat`."""
    return _figure(_voice().code, number)


def iso(moment: date) -> str:
    """ISO 8601, for the `datetime` attribute."""
    return moment.isoformat()


def _voice() -> Voice:
    here = g._get_current_object()  # noqa: SLF001 - once a call instead of once an attribute
    if "voice" not in here:
        locale = get_locale()
        here.voice = Voice(locale, str(locale), ZoneInfo(str(get_timezone())), get_translations())
    return here.voice  # type: ignore[no-any-return]


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment in a zone; one so near to a calendar's end that the zone does not reach it, as it stands."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


@lru_cache(MINUTES_OF_TWO_LANGUAGES)
def _minute(code: str, hour: int, minute: int) -> str:
    return format_time(time(hour, minute), "short", locale=code)


@lru_cache(FIGURES)
def _figure(code: str, number: float) -> str:
    return format_decimal(number, locale=code)


def _filled(message: str, variables: dict[str, object]) -> Markup:
    return Markup(message % {name: escape(value) for name, value in variables.items()})  # noqa: S704 - a message of ours


@lru_cache(MESSAGES)
def _message(catalogue: Any, message: str) -> str:
    return str(catalogue.ugettext(message))


@lru_cache(MESSAGES)
def _plain(catalogue: Any, message: str) -> Markup:
    return _filled(_message(catalogue, message), {})
