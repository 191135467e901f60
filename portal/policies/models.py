"""Signed policies and how they go out, the trust document, drafts: all of the organisation, none of a person."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Number, Small, by_value


class PolicyRow(Base):
    """A policy as signed. `hash` is that of the canonical content, without signatures.

    `reached`: for how many of 100 people of its audience it holds by now; its rollout alone changes that.
    """

    __tablename__ = "policy"
    __table_args__ = (
        UniqueConstraint("version"),
        UniqueConstraint("hash"),
        CheckConstraint("reached BETWEEN 1 AND 100", name="reached"),
    )
    id: Mapped[Id]
    version: Mapped[int]
    hash: Mapped[str]
    envelope: Mapped[str]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    reached: Mapped[Small] = mapped_column(server_default="100")


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
    """Only a draft changes; a submitted one waits for its signatures; the others are over.

    `conditions`: approved with conditions, which is no approval of the document as it stood: another draft has them.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"
    REJECTED = "rejected"
    CONDITIONS = "conditions"


class PolicyDraft(Base):
    """A policy that is being written or decided. Who wrote and submitted it stands in the audit log, not here.

    `content`: the policy's canonical text, with version, dates and difference as signed once it is submitted.
    `replaces_…`: the published policy that its difference starts from. `parent_id`: the draft whose content it began
    with; `answers_id`: the same where that one was approved with conditions, which this one has to answer. `revision`
    counts what was saved. `rings`: in which steps it goes out, in percent of its people, chosen as it is submitted, and
    with which gate: see Rollout.
    """

    __tablename__ = "policy_draft"
    __table_args__ = (
        CheckConstraint("(replaces_version IS NULL) = (replaces_hash = '')", name="replaces"),
        CheckConstraint("(closed_at IS NULL) = (state IN ('draft', 'submitted'))", name="closed"),
        CheckConstraint(
            "(state IN ('submitted', 'published', 'rejected', 'conditions')) <= (submitted_at IS NOT NULL)",
            name="submitted",
        ),
        CheckConstraint("most_failed BETWEEN 0 AND 100 AND least_applied BETWEEN 0 AND 100", name="gate"),
    )
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    title: Mapped[str]
    state: Mapped[DraftState] = mapped_column(by_value(DraftState, "state"), server_default="draft")
    content: Mapped[str]
    replaces_version: Mapped[int | None]
    replaces_hash: Mapped[str] = mapped_column(server_default="")
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("policy_draft.id"))
    answers_id: Mapped[UUID | None] = mapped_column(ForeignKey("policy_draft.id"), unique=True)
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    submitted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rings: Mapped[list[int]] = mapped_column(server_default="{100}")
    most_failed: Mapped[Small] = mapped_column(server_default="5")
    least_applied: Mapped[Small] = mapped_column(server_default="80")


class RolloutState(StrEnum):
    """Halted: nobody else gets the policy until it goes on. Ended: everybody has it, or another took its place."""

    RUNNING = "running"
    HALTED = "halted"
    ENDED = "ended"


class Rollout(Base):
    """How a policy goes out in rings. `ring`: the last one reached, from 0. Who is in which is not written anywhere.

    It goes no further while more than `most_failed` of 100 devices that answered have refused the policy, or fewer
    than `least_applied` of 100 that were offered it obey it. `reason`: of the last halt.
    """

    __tablename__ = "rollout"
    __table_args__ = (
        CheckConstraint("ring >= 0 AND ring < cardinality(rings)", name="ring"),
        CheckConstraint("rings[1] >= 1 AND rings[cardinality(rings)] = 100", name="rings"),
        CheckConstraint("most_failed BETWEEN 0 AND 100 AND least_applied BETWEEN 0 AND 100", name="gate"),
    )
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("policy.id"), primary_key=True)
    rings: Mapped[list[int]]
    ring: Mapped[Small] = mapped_column(server_default="0")
    state: Mapped[RolloutState] = mapped_column(by_value(RolloutState, "state"), server_default="running")
    most_failed: Mapped[Small] = mapped_column(server_default="5")
    least_applied: Mapped[Small] = mapped_column(server_default="80")
    reason: Mapped[str] = mapped_column(server_default="")


class Attempt(StrEnum):
    """What was done to a rollout."""

    BEGUN = "begun"
    ADVANCED = "advanced"
    HALTED = "halted"
    RESUMED = "resumed"
    ENDED = "ended"


class RolloutStep(Base):
    """One act on a rollout, written by the table itself and kept: by which role, with the figures of that moment."""

    __tablename__ = "rollout_step"
    __table_args__ = (Index(None, "policy_id"),)
    id: Mapped[Number]
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("rollout.policy_id"))
    what: Mapped[Attempt] = mapped_column(by_value(Attempt, "what"))
    by_role: Mapped[str]
    ring: Mapped[Small]
    percent: Mapped[Small]
    reason: Mapped[str]
    figures: Mapped[list[dict[str, Any]]]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
