"""Reads about a person's devices."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.agents.models import Device, DeviceKind, DeviceReport, LeaseSpan
from portal.agents.rules import DeviceFacts
from portal.policies.models import PolicyRow

REPORTS_SINCE = timedelta(days=2)


def devices(session: Session, person: UUID) -> list[Device]:
    """The person's devices that were not removed, oldest first."""
    statement = select(Device).where(Device.employee_id == person, Device.removed_at.is_(None))
    return list(session.scalars(statement.order_by(Device.added_at, Device.id)))


def device(session: Session, person: UUID, device_id: UUID) -> Device | None:
    """One device of this person that was not removed; None for anybody else's."""
    statement = select(Device).where(Device.employee_id == person, Device.id == device_id, Device.removed_at.is_(None))
    return session.scalars(statement).one_or_none()


def device_facts(session: Session, person: UUID, now: datetime) -> list[DeviceFacts]:
    """What the server knows of each device of the person, in three queries."""
    leases = _newest_leases(session, person)
    reports = _reports(session, person, now)
    return [
        DeviceFacts(
            id=row.id,
            name=row.name,
            uploads=row.kind is DeviceKind.COLLECTOR,
            last_seen_at=row.last_seen_at,
            lease_until=lease.valid_until if lease else None,
            lease_permits=bool(lease and any(lease.permitted.values())),
            policy_version=lease.version if lease else None,
            received={r.directive: r.at for r in reports if r.device_id == row.id and r.what == "received"},
            stopped={r.directive: r.at for r in reports if r.device_id == row.id and r.what == "stopped"},
        )
        for row in devices(session, person)
        for lease in [leases.get(row.id)]
    ]


def _newest_leases(session: Session, person: UUID) -> "dict[UUID, Row[UUID, dict[str, Any], datetime, int]]":
    device_id = func.unnest(LeaseSpan.devices).label("device_id")
    spans = (
        select(device_id, LeaseSpan.permitted, LeaseSpan.valid_until, PolicyRow.version)
        .join(PolicyRow, PolicyRow.hash == LeaseSpan.policy)
        .where(LeaseSpan.employee_id == person)
        .order_by(LeaseSpan.started_at.desc())
        .limit(20)
    )
    newest: dict[UUID, Row[UUID, dict[str, Any], datetime, int]] = {}
    for row in session.execute(spans):
        newest.setdefault(row.device_id, row)
    return newest


def _reports(session: Session, person: UUID, now: datetime) -> "list[Row[UUID, str, int, datetime]]":
    statement = (
        select(
            DeviceReport.device_id,
            DeviceReport.what,
            DeviceReport.directive,
            func.min(DeviceReport.received_at).label("at"),
        )
        .where(DeviceReport.employee_id == person, DeviceReport.what.in_(("received", "stopped")))
        .where(DeviceReport.received_at > now - REPORTS_SINCE)
        .group_by(DeviceReport.device_id, DeviceReport.what, DeviceReport.directive)
    )
    return list(session.execute(statement))
