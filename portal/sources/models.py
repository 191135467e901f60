"""External stores and the datasets in them: organisation-level. Under which names a person stands there: personal."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value
from portal.sources.connectors.base import Layout, SubjectKind


class DescribedBy(StrEnum):
    """Where our knowledge of a dataset comes from."""

    YAML = "yaml"
    DISCOVERED = "discovered"


class DatasetState(StrEnum):
    """Whether requests reach a dataset."""

    USABLE = "usable"
    REFUSED = "refused"


class Source(Base):
    """A store. Its address is a secret and stands in no table: `setting` names the variable that holds it."""

    __tablename__ = "source"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    connector: Mapped[str]
    setting: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    contacted_at: Mapped[datetime | None]
    unreachable_since: Mapped[datetime | None]


class SourceOwner(Base):
    """Who answers for a source and is told by mail what does not get on there; `told_at`: when they last were.

    `owner_id`: who of the company has that address, found by the worker; NULL for a team's mailbox.
    """

    __tablename__ = "source_owner"
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure of owner_id")
    owner_id: Mapped[UUID | None]
    set_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    told_at: Mapped[datetime | None]


class Dataset(Base):
    """A table, or a folder of files, in a source. `subject_column` is null only while it is refused.

    `kinds`: its words for our kinds, {word: kind}, in small letters.
    `name`: how people read it, in previews, decisions and receipts; no other of any source has it.
    """

    __tablename__ = "dataset"
    __table_args__ = (
        UniqueConstraint("source_id", "location"),
        UniqueConstraint("name", deferrable=True, initially="DEFERRED"),
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint(
            "state = 'refused' OR (subject_column IS NOT NULL AND subject_kind IS NOT NULL)", name="subject"
        ),
        CheckConstraint("(rows IS NULL) = (rows_at IS NULL)", name="rows"),
    )
    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    name: Mapped[str]
    location: Mapped[str]
    subject_column: Mapped[str | None]
    subject_kind: Mapped[SubjectKind | None] = mapped_column(by_value(SubjectKind, "subject_kind"))
    time_column: Mapped[str | None]
    kind_column: Mapped[str | None]
    context_column: Mapped[str | None]
    sensitivity_column: Mapped[str | None]
    kinds: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    physical_days: Mapped[int | None]
    readable_by: Mapped[int | None]
    described_by: Mapped[DescribedBy] = mapped_column(by_value(DescribedBy, "described_by"))
    state: Mapped[DatasetState] = mapped_column(by_value(DatasetState, "state"))
    reason: Mapped[str | None]
    detail: Mapped[str] = mapped_column(server_default="")
    rows: Mapped[int | None]
    rows_at: Mapped[datetime | None]
    added_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    def layout(self) -> Layout:
        """How a connector sees it. Raises ValueError for a dataset without a subject column."""
        if self.subject_column is None or self.subject_kind is None:
            raise ValueError("a dataset that nobody has described")
        return Layout(
            location=self.location,
            subject_column=self.subject_column,
            subject_kind=self.subject_kind,
            time_column=self.time_column,
            kind_column=self.kind_column,
            context_column=self.context_column,
            sensitivity_column=self.sensitivity_column,
            physical_days=self.physical_days,
        )


class SubjectHandle(Base):
    """The pseudonym under which a person's rows stand in a source. A handle means one person, never two."""

    __tablename__ = "subject_handle"
    __table_args__ = (UniqueConstraint("source_id", "handle"),)
    employee_id: Mapped[Person] = mapped_column(primary_key=True, comment="personal: whole-person erasure")
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    handle: Mapped[str] = mapped_column(primary_key=True, comment="personal: whole-person erasure")
    added_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class AddressSpan(Base):
    """What HR says of a mail address that several people have or had: from when to when it was this one's, if at all.

    `since` ≤ day < `until`, UTC days; None: without that end. Counts after `rules.OBJECTIONS`.
    """

    __tablename__ = "address_span"
    __table_args__ = (CheckConstraint("until > since", name="order"),)
    employee_id: Mapped[Person] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True, index=True, comment="personal: whole-person erasure")
    theirs: Mapped[bool]
    since: Mapped[date | None]
    until: Mapped[date | None]
    settled_by: Mapped[UUID] = mapped_column(server_default=text("actor_id()"))
    settled_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class DatasetCount(Base):
    """How many rows of a person a dataset was last seen to hold: what a preview shows without asking the store."""

    __tablename__ = "dataset_count"
    employee_id: Mapped[Person] = mapped_column(primary_key=True, comment="personal: whole-person erasure")
    dataset_id: Mapped[UUID] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True)
    rows: Mapped[int] = mapped_column(comment="personal: whole-person erasure")
    by_kind: Mapped[dict[str, Any]] = mapped_column(comment="personal: whole-person erasure")
    counted_at: Mapped[datetime]
