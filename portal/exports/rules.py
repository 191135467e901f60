"""What may be ordered, and what an order is worth at a moment. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.exports.models import ExportOrder, OrderState

PATIENCE = timedelta(hours=1)
"""How long an archive waits for an external store that is out of reach, before it is made without."""


class State(StrEnum):
    """What to show of an order."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = frozenset({State.WAITING, State.RUNNING})


@dataclass(frozen=True)
class Chosen:
    """What to export: a half-open stretch of aware times (everything: None), kinds (all: none named), stores or not."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    kinds: tuple[str, ...] = ()
    stores: bool = True
    request_id: UUID | None = None


def state(row: ExportOrder, now: datetime) -> State:
    """How the order stands; the worker cleans up later than it ends."""
    if row.cancelled_at is not None:
        return State.CANCELLED
    if row.state is OrderState.READY and row.archive_until is not None and row.archive_until <= now:
        return State.EXPIRED
    if row.finished_at is None and row.expires_at <= now:
        return State.FAILED
    return State(row.state)
