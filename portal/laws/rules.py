"""The clock of a request: when it must be answered, and each step of the calculation. Pure: law and calendar go in.

Where Regulation (EEC, Euratom) 1182/71 counts, the day of receipt is not part of a period (article 3(1)); a period of
months ends on the same date of the last month, or on its last day where that date does not exist (3(2)(c)); one that
would end on a Saturday, Sunday or public holiday ends with the next working day (3(4)).
"""

import calendar as months
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from portal.laws.law import Law, Period, Unit

SATURDAY = 5
ONE_DAY = timedelta(days=1)
LONGEST_PERIOD = 370


class Happened(StrEnum):
    """The events that a clock follows."""

    ASKED_BACK = "asked_back"
    ANSWERED = "answered"
    EXTENDED = "extended"


@dataclass(frozen=True)
class Event:
    """Something that may move the deadline, at an aware moment; `reason` is the code of an `Asking`."""

    kind: Happened
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One step of the calculation: a code that `words.line` knows, with its plain values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clock:
    """`due_on` is the last day for the answer, `due` its end (half-open). Days are local to the zone that was given.

    `confirm_by`: the last day to confirm receipt. `extendable_until`: the last day on which an extension can still be
    told, later by each day that the clock stands; None when it is used up or the law knows none. `stands_since`: an
    unanswered question lets the clock stand.
    """

    received_on: date
    due_on: date
    due: datetime
    confirm_by: date | None
    extendable_until: date | None
    extended: bool
    stands_since: date | None
    lines: tuple[Line, ...]

    def days_left(self, today: date) -> int:
        """Whole days from `today` to the last day, negative when that is over; what is left stands with the clock."""
        return (self.due_on - (self.stands_since or today)).days


Closed = Callable[[date], str]
"""Gives the name of a public holiday, '' for any other day."""


def working(day: date, closed: Closed) -> bool:
    """Neither Saturday nor Sunday nor public holiday (1182/71, article 2(2))."""
    return day.weekday() < SATURDAY and not closed(day)


def add(day: date, period: Period, closed: Closed) -> date:
    """The last day of a period that an event on `day` starts; `day` itself is not counted."""
    match period.unit:
        case Unit.MONTHS:
            return add_months(day, period.amount)
        case Unit.DAYS:
            return day + timedelta(days=period.amount)
    left = period.amount
    while left:
        day += ONE_DAY
        left -= working(day, closed)
    return day


def add_months(day: date, amount: int) -> date:
    """The same date `amount` months later, or that month's last day where there is no such date."""
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def next_working(day: date, closed: Closed) -> date:
    """`day`, or the next working day after it."""
    while not working(day, closed):
        day += ONE_DAY
    return day


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment after `day` in `zone`, UTC."""
    return datetime.combine(day + ONE_DAY, time(), zone).astimezone(UTC)


@dataclass
class _Count:
    """A calculation under way."""

    law: Law
    kind: str
    closed: Closed
    received: date
    base: date
    stood: int = 0
    since: date | None = None
    extended: bool = False
    lines: list[Line] = field(default_factory=list)

    def due(self, today: date | None = None) -> date:
        """The last day; with `today` as far as the clock, if it stands, has stood by then."""
        standing = (today - self.since).days if today and self.since else 0
        day = self.base + timedelta(days=self.stood + standing)
        return next_working(day, self.closed) if self.law.ends_on_working_day else day

    def say(self, code: str, **values: Any) -> None:
        self.lines.append(Line(code, values))

    def ask(self, day: date, reason: str) -> None:
        if not self.law.suspends(reason, self.kind):
            self.say("asked_runs_on", on=day)
        elif day > self.due(day):
            self.say("asked_too_late", on=day)
        elif self.since is None:
            self.since = day
            article = next(one.article for one in self.law.asking if one.code == reason)
            self.say("asked_stands", on=day, article=article)

    def answer(self, day: date) -> None:
        if self.since is not None:
            days = (day - self.since).days
            self.stood, self.since = self.stood + days, None
            self.say("answered", on=day, days=days)

    def extend(self, day: date, answer: Period) -> None:
        extension = self.law.extension_of(self.kind)
        if extension is None or self.extended:
            self.say("extended_before" if self.extended else "never_extended", on=day)
        elif day > self.due(day):
            self.say("extended_too_late", on=day, until=self.due())
        else:
            self.extended = True
            self.base = _both(self.received, answer, extension, self.closed)
            self.say("extended", on=day, amount=extension.amount, unit=extension.unit, article=extension.article)
            self.say("extended_ends", day=self.base)


def _both(day: date, answer: Period, extension: Period, closed: Closed) -> date:
    """Counted from receipt over both periods at once, so that a short month in between takes nothing away."""
    if answer.unit == extension.unit:
        return add(day, Period(answer.amount + extension.amount, answer.unit, extension.article), closed)
    return add(add(day, answer, closed), extension, closed)


def count(law: Law, kind: str, closed: Closed, received_at: datetime, events: Sequence[Event], zone: ZoneInfo) -> Clock:
    """The clock of a request of type `kind`, received at an aware moment, after `events` in any order."""
    received = received_at.astimezone(zone).date()
    answer = law.answer_of(kind)
    run = _Count(law, kind, closed, received, add(received, answer, closed))
    run.say("received", on=received)
    run.say("period", amount=answer.amount, unit=answer.unit, article=answer.article)
    run.say("ends", day=run.base)
    for event in sorted(events, key=lambda one: one.at):
        day = event.at.astimezone(zone).date()
        match event.kind:
            case Happened.ASKED_BACK:
                run.ask(day, event.reason)
            case Happened.ANSWERED:
                run.answer(day)
            case Happened.EXTENDED:
                run.extend(day, answer)
    return _clock(run, zone)


def _clock(run: _Count, zone: ZoneInfo) -> Clock:
    law, due = run.law, run.due()
    plain = run.base + timedelta(days=run.stood)
    if run.stood:
        run.say("moved", days=run.stood, day=plain)
    if due != plain:
        run.say("rolled", day=plain, name=run.closed(plain), to=due, article=law.ends_on_working_day)
    run.say("stands" if run.since else "due", on=due, since=run.since)
    confirm = add(run.received, law.confirm, run.closed) if law.confirm else None
    if confirm and law.confirm:
        run.say("confirm", on=confirm, amount=law.confirm.amount, unit=law.confirm.unit, article=law.confirm.article)
    extendable = due if law.extension_of(run.kind) and not run.extended else None
    return Clock(run.received, due, end_of(due, zone), confirm, extendable, run.extended, run.since, tuple(run.lines))
