"""Which k holds in which quarter: what the council signed last for it, else the number it began with.

A k holds for whole quarters, since a quarter's cells are decided once; what was released keeps the one it was made by.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from wire.grouping import FLOOR, SmallestGroup

YEAR: Final = 12


def people_in(quarter: date, signed: Iterable[SmallestGroup], otherwise: int) -> int:
    """The k of the quarter that begins on this day, given every document that the council has signed."""
    held = [one for one in signed if date.fromisoformat(one.starts) <= quarter]
    k = max(held, key=lambda one: one.number).people if held else otherwise
    if k < FLOOR:
        raise ValueError(f"no number may stand for fewer than {FLOOR} people")
    return k


def next_quarter(now: datetime) -> date:
    """The first day of the quarter after this moment's."""
    month = now.month - (now.month - 1) % 3 + 3
    return date(now.year + month // (YEAR + 1), (month - 1) % YEAR + 1, 1)
