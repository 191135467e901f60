"""Reads about what was captured: headers only; content is opened by the vault alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select, tuple_
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

    def anything(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.kinds or self.contexts or self.sensitivities)

    def matches(self, kind: str, context: str, sensitivity: int) -> bool:
        """Whether an item like this is among them."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.contexts or context in self.contexts)
            and (not self.sensitivities or sensitivity in self.sensitivities)
        )


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


def items(
    session: Session, person: UUID, day: date, chosen: Filter, page: int = 1, rows: int = PAGE_ROWS
) -> tuple[list[Segment], bool]:
    """One page of the day's items, newest first, and whether there are more."""
    statement = _filtered(_of_day(person, day), chosen).order_by(Segment.started_at.desc(), Segment.id)
    found = session.scalars(statement.offset((page - 1) * rows).limit(rows + 1)).all()
    return list(found[:rows]), len(found) > rows


def searched(session: Session, person: UUID, day: date) -> Sequence[Row[UUID, datetime]]:
    """(id, start) of all of the day's items, for a search by the vault; at most 5,000, newest first."""
    statement = _of_day(person, day).order_by(Segment.started_at.desc())
    return session.execute(statement.with_only_columns(Segment.id, Segment.started_at).limit(SEARCHED_AT_MOST)).all()


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


@dataclass(frozen=True)
class Totals:
    """Of one day, from the rollup: items that match a filter, all items, and the contexts in which there are any."""

    matching: int
    items: int
    contexts: tuple[str, ...]


def totals(session: Session, person: UUID, day: date, chosen: Filter) -> Totals:
    """What the day holds; one query over a handful of rows."""
    columns = (EmployeeDay.kind, EmployeeDay.context, EmployeeDay.sensitivity, EmployeeDay.items)
    rows = session.execute(
        select(*columns).where(EmployeeDay.employee_id == person, EmployeeDay.local_day == day)
    ).all()
    matching = sum(row.items for row in rows if chosen.matches(row.kind, row.context, row.sensitivity))
    return Totals(matching, sum(row.items for row in rows), tuple(sorted({row.context for row in rows})))


def day_totals(session: Session, person: UUID, since: date, until: date) -> dict[date, int]:
    """Items per day from `since` to before `until`, from the rollup: what the calendar draws."""
    statement = (
        select(EmployeeDay.local_day, func.sum(EmployeeDay.items))
        .where(EmployeeDay.employee_id == person, EmployeeDay.local_day >= since, EmployeeDay.local_day < until)
        .group_by(EmployeeDay.local_day)
    )
    return {day: int(total) for day, total in session.execute(statement)}


def neighbours(session: Session, person: UUID, day: date) -> tuple[date | None, date | None]:
    """The nearest days before and after with something in them."""
    own = EmployeeDay.employee_id == person
    before = select(func.max(EmployeeDay.local_day)).where(own, EmployeeDay.local_day < day).scalar_subquery()
    after = select(func.min(EmployeeDay.local_day)).where(own, EmployeeDay.local_day > day).scalar_subquery()
    earlier, later = session.execute(select(before, after)).one()
    return earlier, later


def beside(session: Session, person: UUID, item_shown: Segment) -> tuple[UUID | None, UUID | None]:
    """The items just before and after this one on the same day."""
    same_day = _of_day(person, item_shown.local_day)
    place = tuple_(Segment.started_at, Segment.id)
    here = tuple_(literal(item_shown.started_at), literal(item_shown.id))
    earlier = same_day.where(place < here).order_by(Segment.started_at.desc(), Segment.id.desc())
    later = same_day.where(place > here).order_by(Segment.started_at, Segment.id)
    found = [session.scalars(step.with_only_columns(Segment.id).limit(1)).one_or_none() for step in (earlier, later)]
    return found[0], found[1]
