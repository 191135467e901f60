"""Reads about a person's devices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Row, Select, any_, bindparam, case, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from portal.agents.models import CONTRADICTED, VERIFIED, Device, DeviceKind, DeviceReport, EnrolmentCode, LeaseSpan
from portal.agents.rules import ALLOWANCE, Answer, Ask, DeviceFacts
from portal.policies.models import PolicyRow
from portal.policies.queries import opened


def _with_newest_lease() -> Select[Any]:
    person: BindParameter[UUID] = bindparam("person")
    newest = (
        select(
            LeaseSpan.permitted,
            LeaseSpan.started_at,
            LeaseSpan.valid_until,
            LeaseSpan.policy,
            PolicyRow.version,
            PolicyRow.envelope,
        )
        .join(PolicyRow, PolicyRow.hash == LeaseSpan.policy)
        .where(LeaseSpan.employee_id == person, Device.id == any_(LeaseSpan.devices))
        .order_by(LeaseSpan.valid_until.desc())
        .limit(1)
        .lateral()
    )
    span = aliased(LeaseSpan)
    held = (span.employee_id == person, span.policy == newest.c.policy, Device.id == any_(span.devices))
    offered = select(func.min(span.started_at)).where(*held).correlate(Device, newest).scalar_subquery()
    columns = (Device.id, Device.name, Device.kind, Device.added_at, Device.last_seen_at)
    lease = (newest.c.permitted, newest.c.started_at, newest.c.valid_until, newest.c.version, newest.c.envelope)
    return (
        select(*columns, *lease, offered.label("offered_at"))
        .outerjoin(newest, true())
        .where(Device.employee_id == person, Device.removed_at.is_(None))
        .order_by(Device.added_at, Device.id)
    )


_LEASED = _with_newest_lease()
# Each answer is the first row of a stretch of an index, however much a device has said since. What a device says has
# to be of the stretch by its own time and by ours: a word from the week before may arrive late.
_ANSWERS = text(
    """
SELECT d.id AS device, a.place,
       (SELECT r.received_at FROM device_report r
         WHERE r.employee_id = :person AND r.device_id = d.id AND r.what = 'received' AND r.directive >= a.number
           AND r.received_at >= a.asked AND r.reported_at >= a.asked ORDER BY r.received_at LIMIT 1) AS received,
       (SELECT r.received_at FROM device_report r
         WHERE r.employee_id = :person AND r.device_id = d.id AND r.what = 'stopped' AND r.directive >= a.number
           AND r.received_at >= a.asked AND r.reported_at >= a.asked ORDER BY r.received_at LIMIT 1) AS stopped,
       EXISTS (SELECT FROM device_report r
         WHERE r.employee_id = :person AND r.device_id = d.id AND r.what IN ('received', 'stopped')
           AND r.directive >= a.number AND r.received_at < a.asked) AS knew,
       EXISTS (SELECT FROM device_report r
         WHERE r.employee_id = :person AND r.device_id = d.id AND r.what = 'stopped' AND r.directive >= a.number
           AND r.received_at >= a.since AND r.received_at < a.asked AND r.reported_at >= a.since) AS had_stopped
  FROM device d
 CROSS JOIN unnest(CAST(:numbers AS bigint[]), CAST(:asked AS timestamptz[]), CAST(:since AS timestamptz[]))
            WITH ORDINALITY AS a (number, asked, since, place)
 WHERE d.employee_id = :person AND d.removed_at IS NULL
"""
)


def devices(session: Session, person: UUID) -> list[Device]:
    """The person's devices that were not removed, oldest first."""
    statement = select(Device).where(Device.employee_id == person, Device.removed_at.is_(None))
    return list(session.scalars(statement.order_by(Device.added_at, Device.id)))


def places(session: Session, person: UUID, now: datetime) -> int:
    """How many devices the person has or may add at `now`: a code that can still be used counts as its device."""
    live = select(func.count()).where(Device.employee_id == person, Device.removed_at.is_(None))
    usable = (EnrolmentCode.used_at.is_(None), EnrolmentCode.expires_at > now)
    codes = select(func.count()).where(EnrolmentCode.employee_id == person, *usable)
    number: int = session.execute(select(live.scalar_subquery() + codes.scalar_subquery())).scalar_one()
    return number


def device(session: Session, person: UUID, device_id: UUID) -> Device | None:
    """One device of this person that was not removed; None for anybody else's."""
    statement = select(Device).where(Device.employee_id == person, Device.id == device_id, Device.removed_at.is_(None))
    return session.scalars(statement).one_or_none()


def device_facts(session: Session, person: UUID, asks: Sequence[Ask] = ()) -> list[DeviceFacts]:
    """What the server knows of each device of the person, and what it answered to `asks`: two queries, one without."""
    answers = _answers(session, person, asks) if asks else {}
    return [
        DeviceFacts(
            id=row.id,
            name=row.name,
            uploads=row.kind is DeviceKind.COLLECTOR,
            last_seen_at=row.last_seen_at,
            lease_until=_until(row),
            permitted={kind: tuple(contexts) for kind, contexts in (row.permitted or {}).items()},
            policy_version=row.version,
            answers=answers.get(row.id, {}),
            offered_at=row.offered_at,
            lease_from=row.started_at,
            added_at=row.added_at,
        )
        for row in session.execute(_LEASED, {"person": person})
    ]


def _until(row: Row[Any]) -> datetime | None:
    """Until when the device can hold a permit: away it takes none, though its person's goes on for others."""
    if row.valid_until is None or row.last_seen_at is None:
        return None
    life = timedelta(seconds=opened(row.envelope).lease_ttl_s)
    until: datetime = min(row.valid_until, row.last_seen_at + life + ALLOWANCE)
    return until


def _answers(session: Session, person: UUID, asks: Sequence[Ask]) -> dict[UUID, dict[Ask, Answer]]:
    given = {
        "person": person,
        "numbers": [ask.number for ask in asks],
        "asked": [ask.asked_at - ALLOWANCE for ask in asks],
        "since": [ask.since - ALLOWANCE for ask in asks],
    }
    found: dict[UUID, dict[Ask, Answer]] = {}
    for row in session.execute(_ANSWERS, given):
        answer = Answer(row.received, row.stopped, row.knew, row.had_stopped)
        found.setdefault(row.device, {})[asks[row.place - 1]] = answer
    return found


def device_names(session: Session, person: UUID) -> dict[UUID, str]:
    """Device id → name, removed ones too: what they captured is still shown."""
    return dict(session.execute(select(Device.id, Device.name).where(Device.employee_id == person)).all())


def policy_reports(
    session: Session, person: UUID, policy: str
) -> "dict[UUID, Row[UUID, str, datetime, datetime | None]]":
    """Device id → what is known of it and this policy: (device, what, when, since when it says that it applies it).

    What the server saw (VERIFIED, CONTRADICTED) goes before the device's own newest word, applied or failed.
    """
    seen = DeviceReport.what.in_((VERIFIED, CONTRADICTED))
    said = case((DeviceReport.what == "applied", DeviceReport.received_at))
    applied = func.min(said).over(partition_by=DeviceReport.device_id)
    statement = (
        select(DeviceReport.device_id, DeviceReport.what, DeviceReport.received_at, applied.label("applied_at"))
        .where(DeviceReport.employee_id == person, DeviceReport.policy == policy)
        .where(or_(seen, DeviceReport.what.in_(("applied", "failed"))))
        .ext(distinct_on(DeviceReport.device_id))
        .order_by(DeviceReport.device_id, seen.desc(), DeviceReport.received_at.desc(), DeviceReport.id.desc())
    )
    return {row.device_id: row for row in session.execute(statement)}
