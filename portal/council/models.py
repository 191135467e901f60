"""What the evidence room keeps: who looked into it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Number, by_value


class What(StrEnum):
    """What somebody looked at."""

    ROOM = "room"
    RELEASE = "release"
    FILE = "file"


class Reader(StrEnum):
    """As what somebody looked."""

    COUNCIL = "works_council"


class RoomLook(Base):
    """One look, never at anything captured; `room_look` is its only writer. `about`: the release, if it was one."""

    __tablename__ = "room_look"
    id: Mapped[Number]
    reader_id: Mapped[UUID]
    reader_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure of reader_id")
    role: Mapped[Reader] = mapped_column(by_value(Reader, "role"))
    what: Mapped[What] = mapped_column(by_value(What, "what"))
    about: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
