"""A copy for somebody who has left: what two people of HR agreed to, and what became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person


class Handover(Base):
    """One handover. The vault alone makes and changes it; hashes and seals are its own, HR reads the rest.

    `checked`: how identity was established. `tries`: wrong codes so far. `order_id`: the archive, once it is claimed.
    """

    __tablename__ = "handover"
    __table_args__ = (
        Index(None, "employee_id", "request_id"),
        CheckConstraint("approved_by NOT IN (prepared_by, employee_id)", name="four_eyes"),
        CheckConstraint("claimed_at IS NULL OR approved_at IS NOT NULL", name="order"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID]
    checked: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    starts_at: Mapped[datetime | None] = mapped_column(deferred=True)
    ends_at: Mapped[datetime | None] = mapped_column(deferred=True)
    kinds: Mapped[list[str] | None] = mapped_column(deferred=True)
    prepared_by: Mapped[UUID]
    prepared_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure of prepared_by")
    prepared_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    link_hash: Mapped[bytes] = mapped_column(unique=True, deferred=True)
    prepare_seal: Mapped[bytes] = mapped_column(deferred=True)
    approved_by: Mapped[UUID | None]
    approved_name: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure of approved_by")
    approved_at: Mapped[datetime | None]
    code_hash: Mapped[bytes | None] = mapped_column(deferred=True)
    approve_seal: Mapped[bytes | None] = mapped_column(deferred=True)
    tries: Mapped[int] = mapped_column(server_default="0")
    order_id: Mapped[UUID | None] = mapped_column(deferred=True)
    pickup_hash: Mapped[bytes | None] = mapped_column(deferred=True)
    pickup_seal: Mapped[bytes | None] = mapped_column(deferred=True)
    claimed_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
