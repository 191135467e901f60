"""Check the whole log as an outsider does: from the entries, through leaves and nodes, to every signed checkpoint.

Nothing that is stored is believed. What is compared: each entry with its leaf, the leaves' numbers and hashes, each
stored node, and the root at the size of each checkpoint, the stored ones and those that were kept elsewhere. Only the
latter can show that the end of the log was cut off, or that somebody with the signing key wrote it anew. An entry
without salt was erased with its person, which another entry must say of it; its leaf stays.
"""

import json
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, Row, cast, column, func, select, table
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry, LogHead, LogLeaf, LogNode, LogPending
from portal.audit.queries import ENTRY, entry_of
from portal.audit.rules import commitment
from wire import checkpoint, merkle
from wire.checkpoint import Checkpoint, NoteError, VerifierKey
from wire.merkle import EMPTY_ROOT, Frontier

CHUNK = 2000
ERASED = "log.erased"
LOOKED = "look.begun"


@dataclass
class Report:
    """What was checked, and one sentence for each thing that is wrong.

    `blanked`: entries whose salt is gone; `erased`: entries of which another one says that they were erased.
    """

    leaves: int = 0
    checkpoints: int = 0
    waiting: int = 0
    blanked: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Expected:
    root: bytes
    what: str


def verify(session: Session, key: VerifierKey, kept: Sequence[Checkpoint] = ()) -> Report:
    """Check everything in one snapshot. `kept`: checkpoints from elsewhere, already opened with `key`.

    Reads all entries, as a stream; takes the transaction's first statement.
    """
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    report = Report()
    expected = _heads(session, key, report)
    for one in kept:
        expected.setdefault(one.size, []).append(_Expected(one.root, f"the kept checkpoint of {one.size} entries"))
    frontier = _walk(session, expected, report)
    beyond = [one for size, many in sorted(expected.items()) if size > frontier.size for one in many]
    report.findings += [f"{one.what} covers more than the {frontier.size} leaves that are there" for one in beyond]
    _entries_without_leaf(session, report)
    _looks_gone(session, report)
    report.findings += [
        f"entry {entry} was blanked, and no entry of the log says so"
        for entry in sorted(report.blanked - report.erased)
    ]
    report.findings += [
        f"entry {entry} was erased, says the log, and is there" for entry in sorted(report.erased - report.blanked)
    ]
    return report


def _heads(session: Session, key: VerifierKey, report: Report) -> dict[int, list[_Expected]]:
    """The stored checkpoints by size; their signatures, numbers and columns are checked here."""
    expected: dict[int, list[_Expected]] = {}
    number = size = 0
    for head in session.scalars(select(LogHead).order_by(LogHead.number)):
        what = f"checkpoint {head.number}"
        report.checkpoints += 1
        if head.number != number + 1:
            report.findings.append(f"{what} does not follow its predecessor")
        number = head.number
        try:
            said = checkpoint.open_checkpoint(head.note, key)
        except NoteError as error:
            report.findings.append(f"{what}: {error}")
            continue
        if (said.size, said.root) != (head.size, head.root) or said.size <= size:
            report.findings.append(f"{what} says something else than its row")
        size = said.size
        expected.setdefault(said.size, []).append(_Expected(said.root, what))
    last = session.scalar(select(func.max(LogLeaf.index)))
    if size != (0 if last is None else last + 1):
        report.findings.append(f"the newest checkpoint covers {size} leaves, and the last one has the number {last}")
    return expected


def _walk(session: Session, expected: dict[int, list[_Expected]], report: Report) -> Frontier:
    """Grow the tree anew from the entries, comparing on the way."""
    frontier = Frontier()
    _compare_roots(EMPTY_ROOT, expected.get(0, []), report)
    with closing(_leaves(session)) as leaves, closing(_stored_nodes(session)) as nodes:
        for row in leaves:
            if row.leaf != frontier.size:
                report.findings.append(f"leaf {frontier.size} is missing, or leaf {row.leaf} is there twice")
                break
            for node, value in frontier.append(_leaf_hash(row, report)):
                if next(nodes, None) != (*node, value):
                    report.findings.append(f"node {node} is not the stored one")
            _compare_roots(frontier.root(), expected.get(frontier.size, []), report)
        if next(nodes, None) is not None:
            report.findings.append("there are nodes above leaves that are not there")
    report.leaves = frontier.size
    return frontier


def _leaf_hash(row: Row[*tuple[Any, ...]], report: Report) -> bytes:
    """The hash of a leaf made from its entry; only where that or its salt is gone, from the stored commitment."""
    there = row.id is not None and row.salt is not None
    committed = commitment(row.salt, entry_of(row)) if there else row.commitment
    leaf = merkle.leaf_hash(committed)
    if row.id is None:
        report.findings.append(f"the entry of leaf {row.leaf} is missing")
    elif (committed, leaf) != (row.commitment, row.hash):
        report.findings.append(f"entry {row.id} is not what leaf {row.leaf} commits to")
    elif not there:
        report.blanked.add(row.id)
    elif row.action == ERASED:
        report.erased.update(json.loads(row.detail_text).get("entries", []))
    return leaf


def _compare_roots(root: bytes, expected: list[_Expected], report: Report) -> None:
    report.findings += [f"{one.what} has another root than the entries" for one in expected if one.root != root]


def _leaves(session: Session) -> Generator[Row[*tuple[Any, ...]]]:
    """Leaves in order, each with its entry, or without one that is gone."""
    statement = (
        select(LogLeaf.index.label("leaf"), LogLeaf.commitment, LogLeaf.hash, *ENTRY)
        .outerjoin(AuditEntry, AuditEntry.id == LogLeaf.entry_id)
        .order_by(LogLeaf.index, LogLeaf.entry_id)
    )
    with session.execute(statement.execution_options(yield_per=CHUNK)) as rows:
        yield from rows


def _stored_nodes(session: Session) -> Generator[tuple[int, int, bytes]]:
    """Nodes in the order in which a growing tree fills them: by last leaf, then from the lowest level up."""
    filled_by = (LogNode.index + 1).op("<<")(cast(LogNode.level, Integer))
    statement = select(LogNode.level, LogNode.index, LogNode.hash).order_by(filled_by, LogNode.level)
    with session.execute(statement.execution_options(yield_per=CHUNK)) as rows:
        yield from rows


def _looks_gone(session: Session, report: Report) -> None:
    """Every look that began is still told to the person, unless the person was erased."""
    look = table("look", column("id"))
    there = select(look.c.id).where(look.c.id == AuditEntry.object_id).exists()
    begun = select(AuditEntry.object_id).where(AuditEntry.action == LOOKED, AuditEntry.salt.is_not(None), ~there)
    report.findings += [f"the look {look_id} is gone" for look_id in session.scalars(begun.limit(CHUNK))]


def _entries_without_leaf(session: Session, report: Report) -> None:
    """Every entry is in the log or waits, and nothing else waits."""
    in_log = select(LogLeaf.entry_id).where(LogLeaf.entry_id == AuditEntry.id).exists()
    waits = select(LogPending.entry_id).where(LogPending.entry_id == AuditEntry.id).exists()
    report.waiting = session.scalar(select(func.count()).select_from(LogPending)) or 0
    for entry in session.scalars(select(AuditEntry.id).where(~in_log, ~waits).order_by(AuditEntry.id).limit(CHUNK)):
        report.findings.append(f"entry {entry} is neither in the log nor waiting for it")
    entry_there = select(AuditEntry.id).where(AuditEntry.id == LogPending.entry_id).exists()
    logged = select(LogLeaf.entry_id).where(LogLeaf.entry_id == LogPending.entry_id).exists()
    for entry in session.scalars(select(LogPending.entry_id).where(~entry_there | logged).limit(CHUNK)):
        report.findings.append(f"entry {entry} waits, but is gone or in the log already")
