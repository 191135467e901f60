"""What a cell's value is made of, and whether it may be told: enough people, and none of them most of it."""

from collections.abc import Iterable
from typing import Final, NamedTuple

SMALLEST_GROUP: Final = 10
"""k, until the works council signs another (portal.releases.grouping): how many people a published value stands for at
least. An installation may begin with more (PORTAL_SMALLEST_GROUP), never with fewer."""
DOMINANT: Final = ((1, 50), (2, 70))
"""(n, percent): a value of which the n largest contributors are more than that stays hidden."""
SHARE_STEP: Final = 5


class Contribution(NamedTuple):
    """A sum: by how many people, how much, and what the two largest gave."""

    people: int = 0
    total: int = 0
    first: int = 0
    second: int = 0


NOTHING: Final = Contribution()


def merged(parts: Iterable[Contribution]) -> Contribution:
    """The sum over groups without a common person."""
    people = total = first = second = 0
    for part in parts:
        people, total = people + part.people, total + part.total
        first, second = sorted((first, second, part.first, part.second), reverse=True)[:2]
    return Contribution(people, total, first, second)


def tellable(value: Contribution, k: int) -> bool:
    """Whether the sum alone points at nobody. Zero is not told either: it would speak for every group inside."""
    if value.people < k:
        return False
    largest = (value.first, value.first + value.second)
    return all(100 * largest[count - 1] <= percent * value.total for count, percent in DOMINANT)


def share(part: int, whole: int) -> int:
    """Percent in steps of 5, never 0 or 100: nobody and everybody would be told of each one."""
    steps = round(100 * part / whole / SHARE_STEP)
    return min(max(steps, 1), 100 // SHARE_STEP - 1) * SHARE_STEP
