"""What is to go, in one canonical form; what a tombstone covers; when a step is tried again. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from typing import Any, Final, Protocol, Self
from uuid import UUID

GROUND = "ground:"
"""A step's reason that begins so names the ground on which the decision keeps what is in the store."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
SHORTEST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
LOOK = timedelta(hours=1)
"""How often one looks whether rows came after a freeze."""
LOOK_AFTER_FAILURE = timedelta(days=1)
"""The same where the last round could not freeze everything, and would hardly do so now; each gives a receipt."""
LOOK_LEASE = timedelta(minutes=10)
"""How long a look may take before another worker takes it up."""
TO_MEND = timedelta(days=30)
"""How long the erasure of a whole person waits for a store that refuses or lies; counted from the request."""
HELD: Final = "held_elsewhere"
"""Why somebody is not forgotten yet: a hold is in force, and what it keeps is found by their addresses."""
LEFT: Final = "left_elsewhere"
"""The same, since rows are left in another store; its detail: how many."""
BACKUP_SLACK = timedelta(days=2)
"""A backup may be taken and thrown away a little late."""


class Row(Protocol):
    """A row that says what it is about: a request, a tombstone."""

    starts_at: Any
    ends_at: Any
    kinds: Any
    contexts: Any
    sensitivities: Any
    segments: Any


@dataclass(frozen=True)
class Chosen:
    """What is to go: a half-open range, or everything (both times None), narrowed; None: all of them.

    `whole_person`: also the keys, the account, and every other column about the person. Raises ValueError.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    kinds: frozenset[str] | None = None
    contexts: frozenset[str] | None = None
    sensitivities: frozenset[int] | None = None
    segments: frozenset[UUID] | None = None
    whole_person: bool = False

    def __post_init__(self) -> None:
        times = (self.starts_at, self.ends_at)
        if any(time is not None and time.tzinfo is None for time in times) or (None in times) != (
            times == (None, None)
        ):
            raise ValueError("a range has two ends, with time zones")
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValueError("a range ends after it starts")
        narrowed = [self.kinds, self.contexts, self.sensitivities, self.segments]
        if any(part is not None and not part for part in narrowed):
            raise ValueError("an empty choice chooses nothing")
        if self.whole_person and (self.starts_at or any(narrowed)):
            raise ValueError("a whole person is not narrowed")

    def to_json(self) -> dict[str, Any]:
        """The canonical form: only what narrows, sorted, times in UTC."""
        found: dict[str, Any] = {}
        for name in ("starts_at", "ends_at"):
            if (moment := getattr(self, name)) is not None:
                found[name] = moment.astimezone(UTC).isoformat()
        for name in ("kinds", "contexts", "sensitivities", "segments"):
            if (part := getattr(self, name)) is not None:
                found[name] = sorted(str(one) if isinstance(one, UUID) else one for one in part)
        return found | ({"whole_person": True} if self.whole_person else {})

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The choice of which `value` is the canonical form. Raises ValueError."""
        if unknown := value.keys() - {field.name for field in fields(cls)}:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        given: dict[str, Any] = dict(value)
        for name in ("starts_at", "ends_at"):
            if name in given:
                given[name] = datetime.fromisoformat(given[name])
        for name in ("kinds", "contexts", "sensitivities"):
            if name in given:
                given[name] = frozenset(given[name])
        if "segments" in given:
            given["segments"] = frozenset(UUID(one) for one in given["segments"])
        return cls(**given)

    def meets(self, other: Self) -> bool:
        """Whether kinds, contexts and sensitivities let anything be in both; of time nothing is said."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("kinds", "contexts", "sensitivities"))
        return all(one is None or two is None or bool(one & two) for one, two in pairs)

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """From when until when: nothing that is yet to be captured, unless the whole person goes."""
        if self.whole_person:
            return EARLIEST, LATEST
        return self.starts_at or EARLIEST, min(self.ends_at or now, now)

    def frozen(self) -> tuple[datetime, datetime]:
        """From when until when a freeze is in force: also what is yet to be captured, unless its range ends before."""
        return self.starts_at or EARLIEST, self.ends_at or LATEST


def chosen_of(row: Row, *, whole_person: bool = False) -> Chosen:
    """What a row with these six attributes is about. Raises ValueError."""
    return Chosen(
        row.starts_at,
        row.ends_at,
        _frozen(row.kinds),
        _frozen(row.contexts),
        _frozen(row.sensitivities),
        _frozen(row.segments),
        whole_person,
    )


def wait(tries: int) -> timedelta:
    """How long to wait after that many attempts."""
    return min(SHORTEST_WAIT * (1 << min(tries, 16)), LONGEST_WAIT)


def next_look(now: datetime, *, whole: bool) -> datetime:
    """When one looks again where a freeze is in force; `whole`: its last round froze everything."""
    return now + (LOOK if whole else LOOK_AFTER_FAILURE)


def _frozen(values: Collection[Any] | None) -> frozenset[Any] | None:
    return None if values is None else frozenset(values)


Stretch = tuple[datetime, datetime]
Kinds = frozenset[str]


def gaps(bounds: Stretch, kept: Iterable[Stretch]) -> list[Stretch]:
    """The stretches within `bounds` that lie in none of the ranges `kept`; all half-open."""
    found: list[Stretch] = []
    since = bounds[0]
    for starts, ends in sorted(kept):
        if since < min(starts, bounds[1]):
            found.append((since, min(starts, bounds[1])))
        since = max(since, ends)
    if since < bounds[1]:
        found.append((since, bounds[1]))
    return found


def free(bounds: Stretch, kept: Iterable[tuple[Stretch, Kinds | None]]) -> list[tuple[Stretch, Kinds]]:
    """The stretches within `bounds` of which not all stays, each with the kinds that do; in `kept` None means all."""
    kept = list(kept)
    some = [(stretch, kinds) for stretch, kinds in kept if kinds is not None]
    edges = sorted(set(chain.from_iterable(stretch for stretch, _ in some)))
    found = []
    for since, until in gaps(bounds, [stretch for stretch, kinds in kept if kinds is None]):
        for piece in pairwise([since, *(edge for edge in edges if since < edge < until), until]):
            there = (kinds for (starts, ends), kinds in some if starts < piece[1] and piece[0] < ends)
            found.append((piece, frozenset(chain.from_iterable(there))))
    return found
