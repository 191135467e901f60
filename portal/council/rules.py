"""How one week compares with the week before: pure."""

from enum import StrEnum
from typing import Final

CLOSE: Final = 0.01


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


def heat(value: int, most: int) -> int:
    """1 (least) to 4 for a value against the greatest one shown."""
    return min(4, 1 + 4 * value // (most + 1)) if most else 1
