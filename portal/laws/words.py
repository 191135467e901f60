"""The steps of a calculation, and the laws' own texts, in the language of the page."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from flask_babel import format_date, get_locale, gettext, ngettext

from portal.laws.law import Period, Said, Unit
from portal.laws.rules import Line

GERMAN_PLACES: Final = (
    ("GDPR", "DSGVO"),
    ("Regulation", "Verordnung"),
    ("article", "Artikel"),
    ("recital", "Erwägungsgrund"),
)
"""How a place in European law is called in German; California's law has no German name."""


def said(text: Said) -> str:
    """A text of a law's data in the language of the page."""
    return text.in_(str(get_locale().language))


def period(given: Period) -> str:
    """How long: "1 month", "45 days", "10 business days"."""
    return _amount(given.amount, given.unit)


def line(step: Line) -> str:
    """One step of the calculation as a sentence."""
    values = {name: _value(name, value, step) for name, value in step.values.items()}
    return str(_SENTENCES[step.code](values))


def article(text: str) -> str:
    """A place in a law as it is cited in the language of the page."""
    if str(get_locale().language) == "de":
        for english, german in GERMAN_PLACES:
            text = text.replace(english, german)
    return text


def _amount(amount: int, unit: Unit | str) -> str:
    match Unit(unit):
        case Unit.MONTHS:
            return str(ngettext("%(num)s month", "%(num)s months", amount))
        case Unit.DAYS:
            return str(ngettext("%(num)s day", "%(num)s days", amount))
    return str(ngettext("%(num)s business day", "%(num)s business days", amount))


def _value(name: str, value: Any, step: Line) -> str:
    if isinstance(value, date):
        return str(format_date(value, "full", rebase=False))
    if name == "amount":
        return _amount(value, step.values["unit"])
    if name == "article":
        return article(value)
    if name == "days":
        return _amount(value, Unit.DAYS)
    return str(value or "")


def _rolled(values: dict[str, str]) -> str:
    if values["name"]:
        text = gettext("%(day)s is a public holiday (%(name)s), so the next working day counts: %(to)s (%(article)s).")
    else:
        text = gettext("%(day)s is at a weekend or a holiday, so the next working day counts: %(to)s (%(article)s).")
    return str(text % values)


_SENTENCES: Mapping[str, Callable[[dict[str, str]], str]] = {
    "received": lambda v: gettext("Received on %(on)s; that day is not counted.", **v),
    "period": lambda v: gettext("The law allows %(amount)s (%(article)s).", **v),
    "ends": lambda v: gettext("That ends with %(day)s.", **v),
    "asked_stands": lambda v: gettext("Asked back on %(on)s: the clock stands until the answer (%(article)s).", **v),
    "asked_runs_on": lambda v: gettext("Asked back on %(on)s: for this question the clock runs on.", **v),
    "asked_too_late": lambda v: gettext("Asked back on %(on)s, after the end: that moves nothing.", **v),
    "answered": lambda v: gettext("Answered on %(on)s: the clock had stood for %(days)s.", **v),
    "extended": lambda v: gettext("Extended on %(on)s by %(amount)s (%(article)s).", **v),
    "extended_ends": lambda v: gettext("Both together, counted from receipt, end with %(day)s.", **v),
    "extended_before": lambda v: gettext("The extension of %(on)s does not count: it is allowed once.", **v),
    "never_extended": lambda v: gettext("The extension of %(on)s does not count: this law knows none.", **v),
    "extended_too_late": lambda v: gettext(
        "The extension of %(on)s does not count: it had to be told by %(until)s.", **v
    ),
    "moved": lambda v: gettext("With the %(days)s for which the clock stood: %(day)s.", **v),
    "rolled": _rolled,
    "stands": lambda v: gettext(
        "The clock has stood since %(since)s. Had it not, the answer would be due by the end of %(on)s.", **v
    ),
    "due": lambda v: gettext("The answer is due by the end of %(on)s.", **v),
    "confirm": lambda v: gettext("Receipt must be confirmed within %(amount)s, by %(on)s (%(article)s).", **v),
}
