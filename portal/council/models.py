"""What the evidence room keeps: who looked into it, and which expert has a seat in it from when until when."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Number, Person, by_value


class What(StrEnum):
    """What somebody looked at."""

    ROOM = "room"
    RELEASE = "release"
    FILE = "file"


class Reader(StrEnum):
    """As what somebody looked."""

    COUNCIL = "works_council"
    EXPERT = "expert"


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


class Expert(Base):
    """Who first signed in with the account of a seat: never an employee, and nobody at all without a live seat."""

    __tablename__ = "expert"
    employee_id: Mapped[Person] = mapped_column(primary_key=True, comment="personal: whole-person erasure")


class ExpertSeat(Base):
    """A seat in the evidence room. `account`: subject or address at the identity provider."""

    __tablename__ = "expert_seat"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at AND ends_at <= starts_at + interval '91 days'", name="limit"),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="personal: two years after the seat's end")
    account: Mapped[str] = mapped_column(comment="personal: two years after the seat's end")
    task: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    named_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    ended_at: Mapped[datetime | None]
