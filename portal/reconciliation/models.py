"""What devices say they sent, the check of each person's day, and what the organisation may know of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, Small, by_value


class State(StrEnum):
    """How a day came out. Amber: a device has not said yet what it sent, so that it cannot be green."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"

    @classmethod
    def not_red(cls) -> tuple["State", ...]:
        """What may still turn red."""
        return cls.GREEN, cls.AMBER


class TallyRow(Base):
    """A device's tally of one day of UTC, as signed. `refused`: one that came later and said something else."""

    __tablename__ = "tally"
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    refused: Mapped[bool] = mapped_column(primary_key=True)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: deleted after 400 days")
    hash: Mapped[str]
    envelope: Mapped[str] = mapped_column(comment="personal: deleted after 400 days")
    received_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Reconciliation(Base):
    """One day of one person, due from `due_at`. `state` and `figures` are null until it was checked.

    `again_at`: when it is looked at again; the database sets it when an item of the day is written, or a tally, pause
    or stop that reaches into it. `figures`: the rows of the page, see `rules.Figures`. `missing`: devices whose tally
    had not come and still can; of an amber day without one a device was removed before it said what it sent.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (
        CheckConstraint("(state IS NULL) = (checked_at IS NULL)", name="checked"),
        Index("ix_reconciliation_due", "due_at", postgresql_where=text("state IS NULL OR missing > 0")),
        Index("ix_reconciliation_again", "again_at", postgresql_where=text("again_at IS NOT NULL")),
        Index("ix_reconciliation_day", "day"),
    )
    employee_id: Mapped[Person] = mapped_column(primary_key=True, comment="personal: deleted after 400 days")
    day: Mapped[date] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    state: Mapped[State | None] = mapped_column(by_value(State, "state"))
    checked_at: Mapped[datetime | None]
    missing: Mapped[int] = mapped_column(server_default="0")
    figures: Mapped[dict[str, Any] | None] = mapped_column(comment="personal: deleted after 400 days")
    again_at: Mapped[datetime | None]


class Finding(Base):
    """One thing that does not agree; never taken back. `device_class`: a platform's family, no machine."""

    __tablename__ = "reconciliation_finding"
    __table_args__ = (
        Index(
            "uq_reconciliation_finding",
            *("employee_id", "day", "what", "device_id", "kind", "context", "place"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_reconciliation_finding_day", "day"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: deleted after 400 days")
    day: Mapped[date]
    what: Mapped[str]
    device_id: Mapped[UUID | None]
    device_class: Mapped[str]
    kind: Mapped[str]
    context: Mapped[str] = mapped_column(comment="personal: deleted after 400 days")
    place: Mapped[str] = mapped_column(comment="personal: deleted after 400 days")
    items: Mapped[int]
    segment_ids: Mapped[list[UUID]]
    found_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Share(Base):
    """For the works council: how many people's days came out so. `people` null: fewer than `k`, ten at least."""

    __tablename__ = "reconciliation_share"
    __table_args__ = (
        CheckConstraint("people >= 10", name="enough"),
        CheckConstraint("k >= 10 AND people >= k", name="k"),
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int | None]
    k: Mapped[Small]
