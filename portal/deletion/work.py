"""What of a person's rows a step is about in one dataset of another store, as its connector takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.deletion import queries
from portal.deletion.models import LegalHold
from portal.deletion.rules import Chosen, Kinds, Stretch, free
from portal.sources import queries as places
from portal.sources.connectors.base import Narrowing, Target
from portal.sources.connectors.progress import Progress
from portal.sources.queries import Place
from portal.sources.rules import Ends, meant


@dataclass(frozen=True)
class Work:
    """Targets for each stretch that is free to go; and for all of it, where something stays in between."""

    place: Place
    targets: tuple[Target, ...]
    whole: tuple[Target, ...] = ()
    outside: tuple[Target, ...] = ()
    """Of a thaw: where rows may lie that were frozen for this person or for somebody else."""


def erasing(session: Session, person: UUID, place: Place, chosen: Chosen, asked_at: datetime) -> Work:
    """What of `chosen` is to go from a dataset, asked at `asked_at`, and what the holds of now keep.

    A hold on some kinds keeps those where the dataset tells kinds, with whatever it calls otherwise than we do, and
    everything of its time where it does not.
    Raises RefusedError when the dataset cannot tell apart what is to go and what is to stay.
    """
    held = [hold for hold in queries.held(session, person, chosen, clock.now()) if hold.segment_id is None]
    tells = place.dataset.layout().kind_column is not None
    stay = [((hold.starts_at, hold.ends_at), _kinds(hold) if tells else None) for hold in held]
    return around(session, person, place, chosen, chosen.bounds(asked_at), stay)


def around(
    session: Session,
    person: UUID,
    place: Place,
    chosen: Chosen,
    bounds: tuple[datetime, datetime],
    stay: Sequence[tuple[Stretch, Kinds | None]],
    *,
    ever: bool = False,
) -> Work:
    """What is chosen there, without what stays within `bounds`: stretches, or kinds in them. Raises RefusedError."""
    whole = targets(session, person, place, chosen, (chosen.starts_at, chosen.ends_at), ever=ever)
    if not stay:
        return Work(place, whole)
    pieces = free(bounds, stay)
    goes = chain.from_iterable(
        targets(session, person, place, chosen, ends, kinds, ever=ever) for ends, kinds in pieces
    )
    return Work(place, tuple(goes), whole)


def targets(
    session: Session,
    person: UUID,
    place: Place,
    chosen: Chosen,
    ends: Ends,
    spared: Kinds | None = None,
    *,
    ever: bool = False,
) -> tuple[Target, ...]:
    """The person's rows there that are chosen, between two ends, but for some kinds; see `sources.queries.targets`.

    Where some are spared only kinds of ours go: what the store calls otherwise may be of them. Raises RefusedError.
    """
    kinds = meant(chosen.kinds, place.dataset.kinds, spared or frozenset())
    if kinds == frozenset():
        return ()
    narrowing = Narrowing(*ends, kinds, chosen.contexts, chosen.sensitivities)
    return places.targets(session, person, place.dataset, clock.now(), narrowing, ever=ever)


def interrupted_first(targets: Sequence[Target], resume: Progress) -> list[tuple[int, Target]]:
    """The targets with their numbers; ahead the one at which an attempt was killed, for only one part is written down.

    Where holds have changed since, no target is that one any more: what the kill left uncounted stays so.
    """
    return sorted(enumerate(targets), key=lambda one: not resume.part.startswith(one[1].mark))


def _kinds(hold: LegalHold) -> Kinds | None:
    """As stores are asked for them; None: all."""
    return frozenset(kind.lower() for kind in hold.kinds) if hold.kinds else None
