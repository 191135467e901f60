"""Stops for all, and which devices they concern and have answered. A stop itself knows no person."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value
from wire.policy import Audience


class Desk(StrEnum):
    """Who stopped, as a role."""

    OFFICER = "privacy_officer"
    COUNCIL = "works_council"


WHO = "CASE session_user WHEN 'web_officer' THEN 'privacy_officer' WHEN 'web_council' THEN 'works_council' END"
"""The login says which desk it is; nobody writes the column."""


class StopRow(Base):
    """One stop, for whoever works at all of these places; NULL: no limit by this.

    `envelope`: as the gateway signed it, NULL until one has heard of it. `resume_envelope` gathers the signatures of
    officer and council; with both the stop ends at `resumed_at`. `record`: the worker's signed account of it, as of
    `recorded_at`. `told`: figures of it are shown, as the table decides by itself: not where fewer than ten people
    could be told from them, alone or beside another stop.
    """

    __tablename__ = "stop"
    __table_args__ = (
        CheckConstraint("resumed_at IS NULL OR resume_envelope IS NOT NULL", name="resumed"),
        CheckConstraint("resumed_at >= asked_at", name="order"),
        CheckConstraint("cardinality(sites) > 0", name="sites"),
        CheckConstraint("cardinality(departments) > 0", name="departments"),
        CheckConstraint("cardinality(countries) > 0", name="countries"),
        Index("ix_stop_open", "asked_at", postgresql_where=text("resumed_at IS NULL")),
    )
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    sites: Mapped[list[str] | None]
    reason: Mapped[str]
    by_role: Mapped[Desk] = mapped_column(by_value(Desk, "by_role"), server_default=text(WHO))
    asked_at: Mapped[datetime]
    envelope: Mapped[str | None]
    resume_envelope: Mapped[str | None]
    resumed_at: Mapped[datetime | None]
    record: Mapped[str | None]
    recorded_at: Mapped[datetime | None]
    departments: Mapped[list[str] | None]
    countries: Mapped[list[str] | None]
    told: Mapped[bool] = mapped_column(server_default=text("false"))

    @property
    def audience(self) -> Audience:
        """Whom it is for."""
        axes = (self.sites, self.departments, self.countries)
        return Audience(*(None if places is None else tuple(places) for places in axes))


class StopDevice(Base):
    """A device that could capture when the stop was asked for; without an answer it stops when its lease ends."""

    __tablename__ = "stop_device"
    stop_id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: whole-person erasure")
    lease_until: Mapped[datetime]


class StopAnswer(Base):
    """A device's signed word that it has stopped. `resumed_at`: and that it knows of the end."""

    __tablename__ = "stop_answer"
    stop_id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: whole-person erasure")
    answered_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    resumed_at: Mapped[datetime | None]
