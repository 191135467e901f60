"""What happens to petitions without a person: the daily count, thresholds, ends, telling everybody, names that go."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.identity.models import Employee
from portal.petitions import code, rules
from portal.petitions.actions import happened, standing
from portal.petitions.law import TERMS
from portal.petitions.models import BallotCode, BallotKey, Petition, PetitionEvent
from portal.petitions.rules import ENDED, TOLD, EventKind, Step

AT_ONCE: Final = 50
_VOTES = text("SELECT count(*) FROM ballot_vote WHERE petition_id = :petition AND on_day IS NOT NULL")
_TELL = text(
    "INSERT INTO notification (id, employee_id, kind, reference, params) "
    "SELECT gen_random_uuid(), id, :kind, :reference, jsonb_build_object('petition', CAST(:petition AS text), "
    "'title', CAST(:title AS text)) FROM employee WHERE left_at IS NULL ON CONFLICT DO NOTHING"
)
_FORGET = tuple(
    text(f"DELETE FROM {table} WHERE petition_id IN (SELECT id FROM petition WHERE ended_on <= :before)")
    for table in ("petition_signature", "petition_author")
)


def count_next(session: Session, now: datetime) -> bool:
    """Once a day for each petition that runs: how many signed without a name, and of how many employees.

    Only once the ballot has emptied its box on that day: so a count after the last day sees all that was handed in.
    See `rules.counted`: whoever feeds the directory could put a threshold out of reach with people who are made up.
    """
    today = now.date()
    due = ((Petition.counted_on.is_(None)) | (Petition.counted_on < today)) & ~_in_the_box(today)
    found = _running(session, due, AT_ONCE)
    working = select(func.count()).select_from(Employee).where(Employee.left_at.is_(None))
    employees = session.scalars(working).one() if found else 0
    for petition in found:
        votes = int(session.execute(_VOTES, {"petition": petition.id}).scalar_one())
        petition.unnamed, petition.counted_on = rules.shown(votes, TERMS), today
        before = rules.Company(petition.employees, petition.fewer_since, petition.fewer)
        company = rules.counted(before, employees, today)
        petition.employees, petition.fewer_since, petition.fewer = company.employees, company.fewer_since, company.fewer
    return len(found) == AT_ONCE


def move_on(session: Session, now: datetime) -> None:
    """Thresholds that were reached, and times that are over."""
    for petition in _running(session, Petition.counted_on.is_not(None), None):
        for step in rules.steps(standing(petition), now.date(), TERMS):
            _take(session, petition, step, now)


def _take(session: Session, petition: Petition, step: Step, now: datetime) -> None:
    today = now.date()
    petition.state = step.state
    match step.kind:
        case EventKind.OPENED:
            petition.opened_on, petition.ends_on = today, step.ends_on or petition.ends_on
        case EventKind.THRESHOLD:
            petition.council_on, petition.council_due = today, step.due
        case EventKind.EMPLOYER:
            petition.employer_on, petition.answer_due = today, step.due
        case EventKind.CLOSED:
            petition.ended_on, petition.reason = today, step.reason
    happened(session, petition.id, step.kind, today)
    record(session, f"petition.{step.kind.value}", actor=None, employee=None, role="worker", about=petition.id)


def tell_everybody(session: Session, now: datetime) -> bool:
    """Tell everybody who works here about one thing that happened. False when nothing is left to tell."""
    untold = select(PetitionEvent).where(PetitionEvent.told_at.is_(None)).order_by(PetitionEvent.id)
    event = session.scalars(untold.limit(1).with_for_update(skip_locked=True)).one_or_none()
    if event is None:
        return False
    if event.kind in TOLD:
        title = session.scalars(select(Petition.title).where(Petition.id == event.petition_id)).one()
        reference = f"petition:{event.petition_id}:{event.kind.value}"
        told = {"kind": f"petition_{event.kind.value}", "reference": reference}
        session.execute(_TELL, told | {"petition": str(event.petition_id), "title": title})
    event.told_at = now
    return True


def forget_names(session: Session, now: datetime) -> None:
    """Six months after its end nobody's name stands on a petition any more."""
    before = rules.months_later(now.date(), -TERMS.names_months)
    for statement in _FORGET:
        session.execute(statement, {"before": before})


def publish_code(session: Session, now: datetime) -> None:
    """Put the hash of the browser's code into the log, once for each version."""
    for name, digest in code.hashes().items():
        row = {"sha256": digest, "file": name, "published_at": now}
        new = upsert(BallotCode).values(row).on_conflict_do_nothing().returning(BallotCode.sha256)
        if session.execute(new).one_or_none() is not None:
            record(session, "petition.code", actor=None, employee=None, role="worker", file=name, sha256=digest)


def publish_keys(session: Session, now: datetime) -> None:
    """Put each petition's key into the log, by its hash: so everybody can tell that all have the same one."""
    waiting = select(BallotKey.petition_id, BallotKey.public_key).where(BallotKey.published_at.is_(None))
    for number, public in session.execute(waiting.order_by(BallotKey.petition_id)).all():
        session.execute(update(BallotKey).where(BallotKey.petition_id == number).values(published_at=now))
        sha256 = code.fingerprint(public)
        record(session, "petition.key", actor=None, employee=None, role="worker", about=number, sha256=sha256)


def _in_the_box(today: date) -> ColumnElement[bool]:
    """Whether the ballot may still hold signatures of a day before."""
    emptied = (BallotKey.emptied_on.is_(None)) | (BallotKey.emptied_on < today)
    return select(BallotKey.petition_id).where(BallotKey.petition_id == Petition.id, emptied).exists()


def _running(session: Session, condition: ColumnElement[bool], most: int | None) -> Sequence[Petition]:
    """Petitions that have not ended, held until the transaction is over."""
    running = select(Petition).where(Petition.state.not_in(ENDED), condition).order_by(Petition.id)
    return session.scalars(running.limit(most).with_for_update(skip_locked=True)).all()
