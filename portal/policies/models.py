"""Signed policies, the trust document, drafts of policies: all of the organisation, none of a person."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, by_value


class PolicyRow(Base):
    """A policy as signed. `hash` is that of the canonical content, without signatures."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("version"), UniqueConstraint("hash"))
    id: Mapped[Id]
    version: Mapped[int]
    hash: Mapped[str]
    envelope: Mapped[str]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class TrustDocument(Base):
    """Which keys may sign what, as signed by officer and council; devices pin its fingerprint.

    `succession`: the same document with the old keys' signatures besides, by which devices that pinned the one before
    follow (wire.succession); None of the first.
    """

    __tablename__ = "trust_document"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    envelope: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    succession: Mapped[str | None]


class DraftState(StrEnum):
    """Only a draft changes; a submitted one waits for its signatures; the others are over."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"
    REJECTED = "rejected"


class PolicyDraft(Base):
    """A policy that is being written or decided. Who wrote and submitted it stands in the audit log, not here.

    `content`: the policy's canonical text, with version, dates and difference as signed once it is submitted.
    `replaces_…`: the published policy that its difference starts from. `revision` counts what was saved.
    """

    __tablename__ = "policy_draft"
    __table_args__ = (
        CheckConstraint("(replaces_version IS NULL) = (replaces_hash = '')", name="replaces"),
        CheckConstraint("(closed_at IS NULL) = (state IN ('draft', 'submitted'))", name="closed"),
        CheckConstraint(
            "(state IN ('submitted', 'published', 'rejected')) <= (submitted_at IS NOT NULL)", name="submitted"
        ),
    )
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    title: Mapped[str]
    state: Mapped[DraftState] = mapped_column(by_value(DraftState, "state"), server_default="draft")
    content: Mapped[str]
    replaces_version: Mapped[int | None]
    replaces_hash: Mapped[str] = mapped_column(server_default="")
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("policy_draft.id"))
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    submitted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
