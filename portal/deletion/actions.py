"""Self-service deletion of a range: hidden at once, undone within ten minutes, then deleted by the worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, CursorResult, exists, func, select, update
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
    hiding = update(Segment).where(*_inside(person, chosen), ~store.held(now)).values(erasure_id=erasure_id)
    items = cast(
        "CursorResult[Any]", session.execute(hiding, execution_options={"synchronize_session": False})
    ).rowcount
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


def undo(session: Session, person: UUID, erasure_id: UUID, now: datetime) -> Erasure | None:
    """Bring back what an erasure hid. None when it is not this person's, or the ten minutes are over."""
    statement = select(Erasure).where(
        Erasure.employee_id == person,
        Erasure.id == erasure_id,
        Erasure.execute_after > now,
        Erasure.undone_at.is_(None),
        Erasure.done_at.is_(None),
    )
    erasure = session.scalars(statement.with_for_update()).one_or_none()
    if erasure is None:
        return None
    erasure.undone_at = now
    session.execute(
        update(Segment)
        .where(Segment.employee_id == person, Segment.erasure_id == erasure_id)
        .where(Segment.started_at >= erasure.starts_at, Segment.started_at < erasure.ends_at)
        .values(erasure_id=None)
        .execution_options(synchronize_session=False)
    )
    record(session, "erasure.undone", actor=person, employee=person, about=erasure_id)
    return erasure


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
