"""Whose session a cookie is."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from flask import request
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.core.permissions import EXPERT
from portal.core.web import state
from portal.core.web.person import Person
from portal.identity.models import Employee

SESSION_COOKIE: Final = "__Host-daylight"
TICKET_COOKIE: Final = "__Host-daylight-ticket"
SIGNIN_COOKIE: Final = "__Host-daylight-signin"
IDLE: Final = timedelta(hours=8)
LONGEST: Final = timedelta(hours=12)
LONGEST_TOKEN: Final = 100
_FIND: Final = text("SELECT * FROM session_find(:token, :idle)")


def hash_of(token: str) -> bytes:
    """What the database keeps of a secret in a cookie: SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def find_person() -> Person | None:
    """The person whose live session the request's cookie names."""
    token = request.cookies.get(SESSION_COOKIE, "")
    if not 0 < len(token) <= LONGEST_TOKEN:
        return None
    found = state.database().once("web_session", _FIND, {"token": hash_of(token), "idle": IDLE})
    if found is None:
        return None
    return Person(
        id=found.employee_id,
        name=found.name,
        email=found.email,
        locale=found.locale,
        timezone=found.timezone,
        roles=frozenset(found.roles),
        left=found.left_at is not None and EXPERT not in found.roles,
        session_id=found.session_id,
        auth_time=found.auth_time,
        expires_at=found.expires_at,
    )


@dataclass(frozen=True)
class OtherSession:
    """A live session of the same person in another browser."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime


def other_sessions() -> list[OtherSession]:
    """The other live sessions of the person who asks, the last used first, 50 at most."""
    token = request.cookies.get(SESSION_COOKIE, "")
    with state.database().transaction("web_session") as session:
        found = session.execute(
            text("SELECT * FROM session_others(:token, :idle)"), {"token": hash_of(token), "idle": IDLE}
        ).all()
    return [OtherSession(row.id, row.created_at, row.last_seen_at) for row in found]


def employee(session: Session, person: UUID) -> Employee:
    """The person's own row."""
    return session.scalars(select(Employee).where(Employee.id == person)).one()
