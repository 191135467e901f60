"""Beginning and ending sessions through the functions that the login `web_session` may call, and nothing else."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from portal.identity.models import Employee
from portal.identity.queries import IDLE, LONGEST, hash_of
from portal.identity.rules import Identity, RefusedError

SEAT_CLOSED: Final = "seat_closed"
SEAT_UNPROVED: Final = "seat_unproved"


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way: what the answer of the identity provider must fit."""

    state: str
    nonce: str
    code_verifier: str
    next_path: str
    fresh: bool


@dataclass(frozen=True)
class Started:
    """A session that began: its cookie's value, its id, and whether the person was unknown until now."""

    token: str
    session_id: UUID
    employee_id: UUID
    created: bool


def begin_signin(session: Session, browser: str, next_path: str, *, fresh: bool) -> Attempt:
    """Remember a new sign-in of the browser with the cookie `browser`; only hashes of cookie and state stay (S01)."""
    attempt = Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        code_verifier=secrets.token_urlsafe(48),
        next_path=next_path,
        fresh=fresh,
    )
    session.execute(
        text("SELECT signin_begin(:state, :browser, :nonce, :verifier, :next, :fresh)"),
        {
            "state": hash_of(attempt.state),
            "browser": hash_of(browser),
            "nonce": attempt.nonce,
            "verifier": attempt.code_verifier,
            "next": next_path,
            "fresh": fresh,
        },
    )
    return attempt


def take_signin(session: Session, browser: str, state: str) -> Attempt | None:
    """The sign-in of this browser and state, once, within ten minutes; else None."""
    found = session.execute(
        text("SELECT * FROM signin_take(:state, :browser)"), {"state": hash_of(state), "browser": hash_of(browser)}
    ).one_or_none()
    if found is None:
        return None
    return Attempt(state, found.nonce, found.code_verifier, found.next_path, found.fresh)


def start_session(session: Session, identity: Identity, id_token: str, now: datetime) -> Started:
    """Begin a session under a new id and set roles, seats, grade and place to what the provider says (S04, S06).

    Raises RefusedError for an expert of the works council whose seat has ended or has not begun, and for somebody new
    who only claims the mail address of one.
    """
    token = secrets.token_urlsafe(32)
    row = session.execute(
        text(
            "SELECT * FROM session_start("
            ":issuer, :subject, :name, :email, :roles, :token, :sid, :auth_time, :expires, :hint)"
        ),
        {
            "issuer": identity.issuer,
            "subject": identity.subject,
            "name": identity.name,
            "email": identity.email,
            "roles": sorted(identity.roles),
            "token": hash_of(token),
            "sid": identity.sid,
            "auth_time": identity.auth_time,
            "expires": now + LONGEST,
            "hint": id_token,
        },
    ).one_or_none()
    if row is None:
        raise RefusedError(SEAT_CLOSED)
    if row.created and session.execute(text("SELECT seat_named(NULL, :mail)"), {"mail": identity.claimed}).scalar_one():
        raise RefusedError(SEAT_UNPROVED)
    session.execute(text("SELECT session_grade(:token, :grade)"), {"token": hash_of(token), "grade": identity.grade})
    if "works_council" in identity.roles:
        seats = {"token": hash_of(token), "seats": list(identity.seats)}
        session.execute(text("SELECT session_seats(:token, :seats)"), seats)
    if identity.place is not None:
        session.execute(
            text("SELECT session_place(:token, :site, :department, :country)"),
            {"token": hash_of(token), **vars(identity.place)},
        )
    return Started(token, row.session_id, row.employee_id, row.created)


def end_session(session: Session, token: str) -> str | None:
    """End the session of this cookie, with its vault tickets; its ID token, for telling the provider, or None."""
    found: str | None = session.execute(
        text("SELECT session_end(:token)"), {"token": hash_of(token)}
    ).scalar_one_or_none()
    return found


def end_others(session: Session, token: str, only: UUID | None = None) -> int:
    """End other sessions of the person whose live session has this cookie, all or `only` one; how many."""
    ended = session.execute(
        text("SELECT session_end_others(:token, :idle, :only)"), {"token": hash_of(token), "idle": IDLE, "only": only}
    ).scalar_one()
    return int(ended)


def end_by_provider(
    session: Session, token_hash: bytes, issuer: str, subject: str | None, sid: str | None
) -> int | None:
    """End every session the provider names; how many, or None when this logout token was used before (S05)."""
    ended = session.execute(
        text("SELECT session_end_by_provider(:token, :issuer, :subject, :sid)"),
        {"token": token_hash, "issuer": issuer, "subject": subject, "sid": sid},
    ).scalar_one()
    return None if ended == -1 else ended or 0


def set_language(session: Session, employee_id: UUID, locale: str) -> None:
    """Keep the person's language."""
    session.execute(update(Employee).where(Employee.id == employee_id).values(locale=locale))
