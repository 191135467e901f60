"""Reads about a person's devices."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Row, Select, any_, bindparam, case, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from portal.agents.models import CONTRADICTED, VERIFIED, Device, DeviceKind, DeviceReport, LeaseSpan
from portal.agents.rules import DeviceFacts
from portal.policies.models import PolicyRow

REPORTS_SINCE = timedelta(days=2)


def _with_newest_lease() -> Select[Any]:
    person: BindParameter[UUID] = bindparam("person")
    newest = (
        select(LeaseSpan.permitted, LeaseSpan.valid_until, LeaseSpan.policy, PolicyRow.version)
        .join(PolicyRow, PolicyRow.hash == LeaseSpan.policy)
        .where(LeaseSpan.employee_id == person, Device.id == any_(LeaseSpan.devices))
        .order_by(LeaseSpan.valid_until.desc())
        .limit(1)
        .lateral()
    )
    span = aliased(LeaseSpan)
    held = (span.employee_id == person, span.policy == newest.c.policy, Device.id == any_(span.devices))
    offered = select(func.min(span.started_at)).where(*held).correlate(Device, newest).scalar_subquery()
    columns = (Device.id, Device.name, Device.kind, Device.last_seen_at)
    return (
        select(*columns, newest.c.permitted, newest.c.valid_until, newest.c.version, offered.label("offered_at"))
        .outerjoin(newest, true())
        .where(Device.employee_id == person, Device.removed_at.is_(None))
        .order_by(Device.added_at, Device.id)
    )


_LEASED = _with_newest_lease()
_REPORTS = (
    select(
        DeviceReport.device_id,
        DeviceReport.what,
        DeviceReport.directive,
        func.min(DeviceReport.received_at).label("at"),
    )
    .where(DeviceReport.employee_id == bindparam("person"), DeviceReport.what.in_(("received", "stopped")))
    .where(DeviceReport.received_at > bindparam("since"))
    .group_by(DeviceReport.device_id, DeviceReport.what, DeviceReport.directive)
)


def devices(session: Session, person: UUID) -> list[Device]:
    """The person's devices that were not removed, oldest first."""
    statement = select(Device).where(Device.employee_id == person, Device.removed_at.is_(None))
    return list(session.scalars(statement.order_by(Device.added_at, Device.id)))


def device(session: Session, person: UUID, device_id: UUID) -> Device | None:
    """One device of this person that was not removed; None for anybody else's."""
    statement = select(Device).where(Device.employee_id == person, Device.id == device_id, Device.removed_at.is_(None))
    return session.scalars(statement).one_or_none()


def device_facts(session: Session, person: UUID, now: datetime) -> list[DeviceFacts]:
    """What the server knows of each device of the person, in two queries."""
    reports = session.execute(_REPORTS, {"person": person, "since": now - REPORTS_SINCE}).all()
    return [
        DeviceFacts(
            id=row.id,
            name=row.name,
            uploads=row.kind is DeviceKind.COLLECTOR,
            last_seen_at=row.last_seen_at,
            lease_until=row.valid_until,
            permitted={kind: tuple(contexts) for kind, contexts in (row.permitted or {}).items()},
            policy_version=row.version,
            offered_at=row.offered_at,
            received={r.directive: r.at for r in reports if r.device_id == row.id and r.what == "received"},
            stopped={r.directive: r.at for r in reports if r.device_id == row.id and r.what == "stopped"},
        )
        for row in session.execute(_LEASED, {"person": person})
    ]


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
