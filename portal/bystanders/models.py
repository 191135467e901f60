"""Whom else an item shows, as its owner says, and what that person asks for."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value


class Wish(StrEnum):
    """What somebody whom an item shows can ask for; deleting is the stricter. The words are those of requests."""

    RESTRICT = "restrict"
    ERASE = "erase"


class ShownItem(Base):
    """An item of `employee_id` that shows somebody else, named by a handle: an address or a user name.

    `bystander_id` is found by the worker. The owner's login cannot read it, so naming tells nobody who exists.
    """

    __tablename__ = "shown_item"
    __table_args__ = (
        UniqueConstraint("employee_id", "segment_id", "handle"),
        Index(None, "bystander_id"),
        Index("ix_shown_item_unmatched", "handle", postgresql_where=text("bystander_id IS NULL")),
        CheckConstraint("bystander_id <> employee_id", name="other"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    segment_id: Mapped[UUID]
    started_at: Mapped[datetime]
    handle: Mapped[str] = mapped_column(comment="personal: whole-person erasure of bystander_id")
    named_at: Mapped[datetime]
    bystander_id: Mapped[UUID | None]
    matched_at: Mapped[datetime | None]


class ShownClaim(Base):
    """What `employee_id` asks about an item of `owner_id`. The worker files it as a request of the owner's: `filed_as`.

    `state`: 'waiting', then that of the request; 'gone' where the item was deleted before. What is deferred only the
    worker reads: whose item it is. `withdrawn_at`: when its person took it back; the worker withdraws the request
    then, or clears this where it was too late.
    """

    __tablename__ = "shown_claim"
    __table_args__ = (
        Index(None, "employee_id", "claimed_at"),
        Index("ix_shown_claim_open", "claimed_at", postgresql_where=text("closed_at IS NULL")),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    item_id: Mapped[UUID]
    owner_id: Mapped[UUID] = mapped_column(deferred=True)
    segment_id: Mapped[UUID] = mapped_column(deferred=True)
    wish: Mapped[Wish] = mapped_column(by_value(Wish, "wish"))
    claimed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    filed_as: Mapped[UUID | None] = mapped_column(deferred=True)
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default="waiting")
    closed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
