"""Reads of what a person asked for."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.requests.models import Erasure

PAGE_ROWS = 30


def erasures(session: Session, person: UUID, page: int = 1, rows: int = PAGE_ROWS) -> tuple[Sequence[Erasure], bool]:
    """One page of the person's deletions, newest first, and whether there are more."""
    statement = select(Erasure).where(Erasure.employee_id == person).order_by(Erasure.asked_at.desc(), Erasure.id)
    found = session.scalars(statement.offset((page - 1) * rows).limit(rows + 1)).all()
    return found[:rows], len(found) > rows


def exists(session: Session, person: UUID, erasure_id: UUID) -> bool:
    """Whether this person asked for this deletion."""
    statement = select(Erasure.id).where(Erasure.employee_id == person, Erasure.id == erasure_id)
    return session.scalars(statement).one_or_none() is not None
