"""What was done, by whom, to what: appended in the transaction that does it, never changed; and the log over it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.columns import Base, Number, Small

SALT = "sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"
"""What keeps a leaf from being guessed: 244 random bits, erased with the person."""


class AuditEntry(Base):
    """One act. Plain ids, no foreign keys: everybody writes here, and the log knows no feature.

    `salt` NULL: erased with its person; an entry of the action `log.erased` names it, or the log was tampered with.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "employee_id", "at"),)
    id: Mapped[Number]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    actor_id: Mapped[UUID | None] = mapped_column(comment="personal: whole-person erasure")
    actor_role: Mapped[str]
    action: Mapped[str]
    object_id: Mapped[UUID | None]
    employee_id: Mapped[UUID | None] = mapped_column(comment="personal: whole-person erasure")
    detail: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'::jsonb"), comment="personal: whole-person erasure"
    )
    salt: Mapped[bytes | None] = mapped_column(server_default=text(SALT), comment="personal: whole-person erasure")


class LogPending(Base):
    """An entry without a leaf yet. A trigger writes it with the entry; the sequencer takes it away."""

    __tablename__ = "log_pending"
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class LogLeaf(Base):
    """One leaf of the log's tree: a salted commitment to an audit entry, which alone tells nothing of a person."""

    __tablename__ = "log_leaf"
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(unique=True)
    commitment: Mapped[bytes]
    hash: Mapped[bytes]


class LogNode(Base):
    """A full subtree above the leaves, level 1 and higher, so that a proof reads O(log n) rows."""

    __tablename__ = "log_node"
    level: Mapped[Small] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class LogHead(Base):
    """A signed checkpoint, numbered without gaps."""

    __tablename__ = "log_head"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(unique=True)
    root: Mapped[bytes]
    note: Mapped[str]
    at: Mapped[datetime]
