"""What a release counts: the fixed list of items, and which of them add up.

A name says what it is: `items.kind.key` is a part of `items`. Shares are percent of the people in a cell.

Which names a release has never depends on what anybody did: a name that is there tells that it was done (decision 83).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from portal.identity.models import Role
from portal.reconciliation.rules import What
from portal.releases.periods import Span
from portal.requests.rules import RequestState, RequestType
from wire.documents import Kind

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
OTHER: Final = "other"
"""What has no name in a list: any text of a device, an app that no policy names."""
CONTEXTS: Final = "items.context"
FIXED: Final[dict[str, tuple[str, ...]]] = {
    "items.kind": tuple(Kind),
    "items.sensitivity": ("1", "2", "3", "4"),
    CONTEXTS: (OTHER,),
    "pauses.length": LENGTHS,
    "effect.time": SECONDS,
    "requests.type": tuple(RequestType),
    "requests.state": tuple(state for state in RequestState if state is not RequestState.DRAFT),
    "requests.decided": DECIDED,
    "looks.role": ("own", *Role, OTHER),
    "looks.purpose": ("own_view", "search", "export", "export_download", OTHER),
    "mismatches.sort": (*What, OTHER),
    "incidents.about": ("captured", "not_stopped", "looked", "exposed", OTHER),
    "incidents.answer": ("answered", "waits", "withdrawn"),
}
"""Way of splitting → its parts. Apps come besides: those that policies name, whoever used them."""
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


def splits(contexts: Iterable[str], wanted: Iterable[str]) -> dict[str, list[list[str]]]:
    """How the wanted totals split; `contexts`: the apps that are named, the others are one part."""
    named = sorted({*contexts} - {OTHER})
    return {
        total: [
            [f"{total}.{way}.{part}" for part in [*(named if f"{total}.{way}" == CONTEXTS else ()), *parts]]
            for way in WAYS.get(total, ())
            for parts in [FIXED[f"{total}.{way}"]]
        ]
        for total in wanted
    }


def names(splits: Mapping[str, Iterable[Iterable[str]]]) -> list[str]:
    """Every name of a release."""
    return [*splits, *(part for ways in splits.values() for way in ways for part in way)]
