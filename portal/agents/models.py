"""Devices, what they report, the one-time codes that add them, and the leases they were given."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Number, Person, by_value

VERIFIED, CONTRADICTED = "verified", "contradicted"
"""The server's own words among the reports, by what canaries showed (gateway.canaries); a device cannot say them."""


class DeviceKind(StrEnum):
    """A collector uploads; a stock OpAMP client only learns the policy and reports its state."""

    COLLECTOR = "collector"
    OPAMP = "opamp"


class Device(Base):
    """A program on a machine that may connect: a collector by its key, a stock OpAMP client by its bearer token."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("(kind = 'collector') = (public_key IS NOT NULL)", name="key"),
        CheckConstraint("(kind = 'opamp') = (bearer_hash IS NOT NULL)", name="bearer"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(index=True)
    kind: Mapped[DeviceKind] = mapped_column(by_value(DeviceKind, "kind"))
    name: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    platform: Mapped[str] = mapped_column(server_default="", comment="personal: whole-person erasure")
    public_key: Mapped[bytes | None] = mapped_column(unique=True)
    bearer_hash: Mapped[bytes | None] = mapped_column(unique=True)
    added_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    last_seen_at: Mapped[datetime | None] = mapped_column(comment="personal: whole-person erasure")
    removed_at: Mapped[datetime | None]


class EnrolmentCode(Base):
    """A one-time code, 15 minutes; only its hash is kept."""

    __tablename__ = "enrolment_code"
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(index=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    device_name: Mapped[str] = mapped_column(comment="personal: deleted a day after its end")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[UUID | None]


class DeviceReport(Base):
    """What a device said of itself, signed, or the server saw of it; appended only.

    `what` is a wire.documents.ReportKind, VERIFIED or CONTRADICTED.
    """

    __tablename__ = "device_report"
    __table_args__ = (Index(None, "employee_id", "device_id", "directive"), Index(None, "device_id", "received_at"))
    id: Mapped[Number]
    employee_id: Mapped[Person] = mapped_column(comment="personal: 90 days, whole-person erasure")
    device_id: Mapped[UUID]
    what: Mapped[str]
    directive: Mapped[int]
    policy: Mapped[str | None]
    last_seq: Mapped[int]
    reported_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    detail: Mapped[str] = mapped_column(server_default="")


class LeaseSpan(Base):
    """A lease with its renewals: what these devices could capture from `started_at` until `valid_until`.

    Written before the lease is sent, so that no device ever holds a permission that the server does not remember.
    """

    __tablename__ = "lease_span"
    __table_args__ = (Index(None, "employee_id", "valid_until"),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(
        comment="personal: 90 days after the last item under it, whole-person erasure"
    )
    devices: Mapped[list[UUID]]
    policy: Mapped[str]
    directive: Mapped[int]
    key_id: Mapped[UUID]
    permitted: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    valid_until: Mapped[datetime]
