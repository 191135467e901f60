"""Exports: what the person ordered, how far the vault is, and the archive, encrypted, that only the vault can open."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value


class OrderState(StrEnum):
    """How far the vault is. A cancelled order is known by `cancelled_at` before the worker has cleaned it up."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class StoreState(StrEnum):
    """What became of one external store's part."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    MISSING = "missing"


class ExportOrder(Base):
    """A person's order. The vault alone makes it, and its `seal` is why the vault may go on without the person.

    It covers items that started in [starts_at, ends_at), all where both are NULL, narrowed by kinds. `checkpoint` is
    the vault's own note of where it is, encrypted; `step` its fence: who comes late changes nothing.
    """

    __tablename__ = "export_order"
    __table_args__ = (
        Index(None, "employee_id", "ordered_at"),
        Index(
            "uq_export_order_unfinished",
            "employee_id",
            unique=True,
            postgresql_where=text("finished_at IS NULL AND cancelled_at IS NULL"),
        ),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL) AND starts_at < ends_at", name="range"),
        CheckConstraint("expires_at > ordered_at AND expires_at <= ordered_at + interval '24 hours'", name="a_day"),
        CheckConstraint("(state = 'ready') <= (archive_until IS NOT NULL)", name="ready"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID | None]
    ordered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    kinds: Mapped[list[str] | None]
    stores: Mapped[bool]
    language: Mapped[str]
    timezone: Mapped[str]
    key_id: Mapped[UUID]
    wrapped_key: Mapped[bytes] = mapped_column(deferred=True, comment="personal: epoch destruction")
    seal: Mapped[bytes] = mapped_column(deferred=True)
    state: Mapped[OrderState] = mapped_column(by_value(OrderState, "state"), server_default="waiting")
    reason: Mapped[str | None]
    items_total: Mapped[int] = mapped_column(server_default="0")
    items_done: Mapped[int] = mapped_column(server_default="0")
    problems: Mapped[int] = mapped_column(server_default="0")
    position_at: Mapped[datetime | None]
    position_id: Mapped[UUID | None]
    step: Mapped[int] = mapped_column(server_default="0")
    checkpoint: Mapped[bytes | None] = mapped_column(deferred=True, comment="personal: whole-person erasure")
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    stores_listed_at: Mapped[datetime | None]
    archive_bytes: Mapped[int] = mapped_column(server_default="0")
    archive_until: Mapped[datetime | None]
    downloaded_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


class ExportFile(Base):
    """One file of an archive, in the order of `number`; `head` holds name, checksum and sizes, encrypted."""

    __tablename__ = "export_file"
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: whole-person erasure")
    head: Mapped[bytes] = mapped_column(comment="personal: deleted when the archive expires")


class ExportChunk(Base):
    """A piece of a file, compressed and encrypted under the archive's key."""

    __tablename__ = "export_chunk"
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    file: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: whole-person erasure")
    body: Mapped[bytes] = mapped_column(comment="personal: deleted when the archive expires")


class ExportStore(Base):
    """One external store's part: the worker reads the store and hands its rows to the vault, batch by batch."""

    __tablename__ = "export_store"
    __table_args__ = (Index("ix_export_store_due", "next_try_at", postgresql_where=text("state <> 'done'")),)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: whole-person erasure")
    dataset_id: Mapped[UUID]
    store: Mapped[str]
    state: Mapped[StoreState] = mapped_column(by_value(StoreState, "state"), server_default="waiting")
    reason: Mapped[str | None]
    rows: Mapped[int] = mapped_column(server_default="0")
    rows_total: Mapped[int | None]
    batches: Mapped[int] = mapped_column(server_default="0")
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    pending_since: Mapped[datetime | None]
