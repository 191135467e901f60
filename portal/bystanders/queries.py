"""Reads: whom an own item shows; in which items of others the signed-in person is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.bystanders.models import ShownClaim, ShownItem
from portal.requests.rules import FINAL


@dataclass(frozen=True)
class Shown:
    """An item of somebody else, as far as whom it shows may know it: no content, no name, only the unit, if of ten."""

    id: UUID
    started_at: datetime
    ended_at: datetime
    kind: str
    context: str
    unit: str
    held: bool


_COLUMNS = ("id", "started_at", "ended_at", "kind", "context", "unit", "held")
CLAIMS = 50


def named(session: Session, person: UUID, segment_id: UUID) -> Sequence[Row[UUID, str, datetime]]:
    """(id, handle, when) of whom the person said that an item of theirs shows."""
    statement = select(ShownItem.id, ShownItem.handle, ShownItem.named_at).where(
        ShownItem.employee_id == person, ShownItem.segment_id == segment_id
    )
    return session.execute(statement.order_by(ShownItem.named_at, ShownItem.id)).all()


def shown(session: Session, item_id: UUID | None = None) -> list[Shown]:
    """Items of others that show the signed-in person, newest first; the database finds them by who is signed in."""
    rows = func.shown_items(item_id).table_valued(*_COLUMNS)
    return [Shown(row.id, row.started_at, row.ended_at, row.kind, row.context, row.unit or "", row.held)
            for row in session.execute(select(rows))]  # fmt: skip


def claims(session: Session, person: UUID) -> Sequence[ShownClaim]:
    """What the person asked about items of others, newest first."""
    statement = select(ShownClaim).where(ShownClaim.employee_id == person)
    return session.scalars(statement.order_by(ShownClaim.claimed_at.desc(), ShownClaim.id).limit(CLAIMS)).all()


def claim(session: Session, person: UUID, claim_id: UUID) -> ShownClaim | None:
    """One claim of the person's."""
    return session.scalar(select(ShownClaim).where(ShownClaim.employee_id == person, ShownClaim.id == claim_id))


def over(state: str) -> bool:
    """Whether a claim in this state has ended."""
    return state == "gone" or state in FINAL
