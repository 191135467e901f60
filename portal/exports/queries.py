"""Reads of a person's exports."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.models import ExportOrder, ExportStore

PAGE_ROWS = 20


def orders(session: Session, person: UUID, page: int = 1) -> tuple[Sequence[ExportOrder], bool]:
    """One page of the person's exports, newest first, and whether there are more."""
    statement = select(ExportOrder).where(ExportOrder.employee_id == person)
    statement = statement.order_by(ExportOrder.ordered_at.desc(), ExportOrder.id)
    rows = session.scalars(statement.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)).all()
    return rows[:PAGE_ROWS], len(rows) > PAGE_ROWS


def order(session: Session, person: UUID, export_id: UUID) -> ExportOrder | None:
    """One of the person's exports; None when it is not theirs."""
    found = select(ExportOrder).where(ExportOrder.employee_id == person, ExportOrder.id == export_id)
    return session.scalars(found).one_or_none()


def of_request(session: Session, person: UUID, request_id: UUID) -> Sequence[ExportOrder]:
    """The exports that the person ordered from a request's page, newest first."""
    found = select(ExportOrder).where(ExportOrder.employee_id == person, ExportOrder.request_id == request_id)
    return session.scalars(found.order_by(ExportOrder.ordered_at.desc())).all()


def stores(session: Session, person: UUID, export_id: UUID) -> Sequence[ExportStore]:
    """How far each external store is, by name."""
    found = select(ExportStore).where(ExportStore.employee_id == person, ExportStore.order_id == export_id)
    return session.scalars(found.order_by(ExportStore.store, ExportStore.number)).all()
