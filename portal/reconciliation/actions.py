"""Writes of the check: its result, what does not agree, and what the organisation may know of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import case, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.notifications.actions import tell
from portal.reconciliation import rules
from portal.reconciliation.checking import Result
from portal.reconciliation.models import Finding, Reconciliation, Share, State, TallyRow
from portal.reconciliation.rules import ENOUGH, Mismatch, What
from wire.documents import Kind

# Nothing but our own slugs leaves a person's rows: a kind that no policy announced may be any text.
OF_KNOWN_KIND = case((Finding.kind.in_(["", *Kind]), Finding.kind), else_=literal_column("'other'"))
KNOWN = (Finding.what.in_(list(What)), Finding.device_class.in_(["", *rules.FAMILIES]))


def keep(
    session: Session,
    row: Reconciliation,
    result: Result,
    platforms: Mapping[UUID, str],
    now: datetime,
    again: datetime | None,
) -> None:
    """Write the result of a day, to be looked at `again`; a person whose day is red for the first time is told."""
    add_findings(session, row.employee_id, row.day, result.mismatches, platforms)
    found = session.scalar(
        select(func.count()).select_from(Finding).where(Finding.employee_id == row.employee_id, Finding.day == row.day)
    )
    was_red = row.state is State.RED
    row.state = State(rules.state(found or 0, len(result.missing) + len(result.gone)))
    row.checked_at, row.again_at, row.missing, row.figures = now, again, len(result.missing), result.figures()
    if row.state is State.RED and not was_red:
        _tell_red(session, row.employee_id, row.day)


def find(session: Session, person: UUID, day: date, mismatches: Sequence[Mismatch], due: datetime) -> None:
    """Note what was found beside the check of a day: one that was checked turns red, another waits for its check."""
    waiting = insert(Reconciliation).values(employee_id=person, day=day, due_at=due).on_conflict_do_nothing()
    session.execute(waiting)
    add_findings(session, person, day, mismatches, {})
    turned = (
        update(Reconciliation)
        .where(
            Reconciliation.employee_id == person, Reconciliation.day == day, Reconciliation.state.in_(State.not_red())
        )
        .values(state=State.RED)
        .returning(Reconciliation.day)
    )
    if session.execute(turned).one_or_none() is not None:
        _tell_red(session, person, day)


def _tell_red(session: Session, person: UUID, day: date) -> None:
    on = day.isoformat()
    tell(session, person, "reconciliation", f"reconciliation:{on}", day=on)
    record(session, "reconciliation.red", actor=None, role="worker", employee=person, day=on)


def add_findings(
    session: Session, person: UUID, day: date, mismatches: Iterable[Mismatch], platforms: Mapping[UUID, str]
) -> None:
    """Note what does not agree; what was noted before stays, with the newest count."""
    for one in mismatches:
        values = _values(person, day, one, platforms)
        statement = insert(Finding).values(values)
        changed = {"items": statement.excluded["items"], "segment_ids": statement.excluded.segment_ids}
        key = ["employee_id", "day", "what", "device_id", "kind", "context", "place"]
        session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def report_hidden(
    session: Session, person: UUID, day: date, mismatches: Iterable[Mismatch], platforms: Mapping[UUID, str]
) -> None:
    """The page itself saw that it does not show what is stored; noted once, for the officer, too."""
    for one in mismatches:
        session.execute(insert(Finding).values(_values(person, day, one, platforms)).on_conflict_do_nothing())


def _values(person: UUID, day: date, one: Mismatch, platforms: Mapping[UUID, str]) -> dict[str, object]:
    platform = platforms.get(one.device, "") if one.device else ""
    return {
        "id": uuid4(),
        "employee_id": person,
        "day": day,
        "what": one.what.value,
        "device_id": one.device,
        "device_class": rules.device_class(platform) if one.device else "",
        "kind": one.kind,
        "context": one.context,
        "place": one.place,
        "items": one.items,
        "segment_ids": list(one.ids),
    }


def share(session: Session, since: date, until: date, smallest_group: Callable[[date], int]) -> None:
    """Say for every day of these how many people's days agree, where it is k people of that day, or ten.

    Once and for all: two readings of one day that differ by somebody would tell of them.
    """
    said = set(session.scalars(select(Share.day).where(Share.day >= since).distinct()))
    days: dict[date, dict[str, int]] = {}
    for day, measure, people in _people(session, since):
        if day <= until and day not in said:
            days.setdefault(day, {})[measure] = people
    for day, counts in days.items():
        k = max(ENOUGH, smallest_group(day))
        for measure, people in counts.items():
            told = people if rules.tellable(measure, counts, k) else None
            session.execute(insert(Share).values(day=day, measure=measure, people=told, k=k))


def _people(session: Session, since: date) -> Sequence[tuple[date, str, int]]:
    """People by day and measure; each state has its line on a day on which anybody was checked."""
    days = session.scalars(select(Reconciliation.day).where(Reconciliation.day >= since).distinct()).all()
    counts = {(day, measure): 0 for day in days for measure in (*State, rules.GONE, *What)}
    red = select(Finding.employee_id).where(
        Finding.employee_id == Reconciliation.employee_id, Finding.day == Reconciliation.day
    )
    waits = Reconciliation.missing > 0
    state = select(Reconciliation.day, Reconciliation.state, waits, func.count()).where(
        Reconciliation.day >= since, Reconciliation.state.is_not(None)
    )
    for day, name, missing, people in session.execute(
        state.where(~red.exists()).group_by(Reconciliation.day, Reconciliation.state, waits)
    ):
        counts[day, rules.told(str(name), missing)] += people
    person = func.count(Finding.employee_id.distinct())
    for day, people in session.execute(select(Finding.day, person).where(Finding.day >= since).group_by(Finding.day)):
        counts[day, "red"] = people
    by_what = select(Finding.day, Finding.what, person).where(*KNOWN, Finding.day >= since)
    for day, what, people in session.execute(by_what.group_by(Finding.day, Finding.what)):
        counts[day, what] = people
    return [(day, str(measure), people) for (day, measure), people in counts.items()]


def forget(session: Session, before: date) -> None:
    """Delete what is older than `before`, wherever it stands."""
    for table in (TallyRow, Reconciliation, Finding, Share):
        session.execute(delete(table).where(table.day < before).execution_options(synchronize_session=False))
