"""What a person is told, on the page or by mail: a kind with plain parameters, put into words when shown or sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person


class Notification(Base):
    """One thing to tell. `reference` makes telling idempotent: the same thing is told once."""

    __tablename__ = "notification"
    __table_args__ = (Index(None, "employee_id", "reference", unique=True),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    kind: Mapped[str]
    reference: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(comment="personal: whole-person erasure")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    seen_at: Mapped[datetime | None]


class Mail(Base):
    """One mail to send, written in the transaction that gives the reason; the address is looked up when it is sent.

    To a person, or to an `address` that belongs to no account. `reference` makes it
    idempotent. A worker that claims it holds it until `claimed_until`.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "employee_id", "reference", unique=True),
        Index(None, "address", "reference", unique=True),
        CheckConstraint("(employee_id IS NULL) <> (address IS NULL)", name="to"),
        Index("ix_outbox_due", "next_try_at", postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL")),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person | None] = mapped_column(comment="personal: deleted 30 days after it was sent")
    address: Mapped[str | None] = mapped_column(comment="personal: deleted 30 days after it was sent")
    kind: Mapped[str]
    reference: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(comment="personal: deleted 30 days after it was sent")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
