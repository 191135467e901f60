"""What of a person's rows a step is about in one dataset of another store, as its connector takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.deletion import queries
from portal.deletion.rules import Chosen, gaps
from portal.sources import queries as places
from portal.sources.connectors.base import Narrowing, Target
from portal.sources.connectors.progress import Progress
from portal.sources.queries import Place

Ends = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Work:
    """One target for each stretch that is free to go; and all of it, where something stays in between."""

    place: Place
    targets: tuple[Target, ...]
    whole: Target | None


def erasing(session: Session, person: UUID, place: Place, chosen: Chosen, asked_at: datetime) -> Work:
    """What of `chosen` is to go from a dataset, asked at `asked_at`, and what the holds of now keep.

    Raises RefusedError when the dataset cannot tell apart what is to go and what is to stay.
    """
    held = [hold for hold in queries.held(session, person, chosen, clock.now()) if hold.segment_id is None]
    whole = target(session, person, place, chosen, (chosen.starts_at, chosen.ends_at))
    if not held:
        return Work(place, (whole,), None)
    stretches = gaps(chosen.bounds(asked_at), [(hold.starts_at, hold.ends_at) for hold in held])
    targets = tuple(target(session, person, place, chosen, one) for one in stretches)
    return Work(place, targets, whole)


def target(session: Session, person: UUID, place: Place, chosen: Chosen, ends: Ends | Sequence[datetime]) -> Target:
    """The person's rows there that are chosen, between two ends. Raises RefusedError."""
    narrowing = Narrowing(ends[0], ends[1], chosen.kinds, chosen.contexts, chosen.sensitivities)
    return places.target(session, person, place.dataset, narrowing)


def interrupted_first(targets: Sequence[Target], resume: Progress) -> list[tuple[int, Target]]:
    """The targets with their numbers; ahead the one at which an attempt was killed, for only one part is written down.

    Where holds have changed since, no target is that one any more: what the kill left uncounted stays so.
    """
    return sorted(enumerate(targets), key=lambda one: not resume.part.startswith(one[1].mark))
