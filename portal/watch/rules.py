"""What is red: pure decisions over what was found and when it was looked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ENOUGH: Final = 10
"""The fewest people of whom a number is told."""
SILENT: Final = timedelta(minutes=10)
"""After this time without a look nobody knows: that is as red as something found. The worker looks each minute."""


class Watched(StrEnum):
    """What is looked at, gravest first."""

    INCIDENTS = "incidents"
    MISMATCHES = "mismatches"
    STOPS = "stops"
    ENDING = "ending"
    POLICY = "policy"
    SIGNING_FILE = "signing_file"
    LOG = "log"
    WITNESS = "witness"
    CHECKS = "checks"
    RETENTION = "retention"
    REQUESTS = "requests"
    STORES = "stores"
    PETITIONS = "petitions"
    DRAFTS = "drafts"
    RELEASES = "releases"
    TALLIES = "tallies"


CALM: Final = frozenset({Watched.TALLIES})
"""What is told and alarms nobody: it is not known yet."""
OF_PEOPLE: Final = frozenset({Watched.TALLIES, Watched.CHECKS})
"""What counts people's days: a small number is not told, as for the council."""
BY_DAY: Final = frozenset({Watched.MISMATCHES, Watched.PETITIONS})
"""Of what only the day is known since when: its midnight, UTC."""


class State(StrEnum):
    """`silent`: nobody looked, so nobody knows."""

    RED = "red"
    SILENT = "silent"
    CALM = "calm"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Seen:
    """What a look found; `since` None: from the look on. `found` None: a number of people too small to be told."""

    found: int | None = 0
    since: datetime | None = None


@dataclass(frozen=True)
class Look:
    """What was found, and when one looked; `at` None: never."""

    seen: Seen
    at: datetime | None


def told(name: Watched, seen: Seen) -> Seen:
    """As it may be told: a small number of people is not."""
    small = name in OF_PEOPLE and seen.found is not None and 0 < seen.found < ENOUGH
    return Seen(None, seen.since) if small else seen


def state(name: Watched, look: Look, now: datetime) -> State:
    """How it stands. What was found stays found while nobody looks."""
    if look.seen.found != 0:
        return State.CALM if name in CALM and not _silent(look, now) else State.RED
    return State.SILENT if _silent(look, now) else State.NOTHING


def states(looks: Mapping[Watched, Look], now: datetime) -> list[tuple[Watched, State]]:
    """Everything that is watched, gravest first; what was never looked at is silent."""
    return [(name, state(name, looks.get(name, Look(Seen(), None)), now)) for name in Watched]


def _silent(look: Look, now: datetime) -> bool:
    return look.at is None or now - look.at > SILENT
