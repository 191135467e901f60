"""How one week compares with the week before, and when a seat is open: pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

CLOSE: Final = 0.01
FAR: Final = 10
LONGEST_SEAT: Final = 90
"""Days."""


class Change(StrEnum):
    """Where a number went."""

    MORE = "more"
    FEWER = "fewer"
    SAME = "same"
    UNKNOWN = "unknown"


def change(now: int | None, before: int | None) -> Change:
    """Where the number went; within one percent it is the same, and unknown where one of them is hidden."""
    if now is None or before is None:
        return Change.UNKNOWN
    if abs(now - before) <= CLOSE * max(now, before):
        return Change.SAME
    return Change.MORE if now > before else Change.FEWER


def percent(now: int, before: int) -> int:
    """By how many percent `now` differs from `before`, which is not 0; without its sign."""
    return round(100 * abs(now - before) / before)


def far(now: int, before: int) -> bool:
    """Whether one is ten times the other: then a percentage says little, and both numbers say more."""
    return max(now, before) >= FAR * min(now, before)


def heat(value: int, most: int) -> int:
    """1 (least) to 4 for a value against the greatest one shown."""
    return min(4, 1 + 4 * value // (most + 1)) if most else 1


class Spell(Protocol):
    """From when until when, and whether it was ended before."""

    starts_at: Any
    ends_at: Any
    ended_at: Any


def seat_too_long(first: date, last: date, today: date) -> bool:
    """Whether a seat from the first to the last day, both whole, is not one: in the past, backwards, over 90 days."""
    return first < today or not timedelta() <= last - first < timedelta(days=LONGEST_SEAT)


def seat_state(seat: Spell, now: datetime) -> str:
    """Where a seat stands: to_come, open, over, or ended before its time."""
    if seat.ended_at is not None:
        return "ended"
    if now < seat.starts_at:
        return "to_come"
    return "open" if now < seat.ends_at else "over"
