"""Reads: an affected person's answers, the officer's list, and the council's numbers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, load_only

from portal.reconciliation.settling.models import (
    Cause,
    MismatchPart,
    MismatchRow,
    MismatchShare,
    MismatchStep,
    Standing,
    Step,
)

PAGE_ROWS: Final = 50
WAITS: Final = MismatchRow.state != Standing.ANSWERED
_OWN_COLUMNS: Final = load_only(
    *(MismatchRow.id, MismatchRow.number, MismatchRow.state, MismatchRow.found_on, MismatchRow.disputed_on),
    raiseload=True,
)


@dataclass(frozen=True)
class Answer:
    """What the privacy officer found and did, and when."""

    cause: Cause
    words: str
    on: date


@dataclass
class Own:
    """A mismatch as somebody affected sees it. `mine`: they have said that an answer does not explain it."""

    id: UUID
    number: int
    state: Standing
    found_on: date
    disputed_on: date | None
    mine: bool = False
    answers: dict[int, Answer] = field(default_factory=dict)

    @property
    def open_to_dispute(self) -> bool:
        """Whether they can say that the answer does not explain it: each once."""
        return self.state is Standing.ANSWERED and not self.mine


def own(session: Session, person: UUID, findings: Sequence[UUID]) -> tuple[dict[UUID, Own], dict[UUID, list[int]]]:
    """Mismatches that hold these findings of the person, oldest first, and finding → their numbers."""
    cases: dict[UUID, Own] = {}
    numbers: dict[UUID, dict[int, None]] = defaultdict(dict)
    for finding, disputed, row, step in session.execute(_own(person, findings)).all():
        made = cases.setdefault(row.id, Own(row.id, row.number, row.state, row.found_on, row.disputed_on))
        made.mine = made.mine or disputed is not None
        numbers[finding][made.number] = None
        if step is not None and step.cause is not None:
            made.answers[step.number] = Answer(step.cause, step.words or "", step.on_day)
    return cases, {finding: list(given) for finding, given in numbers.items()}


def _own(person: UUID, findings: Sequence[UUID]) -> Select[UUID, datetime | None, MismatchRow, MismatchStep]:
    row, part, step = MismatchRow, MismatchPart, MismatchStep
    answers = and_(step.mismatch_id == row.id, step.step == Step.ANSWERED)
    found = select(part.finding_id, part.disputed_at, row, step).options(_OWN_COLUMNS)
    found = found.join(row, row.id == part.mismatch_id).outerjoin(step, answers)
    mine = found.where(part.employee_id == person, part.finding_id.in_(findings))
    return mine.order_by(row.number, step.number)


def listed(session: Session, page: int) -> tuple[list[MismatchRow], bool]:
    """One page for the officer: what waits first, the oldest on top, then what was answered; whether there are more."""
    waits = case((WAITS, MismatchRow.found_on))
    order = (waits.asc().nulls_last(), MismatchRow.day.desc(), MismatchRow.number.desc())
    found = select(MismatchRow).order_by(*order).limit(PAGE_ROWS + 1).offset((page - 1) * PAGE_ROWS)
    rows = list(session.scalars(found))
    return rows[:PAGE_ROWS], len(rows) > PAGE_ROWS


def waiting(session: Session) -> tuple[int, date | None]:
    """How many mismatches wait for an answer, and since when the oldest does."""
    found = select(func.count(), func.min(MismatchRow.found_on)).where(WAITS)
    count, since = session.execute(found).one()
    return int(count), since


def one(session: Session, mismatch: UUID) -> MismatchRow | None:
    """A mismatch, as the officer."""
    return session.get(MismatchRow, mismatch)


def steps(session: Session, mismatch: UUID) -> Sequence[MismatchStep]:
    """Its history."""
    found = select(MismatchStep).where(MismatchStep.mismatch_id == mismatch)
    return session.scalars(found.order_by(MismatchStep.number)).all()


def shares(session: Session) -> dict[Standing, MismatchShare]:
    """What the works council is told, by state; nothing before the worker first counted."""
    return {row.state: row for row in session.scalars(select(MismatchShare))}
