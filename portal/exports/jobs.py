"""What the worker does for exports: it clears archives away. `stores` has its part in making them."""

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.exports.models import ExportChunk, ExportFile, ExportOrder, ExportStore, OrderState

BATCH = 500
GRACE = timedelta(hours=1)
"""A download that began in time may end: it lasts an hour at most."""


def clear_next(session: Session, now: datetime) -> bool:
    """Delete a batch of an archive that nobody can open any more: expired, cancelled, failed. False when none is left.

    When its last piece is gone, the order is marked, and stays in the person's list as what it was.
    """
    order = session.scalars(_over(now).limit(1).with_for_update(skip_locked=True)).one_or_none()
    if order is None:
        return False
    pieces = select(ExportChunk.file, ExportChunk.part).where(ExportChunk.order_id == order.id).limit(BATCH)
    gone = session.execute(pieces).all()
    if not gone:
        _end(session, order, now)
        return True
    for file, part in gone:
        session.execute(
            delete(ExportChunk).where(
                ExportChunk.order_id == order.id, ExportChunk.file == file, ExportChunk.part == part
            )
        )
    return True


def _over(now: datetime) -> Select[ExportOrder]:
    over = or_(
        ExportOrder.cancelled_at.is_not(None),
        ExportOrder.state == OrderState.FAILED,
        ExportOrder.archive_until < now - GRACE,
    )
    return select(ExportOrder).where(ExportOrder.cleared_at.is_(None), over).order_by(ExportOrder.ordered_at)


def _end(session: Session, order: ExportOrder, now: datetime) -> None:
    session.execute(delete(ExportFile).where(ExportFile.order_id == order.id))
    session.execute(delete(ExportStore).where(ExportStore.order_id == order.id))
    if order.cancelled_at is not None:
        order.state = OrderState.CANCELLED
    elif order.state is OrderState.READY:
        order.state = OrderState.EXPIRED
    order.finished_at = order.finished_at or now
    order.cleared_at = now
    record(
        session,
        "export.cleared",
        actor=None,
        role="worker",
        employee=order.employee_id,
        about=order.id,
        state=order.state.value,
    )
