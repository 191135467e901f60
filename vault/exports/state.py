"""Where an export is: the vault's own note between two steps, encrypted like the archive."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from vault.exports.sealing import CHECKPOINT, Sealer

STORES_FROM = 1_000_000_000
"""External stores' files have the numbers from here on, so that both sides make files without asking each other."""

INDEX, MANIFEST, SCHEMA, FIRST_FREE = range(4)
"""The files that are written last stand first."""


class Phase(StrEnum):
    """What is written next."""

    ITEMS = "items"
    ABOUT = "about"
    STORES = "stores"
    END = "end"


@dataclass
class Progress:
    """`files`: name of a file that is still open → its number. `days`: [day, items] of each day's page."""

    phase: Phase = Phase.ITEMS
    next_file: int = FIRST_FREE
    files: dict[str, int] = field(default_factory=dict)
    days: list[list[str | int]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    about: dict[str, int] = field(default_factory=dict)
    items: int = 0
    problems: int = 0

    def number(self) -> int:
        """The number of one more file."""
        self.next_file += 1
        return self.next_file - 1

    def count(self, kind: str | None, state: str) -> None:
        """Note one item."""
        self.items += 1
        self.states[state] = self.states.get(state, 0) + 1
        if kind is not None:
            self.counts[kind] = self.counts.get(kind, 0) + 1


def read(sealer: Sealer, checkpoint: bytes | None) -> Progress:
    """The note, or a fresh one. Raises ArchiveError for one that this vault did not write."""
    if checkpoint is None:
        return Progress()
    told = json.loads(sealer.open(checkpoint, *CHECKPOINT))
    return Progress(**(told | {"phase": Phase(told["phase"])}))


def write(sealer: Sealer, progress: Progress) -> bytes:
    """The note, sealed."""
    return sealer.seal(json.dumps(asdict(progress)).encode(), *CHECKPOINT)
