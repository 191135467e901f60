"""Reads of the log: entries as leaves commit to them, stored hashes, checkpoints, proofs."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, Text, cast, select, tuple_
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry, LogHead, LogLeaf, LogNode, LogPending
from portal.audit.rules import Entry, microseconds, text_of
from wire import merkle
from wire.merkle import Frontier, Node, Range

ENTRY = (
    AuditEntry.id,
    AuditEntry.salt,
    AuditEntry.at,
    AuditEntry.actor_id,
    AuditEntry.actor_role,
    AuditEntry.action,
    AuditEntry.object_id,
    AuditEntry.employee_id,
    cast(AuditEntry.detail, Text).label("detail_text"),
)
"""The columns that `entry_of` reads."""


def entry_of(row: Row[*tuple[Any, ...]]) -> Entry:
    """The entry in a row with the columns of `ENTRY`."""
    return Entry(
        id=row.id,
        at=microseconds(row.at),
        actor_id=text_of(row.actor_id),
        actor_role=row.actor_role,
        action=row.action,
        object_id=text_of(row.object_id),
        employee_id=text_of(row.employee_id),
        detail=row.detail_text,
    )


def waiting(limit: int) -> Select[*tuple[Any, ...]]:
    """Committed entries without a leaf, oldest number first."""
    return select(*ENTRY).join(LogPending, LogPending.entry_id == AuditEntry.id).order_by(AuditEntry.id).limit(limit)


def newest_head(session: Session) -> LogHead | None:
    """The newest checkpoint, or None before the first."""
    return session.scalars(select(LogHead).order_by(LogHead.number.desc()).limit(1)).one_or_none()


def head_of(session: Session, size: int) -> LogHead | None:
    """The checkpoint of so many leaves, or None."""
    return session.scalars(select(LogHead).where(LogHead.size == size)).one_or_none()


def hashes(session: Session, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """The stored hashes of full nodes; level 0 are the leaves. What is not stored is absent."""
    wanted = list(nodes)
    leaves = select(LogLeaf.index, LogLeaf.hash).where(
        LogLeaf.index.in_([index for level, index in wanted if not level])
    )
    inner = select(LogNode.level, LogNode.index, LogNode.hash).where(
        tuple_(LogNode.level, LogNode.index).in_([node for node in wanted if node[0]])
    )
    found: dict[Node, bytes] = {(0, index): value for index, value in session.execute(leaves)}
    return found | {(level, index): value for level, index, value in session.execute(inner)}


def frontier(session: Session, size: int) -> Frontier:
    """The right edge of the tree of `size` leaves. Raises KeyError when a stored hash is missing."""
    nodes = merkle.nodes_of(0, size)
    stored = hashes(session, nodes)
    return Frontier(size, [stored[node] for node in nodes])


def inclusion_proof(session: Session, index: int, size: int) -> list[bytes]:
    """Proves leaf `index` in the tree of `size` leaves (RFC 9162, 2.1.3)."""
    return _proof(session, merkle.inclusion_ranges(index, size))


def consistency_proof(session: Session, old: int, new: int) -> list[bytes]:
    """Proves that the tree of `old` leaves is the beginning of that of `new` leaves (RFC 9162, 2.1.4).

    Raises KeyError when a stored hash is missing.
    """
    return _proof(session, merkle.consistency_ranges(old, new))


def _proof(session: Session, ranges: list[Range]) -> list[bytes]:
    tiles = [merkle.nodes_of(*one) for one in ranges]
    stored = hashes(session, [node for nodes in tiles for node in nodes])
    return [merkle.fold([stored[node] for node in nodes]) for nodes in tiles]
