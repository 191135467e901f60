"""Raising an incident, taking it back, answering it. Never commits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.db import lock
from portal.incidents import queries
from portal.incidents.models import Incident

A_DAY: Final = 5
"""As many may somebody raise within a day."""


def put(session: Session, person: UUID, said: Mapping[str, Any], now: datetime) -> UUID | None:
    """Raise an incident; its id, or None where the person raised enough today. The log says that, not what."""
    lock(session, "incident")
    if queries.raised_lately(session, person, now) >= A_DAY:
        return None
    new = uuid4()
    session.execute(insert(Incident).inline().values(id=new, employee_id=person, raised_at=now, **said))
    record(session, "incident.raised", actor=person, employee=person, about=new)
    return new


def take_back(session: Session, incident: Incident, now: datetime) -> None:
    """Take an incident back that was not answered."""
    incident.withdrawn_at = now
    session.flush()
    who = incident.employee_id
    record(session, "incident.withdrawn", actor=who, employee=who, about=incident.id)


def answer(session: Session, incident: UUID, words: str) -> bool:
    """Answer as the officer; the person is told. False where it was answered, taken back, or is the officer's own."""
    return bool(session.scalar(text("SELECT incident_answer(:id, :words)"), {"id": incident, "words": words}))
