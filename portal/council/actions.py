"""Writes of the evidence room, each with its entry in the log. Never commits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.council.models import ExpertSeat, RoomDocument

COUNCIL = "works_council"


def name_expert(session: Session, member: UUID, who: Mapping[str, str], starts: datetime, ends: datetime) -> UUID:
    """Give a seat to `who` (name, account, task); its id. The log has no name, only from when until when."""
    seat = uuid4()
    session.execute(insert(ExpertSeat).inline().values(id=seat, starts_at=starts, ends_at=ends, **who))
    told = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    record(session, "seat.given", actor=member, employee=member, role=COUNCIL, about=seat, **told)
    return seat


def end_seat(session: Session, member: UUID, seat: UUID, now: datetime) -> bool:
    """End a seat at once; False when there is none such that still runs or is to come."""
    still = update(ExpertSeat).where(ExpertSeat.id == seat, ExpertSeat.ended_at.is_(None), ExpertSeat.ends_at > now)
    if session.execute(still.values(ended_at=now).returning(ExpertSeat.id)).one_or_none() is None:
        return False
    record(session, "seat.ended", actor=member, employee=member, role=COUNCIL, about=seat)
    return True


def write(session: Session, writer: UUID, role: str, paper: Mapping[str, Any]) -> bool:
    """Add a version of a paper; False when somebody else has written that version meanwhile."""
    row = upsert(RoomDocument).values(id=uuid4(), **paper).on_conflict_do_nothing()
    if session.execute(row.returning(RoomDocument.id)).one_or_none() is None:
        return False
    told = {"version": paper["version"], "kind": paper["kind"], "told": paper["told"]}
    record(session, "paper.written", actor=writer, employee=writer, role=role, about=paper["document_id"], **told)
    return True
