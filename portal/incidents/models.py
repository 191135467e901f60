"""What somebody says is wrong. No desk has the table: the officer and the council see what functions let them see."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value


class What(StrEnum):
    """What is wrong."""

    CAPTURED = "captured"
    STOPPED = "not_stopped"
    LOOKED = "looked"
    EXPOSED = "exposed"
    OTHER = "other"


class Grave(StrEnum):
    """How grave the person finds it, gravest first."""

    NOW = "now"
    WRONG = "wrong"
    ODD = "odd"


class Incident(Base):
    """One incident. `named`: whether the officer sees who says it; `council`: whether the council reads the words.

    `segment_id`, `started_at`: an own item that it is about. Only its person reads `employee_id`.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index(None, "employee_id", "raised_at"),
        Index("ix_incident_open", "raised_at", postgresql_where=text("answered_at IS NULL AND withdrawn_at IS NULL")),
        CheckConstraint("char_length(text) BETWEEN 1 AND 4000", name="size"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer"),
        CheckConstraint("(segment_id IS NULL) = (started_at IS NULL)", name="item"),
    )
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    what: Mapped[What] = mapped_column(by_value(What, "what"))
    grave: Mapped[Grave] = mapped_column(by_value(Grave, "grave"))
    text: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    on_day: Mapped[date | None]
    segment_id: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    named: Mapped[bool]
    council: Mapped[bool]
    raised_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure")
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
