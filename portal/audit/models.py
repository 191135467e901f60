"""What was done, by whom, to what: appended in the transaction that does it, never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Number


class AuditEntry(Base):
    """One act. Plain ids, no foreign keys: everybody writes here, and the log knows no feature."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "employee_id", "at"),)
    id: Mapped[Number]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    actor_id: Mapped[UUID | None] = mapped_column(comment="personal: whole-person erasure")
    actor_role: Mapped[str]
    action: Mapped[str]
    object_id: Mapped[UUID | None]
    employee_id: Mapped[UUID | None] = mapped_column(comment="personal: whole-person erasure")
    detail: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'::jsonb"), comment="personal: whole-person erasure"
    )
