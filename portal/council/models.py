"""What the evidence room keeps: papers, who looked into it, which expert has a seat in it from when until when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Number, Person, Small, by_value


class What(StrEnum):
    """What somebody looked at."""

    ROOM = "room"
    RELEASE = "release"
    FILE = "file"
    DOCUMENT = "document"
    POLICY = "policy"
    LOOKS = "looks"
    EXPERTS = "experts"
    GROUPS = "groups"
    INCIDENTS = "incidents"
    CHECK = "check"


class Reader(StrEnum):
    """As what somebody looked."""

    COUNCIL = "works_council"
    EXPERT = "expert"
    OFFICER = "privacy_officer"


class Paper(StrEnum):
    """What a paper is."""

    MINUTES = "minutes"
    AGENDA = "agenda"
    IMPACT = "impact_assessment"
    INCIDENT = "incident"


COUNCILS: Final = (Paper.MINUTES, Paper.AGENDA)
OFFICERS: Final = (Paper.IMPACT, Paper.INCIDENT)
"""Who writes what; the trigger `document_side` holds it, too."""


class RoomLook(Base):
    """One look, never at anything captured; `room_look` is its only writer. `about`: which release or paper."""

    __tablename__ = "room_look"
    id: Mapped[Number]
    reader_id: Mapped[UUID]
    reader_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure of reader_id")
    role: Mapped[Reader] = mapped_column(by_value(Reader, "role"))
    what: Mapped[What] = mapped_column(by_value(What, "what"))
    about: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=sql("now()"))


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
    named_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    ended_at: Mapped[datetime | None]


class RoomDocument(Base):
    """One version of a paper; none is ever changed. `told`: minutes that everybody reads. No login changes a row."""

    __tablename__ = "room_document"
    __table_args__ = (
        UniqueConstraint("document_id", "version"),
        CheckConstraint("NOT told OR kind = 'minutes'", name="told"),
    )
    id: Mapped[Id]
    document_id: Mapped[UUID]
    version: Mapped[Small]
    kind: Mapped[Paper] = mapped_column(by_value(Paper, "kind"))
    title: Mapped[str]
    on_day: Mapped[date]
    text: Mapped[str]
    link: Mapped[str]
    told: Mapped[bool]
    written_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
