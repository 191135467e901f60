"""What the directory told of each person."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Person


class DirectoryEntry(Base):
    """A person of the directory. `resource`: what it told, without what nothing here uses; gone once it says they left.

    `version` counts its changes: the entity tag.
    """

    __tablename__ = "directory_entry"
    __table_args__ = (Index("uq_directory_entry_user_name", text("lower(user_name)"), unique=True),)
    employee_id: Mapped[Person] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    external_id: Mapped[str | None] = mapped_column(index=True, comment="personal: whole-person erasure")
    resource: Mapped[dict[str, Any]] = mapped_column(comment="personal: whole-person erasure")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
