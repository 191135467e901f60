"""What the works council may be told of mismatches: pure decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.reconciliation.rules import ENOUGH


@dataclass(frozen=True)
class Told:
    """Mismatches, the people they concern, and the day since which enough of these wait. None: not told."""

    cases: int | None = None
    people: int | None = None
    since: date | None = None


def told(parts: Iterable[tuple[UUID, UUID, date]], smallest_group: int) -> Told:
    """What may be told of mismatches in one state: (mismatch, person, found on) of each part."""
    least = max(ENOUGH, smallest_group)
    first: dict[UUID, date] = {}
    cases: set[UUID] = set()
    for mismatch, person, found in parts:
        cases.add(mismatch)
        first[person] = min(found, first.get(person, found))
    if len(first) < least:
        return Told()
    return Told(len(cases), len(first), sorted(first.values())[least - 1])


def stays(before: int | None, people: int | None, smallest_group: int) -> bool:
    """Whether what was told of so many people is told on: the number of now is too near it."""
    return before is not None and people is not None and abs(people - before) < max(ENOUGH, smallest_group)


def waited(found: date, today: date) -> int:
    """For how many days something waits."""
    return max(0, (today - found).days)
