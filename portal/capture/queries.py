"""Reads about what was captured: headers only; content is opened by the vault alone.

Statements are built once: building one takes longer than a small one takes in the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from portal.capture.day import JOINED_GAP
from portal.capture.models import EmployeeDay, Outcome, Segment, Upload

PAGE_ROWS = 50
Columns = TypeVarTuple("Columns")
REFUSED_AT_MOST = 100
SEARCHED_AT_MOST = 5000


@dataclass(frozen=True)
class Filter:
    """Which items of a day; empty means all. `since`, `until`: when they began, where a stretch of it is asked for."""

    kinds: tuple[str, ...] = field(default=())
    contexts: tuple[str, ...] = field(default=())
    sensitivities: tuple[int, ...] = field(default=())
    since: datetime | None = None
    until: datetime | None = None

    def anything(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.kinds or self.contexts or self.sensitivities or self.in_a_stretch())

    def in_a_stretch(self) -> bool:
        """Whether it leaves out what began at another time of the day."""
        return self.since is not None or self.until is not None

    def matches(self, kind: str, context: str, sensitivity: int) -> bool:
        """Whether an item like this is among them."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.contexts or context in self.contexts)
            and (not self.sensitivities or sensitivity in self.sensitivities)
        )


EAST, WEST = timedelta(hours=14), timedelta(hours=38)
"""From so long before the day begins in UTC until so long after that it is that day somewhere."""


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """UTC bounds that hold the local day in any time zone: they let the planner drop partitions."""
    start = datetime.combine(day, time(), UTC)
    return start - EAST, start + WEST


def of_its_day() -> ColumnElement[bool]:
    """Whether a segment began within `day_bounds` of the day it lies on: the pages find no other."""
    start = func.timezone("UTC", cast(Segment.local_day, DateTime()))
    return and_(Segment.started_at >= start - EAST, Segment.started_at < start + WEST)


_IN_DAY = (
    Segment.employee_id == bindparam("person"),
    Segment.started_at >= bindparam("opens"),
    Segment.started_at < bindparam("closes"),
    Segment.local_day == bindparam("day"),
    Segment.erasure_id.is_(None),
)
_SHOWN = (
    Segment.id,
    Segment.started_at,
    Segment.ended_at,
    Segment.local_day,
    Segment.kind,
    Segment.context,
    Segment.counts,
    Segment.sensitivity,
    Segment.categories,
)
_PAGE = select(*_SHOWN).where(*_IN_DAY).order_by(Segment.started_at.desc(), Segment.id)
_PAGE = _PAGE.offset(bindparam("skipped")).limit(bindparam("wanted"))
_COUNTED = select(func.count(Segment.id)).where(*_IN_DAY)
_SEARCHED = select(Segment.id, Segment.started_at).where(*_IN_DAY).order_by(Segment.started_at.desc())
_FOUND = select(*_SHOWN).where(*_IN_DAY, Segment.id.in_(bindparam("ids", expanding=True)))
_ONE = select(Segment).where(*_IN_DAY, Segment.id == bindparam("item"))


def _joined() -> Select[str, datetime, datetime, int]:
    """A new bar begins where nothing of its kind before it, within the gap, still lasts."""
    by_time: dict[str, Any] = {"partition_by": Segment.kind, "order_by": Segment.started_at}
    lasts = func.max(Segment.ended_at).over(**by_time, rows=(None, -1))
    apart = case((Segment.started_at - lasts > JOINED_GAP, 1), else_=0)
    found = select(Segment.kind, Segment.started_at, Segment.ended_at, apart.label("apart")).where(*_IN_DAY).subquery()
    number = func.sum(found.c.apart).over(partition_by=found.c.kind, order_by=found.c.started_at)
    placed = select(found, number.label("bar")).subquery()
    begins = func.min(placed.c.started_at)
    statement = select(placed.c.kind, begins, func.max(placed.c.ended_at), func.count())
    return statement.group_by(placed.c.kind, placed.c.bar).order_by(begins)


_STRETCHES = _joined()


class Item(NamedTuple):
    """What a list shows of a captured item."""

    id: UUID
    started_at: datetime
    ended_at: datetime
    local_day: date
    kind: str
    context: str
    counts: dict[str, Any]
    sensitivity: int
    categories: list[str]


def _of(person: UUID, day: date) -> dict[str, Any]:
    """The parameters of `_IN_DAY`."""
    opens, closes = day_bounds(day)
    return {"person": person, "day": day, "opens": opens, "closes": closes}


def _filtered(statement: Select[*Columns], chosen: Filter) -> Select[*Columns]:
    for column, values in (
        (Segment.kind, chosen.kinds),
        (Segment.context, chosen.contexts),
        (Segment.sensitivity, chosen.sensitivities),
    ):
        if values:
            statement = statement.where(column.in_(values))
    if chosen.since is not None:
        statement = statement.where(Segment.started_at >= chosen.since)
    if chosen.until is not None:
        statement = statement.where(Segment.started_at < chosen.until)
    return statement


def items(
    session: Session, person: UUID, day: date, chosen: Filter, page: int = 1, rows: int = PAGE_ROWS
) -> tuple[list[Item], bool]:
    """One page of the day's items, newest first, and whether there are more."""
    bounds = _of(person, day) | {"skipped": (page - 1) * rows, "wanted": rows + 1}
    found = [Item(*row) for row in session.execute(_filtered(_PAGE, chosen), bounds)]
    return found[:rows], len(found) > rows


def searched(session: Session, person: UUID, day: date, chosen: Filter) -> Sequence[Row[UUID, datetime]]:
    """(id, start) of the day's items that the filter leaves, for a search by the vault; at most 5,000, newest first."""
    statement = _filtered(_SEARCHED, chosen).limit(SEARCHED_AT_MOST)
    return session.execute(statement, _of(person, day)).all()


def items_by_id(session: Session, person: UUID, day: date, ids: Sequence[UUID]) -> list[Item]:
    """Those of the day's items whose ids are given, newest first."""
    found = session.execute(_FOUND.order_by(Segment.started_at.desc()), _of(person, day) | {"ids": list(ids)})
    return [Item(*row) for row in found]


def item(session: Session, person: UUID, day: date, segment_id: UUID) -> Segment | None:
    """One item of this person's day; None for anybody else's, erased or unknown."""
    return session.scalars(_ONE, _of(person, day) | {"item": segment_id}).one_or_none()


def stretches(session: Session, person: UUID, day: date) -> list[tuple[str, datetime, datetime, int]]:
    """(kind, start, end, items) of all stretches of the day without a gap, in order of time: what the lanes draw."""
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(_STRETCHES, _of(person, day))]


_REFUSED = (
    select(Upload)
    .where(
        Upload.employee_id == bindparam("person"),
        Upload.local_day == bindparam("day"),
        Upload.outcome == Outcome.REFUSED,
    )
    .order_by(Upload.received_at.desc())
    .limit(REFUSED_AT_MOST)
)


def refused(session: Session, person: UUID, day: date) -> list[Upload]:
    """Uploads of the day that were refused and not stored, newest first."""
    return list(session.scalars(_REFUSED, {"person": person, "day": day}))


_OWN_DAYS = EmployeeDay.employee_id == bindparam("person")
_TOTALS = (
    select(EmployeeDay.local_day, func.sum(EmployeeDay.items))
    .where(_OWN_DAYS, EmployeeDay.local_day >= bindparam("since"), EmployeeDay.local_day < bindparam("until"))
    .group_by(EmployeeDay.local_day)
)
_EARLIER = select(func.max(EmployeeDay.local_day)).where(_OWN_DAYS, EmployeeDay.local_day < bindparam("day"))
_LATER = select(func.min(EmployeeDay.local_day)).where(_OWN_DAYS, EmployeeDay.local_day > bindparam("day"))
_HOLDS = select(
    EmployeeDay.local_day, EmployeeDay.kind, EmployeeDay.context, EmployeeDay.sensitivity, EmployeeDay.items
).where(
    _OWN_DAYS,
    or_(
        EmployeeDay.local_day == bindparam("day"),
        EmployeeDay.local_day == _EARLIER.scalar_subquery(),
        EmployeeDay.local_day == _LATER.scalar_subquery(),
    ),
)


@dataclass(frozen=True)
class Totals:
    """Of one day, from the rollup: items that match a filter, all items, the contexts in which there are any.

    `earlier`, `later`: the nearest days with something in them.
    """

    matching: int
    items: int
    contexts: tuple[str, ...]
    earlier: date | None
    later: date | None


def totals(session: Session, person: UUID, day: date, chosen: Filter) -> Totals:
    """What the day holds, and its neighbours; one query over a handful of rows, and a count for a stretch."""
    found = session.execute(_HOLDS, {"person": person, "day": day}).all()
    rows = [row for row in found if row.local_day == day]
    if chosen.in_a_stretch():
        matching = session.execute(_filtered(_COUNTED, chosen), _of(person, day)).scalar_one()
    else:
        matching = sum(row.items for row in rows if chosen.matches(row.kind, row.context, row.sensitivity))
    return Totals(
        matching=matching,
        items=sum(row.items for row in rows),
        contexts=tuple(sorted({row.context for row in rows})),
        earlier=next((row.local_day for row in found if row.local_day < day), None),
        later=next((row.local_day for row in found if row.local_day > day), None),
    )


def day_totals(session: Session, person: UUID, since: date, until: date) -> dict[date, int]:
    """Items per day from `since` to before `until`, from the rollup: what the calendar draws."""
    bounds = {"person": person, "since": since, "until": until}
    return {day: int(total) for day, total in session.execute(_TOTALS, bounds)}


def neighbours(session: Session, person: UUID, day: date) -> tuple[date | None, date | None]:
    """The nearest days before and after with something in them."""
    neighbours = select(_EARLIER.scalar_subquery(), _LATER.scalar_subquery())
    earlier, later = session.execute(neighbours, {"person": person, "day": day}).one()
    return earlier, later


def beside(session: Session, person: UUID, item_shown: Segment) -> tuple[UUID | None, UUID | None]:
    """The items just before and after this one on the same day."""
    same_day, bounds = select(Segment.id).where(*_IN_DAY), _of(person, item_shown.local_day)
    place = tuple_(Segment.started_at, Segment.id)
    here = tuple_(literal(item_shown.started_at), literal(item_shown.id))
    earlier = same_day.where(place < here).order_by(Segment.started_at.desc(), Segment.id.desc())
    later = same_day.where(place > here).order_by(Segment.started_at, Segment.id)
    found = [session.scalars(step.limit(1), bounds).one_or_none() for step in (earlier, later)]
    return found[0], found[1]


def contexts(session: Session, person: UUID) -> Sequence[str]:
    """Every app and site in which anything of this person lies, from the rollup."""
    statement = select(EmployeeDay.context).where(EmployeeDay.employee_id == person).distinct()
    return session.scalars(statement.order_by(EmployeeDay.context)).all()


def chosen(session: Session, person: UUID, ids: Sequence[UUID]) -> Sequence[Row[UUID, datetime, str, str]]:
    """(id, start, kind, context) of those of the person's items whose ids are given, oldest first."""
    columns = (Segment.id, Segment.started_at, Segment.kind, Segment.context)
    statement = select(*columns).where(Segment.employee_id == person, Segment.id.in_(ids), Segment.erasure_id.is_(None))
    return session.execute(statement.order_by(Segment.started_at)).all()
