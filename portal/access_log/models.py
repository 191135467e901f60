"""Who looked at a person's data: one row a look, committed before anything is opened."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value


class LookKind(StrEnum):
    """How somebody looked."""

    OPEN = "open"
    SEARCH = "search"
    EXPORT = "export"


class Look(Base):
    """One access to a person's content. The reader's name and unit are a snapshot; `look_begin` is its only writer."""

    __tablename__ = "look"
    __table_args__ = (Index(None, "employee_id", "at"),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    reader_id: Mapped[UUID]
    reader_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure of reader_id")
    reader_unit: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure of reader_id")
    kind: Mapped[LookKind] = mapped_column(by_value(LookKind, "kind"))
    purpose: Mapped[str]
    segment_ids: Mapped[list[UUID]]
    covers_from: Mapped[datetime]
    covers_until: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    read_at: Mapped[datetime | None]
    transaction: Mapped[int] = mapped_column(server_default=text("pg_current_xact_id()::text::bigint"))
