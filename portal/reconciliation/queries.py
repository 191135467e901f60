"""Reads: what the check of a day needs, as the worker; what the pages show, as the person or a desk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, load_only

from portal.agents.models import Device, DeviceKind, LeaseSpan
from portal.capture.models import EmployeeDay, Outcome, Segment, Upload
from portal.capture.queries import Filter, day_bounds, items, of_its_day
from portal.pauses.models import Pause
from portal.policies.models import PolicyRow
from portal.reconciliation.models import Finding, Reconciliation, Share, TallyRow
from portal.reconciliation.rules import Known, Slot, told
from portal.stops.models import StopAnswer, StopDevice, StopRow

WHOLE_DAY = 1_000_000
LOOK_BACK = timedelta(days=40)
ONE_DAY = timedelta(days=1)
_OF_DEVICE = load_only(
    *(Device.id, Device.public_key, Device.added_at, Device.last_seen_at, Device.removed_at), raiseload=True
)


@dataclass(frozen=True)
class Span:
    """One person's day. `zone`: theirs now; `first`, `last`: the day in any zone; `opens`, `closes`: that of UTC.

    People move: what was stored on the day was admitted by the zone of then, so nothing is sought by midnights of now.
    """

    person: UUID
    day: date
    zone: str
    first: datetime
    last: datetime
    opens: datetime
    closes: datetime


def span(person: UUID, day: date, zone: str) -> Span:
    """The day with its bounds."""
    opens = datetime.combine(day, time(), UTC)
    return Span(person, day, zone, *day_bounds(day), opens, opens + ONE_DAY)


def _stored(over: Span) -> tuple[ColumnElement[bool], ...]:
    """What is stored of the day; also what began in it in UTC and lies on a day on which no page looks for it."""
    began = and_(Segment.started_at >= over.opens, Segment.started_at < over.closes)
    return (
        Segment.employee_id == over.person,
        Segment.started_at >= over.first,
        Segment.started_at < over.last,
        or_(Segment.local_day == over.day, and_(began, ~of_its_day())),
        Segment.erasure_id.is_(None),
    )


def segments(session: Session, over: Span) -> Sequence[tuple[Segment, bool]]:
    """The day's stored items, each with whether it came in by an upload."""
    came = exists().where(
        Upload.device_id == Segment.device_id, Upload.segment_id == Segment.id, Upload.outcome == Outcome.STORED
    )
    return [(row[0], row[1]) for row in session.execute(select(Segment, came).where(*_stored(over))).all()]


def stored_ids(session: Session, over: Span) -> set[UUID]:
    """What of the day is stored now and not about to be deleted."""
    return set(session.scalars(select(Segment.id).where(*_stored(over))))


def shown_ids(session: Session, person: UUID, day: date) -> set[UUID]:
    """What the page of the day lists: its own query, without its pages of fifty."""
    return {item.id for item in items(session, person, day, Filter(), rows=WHOLE_DAY)[0]}


def devices(session: Session, over: Span) -> Sequence[Device]:
    """The person's collectors that were theirs on the day."""
    found = (
        select(Device)
        .options(_OF_DEVICE)
        .where(
            Device.employee_id == over.person,
            Device.kind == DeviceKind.COLLECTOR,
            Device.added_at < over.closes,
            or_(Device.removed_at.is_(None), Device.removed_at > over.opens),
        )
    )
    return session.scalars(found.order_by(Device.added_at)).all()


def platforms(session: Session, person: UUID) -> dict[UUID, str]:
    """Device → platform, of all devices the person ever had."""
    rows = session.execute(select(Device.id, Device.platform).where(Device.employee_id == person))
    return {row[0]: row[1] for row in rows}


def leases(session: Session, over: Span) -> Sequence[LeaseSpan]:
    """Every lease of the person that held at some moment of the day, in whatever zone."""
    found = select(LeaseSpan).where(
        LeaseSpan.employee_id == over.person,
        LeaseSpan.valid_until > over.first - ONE_DAY,
        LeaseSpan.started_at < over.last,
    )
    return session.scalars(found).all()


def pauses(session: Session, over: Span) -> Sequence[Pause]:
    """Every pause of the person that may have held on the day."""
    found = select(Pause).where(
        Pause.employee_id == over.person,
        Pause.starts_at < over.last,
        or_(Pause.ends_at.is_(None), Pause.ends_at > over.first),
        or_(Pause.ended_at.is_(None), Pause.ended_at > over.first),
    )
    return session.scalars(found).all()


def stops(session: Session, over: Span) -> list[tuple[StopRow, dict[UUID, datetime] | None]]:
    """Stops that held on the day, each with device → since when it concerns it; None: everybody's, from its beginning.

    Whom a stop of some concerned is what was written down then: where people work now says nothing of it.
    """
    found = select(StopRow).where(
        StopRow.asked_at < over.last, or_(StopRow.resumed_at.is_(None), StopRow.resumed_at > over.first)
    )
    rows = session.scalars(found.order_by(StopRow.number)).all()
    some = {row.id: row for row in rows if row.audience.named}
    concerned: dict[UUID, dict[UUID, datetime]] = {stop: {} for stop in some}
    said = select(StopAnswer.stop_id, StopAnswer.device_id, StopAnswer.answered_at)
    mine = StopAnswer.employee_id == over.person, StopAnswer.stop_id.in_(some)
    for stop, device, since in session.execute(said.where(*mine)) if some else ():
        concerned[stop][device] = since
    had = select(StopDevice.stop_id, StopDevice.device_id)
    mine = StopDevice.employee_id == over.person, StopDevice.stop_id.in_(some)
    for stop, device in session.execute(had.where(*mine)) if some else ():
        concerned[stop][device] = some[stop].asked_at
    return [(row, concerned[row.id] if row.audience.named else None) for row in rows]


def policies(session: Session) -> Sequence[PolicyRow]:
    """Every policy there ever was."""
    return session.scalars(select(PolicyRow)).all()


def tallies(session: Session, over: Span) -> Sequence[TallyRow]:
    """Tallies of the person's devices, of the day and of those before it, newest first."""
    found = select(TallyRow).where(
        TallyRow.employee_id == over.person, TallyRow.day <= over.day, TallyRow.day > over.day - LOOK_BACK
    )
    return session.scalars(found.order_by(TallyRow.day.desc(), TallyRow.refused)).all()


def known(session: Session, device: UUID, over: Span, first: int, last: int) -> list[Known]:
    """What the server knows of a device's numbers from `first` to `last`."""
    numbers = and_(Upload.device_id == device, Upload.seq.between(first, last))
    kept = select(Upload).where(numbers, Upload.outcome != Outcome.REFUSED)
    refused = select(Upload).where(
        numbers,
        Upload.outcome == Outcome.REFUSED,
        Upload.employee_id == over.person,
        Upload.local_day >= over.day - 2 * ONE_DAY,
    )
    return [_known(row) for statement in (kept, refused) for row in session.scalars(statement)]


def strays(session: Session, device: UUID, over: Span, before: int, bounds: tuple[int, int]) -> list[Known]:
    """Stored items that no tally can hold: between the one before and this one, or of yesterday and behind both."""
    first, last = bounds
    between = Upload.seq.between(before + 1, first - 1) if before else Upload.seq < 0
    behind = and_(Upload.seq > last, Upload.started_at >= over.opens - ONE_DAY, Upload.started_at < over.opens)
    found = select(Upload).where(
        Upload.device_id == device, Upload.outcome == Outcome.STORED, or_(between, behind if before else Upload.seq < 0)
    )
    return [_known(row) for row in session.scalars(found)]


def there(session: Session, over: Span, uploads: Sequence[Known]) -> tuple[dict[UUID, Slot], set[UUID]]:
    """Of the uploads that count as stored: id → slot, and those of which there is a segment."""
    claimed = {one.id: one.slot for one in uploads if one.outcome == Outcome.STORED}
    found = select(Segment.id).where(
        Segment.employee_id == over.person,
        Segment.started_at >= over.opens - 2 * ONE_DAY,
        Segment.started_at < over.closes + ONE_DAY,
        Segment.id.in_(claimed),
    )
    return claimed, set(session.scalars(found))


def _known(row: Upload) -> Known:
    return Known(row.segment_id, row.seq, row.outcome.value, row.kind, row.context)


def next_due(session: Session, now: datetime) -> Reconciliation | None:
    """A day to check, locked: one not checked yet, else one to look at again, else one whose tally never will come."""
    removed = Device.employee_id == Reconciliation.employee_id, Device.removed_at.is_not(None)
    among_them = Reconciliation.figures["missing"].contains(func.jsonb_build_array(cast(Device.id, Text)))
    gone = select(Device.id).where(*removed, among_them).exists()
    first = select(Reconciliation).where(Reconciliation.state.is_(None), Reconciliation.due_at <= now)
    again = select(Reconciliation).where(Reconciliation.again_at <= now, Reconciliation.state.is_not(None))
    never = select(Reconciliation).where(Reconciliation.missing > 0, gone)
    for found, oldest in (
        (first, Reconciliation.due_at),
        (again, Reconciliation.again_at),
        (never, Reconciliation.due_at),
    ):
        row = session.scalars(found.order_by(oldest).limit(1).with_for_update(skip_locked=True)).one_or_none()
        if row is not None:
            return row
    return None


def of_day(session: Session, person: UUID, day: date) -> Reconciliation | None:
    """The check of one day of the person."""
    found = select(Reconciliation).where(Reconciliation.employee_id == person, Reconciliation.day == day)
    return session.scalars(found).one_or_none()


def findings(session: Session, person: UUID, day: date) -> Sequence[Finding]:
    """What did not agree on one day of the person."""
    found = select(Finding).where(Finding.employee_id == person, Finding.day == day)
    return session.scalars(found.order_by(Finding.what, Finding.kind, Finding.context)).all()


def states(session: Session, person: UUID, since: date, until: date) -> dict[date, str]:
    """Day → state, from `since` to before `until`; a day with a finding is red whatever was said before."""
    found = exists().where(Finding.employee_id == person, Finding.day == Reconciliation.day)
    statement = select(Reconciliation.day, Reconciliation.state, Reconciliation.missing, found).where(
        Reconciliation.employee_id == person,
        Reconciliation.day >= since,
        Reconciliation.day < until,
        Reconciliation.state.is_not(None),
    )
    rows = session.execute(statement)
    return {day: "red" if red else told(str(state), missing) for day, state, missing, red in rows}


def shares(session: Session) -> Sequence[Share]:
    """What the council sees, newest day first."""
    return session.scalars(select(Share).order_by(Share.day.desc(), Share.measure)).all()


def rollup(session: Session, person: UUID, day: date) -> dict[Slot, int]:
    """Items of a day by slot, as the trigger counted them: no rule about items stands between."""
    count = func.sum(EmployeeDay.items)
    found = select(EmployeeDay.kind, EmployeeDay.context, count).where(
        EmployeeDay.employee_id == person, EmployeeDay.local_day == day
    )
    rows = session.execute(found.group_by(EmployeeDay.kind, EmployeeDay.context))
    return {(kind, context): int(number) for kind, context, number in rows}


def listed(session: Session, person: UUID, day: date) -> Counter[Slot]:
    """Items of a day by slot, as the page of the day lists them."""
    return Counter((item.kind, item.context) for item in items(session, person, day, Filter(), rows=WHOLE_DAY)[0])
