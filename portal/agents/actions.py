"""Add, rename and remove devices; personal exclusions."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.agents.models import Device, DeviceKind, EnrolmentCode
from portal.agents.queries import devices
from portal.agents.rules import CODE_LIFETIME, new_code
from portal.audit.actions import record
from portal.core.notify import notify
from portal.identity.models import Employee
from portal.pauses.actions import end_of_device, next_number, turn

TOKEN_BYTES = 32


def issue_code(session: Session, person: UUID, name: str, now: datetime) -> str:
    """A one-time code for a new collector called `name`; only its hash is kept."""
    code = new_code()
    row = EnrolmentCode(
        id=uuid4(), employee_id=person, code_hash=code_hash(code), device_name=name, expires_at=now + CODE_LIFETIME
    )
    session.add(row)
    record(session, "device.code_issued", actor=person, employee=person, about=row.id)
    return code


def code_hash(code: str) -> bytes:
    """What is stored of a code: SHA-256 of its signs, without hyphens, spaces and case."""
    return hashlib.sha256(code.replace("-", "").replace(" ", "").upper().encode()).digest()


def add_opamp_client(session: Session, person: UUID, name: str) -> str:
    """A device for a stock OpAMP client; its bearer token, shown once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    digest = hashlib.sha256(token.encode()).digest()
    device = Device(id=uuid4(), employee_id=person, kind=DeviceKind.OPAMP, name=name, bearer_hash=digest)
    session.add(device)
    record(session, "device.added", actor=person, employee=person, about=device.id)
    return token


def rename(session: Session, device: Device, name: str) -> None:
    """Give the device another name."""
    device.name = name
    record(session, "device.renamed", actor=device.employee_id, employee=device.employee_id, about=device.id)


def remove(session: Session, device: Device, now: datetime) -> None:
    """Remove the device and end its own pauses; its key is dead with the commit, the gateways drop its connection."""
    device.removed_at = now
    end_of_device(session, device.employee_id, device.id, now)
    record(session, "device.removed", actor=device.employee_id, employee=device.employee_id, about=device.id)
    session.flush()
    notify(session, "device", device.id)


def set_exclusions(session: Session, person: UUID, exclusions: list[str]) -> None:
    """Apps or sites the person's own devices never capture; carried to them by the next directive."""
    next_number(session, person)
    session.execute(update(Employee).where(Employee.id == person).values(exclusions=exclusions))
    record(session, "exclusions.changed", actor=person, employee=person)
    _wake(session, person)


def set_zone(session: Session, person: UUID, zone: str) -> None:
    """The time zone by which weekly pauses and a policy's hours hold, on the devices too: by the next directive."""
    turn(session, person)
    next_number(session, person)
    session.execute(update(Employee).where(Employee.id == person).values(timezone=zone))
    _wake(session, person)


def _wake(session: Session, person: UUID) -> None:
    for device in devices(session, person):
        notify(session, "device", device.id)
