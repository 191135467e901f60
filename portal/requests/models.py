"""What people ask to be done with their data. So far: self-service deletion of a range, with undo."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person


class Erasure(Base):
    """A deletion asked for by the person: hidden at once, deleted after `execute_after` unless undone before."""

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "employee_id", "asked_at"),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    asked_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kinds: Mapped[list[str] | None]
    contexts: Mapped[list[str] | None]
    segment_id: Mapped[UUID | None]
    items: Mapped[int]
    execute_after: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
