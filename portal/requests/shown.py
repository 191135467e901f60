"""A deletion as pages show it: plain values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.requests.models import Erasure

STORES = 1
"""Daylight's own store; external stores come with their connectors."""


@dataclass(frozen=True)
class Shown:
    """One deletion; `kinds` and `contexts` empty mean all."""

    id: UUID
    asked_at: datetime
    starts: datetime
    ends: datetime
    kinds: tuple[str, ...]
    contexts: tuple[str, ...]
    items: int
    status: str
    execute_after: datetime
    done_at: datetime | None
    stores_done: int
    stores_total: int


def shown(row: Erasure, labels: dict[str, str], now: datetime) -> Shown:
    """The deletion in `row` at `now`."""
    return Shown(
        id=row.id,
        asked_at=row.asked_at,
        starts=row.starts_at,
        ends=row.ends_at,
        kinds=tuple(row.kinds or ()),
        contexts=tuple(labels.get(context, context) for context in row.contexts or ()),
        items=row.items,
        status=_status(row, now),
        execute_after=row.execute_after,
        done_at=row.done_at,
        stores_done=STORES if row.done_at else 0,
        stores_total=STORES,
    )


def _status(row: Erasure, now: datetime) -> str:
    if row.undone_at:
        return "undone"
    if row.done_at:
        return "erased"
    return "undoable" if now < row.execute_after else "erasing"
