"""What decides about a policy: signatures, decisions with reasons, clauses of the works agreement. Names nobody."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, by_value
from wire.documents import Signer


class Outcome(StrEnum):
    """What was decided. `conditions`: yes, if; the conditions lie beside a new draft."""

    APPROVED = "approved"
    REJECTED = "rejected"
    CONDITIONS = "conditions"


class PolicySignature(Base):
    """One signature over the document of a submitted draft, made on the signer's own disk."""

    __tablename__ = "policy_signature"
    __table_args__ = (UniqueConstraint("draft_id", "key_id"),)
    id: Mapped[Id]
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("policy_draft.id"))
    signer: Mapped[Signer] = mapped_column(by_value(Signer, "signer"))
    key_id: Mapped[str]
    envelope: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class PolicyDecision(Base):
    """A decision with its reasons and minutes, for everybody to read. `key_id`: of an approval's signature.

    `council`: the site whose own council decided, "" of the central one; the database says so by the trust document of
    that day. None of the officer's, and of what was decided before it was kept.
    """

    __tablename__ = "policy_decision"
    __table_args__ = (CheckConstraint("outcome = 'approved' OR reasons <> ''", name="reasons"),)
    id: Mapped[Id]
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("policy_draft.id"), index=True)
    version: Mapped[int]
    title: Mapped[str]
    signer: Mapped[Signer] = mapped_column(by_value(Signer, "signer"))
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome, "outcome"))
    key_id: Mapped[str | None]
    council: Mapped[str | None]
    reasons: Mapped[str] = mapped_column(server_default="")
    minutes: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class AgreementClause(Base):
    """A clause of the works agreement and the kinds of capture that it covers. Never changed: ended, written anew."""

    __tablename__ = "agreement_clause"
    id: Mapped[Id]
    number: Mapped[str]
    text_en: Mapped[str]
    text_de: Mapped[str]
    kinds: Mapped[list[str]]
    added_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    ended_at: Mapped[datetime | None]
