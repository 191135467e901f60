"""Carry out deletions whose ten minutes are over, each in one transaction: a crash leaves it to be done again."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.capture.models import Outcome, Segment, Upload
from portal.requests.models import Erasure


def carry_out_next(session: Session, now: datetime) -> bool:
    """Delete the rows of one due erasure and turn their uploads into tombstones. False when none is due."""
    due = select(Erasure).where(Erasure.done_at.is_(None), Erasure.undone_at.is_(None), Erasure.execute_after <= now)
    statement = due.order_by(Erasure.execute_after).limit(1).with_for_update(skip_locked=True)
    erasure = session.scalars(statement).one_or_none()
    if erasure is None:
        return False
    deleted = session.execute(
        delete(Segment)
        .where(Segment.employee_id == erasure.employee_id, Segment.erasure_id == erasure.id)
        .where(Segment.started_at >= erasure.starts_at, Segment.started_at < erasure.ends_at)
        .returning(Segment.device_id, Segment.id)
    ).all()
    for device_id, segment_id in deleted:
        session.execute(
            update(Upload)
            .where(Upload.device_id == device_id, Upload.segment_id == segment_id)
            .values(outcome=Outcome.ERASED)
        )
    erasure.done_at = now
    record(
        session,
        "erasure.done",
        actor=None,
        role="worker",
        employee=erasure.employee_id,
        about=erasure.id,
        items=len(deleted),
    )
    return True
