"""What a cell's value is made of, and whether it may be told: enough people, and none of them most of it."""

from collections.abc import Iterable
from typing import Final, NamedTuple

SMALLEST_GROUP: Final = 10
"""k, until the works council signs another (portal.releases.grouping): how many people a published value stands for at
least. An installation may begin with more (PORTAL_SMALLEST_GROUP), never with fewer."""
DOMINANT: Final = ((1, 50), (2, 70))
"""(n, percent): a value of which the n largest contributors are more than that stays hidden."""
STEPS: Final = (5, 10, 20, 25, 50)
"""Percent: how wide the steps of a share may be, the finest first."""
WHOLE: Final = 100
PROTECTION: Final = 20
"""Percent of a hidden value by which an outsider must at least be wrong about it, either way."""


class Contribution(NamedTuple):
    """A sum: by how many people, how much, and what the two largest gave."""

    people: int = 0
    total: int = 0
    first: int = 0
    second: int = 0


NOTHING: Final = Contribution()


class Need(NamedTuple):
    """How far an outsider must be left in doubt about a hidden value: below it, above it, and from end to end."""

    below: int
    above: int
    width: int


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


def need(value: Contribution, k: int) -> Need:
    """Where nobody may be pointed at, k at least and what the rules for too few large ones ask for; else k across."""
    if tellable(value, k):
        return Need(0, 0, k)
    largest = (value.first, value.first + value.second)
    wide = max(100 * largest[count - 1] // percent - value.total for count, percent in DOMINANT)
    above = max(k, -(-PROTECTION * value.total // 100), wide)
    return Need(min(above, value.total), above, k)


def step(people: int, k: int) -> int | None:
    """How wide the steps of a share of so many people are, in percent; None: there is no share of so few.

    Each step holds 2k + 1 head counts at least. Its ends are k apart even for whoever knows, from a number that is
    shown beside it, that k people at least are meant.
    """
    return next((width for width in STEPS if all(last - first >= 2 * k for first, last in _steps(people, width))), None)


def _steps(people: int, width: int) -> list[tuple[int, int]]:
    return [heads(people, low, width) for low in range(0, WHOLE, width)]


def heads(people: int, low: int, width: int) -> tuple[int, int]:
    """How many of these people the step from `low` percent on stands for: the fewest and the most."""
    most = people if low + width >= WHOLE else -(-people * (low + width) // WHOLE) - 1
    return -(-people * low // WHOLE), most


def share(part: int, people: int, width: int) -> int:
    """Where the step begins that so many of these people are in, in percent."""
    return min(WHOLE * part // (people * width), WHOLE // width - 1) * width
