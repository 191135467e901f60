"""Reads of the desk, as the login web_hr: row-level security leaves out drafts and what concerns the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.deletion.models import LegalHold
from portal.hr import rules
from portal.hr.models import StoreTask
from portal.identity.models import Employee, Role, RoleGrant
from portal.requests.actions import about_of
from portal.requests.models import Decision, Request, RequestEvent
from portal.requests.queries import decided_before
from portal.requests.refusals import barred
from portal.requests.rules import LIVE, UNDECIDED, EventKind, RequestState, Standing, fold
from portal.requests.senders import StartedBy

MOST_FOUND = 20
WHO = (Employee.name, Employee.email, Employee.department, Employee.country, Employee.timezone, Employee.left_at)


@dataclass(frozen=True)
class Colleague:
    """Somebody of HR."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Who:
    """Whose request it is, as far as HR sees the person."""

    name: str
    email: str | None
    department: str | None
    country: str | None
    timezone: str
    left_at: datetime | None


@dataclass(frozen=True)
class Case:
    """One request with whose it is, the decision that stands, everybody of HR, what happened, who decided before."""

    request: Request
    who: Who
    decision: Decision | None
    colleagues: tuple[Colleague, ...]
    events: Sequence[RequestEvent]
    decided_before: frozenset[UUID] = frozenset()

    @property
    def standing(self) -> Standing:
        """What its events add up to."""
        return fold(self.events, self.request.type, self.decided_before)

    @property
    def deciders(self) -> tuple[Colleague, ...]:
        """Everybody of HR who may decide on it: not whose it is, who sent it, or who decided before."""
        others = (one for one in self.colleagues if one.id != self.request.employee_id)
        return tuple(one for one in others if barred(self.standing, one.id) is None)

    @property
    def seen(self) -> int:
        """The newest event: what a form sent back was drawn from."""
        return self.events[-1].id


def colleagues_json() -> Any:
    """A scalar subquery: everybody of HR who has not left, as JSON, by name."""
    person = func.jsonb_build_object("id", Employee.id, "name", Employee.name)
    statement = select(func.coalesce(func.jsonb_agg(person), func.jsonb_build_array())).select_from(RoleGrant)
    here = (RoleGrant.role == Role.HR, Employee.left_at.is_(None))
    return statement.join(Employee, Employee.id == RoleGrant.employee_id).where(*here).scalar_subquery()


def colleagues_of(found: list[dict[str, str]]) -> tuple[Colleague, ...]:
    """The colleagues of `colleagues_json`, by name."""
    people = [Colleague(UUID(one["id"]), one["name"]) for one in found]
    return tuple(sorted(people, key=lambda one: (one.name, one.id)))


def colleagues(session: Session) -> tuple[Colleague, ...]:
    """Everybody of HR."""
    return colleagues_of(session.scalar(select(colleagues_json())) or [])


def case(session: Session, number: int) -> Case | None:
    """The request of that number; None when there is none, or it is the reader's own or claim, or not sent."""
    standing = and_(
        Decision.employee_id == Request.employee_id, Decision.request_id == Request.id, Decision.rejected_at.is_(None)
    )
    statement = (
        select(Request, Decision, colleagues_json(), *WHO)
        .join(Employee, Employee.id == Request.employee_id)
        .outerjoin(Decision, standing)
        .where(Request.number == number)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        return None
    request, decision, people, *who = found
    events = session.scalars(
        select(RequestEvent)
        .where(RequestEvent.employee_id == request.employee_id, RequestEvent.request_id == request.id)
        .order_by(RequestEvent.id)
    ).all()
    before = decided_before(session, [request]).get(request.id, frozenset())
    return Case(request, Who(*who), decision, colleagues_of(people), events, before)


def duplicates(session: Session, request: Request) -> list[Request]:
    """Undecided requests of the same person and type that are, in part, about the same; oldest first."""
    if request.started_by is StartedBy.BYSTANDER:
        return []
    statement = select(Request).where(
        Request.employee_id == request.employee_id,
        Request.type == request.type,
        Request.started_by != StartedBy.BYSTANDER,
        Request.state.in_(UNDECIDED),
        Request.appeals.is_not_distinct_from(request.appeals),
        Request.id != request.id,
    )
    about = about_of(request)
    found = session.scalars(statement.order_by(Request.received_at, Request.number).limit(MOST_FOUND))
    return [other for other in found if rules.overlaps(about, about_of(other))]


def by_number(session: Session, numbers: Sequence[int]) -> list[tuple[Request, Who]]:
    """Several requests with whose they are, by number."""
    statement = select(Request, *WHO).join(Employee, Employee.id == Request.employee_id)
    rows = session.execute(statement.where(Request.number.in_(numbers)).order_by(Request.number))
    return [(row[0], Who(*row[1:])) for row in rows]


def events_of(session: Session, requests: Sequence[Request]) -> dict[UUID, list[RequestEvent]]:
    """Request → its events, oldest first; one statement for all."""
    found: dict[UUID, list[RequestEvent]] = {request.id: [] for request in requests}
    statement = select(RequestEvent).where(
        RequestEvent.employee_id.in_({request.employee_id for request in requests}),
        RequestEvent.request_id.in_(found),
    )
    for event in session.scalars(statement.order_by(RequestEvent.id)):
        found[event.request_id].append(event)
    return found


def tasks(session: Session, request: Request) -> Sequence[StoreTask]:
    """What was asked of owners of stores and of recipients, oldest first."""
    statement = select(StoreTask).where(
        StoreTask.employee_id == request.employee_id, StoreTask.request_id == request.id
    )
    return session.scalars(statement.order_by(StoreTask.given_at, StoreTask.id)).all()


def task(session: Session, task_id: UUID, request: Request) -> StoreTask | None:
    """One task of this request, locked."""
    statement = select(StoreTask).where(
        StoreTask.employee_id == request.employee_id, StoreTask.request_id == request.id, StoreTask.id == task_id
    )
    return session.scalars(statement.with_for_update()).one_or_none()


def in_force(now: datetime) -> ColumnElement[bool]:
    """A hold that keeps something at `now`."""
    return and_(LegalHold.released_at.is_(None), LegalHold.expires_at > now)


def holds(session: Session, now: datetime, limit: int) -> Sequence[Row[LegalHold, str]]:
    """Holds in force with whose records they keep, those that end first on top."""
    statement = select(LegalHold, Employee.name).join(Employee, Employee.id == LegalHold.employee_id)
    ordered = statement.where(in_force(now)).order_by(LegalHold.expires_at, LegalHold.id)
    return session.execute(ordered.limit(limit)).all()


def hold(session: Session, hold_id: UUID) -> tuple[LegalHold, str] | None:
    """One hold, in force or not, with whose records it keeps."""
    statement = select(LegalHold, Employee.name).join(Employee, Employee.id == LegalHold.employee_id)
    found = session.execute(statement.where(LegalHold.id == hold_id)).one_or_none()
    return (found[0], found[1]) if found else None


def holds_of(session: Session, request: Request, now: datetime) -> Sequence[LegalHold]:
    """Holds in force on records that the request is about, by time."""
    statement = select(LegalHold).where(LegalHold.employee_id == request.employee_id, in_force(now))
    if request.starts_at is not None and request.ends_at is not None:
        statement = statement.where(LegalHold.starts_at < request.ends_at, LegalHold.ends_at > request.starts_at)
    return session.scalars(statement.order_by(LegalHold.expires_at, LegalHold.id)).all()


def extended(session: Session, limit: int) -> Sequence[Row[RequestEvent, Request, str]]:
    """Live requests whose time was extended: the event, the request, whose it is; what is due first on top."""
    happened = and_(
        RequestEvent.employee_id == Request.employee_id,
        RequestEvent.request_id == Request.id,
        RequestEvent.kind == EventKind.EXTENDED.value,
    )
    statement = (
        select(RequestEvent, Request, Employee.name)
        .join(Request, happened)
        .join(Employee, Employee.id == Request.employee_id)
        .where(Request.state.in_(LIVE))
    )
    return session.execute(statement.order_by(Request.due_at, Request.number).limit(limit)).all()


def left(session: Session, words: str) -> Sequence[Row[UUID, str, str | None, str | None, datetime | None]]:
    """People who have left, by a part of name or address, newest leavers first."""
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    statement = select(Employee.id, Employee.name, Employee.email, Employee.department, Employee.left_at).where(
        Employee.left_at.is_not(None), or_(Employee.name.ilike(like), Employee.email.ilike(like))
    )
    return session.execute(statement.order_by(Employee.left_at.desc(), Employee.id).limit(MOST_FOUND)).all()


def leaver(session: Session, person: UUID) -> Who | None:
    """Somebody who has left."""
    found = session.execute(select(*WHO).where(Employee.id == person, Employee.left_at.is_not(None))).one_or_none()
    return Who(*found) if found else None


def median_since(now: datetime) -> datetime:
    """From when on the median of the cards counts."""
    return now - timedelta(days=rules.MEDIAN_DAYS)


def finished(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What was carried out in the last 90 days: what the card counts, and what it leads to."""
    return (
        Request.closed_at > median_since(now),
        Request.state.in_([RequestState.DONE, RequestState.PARTIAL]),
    )
