"""Reads of who looked at a person's data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import bindparam, func, select, true
from sqlalchemy.orm import Session

from portal.access_log.models import Look

PAGE_ROWS = 50
_PERSON = bindparam("person", type_=Look.employee_id.type)
_COUNTS = select(
    func.count(func.distinct(Look.reader_id)).filter(Look.reader_id != _PERSON),
    func.count().filter(Look.reader_id == _PERSON),
).where(Look.employee_id == _PERSON, Look.at >= bindparam("since"))


@dataclass(frozen=True)
class LookCounts:
    """Other people who looked, and the person's own looks."""

    people: int
    own: int


class By(StrEnum):
    """Whose looks a list shows."""

    ALL = ""
    OTHERS = "others"
    OWN = "own"


_WHOSE = {By.ALL: true(), By.OTHERS: Look.reader_id != Look.employee_id, By.OWN: Look.reader_id == Look.employee_id}


def looks(session: Session, person: UUID, page: int, by: By = By.ALL) -> tuple[Sequence[Look], bool]:
    """One page of looks at this person's data, newest first, and whether there are more."""
    statement = select(Look).where(Look.employee_id == person, _WHOSE[by]).order_by(Look.at.desc(), Look.id)
    rows = session.scalars(statement.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)).all()
    return rows[:PAGE_ROWS], len(rows) > PAGE_ROWS


def counts(session: Session, person: UUID, since: datetime) -> LookCounts:
    """How many others looked since then, and how often the person did."""
    row = session.execute(_COUNTS, {"person": person, "since": since}).one()
    return LookCounts(people=row[0], own=row[1])
