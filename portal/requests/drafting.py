"""Drafts: what somebody began to ask for, kept on the server until it is sent, discarded or forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.core.db import lock
from portal.requests import queries
from portal.requests.actions import mark_sender, send, set_about
from portal.requests.forms import Asked
from portal.requests.models import Request
from portal.requests.previewing import Preview, remember
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import Actor, RequestState

MOST_DRAFTS = 20
KEPT_FOR = timedelta(days=90)
REQUEST_TURN = "request"
"""Of two requests of a person that are sent in the same moment, by whomever, the second sees the first."""


class TooManyDraftsError(Exception):
    """So many drafts lie here already that one must be sent or discarded first."""


class TwinError(Exception):
    """Exactly this is asked for already, by the request of this id, number and words, which has not ended."""

    def __init__(self, twin: Request) -> None:
        super().__init__("asked for already")
        self.id, self.number, self.words = twin.id, twin.number, twin.words


def save(session: Session, person: UUID, asked: Asked, by: Actor, now: datetime, law: str) -> Request:
    """Keep what was filled in, in the draft it came from or in a new one.

    Raises LookupError for a draft that is not there, NotNowError for one that was sent, TooManyDraftsError.
    """
    if asked.draft is not None:
        draft = _draft(session, person, asked.draft)
    else:
        if len(queries.drafts(session, person)) >= MOST_DRAFTS:
            raise TooManyDraftsError
        draft = _new(session, person, by, now, law)
    _fill(draft, asked, now)
    session.flush()
    return draft


@dataclass(frozen=True)
class Deadline:
    """Under which law a request is answered, and until when."""

    law: str
    due_at: datetime


def submit(
    session: Session, person: UUID, asked: Asked, by: Actor, now: datetime, counted: Preview, deadline: Deadline
) -> Request:
    """Send what was filled in, with what was counted. Raises LookupError, NotNowError, and TwinError if it is live."""
    lock(session, REQUEST_TURN)
    fresh = asked.draft is None
    draft = _new(session, person, by, now, deadline.law) if fresh else _draft(session, person, asked.draft)
    _fill(draft, asked, now)
    session.flush()
    twins = queries.twins(session, draft)
    if twins:
        if fresh:
            session.delete(draft)
        raise TwinError(twins[0])
    remember(session, draft, counted, now)
    return send(session, draft.id, by, now, law=deadline.law, due_at=deadline.due_at)


def discard(session: Session, person: UUID, draft_id: UUID) -> bool:
    """Throw a draft away; False when there is none such of this person."""
    gone = delete(Request).where(
        Request.employee_id == person, Request.id == draft_id, Request.state == RequestState.DRAFT
    )
    return session.execute(gone.returning(Request.id)).one_or_none() is not None


def forget(session: Session, now: datetime) -> Sequence[UUID]:
    """Drafts that nobody has touched for 90 days are deleted (a job of the worker)."""
    old = delete(Request).where(Request.state == RequestState.DRAFT, Request.changed_at < now - KEPT_FOR)
    return session.scalars(old.returning(Request.id)).all()


def _draft(session: Session, person: UUID, draft_id: UUID | None) -> Request:
    draft = queries.locked(session, draft_id) if draft_id else None
    if draft is None or draft.employee_id != person:
        raise LookupError("no such draft")
    if draft.state is not RequestState.DRAFT:
        raise NotNowError(Why.ALREADY)
    return draft


def _new(session: Session, person: UUID, by: Actor, now: datetime, law: str) -> Request:
    draft = Request(id=uuid4(), employee_id=person, state=RequestState.DRAFT, law=law, created_at=now)
    mark_sender(draft, by)
    session.add(draft)
    return draft


def _fill(draft: Request, asked: Asked, now: datetime) -> None:
    draft.type, draft.words, draft.changed_at = asked.kind, asked.words, now
    set_about(draft, asked.about)
