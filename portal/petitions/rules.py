"""What a petition may do next, and what it needs for that: decisions without a database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

FEWER_FOR: Final = timedelta(days=7)
LEAST_WORD: Final = 4
STEM: Final = 7
"""So many letters of a word count when similar petitions are looked for: its beginning, without its ending."""
MOST_WORDS: Final = 20
COMMON: Final = frozenset(
    {"this", "that", "with", "from", "have", "must", "should", "their", "there", "about", "would", "they", "shall"}
    | {"will", "your", "into", "when", "what", "which", "were", "dass", "eine", "einen", "einer", "eines", "nicht"}
    | {"oder", "auch", "wird", "werden", "sollen", "soll", "sich", "sind", "dieser", "diese", "dieses", "unser", "mehr"}
)
"""Words of both languages that say nothing about what a text is about."""


class State(StrEnum):
    """Where a petition stands. A draft is no petition yet: it lies with its author."""

    SUPPORT = "support"
    OPEN = "open"
    THRESHOLD = "threshold"
    AWAITING = "awaiting"
    ANSWERED = "answered"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


ENDED: Final = frozenset({State.CLOSED, State.REJECTED, State.WITHDRAWN})


class Answerer(StrEnum):
    """Who should answer."""

    EMPLOYER = "employer"
    COUNCIL = "works_council"


class Reason(StrEnum):
    """Why the works council rejected a petition; `no_support` is the worker's, when too few supported it."""

    DUPLICATE = "duplicate"
    NOT_OURS = "not_ours"
    PERSONAL = "personal"
    INSULT = "insult"
    UNLAWFUL = "unlawful"
    NO_SUPPORT = "no_support"


class EventKind(StrEnum):
    """What can happen to a petition that everybody may know."""

    OPENED = "opened"
    THRESHOLD = "threshold"
    EMPLOYER = "employer"
    DISCUSSED = "discussed"
    ANSWERED = "answered"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


TOLD: Final = frozenset(EventKind) - {EventKind.OPENED}
"""What everybody is told; the rest is on the petition's page."""


@dataclass(frozen=True)
class Terms:
    """The numbers of `data/thresholds.toml`."""

    support_names: int
    support_unnamed: int
    support_days: int
    open_days: int
    council_percent: int
    council_months: int
    council_article: str
    employer_percent: int
    employer_days: int
    employer_article: str
    shown_from: int
    names_months: int


@dataclass(frozen=True)
class Standing:
    """What decides about a petition: its columns of the same names."""

    state: State
    answerer: Answerer
    ends_on: date
    named: int
    unnamed: int | None
    employees: int | None
    council_on: date | None = None
    discussed_on: date | None = None
    employer_on: date | None = None
    answered_on: date | None = None
    counted_on: date | None = None


@dataclass(frozen=True)
class Step:
    """One change: the event that everybody sees, the state after it, and what else is set."""

    kind: EventKind
    state: State
    ends_on: date | None = None
    due: date | None = None
    reason: Reason | None = None


def signable(state: State, ends_on: date, today: date) -> bool:
    """Whether anybody may sign, or take a signature back, today."""
    return state not in ENDED and today <= ends_on


def signatures(standing: Standing) -> int:
    """What counts: with names, and without as far as their number is shown. Fewer than that count for nothing yet."""
    return standing.named + (standing.unnamed or 0)


@dataclass(frozen=True)
class Company:
    """Of how many employees the shares are; since when there are fewer, and the most there were in that time."""

    employees: int | None
    fewer_since: date | None = None
    fewer: int | None = None


def counted(before: Company, employees: int, today: date) -> Company:
    """What holds after today's count: more never count, for people can be made up; fewer do once a week has seen them.

    One night in which the directory calls nearly everybody a leaver lowers nothing.
    """
    if not before.employees:
        return Company(employees)
    if employees >= before.employees:
        return Company(before.employees)
    since, most = before.fewer_since or today, max(employees, before.fewer or 0)
    return Company(most) if today - since >= FEWER_FOR else Company(before.employees, since, most)


def needed(percent: int, employees: int | None) -> int | None:
    """How many signatures a share of the employees is, rounded up; None while nobody has counted the employees."""
    return max(1, -(-employees * percent // 100)) if employees else None


def shown(votes: int, terms: Terms) -> int | None:
    """The number of unnamed signatures that may be shown: None below the smallest."""
    return votes if votes >= terms.shown_from else None


def steps(standing: Standing, today: date, terms: Terms) -> Iterator[Step]:
    """What is due today, in order; each is decided on what the petition was before all of them."""
    if standing.state in ENDED:
        return
    if standing.state is State.SUPPORT:
        yield from _supported(standing, today, terms)
        return
    yield from _thresholds(standing, today, terms)


def _supported(standing: Standing, today: date, terms: Terms) -> Iterator[Step]:
    if standing.named >= terms.support_names or (standing.unnamed or 0) >= terms.support_unnamed:
        yield Step(EventKind.OPENED, State.OPEN, ends_on=today + timedelta(days=terms.open_days))
    elif over(standing, today):
        yield Step(EventKind.CLOSED, State.CLOSED, reason=Reason.NO_SUPPORT)


def _thresholds(standing: Standing, today: date, terms: Terms) -> Iterator[Step]:
    have, state = signatures(standing), standing.state
    council = needed(terms.council_percent, standing.employees)
    employer = needed(terms.employer_percent, standing.employees)
    reached_council = standing.council_on is None and council is not None and have >= council
    asks_employer = standing.answerer is Answerer.EMPLOYER and standing.employer_on is None
    reached_employer = asks_employer and employer is not None and have >= employer
    if reached_council:
        state = State.THRESHOLD if state is State.OPEN else state
        yield Step(EventKind.THRESHOLD, state, due=months_later(today, terms.council_months))
    if reached_employer:
        yield Step(EventKind.EMPLOYER, State.AWAITING, due=today + timedelta(days=terms.employer_days))
    if over(standing, today) and not (reached_council or reached_employer or pending(standing)):
        yield Step(EventKind.CLOSED, State.CLOSED)


def over(standing: Standing, today: date) -> bool:
    """Whether its last day has passed and was counted, too: who signed then counts like everybody before."""
    return today > standing.ends_on and standing.counted_on is not None and standing.counted_on > standing.ends_on


def pending(standing: Standing) -> bool:
    """Whether the works council or the employer still owes something."""
    council = standing.council_on is not None and standing.discussed_on is None
    return council or (standing.employer_on is not None and standing.answered_on is None)


def may_reject(state: State) -> bool:
    """Only what is not ended and not answered."""
    return state not in ENDED and state is not State.ANSWERED


def after_discussion(standing: Standing) -> State:
    """Where a petition stands once the works council has dealt with it."""
    waits = standing.employer_on is not None and standing.answered_on is None
    return State.AWAITING if waits else State.ANSWERED


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def words(text: str) -> list[str]:
    """The beginnings of the words that say what a text is about, each once, in order."""
    found = re.findall(r"\w+", text.casefold())
    long = [word[:STEM] for word in found if len(word) >= LEAST_WORD and word not in COMMON and word.isalnum()]
    return list(dict.fromkeys(long))[:MOST_WORDS]
