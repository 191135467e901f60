"""Legal holds: set with a reason and an end, released by somebody or by the clock; then the erasure opens again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.db import lock, lock_person
from portal.deletion import planning, restoring
from portal.deletion.models import Erasure, LegalHold, Step, StepAction, StepState, Tombstone

Told = Callable[[Session, UUID, UUID, datetime], object]


@dataclass(frozen=True)
class NewHold:
    """What is to stay, by a half-open range or one item, on which ground, for which reason, until when."""

    starts_at: datetime
    ends_at: datetime
    ground: str
    reason: str
    expires_at: datetime
    kinds: tuple[str, ...] | None = None
    contexts: tuple[str, ...] | None = None
    segment_id: UUID | None = None


def set_hold(session: Session, person: UUID, hold: NewHold, by: UUID, now: datetime) -> LegalHold:
    """Keep what `hold` covers. Raises ValueError for a reversed range, no reason, or an end that is past."""
    if not hold.starts_at < hold.ends_at:
        raise ValueError("a range ends after it starts")
    if not hold.reason.strip() or not hold.ground:
        raise ValueError("a hold has a ground and a reason")
    if hold.expires_at <= now:
        raise ValueError("a hold ends later than now")
    row = LegalHold(
        id=uuid4(),
        employee_id=person,
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        kinds=list(hold.kinds) if hold.kinds else None,
        contexts=list(hold.contexts) if hold.contexts else None,
        segment_id=hold.segment_id,
        ground=hold.ground,
        reason=hold.reason.strip(),
        set_by=by,
        set_at=now,
        expires_at=hold.expires_at,
    )
    lock(session, person)  # whom a step is just about to forget is not
    session.add(row)
    record(session, "hold.set", actor=by, role="hr", employee=person, about=row.id, ground=hold.ground)
    return row


def release_hold(session: Session, hold_id: UUID, by: UUID, now: datetime) -> LegalHold | None:
    """End a hold early. None when there is none, or it has ended."""
    statement = select(LegalHold).where(
        LegalHold.id == hold_id, LegalHold.released_at.is_(None), LegalHold.expires_at > now
    )
    hold = session.scalars(statement.with_for_update()).one_or_none()
    if hold is None:
        return None
    hold.released_at, hold.released_by = now, by
    record(session, "hold.released", actor=by, role="hr", employee=hold.employee_id, about=hold.id)
    return hold


def reopener(reopened: Told) -> Callable[[Session, datetime], bool]:
    """The job for holds that ended: one a transaction, each request that it kept something of gets new steps."""

    def reopen_released(session: Session, now: datetime) -> bool:
        """True while there may be more.

        A step at work may have left something for the hold while it was in force: it waits until that has ended.
        """
        ended = or_(LegalHold.released_at.is_not(None), LegalHold.expires_at <= now)
        running = (Step.action == StepAction.ERASE, Step.state == StepState.RUNNING)
        at_work = exists().where(Step.employee_id == LegalHold.employee_id, *running)
        waiting = select(LegalHold).where(ended, LegalHold.reopened_at.is_(None), ~at_work)
        statement = waiting.order_by(LegalHold.set_at)
        hold = session.scalars(statement.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if hold is None:
            return False
        hold.reopened_at = now
        lock_person(session, hold.employee_id)  # what is being carried out now has laid its tombstone, or sees no hold
        requests = _reopen(session, hold.employee_id, now)
        _sweep(session, hold.employee_id, requests, now)
        for request in requests:
            reopened(session, hold.employee_id, request, now)
        record(session, "hold.ended", actor=None, role="worker", employee=hold.employee_id, about=hold.id)
        return True

    return reopen_released


def _sweep(session: Session, person: UUID, requests: Sequence[UUID], now: datetime) -> None:
    """Delete what lies under the person's tombstones; of what they deleted by themselves, say what went.

    What `requests` delete is left to their steps, so that receipts count it.
    """
    counted = select(Step.id).where(Step.employee_id == person, Step.request_id.in_(requests))
    graves = select(Tombstone).where(Tombstone.employee_id == person, Tombstone.id.not_in(counted))
    kept = select(Erasure).where(Erasure.employee_id == person, Erasure.held > 0)
    erasures = {one.id: one for one in session.scalars(kept)}
    for grave in session.scalars(graves).all():
        gone = 0
        while batch := restoring.sweep(session, grave, now):
            gone += batch
        if (erasure := erasures.get(grave.id)) is not None:
            erasure.items, erasure.held = erasure.items + gone, min(erasure.held, restoring.lying(session, grave, now))


def _reopen(session: Session, person: UUID, now: datetime) -> list[UUID]:
    """A new round for each store that kept something for a hold; the requests. What another hold keeps stays again."""
    newest = select(Step).where(Step.employee_id == person).ext(distinct_on(Step.request_id, Step.dataset_id))
    steps = session.scalars(newest.order_by(Step.request_id, Step.dataset_id, Step.round.desc())).all()
    erased = [step for step in steps if step.action == StepAction.ERASE]
    kept = [step for step in erased if step.state == StepState.PARTIAL and step.held]
    for step in kept:
        planning.once_more(session, step, now)
    return sorted({step.request_id for step in kept})
