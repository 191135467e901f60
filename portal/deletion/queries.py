"""Reads of what a person asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, case, cast, false, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from portal.audit.models import AuditEntry
from portal.deletion.models import Erasure, LegalHold, Receipt, RetentionStep, Step, StepState
from portal.deletion.rules import Chosen

PAGE_ROWS = 30
RETENTION: Final = "retention.deleted"
"""What the log calls a batch that was deleted because its time was over."""
_PAGE = (
    select(Erasure)
    .where(Erasure.employee_id == bindparam("person"))
    .order_by(Erasure.asked_at.desc(), Erasure.id)
    .offset(bindparam("skipped"))
    .limit(bindparam("wanted"))
)


def erasures(session: Session, person: UUID, page: int = 1, rows: int = PAGE_ROWS) -> tuple[Sequence[Erasure], bool]:
    """One page of the person's deletions, newest first, and whether there are more."""
    bounds = {"person": person, "skipped": (page - 1) * rows, "wanted": rows + 1}
    found = session.scalars(_PAGE, bounds).all()
    return found[:rows], len(found) > rows


@dataclass(frozen=True)
class ExpiredDay:
    """What was deleted of one kind on one day, having been kept for `days`; `first`, `last`: numbers of log entries.

    `looked`: when another login looked last, None where it has not after all of them; `left`: whether it found items
    of the kind, anybody's, that were too old. `unproved`: whether some went when nobody looked afterwards yet.
    """

    day: date
    kind: str
    items: int
    days: int
    first: int
    last: int
    looked: datetime | None
    left: bool
    physical_on: date | None
    unproved: bool


def expired_days(session: Session, person: UUID, zone: str, page: int = 1) -> tuple[Sequence[ExpiredDay], bool]:
    """One page of what retention deleted of the person's, newest first, and whether there are more."""
    day = func.date(func.timezone(zone, AuditEntry.at))
    kind, number = AuditEntry.detail["kind"].astext, AuditEntry.id
    items, days = (cast(AuditEntry.detail[name].astext, Integer) for name in ("items", "days"))
    step = RetentionStep
    looked = case((func.bool_and(step.read_back_at.is_not(None)), func.max(step.read_back_at)))
    proof = (looked, func.coalesce(func.bool_or(step.state == StepState.PARTIAL), false()), func.max(step.physical_on))
    found = (
        select(
            day,
            kind,
            func.sum(items),
            days,
            func.min(number),
            func.max(number),
            *proof,
            ~func.bool_and(AuditEntry.object_id.is_not(None)),
        )
        .outerjoin(step, step.id == AuditEntry.object_id)
        .where(AuditEntry.employee_id == person, AuditEntry.action == RETENTION)
        .group_by(day, kind, days)
        .order_by(day.desc(), kind, days)
    )
    rows = session.execute(found.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)).all()
    return [ExpiredDay(*row) for row in rows[:PAGE_ROWS]], len(rows) > PAGE_ROWS


def exists(session: Session, person: UUID, erasure_id: UUID) -> bool:
    """Whether this person asked for this deletion."""
    statement = select(Erasure.id).where(Erasure.employee_id == person, Erasure.id == erasure_id)
    return session.scalars(statement).one_or_none() is not None


def steps(session: Session, person: UUID, request_id: UUID) -> Sequence[Step]:
    """How a request stands in each store: the newest round of each, Daylight's own first, then by name."""
    return [step for step, _ in steps_with_receipts(session, person, request_id)]


def steps_with_receipts(session: Session, person: UUID, request_id: UUID) -> list[tuple[Step, Receipt | None]]:
    """The same, each with its receipt once there is one; one statement."""
    own = (
        select(Step).where(Step.employee_id == person, Step.request_id == request_id).ext(distinct_on(Step.dataset_id))
    )
    newest = own.order_by(Step.dataset_id, Step.round.desc()).subquery()
    step = aliased(Step, newest)
    found = select(step, Receipt).outerjoin(
        Receipt, and_(Receipt.employee_id == step.employee_id, Receipt.step_id == step.id)
    )
    rows = session.execute(found.order_by(newest.c.dataset_id.is_not(None), newest.c.store, newest.c.id))
    return [(row[0], row[1]) for row in rows]


def receipts(session: Session, person: UUID, request_id: UUID) -> dict[UUID, Receipt]:
    """Step → its receipt."""
    statement = select(Receipt).where(Receipt.employee_id == person, Receipt.request_id == request_id)
    return {one.step_id: one for one in session.scalars(statement)}


def holds(session: Session, person: UUID, now: datetime, *, ended: bool = False) -> Sequence[LegalHold]:
    """The holds in force on the person's data, or with `ended` all there ever were; newest first."""
    statement = select(LegalHold).where(LegalHold.employee_id == person)
    if not ended:
        statement = statement.where(LegalHold.released_at.is_(None), LegalHold.expires_at > now)
    return session.scalars(statement.order_by(LegalHold.set_at.desc(), LegalHold.id)).all()


def held(session: Session, person: UUID, chosen: Chosen, now: datetime) -> Sequence[LegalHold]:
    """The holds in force whose scope meets `chosen`; whether there are items in both, only the worker sees."""
    starts, ends = chosen.bounds(now)
    return [
        hold
        for hold in holds(session, person, now)
        if hold.starts_at < ends
        and hold.ends_at > starts
        and _meet(hold.kinds, chosen.kinds)
        and _meet(hold.contexts, chosen.contexts)
        and _meet([hold.segment_id] if hold.segment_id else None, chosen.segments)
    ]


def _meet(one: Sequence[object] | None, other: frozenset[Any] | None) -> bool:
    return one is None or other is None or bool(other & set(one))
