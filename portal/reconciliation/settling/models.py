"""What did not agree, as the privacy officer deals with it: of the organisation; only the parts say whose findings."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, Small, by_value


class Standing(StrEnum):
    """Where a mismatch stands. Disputed: answered, and somebody affected says that this does not explain it."""

    OPEN = "open"
    ANSWERED = "answered"
    DISPUTED = "disputed"


class Cause(StrEnum):
    """What the privacy officer found to be the cause."""

    DEVICE = "device"
    LATE = "late"
    DAYLIGHT = "daylight"
    STORE = "store"
    PERSON = "person"
    CHECK = "check"
    UNKNOWN = "unknown"


class Step(StrEnum):
    """What happened: the check found it, the privacy officer answered it, somebody affected disputed the answer."""

    FOUND = "found"
    ANSWERED = "answered"
    DISPUTED = "disputed"


class MismatchRow(Base):
    """Findings of one day, sort, kind and device class, over everybody. What comes after its answer is another one.

    Days and no times: a finding may have been made by the very page that its person opened.
    """

    __tablename__ = "mismatch"
    __table_args__ = (
        CheckConstraint("items > 0", name="items"),
        CheckConstraint("state <> 'disputed' OR disputed_on IS NOT NULL", name="disputed"),
        Index(
            "uq_mismatch_open",
            *("day", "what", "kind", "device_class"),
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_mismatch_waits", "found_on", postgresql_where=text("state <> 'answered'")),
    )
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    day: Mapped[date]
    what: Mapped[str]
    kind: Mapped[str]
    device_class: Mapped[str]
    items: Mapped[int]
    found_on: Mapped[date]
    state: Mapped[Standing] = mapped_column(by_value(Standing, "state"), server_default=text("'open'"))
    answered_on: Mapped[date | None]
    disputed_on: Mapped[date | None]


class MismatchPart(Base):
    """A finding of a person in a mismatch. `items`: as many as it had when the mismatch took it in."""

    __tablename__ = "mismatch_part"
    mismatch_id: Mapped[UUID] = mapped_column(primary_key=True)
    finding_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: deleted after 400 days")
    items: Mapped[int]
    disputed_at: Mapped[datetime | None]


class MismatchStep(Base):
    """One step in the history of a mismatch, never changed. Who it was, the log knows."""

    __tablename__ = "mismatch_step"
    __table_args__ = (
        CheckConstraint("(step = 'answered') = (cause IS NOT NULL AND words IS NOT NULL)", name="answer"),
        CheckConstraint("char_length(words) BETWEEN 1 AND 4000", name="size"),
    )
    mismatch_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[Small] = mapped_column(primary_key=True)
    step: Mapped[Step] = mapped_column(by_value(Step, "step"))
    cause: Mapped[Cause | None] = mapped_column(by_value(Cause, "cause"))
    words: Mapped[str | None]
    on_day: Mapped[date]


class MismatchShare(Base):
    """For the works council: how many mismatches stand so. All null: fewer than ten people are concerned.

    `since`: so long at least ten people wait. Null where nobody waits.
    """

    __tablename__ = "mismatch_share"
    __table_args__ = (
        CheckConstraint("people >= 10", name="enough"),
        CheckConstraint("(cases IS NULL) = (people IS NULL)", name="together"),
        CheckConstraint("since IS NULL OR people IS NOT NULL", name="since"),
    )
    state: Mapped[Standing] = mapped_column(by_value(Standing, "state"), primary_key=True)
    cases: Mapped[int | None]
    people: Mapped[int | None]
    since: Mapped[date | None]
