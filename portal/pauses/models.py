"""Pauses: appended, ended once, never changed otherwise."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, Small, by_value


class PauseSource(StrEnum):
    """Where the person asked."""

    PAGE = "page"
    DEVICE = "device"


class Pause(Base):
    """One pause. `ends_at` NULL: opt-out. `kinds`, `contexts`, `device_id` NULL: all of them.

    With `weekday` (ISO, 1 Monday) it repeats each week in the person's own time: from minute `from_minute` of that day
    for `minutes`. `number` and `ended_number` are the directive numbers that carried it to the devices.
    """

    __tablename__ = "pause"
    __table_args__ = (
        Index(None, "employee_id", "starts_at"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="order"),
        CheckConstraint("(weekday IS NULL) = (from_minute IS NULL AND minutes IS NULL)", name="weekly"),
        CheckConstraint("(ended_at IS NULL) = (ended_number IS NULL)", name="ended"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    device_id: Mapped[UUID | None]
    source: Mapped[PauseSource] = mapped_column(by_value(PauseSource, "source"))
    number: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    kinds: Mapped[list[str] | None]
    contexts: Mapped[list[str] | None]
    weekday: Mapped[Small | None]
    from_minute: Mapped[Small | None]
    minutes: Mapped[Small | None]
    ended_at: Mapped[datetime | None]
    ended_number: Mapped[int | None]
