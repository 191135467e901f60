"""Weeks, months made of whole weeks, and quarters. A week begins on Monday and belongs to its Monday's month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
SETTLED: Final = timedelta(hours=36)
"""How long after a week's last midnight, UTC, its release is made: by then Sunday is over everywhere (12 hours), and
what may still come has come (24 hours, PORTAL_UPLOAD_MAX_AGE)."""


class Span(StrEnum):
    """How long a release counts."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, order=True)
class Period:
    """Half-open, in whole weeks. Of two that end together the week sorts first: the month adds it up."""

    ends_on: date
    starts_on: date
    span: Span

    @property
    def quarter(self) -> date:
        """The first day of the calendar quarter that the period begins in."""
        return quarter(self.starts_on)

    @property
    def due(self) -> datetime:
        """From when on it can be released."""
        return datetime.combine(self.ends_on, time(), UTC) + SETTLED

    @property
    def days(self) -> tuple[datetime, datetime]:
        """Its first and last midnight, UTC."""
        return datetime.combine(self.starts_on, time(), UTC), datetime.combine(self.ends_on, time(), UTC)


def monday(day: date) -> date:
    """The first day of the week."""
    return day - day.weekday() * DAY


def quarter(day: date) -> date:
    """The first day of the calendar quarter."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def quarters(first: date, today: date) -> Iterator[date]:
    """The first day of each quarter from that of the week of `first` to today's, oldest first."""
    at = quarter(monday(first))
    while at <= today:
        yield at
        at = quarter(at + 100 * DAY)


def week(starts_on: date) -> Period:
    """The week that begins on this Monday."""
    return Period(starts_on + WEEK, starts_on, Span.WEEK)


def month(starts_on: date) -> Period:
    """The month that this first Monday begins: all weeks whose Monday lies in it."""
    ends_on = starts_on
    while ends_on.month == starts_on.month:
        ends_on += WEEK
    return Period(ends_on, starts_on, Span.MONTH)


def periods(first: date, now: datetime) -> Iterator[Period]:
    """Every period that can be released at `now`, oldest first, from the week of the day `first` on.

    A month of which the first weeks are missing is left out: it would claim to be whole.
    """
    start = monday(first)
    found = []
    while (one := week(start)).due <= now:
        found.append(one)
        if start.day <= WEEK.days and (whole := month(start)).due <= now:
            found.append(whole)
        start += WEEK
    yield from sorted(found, key=lambda period: (period.ends_on, period.span is Span.MONTH))
