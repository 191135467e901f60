"""Reads of a person's pauses, as the plain values that `rules` decides on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from portal.pauses import rules
from portal.pauses.models import Pause

_OVER = func.least(Pause.ends_at, Pause.ended_at)
_ASKED = (
    select(Pause)
    .where(Pause.employee_id == bindparam("person"), or_(_OVER.is_(None), bindparam("since") < _OVER))
    .order_by(Pause.number)
)


def pauses(session: Session, person: UUID, zone: str, since: datetime) -> list[rules.Pause]:
    """The person's pauses that were not over before `since`, by the order in which they were asked for."""
    return [rules.of_row(row, zone) for row in session.scalars(_ASKED, {"person": person, "since": since})]
