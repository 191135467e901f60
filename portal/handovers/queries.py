"""Reads, as the login web_hr."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.handovers.models import Handover
from portal.requests.models import Request


def of_request(session: Session, request: Request) -> Sequence[Handover]:
    """The handovers of a request, newest first."""
    statement = select(Handover).where(Handover.employee_id == request.employee_id, Handover.request_id == request.id)
    return session.scalars(statement.order_by(Handover.prepared_at.desc(), Handover.id)).all()
