"""What the desk decides: how urgent a request is, when a second person is needed, what is a duplicate. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from portal.requests.rules import About, Outcome, RequestType

AT_RISK_DAYS: Final = 5
MEDIAN_DAYS: Final = 90
WEEKEND: Final = 5
INSTANT: Final = timedelta(microseconds=1)
Thing = TypeVar("Thing")


class Tone(StrEnum):
    """How urgent: the answer is overdue, due within five days, the clock stands, or there is time."""

    OVER = "over"
    RISK = "risk"
    STANDS = "stands"
    CALM = "calm"


class StaleError(Exception):
    """Somebody else changed the request since this page was loaded; nothing was changed now."""


class Numbered(Protocol):
    """An event as written down."""

    @property
    def id(self) -> int:
        """Grows with time."""


def require_seen(events: Iterable[Numbered], seen: int) -> None:
    """Raise StaleError when something happened that the sender of a form, who knew event `seen`, has not seen."""
    if any(event.id > seen for event in events):
        raise StaleError


def risk_until(today: date, zone: ZoneInfo) -> datetime:
    """What is due by this moment is at risk: the end of the fifth day from today."""
    return datetime.combine(today + timedelta(days=AT_RISK_DAYS + 1), time(), zone)


def tone(due_at: datetime, stands_since: date | None, now: datetime, until: datetime) -> Tone:
    """How urgent a request is; `until` as from `risk_until`."""
    if stands_since is not None:
        return Tone.STANDS
    if due_at <= now:
        return Tone.OVER
    return Tone.RISK if due_at <= until else Tone.CALM


def days_left(due_at: datetime, stands_since: date | None, now: datetime, zone: ZoneInfo) -> int:
    """Whole days to the clock's last day in `zone`, negative when it is over; a clock that stands keeps its days."""
    last = (due_at - INSTANT).astimezone(zone).date()
    return (last - (stands_since or now.astimezone(zone).date())).days


def four_eyes(outcome: Outcome, kind: RequestType, about: About) -> bool:
    """Whether a second person must confirm: what a person loses for good, their right or all their data."""
    if outcome is not Outcome.APPROVE:
        return True
    return kind is RequestType.ERASE and about.everything()


def overlaps(one: About, other: About) -> bool:
    """Whether two requests are, in part, about the same."""
    if one.starts_at and one.ends_at and other.starts_at and other.ends_at:
        apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
        if apart:
            return False
    return all(_meet(a, b) for a, b in _narrowings(one, other))


def covers(one: About, other: About) -> bool:
    """Whether all that `other` is about is in `one`, so that carrying out `one` leaves nothing of `other`."""
    if one.starts_at and one.ends_at:
        if not (other.starts_at and other.ends_at):
            return False
        if other.starts_at < one.starts_at or one.ends_at < other.ends_at:
            return False
    return all(not a or (bool(b) and set(b) <= set(a)) for a, b in _narrowings(one, other))


def _narrowings(one: About, other: About) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    return [
        (one.kinds, other.kinds),
        (one.contexts, other.contexts),
        (one.sensitivities, other.sensitivities),
        (one.segments, other.segments),
    ]


def _meet(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return not one or not other or bool(set(one) & set(other))
