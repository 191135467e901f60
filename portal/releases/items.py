"""What a release counts: the fixed list of items, and which of them add up.

A name says what it is: `items.kind.key` is a part of `items`. Shares are percent of the people in a cell.
"""

from collections.abc import Iterable
from typing import Final

from portal.releases.periods import Span

PEOPLE: Final = "people"
SHARES: Final = ("share.captured", "share.paused", "share.opted_out")
HOURS: Final = "hours"
ITEMS, PAUSES, REFUSED, REQUESTS, LOOKS, EFFECT = "items", "pauses", "refused", "requests", "looks", "effect"
MISMATCHES, INCIDENTS = "mismatches", "incidents"
WEEKLY: Final = (HOURS, ITEMS, PAUSES, MISMATCHES)
"""Counted each week; a month is the sum of what its weeks have shown, so that it tells nothing new."""
RARE: Final = (REFUSED, REQUESTS, LOOKS, EFFECT, INCIDENTS)
"""Too rare for a week: counted once a month, and then for the whole of it."""
LENGTHS: Final = ("30m", "1h", "1d", "longer", "open")
SECONDS: Final = ("1s", "10s", "2m", "longer")
DECIDED: Final = ("7d", "14d", "30d", "longer", "waits")
FIXED: Final = {
    "items.sensitivity": ("1", "2", "3", "4"),
    "pauses.length": LENGTHS,
    "effect.time": SECONDS,
    "requests.decided": DECIDED,
    "incidents.answer": ("answered", "waits", "withdrawn"),
}
"""Ways of splitting whose parts are known beforehand; others have the parts that occur."""
WAYS: Final = {
    ITEMS: ("kind", "sensitivity", "context"),
    PAUSES: ("length",),
    REQUESTS: ("type", "state", "decided"),
    LOOKS: ("role", "purpose"),
    EFFECT: ("time",),
    MISMATCHES: ("sort",),
    INCIDENTS: ("about", "answer"),
}
"""Total → the ways in which it is split."""


def totals(span: Span) -> tuple[str, ...]:
    """What a release of this length counts afresh."""
    return WEEKLY if span is Span.WEEK else RARE


def splits(found: Iterable[str], wanted: Iterable[str]) -> dict[str, list[list[str]]]:
    """How the wanted totals split, given the names that occur."""
    names = sorted(set(found))
    made: dict[str, list[list[str]]] = {}
    for total in wanted:
        made[total] = []
        for way in WAYS.get(total, ()):
            start = f"{total}.{way}"
            occur = {name for name in names if name.startswith(f"{start}.")}
            parts = [f"{start}.{part}" for part in FIXED.get(start, ())]
            parts += sorted(occur.difference(parts))
            if parts:
                made[total].append(parts)
    return made
