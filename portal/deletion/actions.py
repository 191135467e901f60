"""Self-service deletion of a range: hidden at once, undone within ten minutes, then deleted by the worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.capture.models import Segment
from portal.core import clock
from portal.deletion import store
from portal.deletion.models import Erasure, LegalHold

UNDO = timedelta(minutes=10)


@dataclass(frozen=True)
class Range:
    """What to delete: a half-open stretch of time, narrowed by kinds, contexts, sensitivities, or to single items."""

    starts_at: datetime
    ends_at: datetime
    kinds: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    sensitivities: tuple[int, ...] = ()
    segments: tuple[UUID, ...] = ()


def preview(session: Session, person: UUID, chosen: Range) -> dict[str, int]:
    """Kind → how many items would be deleted; what a hold keeps is not among them."""
    free = [*_inside(person, chosen), ~store.held(clock.now())]
    statement = select(Segment.kind, func.count()).where(*free).group_by(Segment.kind)
    return dict(session.execute(statement.order_by(Segment.kind)).all())


def preview_held(session: Session, person: UUID, chosen: Range) -> int:
    """How many items a hold keeps."""
    kept = select(func.count()).select_from(Segment).where(*_inside(person, chosen), store.held(clock.now()))
    return session.scalar(kept) or 0


def keeping(session: Session, person: UUID, chosen: Range) -> Sequence[LegalHold]:
    """The holds that keep these, which end first ahead."""
    some = exists(Segment.id).where(*_inside(person, chosen), *store.keeps(clock.now()))
    kept = select(LegalHold).where(LegalHold.employee_id == person, some)
    return session.scalars(kept.order_by(LegalHold.expires_at, LegalHold.id)).all()


def erase(session: Session, person: UUID, chosen: Range, now: datetime) -> Erasure | None:
    """Hide what is in the range at once and have it deleted after ten minutes. None when there is nothing in it."""
    erasure_id = uuid4()
    items = store.hide(session, [*_inside(person, chosen), ~store.held(now)], erasure_id)
    if not items:
        return None
    erasure = Erasure(
        id=erasure_id,
        employee_id=person,
        asked_at=now,
        starts_at=chosen.starts_at,
        ends_at=chosen.ends_at,
        kinds=list(chosen.kinds) or None,
        contexts=list(chosen.contexts) or None,
        sensitivities=list(chosen.sensitivities) or None,
        segments=list(chosen.segments) or None,
        items=items,
        execute_after=now + UNDO,
    )
    session.add(erasure)
    record(session, "erasure.asked", actor=person, employee=person, about=erasure_id, items=items)
    return erasure


@dataclass(frozen=True)
class Undone:
    """How many items came back, and how many stay hidden because another deletion of the person covers them."""

    back: int
    stays: int


def undo(session: Session, person: UUID, erasure_id: UUID, now: datetime) -> Undone | None:
    """Bring back what an erasure hid. None when it is not this person's, or the ten minutes are over.

    What another open erasure is going to delete in any case stays hidden, under that one. All open ones are held: one
    that is being carried out is waited for.
    """
    statement = select(Erasure).where(
        Erasure.employee_id == person, Erasure.undone_at.is_(None), Erasure.done_at.is_(None)
    )
    still_open = session.scalars(statement.order_by(Erasure.id).with_for_update()).all()
    erasure = next((one for one in still_open if one.id == erasure_id and one.execute_after > now), None)
    if erasure is None:
        return None
    stays = sum(_leave_to(session, other, erasure, now) for other in still_open if other is not erasure)
    back = store.hide(session, store.hidden_by(erasure), None)
    erasure.undone_at, erasure.items = now, back
    record(session, "erasure.undone", actor=person, employee=person, about=erasure_id)
    return Undone(back, stays)


def _leave_to(session: Session, other: Erasure, erasure: Erasure, now: datetime) -> int:
    """Leave what `other` covers, too, hidden under it; how many."""
    chosen = store.chosen_in(other)
    covered = store.inside(other.employee_id, chosen, chosen.bounds(other.asked_at))
    stays = store.hide(session, [*store.hidden_by(erasure), *covered, ~store.held(now)], other.id)
    other.items += stays
    return stays


def _inside(person: UUID, chosen: Range) -> list[ColumnElement[bool]]:
    inside = [
        Segment.employee_id == person,
        Segment.started_at >= chosen.starts_at,
        Segment.started_at < chosen.ends_at,
        Segment.erasure_id.is_(None),
    ]
    if chosen.kinds:
        inside.append(Segment.kind.in_(chosen.kinds))
    if chosen.contexts:
        inside.append(Segment.context.in_(chosen.contexts))
    if chosen.sensitivities:
        inside.append(Segment.sensitivity.in_(chosen.sensitivities))
    if chosen.segments:
        inside.append(Segment.id.in_(chosen.segments))
    return inside
