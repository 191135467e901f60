"""Naming whom an item shows, and claiming it. The database checks the claim; nobody learns who exists."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.bystanders.models import ShownClaim, ShownItem, Wish
from portal.bystanders.rules import Answer, may_take_back
from portal.capture.models import Segment


def name(session: Session, person: UUID, item: Segment, handle: str, now: datetime) -> None:
    """Write down that the person's item shows whoever is known by `handle`; the second time changes nothing."""
    row = {
        "id": uuid4(),
        "employee_id": person,
        "segment_id": item.id,
        "started_at": item.started_at,
        "handle": handle,
        "named_at": now,
    }
    made = session.execute(insert(ShownItem).values(row).on_conflict_do_nothing().returning(ShownItem.id)).all()
    if made:
        record(session, "shown.named", actor=person, employee=person, about=item.id)


def take_back(session: Session, person: UUID, segment_id: UUID, item_id: UUID) -> bool:
    """It was a mistake; what was claimed meanwhile goes on. False when there is no such name of this person."""
    gone = delete(ShownItem).where(
        ShownItem.employee_id == person, ShownItem.segment_id == segment_id, ShownItem.id == item_id
    )
    found = session.execute(gone.returning(ShownItem.id)).one_or_none() is not None
    if found:
        record(session, "shown.taken_back", actor=person, employee=person, about=segment_id)
    return found


def claim(session: Session, person: UUID, item_id: UUID, wish: Wish) -> Answer:
    """Ask for what `wish` says about an item that shows the person."""
    answer = Answer(session.scalar(select(func.claim_shown(item_id, wish.value))) or Answer.UNKNOWN)
    if answer is Answer.CLAIMED:
        record(session, "shown.claimed", actor=person, employee=person, about=item_id, wish=wish.value)
    return answer


def unclaim(session: Session, person: UUID, claim: ShownClaim, now: datetime) -> bool:
    """Take a claim back; the worker withdraws its request. False when it is too late, or taken back already."""
    if claim.withdrawn_at is not None or not may_take_back(claim.wish, claim.state):
        return False
    once = update(ShownClaim).where(ShownClaim.employee_id == person, ShownClaim.id == claim.id)
    session.execute(once.values(withdrawn_at=now))
    record(session, "shown.unclaimed", actor=person, employee=person, about=claim.item_id, wish=claim.wish.value)
    return True
