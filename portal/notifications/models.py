"""What a person is told on the page: kept until seen, as a kind with plain parameters, put into words when shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
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
