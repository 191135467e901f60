"""Writes: findings are gathered into mismatches, these are answered and disputed. Never commits."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, exists, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.reconciliation.actions import KNOWN, OF_KNOWN_KIND
from portal.reconciliation.models import Finding
from portal.reconciliation.settling import rules
from portal.reconciliation.settling.models import (
    Cause,
    MismatchPart,
    MismatchRow,
    MismatchShare,
    MismatchStep,
    Standing,
    Step,
)

_GROUP = (Finding.day, Finding.what, OF_KNOWN_KIND, Finding.device_class)


def gather(session: Session, today: date) -> None:
    """Take every finding that no mismatch holds as it is now into an open one; where there is none, a new one."""
    taken = exists().where(MismatchPart.finding_id == Finding.id, MismatchPart.items >= Finding.items)
    fresh = and_(*KNOWN, Finding.items > 0, ~taken)
    for day, what, kind, device_class in session.execute(select(*_GROUP).where(fresh).distinct()).all():
        alike = (Finding.day == day, Finding.what == what, kind == OF_KNOWN_KIND, Finding.device_class == device_class)
        mismatch = _open(session, today, day=day, what=what, kind=kind, device_class=device_class)
        if mismatch is not None:
            _take_in(session, mismatch, and_(fresh, *alike))


def _open(session: Session, today: date, **group: object) -> UUID | None:
    """The open mismatch of the group, locked; None where it was answered this very moment: the next bell makes one."""
    values = {"id": uuid4(), **group, "items": 1, "found_on": today}
    made: UUID | None = session.scalar(
        insert(MismatchRow).values(values).on_conflict_do_nothing().returning(MismatchRow.id)
    )
    if made is not None:
        first = {"mismatch_id": made, "number": 1, "step": Step.FOUND, "on_day": today}
        session.execute(insert(MismatchStep).inline().values(first))
        return made
    same = (getattr(MismatchRow, name) == value for name, value in group.items())
    found = select(MismatchRow.id).where(*same, MismatchRow.state == Standing.OPEN).with_for_update()
    return session.scalars(found).one_or_none()


def _take_in(session: Session, mismatch: UUID, which: ColumnElement[bool]) -> None:
    columns = ["mismatch_id", "finding_id", "employee_id", "items"]
    found = select(literal(mismatch), Finding.id, Finding.employee_id, Finding.items)
    statement = insert(MismatchPart).from_select(columns, found.where(which))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["mismatch_id", "finding_id"], set_={"items": statement.excluded["items"]}
        )
    )
    items = select(func.sum(MismatchPart.items)).where(MismatchPart.mismatch_id == mismatch).scalar_subquery()
    session.execute(update(MismatchRow).where(MismatchRow.id == mismatch).values(items=items))


def answer(session: Session, mismatch: MismatchRow, items: int, cause: Cause, words: str) -> bool:
    """Answer as the officer who saw `items` of it; whoever is affected is told. False: it changed meanwhile."""
    said = {"id": mismatch.id, "items": items, "cause": cause.value, "words": words}
    done = session.scalar(text("SELECT mismatch_answer(:id, :items, :cause, :words)"), said)
    return bool(done)


def dispute(session: Session, mismatch: UUID) -> bool:
    """Say as somebody affected that the answer does not explain it: it waits again. False: not to be said."""
    return bool(session.scalar(text("SELECT mismatch_dispute(:id)"), {"id": mismatch}))


def publish(session: Session, smallest_group: int) -> None:
    """Sum up for the works council where it is so many people, or ten; again gives the same.

    What was told stays until so many people more or fewer are concerned: a step of one would be a person.
    """
    before = {row.state: row.people for row in session.scalars(select(MismatchShare))}
    parts = select(MismatchRow.state, MismatchPart.mismatch_id, MismatchPart.employee_id, MismatchRow.found_on)
    rows = session.execute(parts.join(MismatchRow, MismatchRow.id == MismatchPart.mismatch_id)).all()
    for state in Standing:
        may = rules.told([(row[1], row[2], row[3]) for row in rows if row[0] == state], smallest_group)
        if rules.stays(before.get(state), may.people, smallest_group):
            continue
        since = None if state is Standing.ANSWERED else may.since
        session.execute(delete(MismatchShare).where(MismatchShare.state == state))
        session.execute(insert(MismatchShare).values(state=state, cases=may.cases, people=may.people, since=since))


def forget(session: Session, before: date) -> None:
    """Delete what was answered of days before `before`, and what no finding stands behind any more.

    What nobody answered stays, without anybody in it.
    """
    old = select(MismatchRow.id).where(MismatchRow.day < before, MismatchRow.state == Standing.ANSWERED)
    lone = ~exists().where(Finding.id == MismatchPart.finding_id)
    parts = delete(MismatchPart).where(or_(lone, MismatchPart.mismatch_id.in_(old)))
    steps = delete(MismatchStep).where(MismatchStep.mismatch_id.in_(old))
    rows = delete(MismatchRow).where(MismatchRow.id.in_(old))
    for statement in (parts, steps, rows):
        session.execute(statement.execution_options(synchronize_session=False))
