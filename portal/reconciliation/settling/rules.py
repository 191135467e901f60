"""What the works council may be told of mismatches: pure decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

ENOUGH: Final = 10
"""The fewest people the council is told a number of."""


@dataclass(frozen=True)
class Told:
    """Mismatches, the people they concern, and the day since which at least ten of these wait. None: not told."""

    cases: int | None = None
    people: int | None = None
    since: date | None = None


def told(parts: Iterable[tuple[UUID, UUID, date]]) -> Told:
    """What may be told of mismatches in one state: (mismatch, person, found on) of each part."""
    first: dict[UUID, date] = {}
    cases: set[UUID] = set()
    for mismatch, person, found in parts:
        cases.add(mismatch)
        first[person] = min(found, first.get(person, found))
    if len(first) < ENOUGH:
        return Told()
    return Told(len(cases), len(first), sorted(first.values())[ENOUGH - 1])


def waited(found: date, today: date) -> int:
    """For how many days something waits."""
    return max(0, (today - found).days)
