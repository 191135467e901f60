"""What the owner of a store is told, and when: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PATIENCE: Final = timedelta(hours=24)
"""So long a store may take to answer before its owner hears of it, and a deletion before it counts as late."""
HOUR: Final = 7
"""From this hour on, in the owner's own zone."""
WEEKEND: Final = 5
MOST_NAMES: Final = 5


@dataclass(frozen=True)
class Trouble:
    """Deletions in one store: waiting for it, refused or carried out in part or late since its owner was told last.

    `datasets`: where, by name. Nothing of it names a person whose data is meant.
    """

    pending: int = 0
    failed: int = 0
    partial: int = 0
    late: int = 0
    datasets: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pending or self.failed or self.partial or self.late)

    def names(self) -> str:
        """The datasets, the first few by name."""
        shown = ", ".join(self.datasets[:MOST_NAMES])
        return f"{shown}, …" if len(self.datasets) > MOST_NAMES else shown


def is_time(now: datetime, zone: ZoneInfo, told_at: datetime | None) -> bool:
    """Whether today's digest may leave: on a working day, in the morning or later, once."""
    local = now.astimezone(zone)
    if local.hour < HOUR or local.weekday() >= WEEKEND:
        return False
    return told_at is None or told_at.astimezone(zone).date() < local.date()
