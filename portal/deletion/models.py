"""What is to be deleted, what must stay for now, what was done about it in each store, and the proof."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Id, Person, by_value
from wire.documents import Kind


class Erasure(Base):
    """A deletion asked for by the person: hidden at once, deleted after `execute_after` unless undone before.

    `items`: how many are hidden; once it is done, how many went; once it is undone, how many came back. `held`: how
    many of the hidden ones a hold keeps that was set meanwhile; the person sees them again.
    """

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "employee_id", "asked_at"),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    asked_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kinds: Mapped[list[str] | None]
    contexts: Mapped[list[str] | None]
    segment_id: Mapped[UUID | None]
    items: Mapped[int]
    execute_after: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    sensitivities: Mapped[list[int] | None]
    segments: Mapped[list[UUID] | None]
    held: Mapped[int] = mapped_column(server_default="0")


class LegalHold(Base):
    """Records that must not be deleted yet: a half-open range or one item, with a reason and an end."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index(None, "employee_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("expires_at > set_at", name="expires"),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kinds: Mapped[list[str] | None]
    contexts: Mapped[list[str] | None]
    segment_id: Mapped[UUID | None]
    ground: Mapped[str]
    reason: Mapped[str] = mapped_column(comment="personal: whole-person erasure")
    set_by: Mapped[UUID]
    set_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None]
    reopened_at: Mapped[datetime | None]


class StepAction(StrEnum):
    """What a step does: delete, put out of everybody's reach (GDPR 18), or put back what was frozen."""

    ERASE = "erase"
    FREEZE = "freeze"
    THAW = "thaw"


class StepState(StrEnum):
    """Where a step stands. `pending`: its store cannot be reached, and is tried again. The last four are final."""

    WAITING = "waiting"
    RUNNING = "running"
    PENDING = "pending"
    DONE = "done"
    PARTIAL = "partial"
    REFUSED = "refused"
    CANCELLED = "cancelled"


UNFINISHED = "state IN ('waiting', 'running', 'pending')"


class Step(Base):
    """A request's part in one store. `dataset_id` NULL: Daylight's own store.

    `chosen` says what is to go (`rules.Chosen`, canonical). A worker that claims the step raises `fence` and holds it
    until `claimed_until`; what it writes later under an old fence changes nothing. `remaining`: rows that another
    credential still found after the deletion. `logical_at`: nobody reads it any more; `physical_on`: no backup or
    snapshot of the store holds it any more. `round` grows when the end of a hold opens the erasure again. `key_epoch`:
    the newest epoch under which a destroyed key of the person was wrapped; the vault destroys it and all before.
    `apart`: whether another credential than the deleting one looked. `part` (a digest) of another store is being
    rewritten and is to lose `part_rows` rows, which `deleted` does not yet count.

    Where the `action` is no erasure, `deleted` counts the rows that were moved, `remaining` those that lie where they
    should not any more, `apart_rows` those that another credential found in the quarantine; `held`: what a thaw left
    there for another freeze. `frozen_at`: since when what a thaw is to put back has been frozen, or what a later round
    of a freeze adds to. `look_at`: when one looks next whether rows came after the freeze, NULL: not; `looked_at`: when
    somebody looked last. A look that fails sets `pending_since`.
    """

    __tablename__ = "request_step"
    __table_args__ = (
        Index(None, "employee_id", "request_id"),
        Index("ix_request_step_due", "next_try_at", postgresql_where=text(UNFINISHED)),
        Index("ix_request_step_look", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        Index(
            "uq_request_step_store",
            "request_id",
            "dataset_id",
            "round",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID]
    dataset_id: Mapped[UUID | None]
    store: Mapped[str]
    round: Mapped[int] = mapped_column(server_default="1")
    action: Mapped[StepAction] = mapped_column(by_value(StepAction, "action"), server_default="erase")
    chosen: Mapped[dict[str, Any]] = mapped_column(comment="personal: whole-person erasure")
    state: Mapped[StepState] = mapped_column(by_value(StepState, "state"), server_default="waiting")
    reason: Mapped[str | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    pending_since: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    claimed_until: Mapped[datetime | None]
    deleted: Mapped[int] = mapped_column(server_default="0")
    held: Mapped[int] = mapped_column(server_default="0")
    remaining: Mapped[int | None]
    parts_done: Mapped[int] = mapped_column(server_default="0")
    parts_total: Mapped[int | None]
    part: Mapped[str | None]
    part_rows: Mapped[int] = mapped_column(server_default="0")
    logical_at: Mapped[datetime | None]
    physical_on: Mapped[date | None]
    read_back_at: Mapped[datetime | None]
    apart: Mapped[bool | None]
    apart_rows: Mapped[int | None]
    frozen_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    key_epoch: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


ENOUGH = 10
"""The fewest people of whom a batch must have been for its step's number to be told."""


class RetentionStep(Base):
    """Everything of one kind, whoever's it is, that was too old at the moment `until`. No row names anybody.

    Claimed, fenced and tried again as a `Step` is. `deleted`: how many items went; `people`: of how many the batch of
    the most people was; `told`: what may be told of `deleted`, NULL where few people could be meant. What another login
    still found too old afterwards: `held` by a legal hold, `frozen` for a freeze, and `remaining`, which nothing keeps;
    with that left it ends `partial`. `entry_id`: the log's entry of the end.
    """

    __tablename__ = "retention_step"
    __table_args__ = (
        UniqueConstraint("kind", "until"),
        CheckConstraint(f"told IS NULL OR people >= {ENOUGH}", name="told"),
        CheckConstraint(
            "(state IN ('done', 'partial')) = (read_back_at IS NOT NULL AND remaining IS NOT NULL)", name="ended"
        ),
        CheckConstraint("state <> 'done' OR remaining = 0", name="done"),
        Index("ix_retention_step_due", "next_try_at", postgresql_where=text(UNFINISHED)),
    )
    id: Mapped[Id]
    kind: Mapped[Kind] = mapped_column(by_value(Kind, "kind"))
    until: Mapped[datetime]
    state: Mapped[StepState] = mapped_column(by_value(StepState, "state"), server_default="waiting")
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    pending_since: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    claimed_until: Mapped[datetime | None]
    deleted: Mapped[int] = mapped_column(server_default="0")
    people: Mapped[int] = mapped_column(server_default="0")
    told: Mapped[int | None]
    held: Mapped[int] = mapped_column(server_default="0")
    frozen: Mapped[int] = mapped_column(server_default="0")
    remaining: Mapped[int | None]
    physical_on: Mapped[date | None]
    read_back_at: Mapped[datetime | None]
    entry_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Tombstone(Base):
    """A range that was erased: what a device sends late, or a restored backup brings back, is deleted again.

    `segments` NULL: everything in the range that fits the rest. `whole_person`: and all else about the person.
    """

    __tablename__ = "tombstone"
    __table_args__ = (Index(None, "employee_id", "ends_at"),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: deleted when no backup is older")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kinds: Mapped[list[str] | None]
    contexts: Mapped[list[str] | None]
    sensitivities: Mapped[list[int] | None]
    segments: Mapped[list[UUID] | None]
    whole_person: Mapped[bool] = mapped_column(server_default=text("false"))
    erased_at: Mapped[datetime]


class Receipt(Base):
    """The proof that one step was done: `envelope` is DSSE over the receipt document; the log holds its hash.

    `proof` is what the person downloads (wire/receipt.py), once the log's entry has its leaf and checkpoint.
    """

    __tablename__ = "receipt"
    __table_args__ = (Index(None, "employee_id", "request_id"),)
    id: Mapped[Id]
    employee_id: Mapped[Person] = mapped_column(comment="personal: whole-person erasure")
    request_id: Mapped[UUID]
    step_id: Mapped[UUID] = mapped_column(unique=True)
    envelope: Mapped[str]
    entry_id: Mapped[int | None]
    proof: Mapped[dict[str, Any] | None]
    issued_at: Mapped[datetime]
