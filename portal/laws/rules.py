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

SATURDAY = 5
ONE_DAY = timedelta(days=1)
LONGEST_PERIOD = 370


class Unit(StrEnum):
    """In what a law counts."""

    MONTHS = "months"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"


class Happened(StrEnum):
    """The events that a clock follows."""

    ASKED_BACK = "asked_back"
    ANSWERED = "answered"
    EXTENDED = "extended"


@dataclass(frozen=True)
class Said:
    """A text of the law's data in every language of the portal."""

    en: str
    de: str

    def in_(self, language: str) -> str:
        """The text in `language`, a code such as `de`."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True)
class Period:
    """An amount of units, with the place in the law that says so."""

    amount: int
    unit: Unit
    article: str


@dataclass(frozen=True)
class Asking:
    """A reason for which HR may ask back. `suspends`: the clock stands until the answer, for requests of `types`."""

    code: str
    article: str
    suspends: bool
    types: frozenset[str]
    words: Said


@dataclass(frozen=True)
class Ground:
    """A ground on which a request of `types` may be refused, wholly or for some records.

    `keeps`: a reason to keep records, so that a legal hold can stand on it; others speak of a request alone.
    """

    code: str
    article: str
    types: frozenset[str]
    name: Said
    words: Said
    keeps: bool


@dataclass(frozen=True)
class Remedy:
    """What a person can do against a decision."""

    code: str
    article: str
    words: Said


@dataclass(frozen=True)
class Law:
    """One jurisdiction as data. `countries`: ISO 3166 codes it applies to; one law is the default for all others."""

    code: str
    name: Said
    countries: frozenset[str]
    default: bool
    answer: Period
    confirm: Period | None
    extension: Period | None
    by_type: Mapping[str, Period]
    ends_on_working_day: str
    """The place that moves a period's end to the next working day, '' where none does."""
    asking: tuple[Asking, ...]
    grounds: tuple[Ground, ...]
    remedies: tuple[Remedy, ...]

    def grounds_for(self, kind: str) -> tuple[Ground, ...]:
        """The grounds on which a request of type `kind` may be refused."""
        return tuple(ground for ground in self.grounds if kind in ground.types)

    def grounds_to_keep(self) -> tuple[Ground, ...]:
        """The grounds on which records may be kept from being deleted, whoever asks."""
        return tuple(ground for ground in self.grounds if ground.keeps)

    def ground(self, code: str) -> Ground | None:
        """The ground of that code."""
        return next((ground for ground in self.grounds if ground.code == code), None)

    def answer_of(self, kind: str) -> Period:
        """How long a request of type `kind` may take."""
        return self.by_type.get(kind, self.answer)

    def extension_of(self, kind: str) -> Period | None:
        """How much longer it may take; None for types that have a time of their own, and where the law knows none."""
        return None if kind in self.by_type else self.extension

    def suspends(self, reason: str, kind: str) -> bool:
        """Whether asking for `reason` about a request of type `kind` lets the clock stand."""
        return any(one.code == reason and one.suspends and kind in one.types for one in self.asking)


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
