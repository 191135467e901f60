"""Writes. What people write and decide is in the audit log; who signed is not, since the log forgets nothing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from psycopg.errors import ObjectNotInPrerequisiteState
from sqlalchemy import delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.db import lock
from portal.petitions import queries, rules
from portal.petitions.law import TERMS
from portal.petitions.models import Petition, PetitionAuthor, PetitionDraft, PetitionEvent, PetitionSignature
from portal.petitions.rules import Answerer, EventKind, Reason, State

MOST_DRAFTS = 10
MOST_RUNNING = 3
KEPT_DRAFT_DAYS = 90
COUNCIL, OFFICER = "works_council", "privacy_officer"


class Why(StrEnum):
    """Why an act is refused now."""

    ENDED = "ended"
    TOO_MANY = "too_many"
    NOT_NOW = "not_now"
    HAS_CARD = "has_card"
    NO_BALLOT = "no_ballot"


class NotNowError(Exception):
    """The petition does not stand so that this may be done, or there are too many; `why` says which."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Written:
    """What somebody wrote."""

    title: str
    demand: str
    reasons: str
    answerer: Answerer


def save(session: Session, person: UUID, written: Written, draft_id: UUID | None, now: datetime) -> PetitionDraft:
    """Keep it in the draft it came from, or a new one. Raises LookupError for a strange draft, NotNowError."""
    if draft_id is None:
        if len(queries.drafts(session, person)) >= MOST_DRAFTS:
            raise NotNowError(Why.TOO_MANY)
        draft = PetitionDraft(id=uuid4(), employee_id=person)
        session.add(draft)
    else:
        found = queries.draft(session, person, draft_id)
        if found is None:
            raise LookupError("no such draft")
        draft = found
    draft.title, draft.demand, draft.reasons = written.title, written.demand, written.reasons
    draft.answerer, draft.changed_at = written.answerer, now
    session.flush()
    return draft


def discard(session: Session, person: UUID, draft_id: UUID) -> bool:
    """Throw a draft away; False when there is none such of this person."""
    gone = delete(PetitionDraft).where(PetitionDraft.employee_id == person, PetitionDraft.id == draft_id)
    return session.execute(gone.returning(PetitionDraft.id)).one_or_none() is not None


def start(session: Session, person: UUID, written: Written, now: datetime) -> UUID:
    """Put a petition before everybody; its id. Raises NotNowError when the person has enough that run."""
    if queries.running_of(session, person) >= MOST_RUNNING:
        raise NotNowError(Why.TOO_MANY)
    new, ends = uuid4(), now.date() + timedelta(days=TERMS.support_days)
    values = {"id": new, "title": written.title, "demand": written.demand, "reasons": written.reasons}
    values |= {"answerer": written.answerer, "created_at": now, "ends_on": ends}
    session.execute(insert(Petition).inline().values(values))
    session.execute(insert(PetitionAuthor).inline().values(employee_id=person, petition_id=new))
    record(session, "petition.started", actor=person, employee=person, about=new)
    return new


def take_turn(session: Session, petition_id: UUID) -> None:
    """One at a time for each person and petition: sign, take back, get a token; held until the answer is committed.

    So the ballot's answer and the name stand or fall together. Whatever breaks off in between leaves a reservation
    at the ballot without a name, never a name beside a token.
    """
    lock(session, f"petition|{petition_id}")


def require_running(petition: Petition, today: date) -> None:
    """Raise NotNowError once nobody may sign any more."""
    if not rules.signable(petition.state, petition.ends_on, today):
        raise NotNowError(Why.ENDED)


def sign(session: Session, person: UUID, petition: Petition, today: date) -> bool:
    """Sign with one's name; False when that was done before.

    Raises NotNowError once it has ended, also when it ends at this moment, which only the database sees.
    """
    require_running(petition, today)
    row = {"employee_id": person, "petition_id": petition.id, "signed_on": today}
    statement = upsert(PetitionSignature).values(row).on_conflict_do_nothing().returning(PetitionSignature.signed_on)
    try:
        with session.begin_nested():
            return session.execute(statement).one_or_none() is not None
    except OperationalError as error:
        if not isinstance(error.orig, ObjectNotInPrerequisiteState):
            raise
        session.refresh(petition)
        raise NotNowError(Why.ENDED) from error


def unsign(session: Session, person: UUID, petition: Petition) -> bool:
    """Take one's name back, at any time; False when it was not there."""
    gone = delete(PetitionSignature).where(
        PetitionSignature.employee_id == person, PetitionSignature.petition_id == petition.id
    )
    return session.execute(gone.returning(PetitionSignature.signed_on)).one_or_none() is not None


def withdraw(session: Session, person: UUID, petition_id: UUID, today: date) -> bool:
    """End one's own petition; False when it is not one's own, or has ended."""
    call = text("SELECT petition_withdraw(:petition, :today)")
    done = bool(session.execute(call, {"petition": petition_id, "today": today}).scalar_one())
    if done:
        record(session, "petition.withdrawn", actor=person, employee=person, about=petition_id)
    return done


def reject(session: Session, member: UUID, petition_id: UUID, reason: Reason, words: str, today: date) -> None:
    """The works council rejects, with a reason that everybody reads. Raises LookupError, NotNowError."""
    petition = _held(session, petition_id)
    if not rules.may_reject(petition.state):
        raise NotNowError(Why.NOT_NOW)
    petition.state, petition.reason, petition.reason_words = State.REJECTED, reason, words
    petition.ended_on = today
    happened(session, petition.id, EventKind.REJECTED, today)
    _recorded(session, "petition.rejected", member, COUNCIL, petition.id, reason=reason.value)


def discuss(session: Session, member: UUID, petition_id: UUID, minutes: str, result: str, today: date) -> None:
    """The works council has dealt with it. Raises LookupError, NotNowError."""
    petition = _held(session, petition_id)
    if petition.ended_on is not None or petition.council_on is None or petition.discussed_on is not None:
        raise NotNowError(Why.NOT_NOW)
    petition.state = rules.after_discussion(standing(petition))
    petition.discussed_on, petition.minutes, petition.result = today, minutes, result
    happened(session, petition.id, EventKind.DISCUSSED, today)
    _recorded(session, "petition.discussed", member, COUNCIL, petition.id)


def answer(session: Session, officer: UUID, petition_id: UUID, by: str, words: str, today: date) -> None:
    """The employer's written answer, which the privacy officer hands in. Raises LookupError, NotNowError."""
    petition = _held(session, petition_id)
    if petition.ended_on is not None or petition.employer_on is None or petition.answered_on is not None:
        raise NotNowError(Why.NOT_NOW)
    petition.state, petition.answered_on = State.ANSWERED, today
    petition.answered_by, petition.answer = by, words
    happened(session, petition.id, EventKind.ANSWERED, today)
    _recorded(session, "petition.answered", officer, OFFICER, petition.id)


def happened(session: Session, petition_id: UUID, kind: EventKind, today: date) -> None:
    """One line of the petition's history."""
    session.flush()
    session.execute(insert(PetitionEvent).inline().values(petition_id=petition_id, kind=kind, on_day=today))


def standing(petition: Petition) -> rules.Standing:
    """What decides about a petition."""
    return rules.Standing(
        state=petition.state,
        answerer=petition.answerer,
        ends_on=petition.ends_on,
        named=petition.named,
        unnamed=petition.unnamed,
        employees=petition.employees,
        council_on=petition.council_on,
        discussed_on=petition.discussed_on,
        employer_on=petition.employer_on,
        answered_on=petition.answered_on,
        counted_on=petition.counted_on,
    )


def _recorded(session: Session, action: str, who: UUID, role: str, petition: UUID, **detail: str) -> None:
    """Office acts concern nobody but who did them."""
    record(session, action, actor=who, employee=who, role=role, about=petition, **detail)


def _held(session: Session, petition_id: UUID) -> Petition:
    statement = select(Petition).where(Petition.id == petition_id).with_for_update()
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise LookupError("no such petition")
    return found
