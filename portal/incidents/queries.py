"""Reads of incidents: one's own, the officer's list without whom it may not name, the council's without anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.incidents.models import Grave, Incident, What

MOST: Final = 100
PAGE_ROWS: Final = 50
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Raised:
    """An incident as the officer sees it; `who` None: the person did not give their name."""

    id: UUID
    number: int
    what: What
    grave: Grave
    text: str
    on_day: date | None
    who: str | None
    council: bool
    kind: str | None
    context: str | None
    local_day: date | None
    raised_at: datetime
    answer: str | None
    answered_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """An incident as the council sees it: words that its person gave it, of an employee, in a month."""

    what: What
    grave: Grave
    text: str
    month: date
    answer: str | None


def own(session: Session, person: UUID) -> Sequence[Incident]:
    """The person's incidents, the newest first."""
    mine = select(Incident).where(Incident.employee_id == person).order_by(Incident.raised_at.desc()).limit(MOST)
    return session.scalars(mine).all()


def open_one(session: Session, person: UUID, incident: UUID) -> Incident | None:
    """The person's incident of this id, while it waits."""
    mine = select(Incident).where(Incident.employee_id == person, Incident.id == incident)
    waits = mine.where(Incident.answered_at.is_(None), Incident.withdrawn_at.is_(None))
    return session.scalars(waits).one_or_none()


def raised_lately(session: Session, person: UUID, now: datetime) -> int:
    """How many the person raised within a day."""
    mine = select(func.count()).where(Incident.employee_id == person, Incident.raised_at > now - DAY)
    return session.scalars(mine).one()


def raised(session: Session, page: int) -> tuple[list[Raised], bool]:
    """One page for the officer, those that wait first; and whether there are more."""
    asked = {"most": PAGE_ROWS + 1, "past": (page - 1) * PAGE_ROWS}
    rows = session.execute(text("SELECT * FROM incidents_raised(:most, :past)"), asked).mappings().all()
    found = [Raised(**{**row, "what": What(row["what"]), "grave": Grave(row["grave"])}) for row in rows]
    return found[:PAGE_ROWS], len(found) > PAGE_ROWS


def told(session: Session) -> list[Told]:
    """What the council may read."""
    rows = session.execute(text("SELECT * FROM incidents_told()")).all()
    return [Told(What(row.what), Grave(row.grave), row.text, row.month, row.answer) for row in rows]
