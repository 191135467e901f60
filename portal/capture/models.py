"""What was captured: headers in the clear for the person's own view, bodies sealed to the person."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value


class Outcome(StrEnum):
    """What became of an upload."""

    STORED = "stored"
    REFUSED = "refused"
    ERASED = "erased"


class Upload(Base):
    """One segment id of one device: decides idempotency, shows refusals, is the tombstone of the erased.

    For good; refused ones go after a while.
    """

    __tablename__ = "upload"
    __table_args__ = (
        Index("ix_upload_refused", "employee_id", "local_day", postgresql_where=text("outcome = 'refused'")),
        Index("uq_upload_sequence", "device_id", "seq", unique=True, postgresql_where=text("outcome <> 'refused'")),
        CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name="reason"),
    )
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[Person] = mapped_column(comment="personal: refused ones 90 days, whole-person erasure")
    content_hash: Mapped[bytes]
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome, "outcome"))
    reason: Mapped[str | None]
    seq: Mapped[int]
    kind: Mapped[str | None]
    context: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    local_day: Mapped[date]
    received_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Segment(Base):
    """One captured stretch. `local_day` is the person's own calendar day at capture; `body` opens only in the vault.

    `zone`: the time zone by which it was admitted and got its day; null for what came before that was kept.
    """

    __tablename__ = "segment"
    __table_args__ = (
        Index("ix_segment_erasure", "erasure_id", postgresql_where=text("erasure_id IS NOT NULL")),
        Index("ix_segment_started_at", "started_at", postgresql_using="brin"),
        CheckConstraint("octet_length(body) <= 1048576", name="body_size"),
        CheckConstraint("sensitivity BETWEEN 1 AND 4", name="sensitivity"),
        {"postgresql_partition_by": "RANGE (started_at)"},
    )
    employee_id: Mapped[Person] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[Id]
    ended_at: Mapped[datetime]
    local_day: Mapped[date]
    device_id: Mapped[UUID]
    seq: Mapped[int]
    kind: Mapped[str]
    context: Mapped[str]
    counts: Mapped[dict[str, Any]]
    sensitivity: Mapped[int] = mapped_column(SmallInteger)
    categories: Mapped[list[str]]
    policy: Mapped[str]
    policy_version: Mapped[int]
    lease_id: Mapped[UUID]
    key_id: Mapped[UUID]
    size: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    erasure_id: Mapped[UUID | None]
    zone: Mapped[str | None] = mapped_column(comment="personal: retention, erasure")
    header: Mapped[bytes] = mapped_column(deferred=True, comment="personal: retention, erasure")
    body: Mapped[bytes] = mapped_column(deferred=True, comment="personal: retention, erasure")


class EmployeeDay(Base):
    """A private rollup, kept by a trigger on `segment`, so that no writer can forget it."""

    __tablename__ = "employee_day"
    employee_id: Mapped[Person] = mapped_column(primary_key=True, comment="personal: follows segment")
    local_day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    context: Mapped[str] = mapped_column(primary_key=True)
    sensitivity: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    items: Mapped[int]
    milliseconds: Mapped[int]
    bytes: Mapped[int]
