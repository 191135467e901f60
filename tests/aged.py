"""What is too old is deleted now, as the worker does each hour, and what became of that."""

from typing import Any

from portal.core import clock
from portal.core.db import Database
from portal.deletion import ages
from portal.deletion.retention import Retention
from portal.requests.freezes import spared


def delete_old(database: Database, days: int = 30) -> None:
    """A step for each kind, as of this very moment, carried out with whatever else is due."""
    with database.transaction("worker") as session:
        ages.plan(session, clock.now())
    retention(database, days).run()


def retention(database: Database, days: int = 30) -> Retention:
    """As the worker has it; `days`: how long backups are kept."""
    return Retention(database, spared(), days)


STEP = (
    "SELECT id, state, deleted, told, held, frozen, remaining, read_back_at, physical_on, entry_id, pending_since, "
    "claimed_until, fence FROM retention_step WHERE kind = %s ORDER BY until DESC LIMIT 1"
)
NAMES = (
    *("id", "state", "deleted", "told", "held", "frozen", "remaining", "read_back_at", "physical_on", "entry_id"),
    *("pending_since", "claimed_until", "fence"),
)


def named(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `STEP`."""
    return dict(zip(NAMES, row, strict=True))
