"""What is released, never changed again; and privately, who was counted where."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Small, by_value
from portal.releases.panels import Why
from portal.releases.periods import Span
from portal.releases.places import Level


class SmallestGroupRow(Base):
    """A k that the works council proposed: `document` is what is signed, `envelope` the same with signatures.

    Never changed once it is signed. `trust_version`: the trust document by whose keys the signatures are checked.
    """

    __tablename__ = "smallest_group"
    __table_args__ = (
        CheckConstraint("people >= 8", name="floor"),
        CheckConstraint("signed_at IS NULL OR (envelope IS NOT NULL AND withdrawn_at IS NULL)", name="signed"),
        CheckConstraint("(signed_at IS NULL) = (trust_version IS NULL)", name="trust"),
        Index(
            "ix_smallest_group_open", text("(true)"), unique=True,
            postgresql_where=text("signed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    people: Mapped[Small]
    starts: Mapped[date]
    document: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    envelope: Mapped[str | None]
    trust_version: Mapped[int | None]
    signed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class PanelPerson(Base):
    """Under which number a person is counted. Gone with the person: then nobody can tell whose place a member had."""

    __tablename__ = "panel_person"
    employee_id: Mapped[UUID] = mapped_column(
        ForeignKey("employee.id"), primary_key=True, comment="personal: whole-person erasure"
    )
    member: Mapped[UUID] = mapped_column(unique=True, default=uuid4)


class PanelMember(Base):
    """Where a member belonged on a quarter's first day; '' where the company does not say. Seen by the worker only."""

    __tablename__ = "panel_member"
    quarter: Mapped[date] = mapped_column(primary_key=True)
    member: Mapped[UUID] = mapped_column(primary_key=True)
    country: Mapped[str]
    site: Mapped[str]
    department: Mapped[str]


class PanelCell(Base):
    """A cell of a quarter: how many people it counts, by which k, and why it shows nothing, if so.

    `counted_on`: the day on which who belonged to it was written down: the quarter's first, if the worker ran.
    """

    __tablename__ = "panel_cell"
    quarter: Mapped[date] = mapped_column(primary_key=True)
    level: Mapped[Level] = mapped_column(by_value(Level, "level"), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]
    k: Mapped[Small]
    counted_on: Mapped[date | None]
    why: Mapped[Why | None] = mapped_column(by_value(Why, "why"))
    because_site: Mapped[str | None]
    because_department: Mapped[str | None]


class Release(Base):
    """One period's published statistics. `hash`: SHA-256 over its figures, which is an entry of the log, too.

    `withdrawn_at`: since when some of them are hidden that `hash` still counts (decision 73).
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("span", "starts_on"),
        Index(None, "ends_on"),
        CheckConstraint("k >= 8", name="floor"),
        {"schema": "pub"},
    )
    id: Mapped[Id]
    span: Mapped[Span] = mapped_column(by_value(Span, "span"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    quarter: Mapped[date]
    k: Mapped[Small]
    released_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    hash: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    counted_on: Mapped[date | None]


class Figure(Base):
    """One value of a release, or why it is hidden. `item` is a name from `portal.releases.items`.

    `step`: of a share, how many percent wide the step is that begins at `value`; before there were steps, none.
    """

    __tablename__ = "figure"
    __table_args__ = (
        CheckConstraint("(value IS NULL) = (why IS NOT NULL)", name="hidden"),
        Index(None, "release_id", "level", "item"),
        {"schema": "pub"},
    )
    release_id: Mapped[UUID] = mapped_column(ForeignKey("pub.release.id"), primary_key=True)
    level: Mapped[Level] = mapped_column(by_value(Level, "level"), primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int | None]
    step: Mapped[Small | None]
    why: Mapped[Why | None] = mapped_column(by_value(Why, "why"))
    because_site: Mapped[str | None]
    because_department: Mapped[str | None]
