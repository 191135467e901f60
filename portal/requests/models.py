"""What people ask for, what was said and decided about it, and what was counted when they asked."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Number, Person, Small, by_value
from portal.requests.rules import Outcome, RequestState, RequestType
from portal.requests.senders import StartedBy


class Request(Base):
    """One request. Nobody but the person sees a draft; `received_at` starts the clock.

    What it is about: a half-open range, or everything where `starts_at` is NULL, narrowed by kinds, contexts,
    sensitivities, or to single items. `due_at` is what the law counted last, kept for sorting; since `stands_since` a
    question to the person lets that clock stand.
    """

    __tablename__ = "request"
    __table_args__ = (
        Index(None, "employee_id", "created_at"),
        Index(
            "ix_request_queue",
            "due_at",
            "number",
            postgresql_include=[
                "employee_id",
                "state",
                "received_at",
                "stands_since",
                "started_by",
                "started_by_id",
            ],
            postgresql_where=text("state IN ('open', 'asked_back', 'approved', 'running')"),
        ),
        Index(
            "ix_request_finished",
            "closed_at",
            postgresql_include=["employee_id", "state", "received_at", "started_by", "started_by_id"],
            postgresql_where=text("state IN ('done', 'partial')"),
        ),
        Index("ix_request_over", "closed_at", "number", postgresql_where=text("closed_at IS NOT NULL")),
        Index("ix_request_bystander", "started_by_id", postgresql_where=text("started_by = 'bystander'")),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL) AND starts_at < ends_at", name="range"),
        CheckConstraint("(received_at IS NULL) = (state = 'draft')", name="received"),
        CheckConstraint("(due_at IS NULL) = (received_at IS NULL)", name="due"),
        CheckConstraint("(merged_into IS NOT NULL) = (state = 'merged')", name="merged"),
    )
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    type: Mapped[RequestType] = mapped_column(by_value(RequestType, "type"))
    state: Mapped[RequestState] = mapped_column(by_value(RequestState, "state"), server_default="draft")
    law: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    kinds: Mapped[list[str] | None]
    contexts: Mapped[list[str] | None]
    sensitivities: Mapped[list[int] | None]
    segments: Mapped[list[UUID] | None]
    words: Mapped[str] = mapped_column(server_default="", comment="personal: whole-person erasure")
    started_by: Mapped[StartedBy] = mapped_column(by_value(StartedBy, "started_by"), server_default="person")
    started_by_id: Mapped[UUID | None]
    appeals: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    received_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    assigned_to: Mapped[UUID | None]
    assigned_name: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure of assigned_to")
    merged_into: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    stands_since: Mapped[date | None]


class RequestEvent(Base):
    """One thing that happened to a request, never changed: the clock, the page and the mails are made from these.

    `kind` is one of `rules.EventKind`; `actor_name` as it was then; `words` is what was said.
    """

    __tablename__ = "request_event"
    __table_args__ = (
        Index(None, "employee_id", "request_id", "at"),
        Index("ix_request_event_retried", "id", postgresql_where=text("kind = 'retried'")),
    )
    id: Mapped[Number]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID]
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    actor_id: Mapped[UUID | None]
    actor_role: Mapped[str]
    actor_name: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure of actor_id")
    words: Mapped[str] = mapped_column(server_default="", comment="personal: whole-person erasure")
    params: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'::jsonb"), comment="personal: whole-person erasure"
    )


class RequestCount(Base):
    """How many items of which kind and sensitivity lay where when they were counted. HR sees this, never the items.

    `dataset_id` NULL: Daylight's own store. `kind` and `sensitivity` NULL: the store does not tell. `stays`: of these,
    how many a ground keeps, named by `why`; which also says why a store could not be counted (`unreachable`, or the
    `slug:detail` of a refusal).
    """

    __tablename__ = "request_count"
    __table_args__ = (Index(None, "employee_id", "request_id"),)
    id: Mapped[Number]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID]
    dataset_id: Mapped[UUID | None]
    store: Mapped[str]
    kind: Mapped[str | None]
    sensitivity: Mapped[Small | None]
    items: Mapped[int]
    stays: Mapped[int] = mapped_column(server_default="0")
    why: Mapped[str | None]
    counted_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Decision(Base):
    """What HR decides, proposed by one and, where the law or we ask for four eyes, confirmed by another.

    `stays` lists what a partial approval leaves: [{"store", "kind", "ground"}]. `ground`: a code of the law's list.
    """

    __tablename__ = "request_decision"
    __table_args__ = (
        Index(None, "employee_id", "request_id"),
        Index(
            "uq_request_decision_standing",
            "request_id",
            unique=True,
            postgresql_where=text("rejected_at IS NULL"),
        ),
        CheckConstraint("confirmed_by <> proposed_by", name="four_eyes"),
        CheckConstraint("rejected_at IS NULL OR confirmed_at IS NULL", name="one_end"),
        CheckConstraint("outcome = 'approve' OR ground IS NOT NULL", name="ground"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID]
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome, "outcome"))
    ground: Mapped[str | None]
    words: Mapped[str] = mapped_column(server_default="", comment="personal: whole-person erasure")
    stays: Mapped[list[dict[str, Any]] | None]
    proposed_by: Mapped[UUID]
    proposed_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure of proposed_by")
    proposed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    confirmed_by: Mapped[UUID | None]
    confirmed_name: Mapped[str | None] = mapped_column(comment="personal: whole-person erasure of confirmed_by")
    confirmed_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]
    rejected_by: Mapped[UUID | None]


class Delegation(Base):
    """Somebody of the company who may act on requests of these `types` for the person, until it expires or is ended.

    The database decides: `act_for(id)` makes the delegate's transaction (login web_delegate) one of the person's.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("cardinality(types) > 0", name="types"),
        CheckConstraint("delegate_id <> employee_id", name="other"),
        CheckConstraint("expires_at > created_at AND expires_at <= created_at + interval '367 days'", name="expires"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(index=True, comment="personal: whole-person erasure")
    delegate_id: Mapped[UUID] = mapped_column(index=True)
    delegate_name: Mapped[str] = mapped_column(comment="personal: whole-person erasure of delegate_id")
    types: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
