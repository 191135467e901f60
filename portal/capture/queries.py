"""Reads about what was captured: headers only; content is opened by the vault alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from portal.capture.models import EmployeeDay, Outcome, Segment, Upload

PAGE_ROWS = 100
SEARCHED_AT_MOST = 5000


@dataclass(frozen=True)
class Filter:
    """Which items of a day; empty means all."""

    kinds: tuple[str, ...] = field(default=())
    contexts: tuple[str, ...] = field(default=())
    sensitivities: tuple[int, ...] = field(default=())


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """UTC bounds that hold the local day in any time zone: they let the planner drop partitions."""
    start = datetime.combine(day, time(), UTC)
    return start - timedelta(hours=14), start + timedelta(hours=38)


def _of_day(person: UUID, day: date) -> Select[Segment]:
    start, end = day_bounds(day)
    return select(Segment).where(
        Segment.employee_id == person,
        Segment.started_at >= start,
        Segment.started_at < end,
        Segment.local_day == day,
        Segment.erasure_id.is_(None),
    )


def _filtered(statement: Select[Segment], chosen: Filter) -> Select[Segment]:
    for column, values in (
        (Segment.kind, chosen.kinds),
        (Segment.context, chosen.contexts),
        (Segment.sensitivity, chosen.sensitivities),
    ):
        if values:
            statement = statement.where(column.in_(values))
    return statement


def items(session: Session, person: UUID, day: date, chosen: Filter, page: int = 1) -> tuple[list[Segment], bool]:
    """One page of the day's items, newest first, and whether there are more."""
    statement = _filtered(_of_day(person, day), chosen).order_by(Segment.started_at.desc(), Segment.id)
    rows = session.scalars(statement.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)).all()
    return list(rows[:PAGE_ROWS]), len(rows) > PAGE_ROWS


def item_ids(session: Session, person: UUID, day: date, chosen: Filter) -> list[UUID]:
    """Ids of all of the day's items that match, for a search by the vault; at most 5,000, newest first."""
    statement = _filtered(_of_day(person, day), chosen).order_by(Segment.started_at.desc())
    return list(session.scalars(statement.with_only_columns(Segment.id).limit(SEARCHED_AT_MOST)))


def items_by_id(session: Session, person: UUID, day: date, ids: Sequence[UUID]) -> list[Segment]:
    """Those of the day's items whose ids are given, newest first."""
    return list(session.scalars(_of_day(person, day).where(Segment.id.in_(ids)).order_by(Segment.started_at.desc())))


def item(session: Session, person: UUID, day: date, segment_id: UUID) -> Segment | None:
    """One item of this person's day; None for anybody else's, erased or unknown."""
    return session.scalars(_of_day(person, day).where(Segment.id == segment_id)).one_or_none()


def stretches(session: Session, person: UUID, day: date) -> Sequence[Row[str, datetime, datetime]]:
    """(kind, start, end) of everything captured on the day, in order of time: what the lanes draw."""
    statement = _of_day(person, day).with_only_columns(Segment.kind, Segment.started_at, Segment.ended_at)
    return session.execute(statement.order_by(Segment.started_at)).all()


def refused(session: Session, person: UUID, day: date) -> list[Upload]:
    """Uploads of the day that were refused and not stored, newest first."""
    statement = select(Upload).where(
        Upload.employee_id == person, Upload.local_day == day, Upload.outcome == Outcome.REFUSED
    )
    return list(session.scalars(statement.order_by(Upload.received_at.desc()).limit(PAGE_ROWS)))


def refused_count(session: Session, person: UUID, day: date) -> int:
    """How many uploads of the day were refused."""
    statement = select(func.count()).where(
        Upload.employee_id == person, Upload.local_day == day, Upload.outcome == Outcome.REFUSED
    )
    return session.execute(statement).scalar_one()


def contexts_of(session: Session, person: UUID, day: date) -> list[str]:
    """The contexts in which something was captured on the day, for the filter."""
    statement = select(EmployeeDay.context).where(EmployeeDay.employee_id == person, EmployeeDay.local_day == day)
    return sorted(set(session.scalars(statement)))


def day_totals(session: Session, person: UUID, since: date, until: date) -> dict[date, int]:
    """Items per day from `since` to before `until`, from the rollup: what the calendar draws."""
    statement = (
        select(EmployeeDay.local_day, func.sum(EmployeeDay.items))
        .where(EmployeeDay.employee_id == person, EmployeeDay.local_day >= since, EmployeeDay.local_day < until)
        .group_by(EmployeeDay.local_day)
    )
    return {day: int(total) for day, total in session.execute(statement)}


def count(session: Session, person: UUID, day: date) -> int:
    """How many items the day has."""
    return day_totals(session, person, day, day + timedelta(days=1)).get(day, 0)
