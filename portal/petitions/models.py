"""Petitions and named signatures. What unnamed signers leave behind belongs to the process `ballot` alone."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Number, Person, by_value
from portal.petitions.rules import Answerer, EventKind, Reason, State

PETITION = "petition.id"


class Petition(Base):
    """The text everybody reads, and how far it came: nothing here says who.

    `unnamed` NULL: fewer than are shown. `counted_on`: the day of that count; `employees`: of how many the
    shares are. `fewer_since`, `fewer`: since when there are fewer of them, and the most there were in that time.
    """

    __tablename__ = "petition"
    __table_args__ = (
        CheckConstraint("(ended_on IS NULL) = (state NOT IN ('closed', 'rejected', 'withdrawn'))", "ended"),
    )
    id: Mapped[Id]
    title: Mapped[str]
    demand: Mapped[str]
    reasons: Mapped[str]
    answerer: Mapped[Answerer] = mapped_column(by_value(Answerer, "answerer"))
    state: Mapped[State] = mapped_column(by_value(State, "state"), server_default=State.SUPPORT.value)
    created_at: Mapped[datetime]
    ends_on: Mapped[date]
    opened_on: Mapped[date | None]
    employees: Mapped[int | None]
    fewer_since: Mapped[date | None]
    fewer: Mapped[int | None]
    named: Mapped[int] = mapped_column(server_default="0")
    unnamed: Mapped[int | None]
    counted_on: Mapped[date | None]
    council_on: Mapped[date | None]
    council_due: Mapped[date | None]
    discussed_on: Mapped[date | None]
    minutes: Mapped[str] = mapped_column(server_default="")
    result: Mapped[str] = mapped_column(server_default="")
    employer_on: Mapped[date | None]
    answer_due: Mapped[date | None]
    answered_on: Mapped[date | None]
    answered_by: Mapped[str] = mapped_column(server_default="")
    answer: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[Reason | None] = mapped_column(by_value(Reason, "reason"))
    reason_words: Mapped[str] = mapped_column(server_default="")
    ended_on: Mapped[date | None]


class PetitionEvent(Base):
    """What happened to a petition, for everybody. `told_at` NULL: nobody was told yet."""

    __tablename__ = "petition_event"
    __table_args__ = (
        Index(None, "petition_id", "id"),
        Index("ix_petition_event_untold", "id", postgresql_where=text("told_at IS NULL")),
    )
    id: Mapped[Number]
    petition_id: Mapped[UUID] = mapped_column(ForeignKey(PETITION))
    kind: Mapped[EventKind] = mapped_column(by_value(EventKind, "kind"))
    on_day: Mapped[date]
    told_at: Mapped[datetime | None]


class PetitionDraft(Base):
    """What somebody began to write: nobody else sees it."""

    __tablename__ = "petition_draft"
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: whole-person erasure")
    title: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    demand: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    reasons: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    answerer: Mapped[Answerer] = mapped_column(by_value(Answerer, "answerer"))
    changed_at: Mapped[datetime]


class PetitionAuthor(Base):
    """Who started a petition; goes with the names, six months after its end."""

    __tablename__ = "petition_author"
    employee_id: Mapped[Person] = mapped_column(
        primary_key=True, comment="personal: six months after the petition's end"
    )
    petition_id: Mapped[UUID] = mapped_column(ForeignKey(PETITION), primary_key=True, unique=True)


class PetitionSignature(Base):
    """A signature with a name: seen on that petition's page only, gone when its signer wants or six months after."""

    __tablename__ = "petition_signature"
    __table_args__ = (Index(None, "petition_id"),)
    employee_id: Mapped[Person] = mapped_column(
        primary_key=True, comment="personal: six months after the petition's end"
    )
    petition_id: Mapped[UUID] = mapped_column(ForeignKey(PETITION), primary_key=True)
    signed_on: Mapped[date]


class BallotKey(Base):
    """The key pair of a petition; the private half is sealed by `ballot`, and destroyed when the petition has ended.

    `emptied_on`: when the ballot's box was emptied last; `published_at`: since when the key's hash is in the log.
    """

    __tablename__ = "ballot_key"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey(PETITION), primary_key=True)
    public_key: Mapped[bytes]
    sealed_private: Mapped[bytes | None]
    emptied_on: Mapped[date | None]
    published_at: Mapped[datetime | None]


class BallotIssue(Base):
    """That somebody eligible has a token, so that nobody gets two. No time, no name: `eligible` only web can make."""

    __tablename__ = "ballot_issue"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey(PETITION), primary_key=True)
    eligible: Mapped[bytes] = mapped_column(primary_key=True)
    blinded_hash: Mapped[bytes]


class BallotVote(Base):
    """A token that was handed in, and the day it was emptied from the box.

    Without a day it counts no more: taken back (`void`), or given up for a signature with the name. Its holder
    alone knows `nullifier`.
    """

    __tablename__ = "ballot_vote"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey(PETITION), primary_key=True)
    nullifier: Mapped[bytes] = mapped_column(primary_key=True)
    on_day: Mapped[date | None]
    void: Mapped[bool] = mapped_column(server_default="false")


class BallotCode(Base):
    """A version of the browser's code that was published; its hash is in the log, too."""

    __tablename__ = "ballot_code"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str]
    published_at: Mapped[datetime]
