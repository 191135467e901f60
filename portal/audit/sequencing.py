"""Give every committed audit entry its leaf: one batch, one transaction, one signed checkpoint.

An entry waits from the very transaction that wrote it, so late commits are never passed over. An advisory lock keeps
sequencers apart; a crash takes back the whole batch, and the entries wait again.
"""

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from portal.audit import queries
from portal.audit.keys import LogKey
from portal.audit.models import LogHead, LogLeaf, LogNode, LogPending
from portal.audit.rules import commitment
from wire import merkle
from wire.merkle import EMPTY_ROOT, Frontier

LOCK = "audit log"
BATCH = 1000


class BrokenLogError(RuntimeError):
    """What is stored is not what the newest checkpoint says; nothing may be added to it."""


def sequence(session: Session, key: LogKey, now: datetime) -> bool:
    """Append one batch of waiting entries and sign the new state. True when more may wait.

    Raises BrokenLogError instead of signing over stored hashes that were changed.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext(LOCK)))):
        return False
    rows = session.execute(queries.waiting(BATCH)).all()
    if not rows:
        return False
    head = queries.newest_head(session)
    frontier = _frontier(session, head)
    leaves, nodes = [], []
    for row in rows:
        committed = commitment(row.salt, queries.entry_of(row))
        leaf = merkle.leaf_hash(committed)
        leaves.append({"index": frontier.size, "entry_id": row.id, "commitment": committed, "hash": leaf})
        nodes += [{"level": node[0], "index": node[1], "hash": value} for node, value in frontier.append(leaf)]
    session.execute(insert(LogLeaf), leaves)
    if nodes:
        session.execute(insert(LogNode), nodes)
    session.execute(delete(LogPending).where(LogPending.entry_id.in_([row.id for row in rows])))
    _sign(session, frontier, key, number=head.number + 1 if head else 1, now=now)
    return len(rows) == BATCH


def _frontier(session: Session, head: LogHead | None) -> Frontier:
    size, root = (head.size, head.root) if head else (0, EMPTY_ROOT)
    last = session.scalar(select(func.max(LogLeaf.index)))
    try:
        stored = queries.frontier(session, size)
    except KeyError as error:
        raise BrokenLogError("a stored hash is missing; run `python -m portal log verify`") from error
    if stored.root() != root or size != (0 if last is None else last + 1):
        raise BrokenLogError("the stored tree is not the signed one; run `python -m portal log verify`")
    return stored


def _sign(session: Session, frontier: Frontier, key: LogKey, *, number: int, now: datetime) -> None:
    root = frontier.root()
    note = key.sign(frontier.size, root)
    session.add(LogHead(number=number, size=frontier.size, root=root, note=note, at=now))
