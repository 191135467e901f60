"""What HR can leave out of a copy for somebody who has left, which the vault makes by itself (decision 43). Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from portal.requests.rules import RequestType

COPIES: Final = frozenset({RequestType.ACCESS, RequestType.PORT})


def can_leave_out(stays: Iterable[Mapping[str, Any]], lies: Iterable[tuple[str, str | None]]) -> bool:
    """Whether a copy can be made without just these parts; `lies`: store and kind of all that was counted.

    The vault's order names kinds, for all stores at once: a kind is left out wherever it lies, or not at all.
    """
    parts = {(str(one["store"]), one["kind"]) for one in stays}
    kinds = {kind for _, kind in parts}
    return None not in kinds and all(one in parts for one in lies if one[1] in kinds)
