"""The laws as files: read and checked once, at the first import, so that a process with a broken law does not start."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import holidays

from portal.laws import rules
from portal.laws.law import Asking, Ground, Law, Period, Remedy, Said, Unit
from portal.laws.rules import Clock, Event

DATA: Final = Path(__file__).parent / "data"
TYPES: Final = frozenset({"access", "erase", "rectify", "restrict", "object", "port", "review"})
"""The types of requests; a law says for each on what ground it may be refused."""

Table = Mapping[str, Any]
Coded = TypeVar("Coded", Asking, Ground, Remedy)


class LawError(ValueError):
    """A file of the laws is wrong; the message names file and place."""


def read(path: Path) -> Law:
    """The law in one file. Raises LawError for a missing, unknown or senseless value."""
    try:
        with path.open("rb") as file:
            return _law(tomllib.load(file))
    except (KeyError, TypeError, ValueError) as error:
        raise LawError(f"{path.name}: {type(error).__name__}: {error}") from error


def read_all(directory: Path = DATA) -> Mapping[str, Law]:
    """Code → law. Raises LawError when there is not exactly one default, or two laws claim a country."""
    laws = [read(path) for path in sorted(directory.glob("*.toml"))]
    found = {law.code: law for law in laws}
    countries = [country for law in laws for country in law.countries]
    if len(found) != len(laws) or len(set(countries)) != len(countries):
        raise LawError("two laws have the same code or country")
    if sum(law.default for law in laws) != 1:
        raise LawError("exactly one law must be the default")
    return found


def _law(given: Table) -> Law:
    known = {"code", "default", "countries", "ends_on_working_day", "name", "answer", "confirm", "extension"}
    unknown = set(given) - known - {"by_type", "asking", "grounds", "remedies"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    law = Law(
        code=_text(given["code"]),
        name=_said(given["name"]),
        countries=frozenset(given["countries"]),
        default=bool(given["default"]),
        answer=_period(given["answer"]),
        confirm=_period(given["confirm"]) if "confirm" in given else None,
        extension=_period(given["extension"]) if "extension" in given else None,
        by_type={kind: _period(period) for kind, period in given.get("by_type", {}).items()},
        ends_on_working_day=given["ends_on_working_day"],
        asking=_each(given["asking"], _asking),
        grounds=_each(given["grounds"], _ground),
        remedies=_each(given["remedies"], _remedy),
    )
    _types(law.by_type)
    without = sorted(kind for kind in TYPES if not law.grounds_for(kind))
    if without or not law.remedies:
        raise ValueError(f"no ground or no remedy for: {', '.join(without)}")
    return law


def _each(given: list[Table], make: Callable[[Table], Coded]) -> tuple[Coded, ...]:
    made = tuple(make(one) for one in given)
    if len({one.code for one in made}) != len(made):
        raise ValueError("a code stands twice in one list")
    return made


def _period(given: Table) -> Period:
    amount = given["amount"]
    if type(amount) is not int or not 0 < amount <= rules.LONGEST_PERIOD:
        raise ValueError("an amount from 1 on is expected")
    return Period(amount, Unit(given["unit"]), _text(given["article"]))


def _asking(given: Table) -> Asking:
    return Asking(
        _text(given["code"]), _text(given["article"]), bool(given["suspends"]), _types(given["types"]), _said(given)
    )


def _ground(given: Table) -> Ground:
    code, article = _text(given["code"]), _text(given["article"])
    return Ground(
        code, article, _types(given["types"]), _said(given["name"]), _said(given["words"]), given.get("keeps") is True
    )


def _remedy(given: Table) -> Remedy:
    return Remedy(_text(given["code"]), _text(given["article"]), _said(given))


def _types(given: Any) -> frozenset[str]:
    unknown = set(given) - TYPES
    if unknown:
        raise ValueError(f"no such type: {', '.join(sorted(unknown))}")
    return frozenset(given)


def _said(given: Table) -> Said:
    return Said(_text(given["en"]), _text(given["de"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is expected")
    return value


LAWS: Final = read_all()
DEFAULT: Final = next(law.code for law in LAWS.values() if law.default)


def law(code: str) -> Law:
    """The law of that code; the default one for a code that no file has any more."""
    return LAWS.get(code, LAWS[DEFAULT])


def law_for(country: str | None) -> Law:
    """The law of somebody who works in `country` (ISO 3166-1, perhaps with a part: `US-CA`)."""
    return next((law for law in LAWS.values() if country in law.countries), LAWS[DEFAULT])


@cache
def _closed(country: str | None) -> Callable[[date], str]:
    place, _, part = (country or "").partition("-")
    try:
        days = holidays.country_holidays(place, subdiv=part or None, language="en_US")
    except NotImplementedError:
        return lambda _day: ""
    return lambda day: str(days.get(day) or "")


def clock(code: str, kind: str, country: str | None, received_at: datetime, events: list[Event], zone: str) -> Clock:
    """The clock of a request of type `kind` under the law `code`, with the public holidays of `country`.

    A country that the calendar does not know has only Saturdays and Sundays, which can only make the answer due sooner.
    """
    return rules.count(law(code), kind, _closed(country), received_at, events, ZoneInfo(zone))
