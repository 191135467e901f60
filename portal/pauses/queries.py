"""Reads of a person's pauses, as the plain values that `rules` decides on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.pauses import rules
from portal.pauses.models import Pause


def pauses(session: Session, person: UUID, zone: str, since: datetime) -> list[rules.Pause]:
    """The person's pauses that were not over before `since`, by the order in which they were asked for."""
    over = func.least(Pause.ends_at, Pause.ended_at)
    statement = select(Pause).where(Pause.employee_id == person, or_(over.is_(None), over > since))
    return [rules.of_row(row, zone) for row in session.scalars(statement.order_by(Pause.number))]
