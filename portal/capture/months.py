"""Months as a heat map of days. Pure."""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.capture.marks import Mark

LEVELS = 4
MONTHS_SHOWN = 3


@dataclass(frozen=True)
class Cell:
    """One day; `level` 0-4: how much against the busiest day shown; `href` None: nothing to open."""

    date: date
    href: str | None
    level: int
    items: int
    paused: bool
    today: bool
    mark: Mark | None = None


@dataclass(frozen=True)
class Month:
    """A month's name and its weeks of seven cells, Monday first; None outside the month."""

    label: str
    weeks: list[list[Cell | None]]


@dataclass(frozen=True)
class Facts:
    """What is known of the days shown."""

    totals: Mapping[date, int]
    paused: frozenset[date]
    today: date
    href: Callable[[date], str]
    label: Callable[[date], str]
    marks: Mapping[date, Mark] = field(default_factory=dict)


def first_of(day: date, months_before: int = 0) -> date:
    """The first day of the month that lies so many months before `day`'s; negative: after."""
    index = day.year * 12 + day.month - 1 - months_before
    return date(index // 12, index % 12 + 1, 1)


def months(last: date, facts: Facts) -> list[Month]:
    """The month of `last` and the two before it, oldest first."""
    busiest = max(facts.totals.values(), default=0)
    return [_month(first_of(last, back), facts, busiest) for back in reversed(range(MONTHS_SHOWN))]


def _month(first: date, facts: Facts, busiest: int) -> Month:
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    cells = [[_cell(day, facts, busiest) if day.month == first.month else None for day in week] for week in weeks]
    return Month(facts.label(first), cells)


def _cell(day: date, facts: Facts, busiest: int) -> Cell:
    items, paused = facts.totals.get(day, 0), day in facts.paused
    level = -(-items * LEVELS // busiest) if items else 0
    mark = facts.marks.get(day)
    href = facts.href(day) if items or paused or mark else None
    return Cell(day, href, level, items, paused, day == facts.today, mark)


def days_of(begins: date, ends: date) -> list[date]:
    """Every day from `begins` to `ends`, both included."""
    return [begins + timedelta(days=count) for count in range((ends - begins).days + 1)]
