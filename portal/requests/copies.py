"""What narrows a copy, and what HR can leave out of one for somebody who has left (decision 43). Pure.

The vault's order knows a stretch of time and kinds, for all stores at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from portal.requests.rules import About, RequestType

COPIES: Final = frozenset({RequestType.ACCESS, RequestType.PORT})


def wider(kind: RequestType, about: About) -> bool:
    """Whether the copy that is asked for holds more than what was chosen."""
    return kind in COPIES and bool(about.contexts or about.sensitivities or about.segments)


def reach(kind: RequestType, about: About) -> About:
    """What is taken of other stores: for a copy whatever the app and the sensitivity."""
    return replace(about, contexts=(), sensitivities=()) if kind in COPIES else about


def can_leave_out(stays: Iterable[Mapping[str, Any]], lies: Iterable[tuple[str, str | None]]) -> bool:
    """Whether a copy can be made without just these parts; `lies`: store and kind of all that was counted.

    The vault's order names kinds, for all stores at once: a kind is left out wherever it lies, or not at all.
    """
    parts = {(str(one["store"]), one["kind"]) for one in stays}
    kinds = {kind for _, kind in parts}
    return None not in kinds and all(one in parts for one in lies if one[1] in kinds)
