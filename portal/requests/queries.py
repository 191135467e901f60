"""Reads of what a person asked for."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.requests.models import Erasure

NEWEST = 50


def erasures(session: Session, person: UUID, limit: int = NEWEST) -> Sequence[Erasure]:
    """The person's deletions, newest first."""
    statement = select(Erasure).where(Erasure.employee_id == person).order_by(Erasure.asked_at.desc()).limit(limit)
    return session.scalars(statement).all()
