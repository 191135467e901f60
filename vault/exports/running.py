"""Carries orders out, a step at a time, each in one transaction: killed anywhere, the next start goes on behind the
last committed step. Every batch of items has its line in the person's log before anything of it is opened (C05).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from psycopg.types.json import Jsonb

from vault.errors import DiskFullError, UnavailableError
from vault.exports import about, archive, ending, sealing, state
from vault.exports.items import Items
from vault.exports.orders import Order, Seals, read
from vault.exports.readable import Readable
from vault.exports.sealing import Sealer
from vault.exports.state import Phase, Progress
from vault.exports.writing import Writer, heads
from vault.keys import Keys
from vault.looks import Looks, read_rows
from vault.opening import Opened, open_row
from vault.store import Connection, Store

BATCH: Final = 256
MOST_TRIES: Final = 5
TURN_LOCK: Final = 7_301_965_012_344_003
"""Advisory lock of the connection that carries orders out; it falls with the connection."""
AGAIN: Final = timedelta(seconds=20)
STORES_AGAIN: Final = timedelta(seconds=2)
log = structlog.get_logger()

_NEXT = """
SELECT * FROM export_order WHERE finished_at IS NULL AND cancelled_at IS NULL AND next_try_at <= %(now)s
 ORDER BY next_try_at, ordered_at LIMIT 1
"""
_FENCE = """
UPDATE export_order SET step = step + 1, state = 'running', reason = NULL, tries = 0, next_try_at = %(now)s
 WHERE id = %(id)s AND step = %(step)s AND finished_at IS NULL AND cancelled_at IS NULL RETURNING id
"""
_SAVE = """
UPDATE export_order SET checkpoint = %(checkpoint)s, items_done = %(items)s, problems = %(problems)s,
       position_at = coalesce(%(at)s, position_at), position_id = coalesce(%(last)s, position_id) WHERE id = %(id)s
"""
_READY = """
UPDATE export_order SET state = 'ready', archive_bytes = %(bytes)s, archive_until = %(until)s, finished_at = %(now)s,
       checkpoint = NULL WHERE id = %(id)s
"""
_FAIL = """
UPDATE export_order SET state = 'failed', reason = %(reason)s, finished_at = %(now)s, checkpoint = NULL
 WHERE id = %(id)s AND finished_at IS NULL AND cancelled_at IS NULL RETURNING id
"""
_LATER = """
UPDATE export_order SET reason = %(reason)s, next_try_at = %(next)s, tries = tries + %(counts)s
 WHERE id = %(id)s AND step = %(step)s AND finished_at IS NULL
"""
_STORES = """
SELECT count(*) FILTER (WHERE state NOT IN ('done', 'missing')) AS open FROM export_store WHERE order_id = %s
"""
_AUDIT = """
INSERT INTO audit_entry (actor_role, action, object_id, employee_id, detail)
VALUES ('vault', %(action)s, %(id)s, %(employee)s, %(detail)s)
"""
_NOTIFY = """
INSERT INTO notification (id, employee_id, kind, reference, params)
VALUES (gen_random_uuid(), %(employee)s, %(kind)s, %(reference)s, %(params)s) ON CONFLICT DO NOTHING
"""


class MovedError(Exception):
    """The order was cancelled, or somebody else took this step: nothing of ours is kept."""


@dataclass(frozen=True)
class _Step:
    """What one step works with, inside its transaction."""

    connection: Connection
    order: Order
    writer: Writer
    progress: Progress
    readable: Readable
    sealer: Sealer


class Runner:
    """Carries out what waits. `keep`: how long an archive can be downloaded; `demo`: mark its pages."""

    def __init__(
        self, store: Store, keys: Keys, looks: Looks, seals: Seals, keep: timedelta, *, demo: bool = False
    ) -> None:
        self._store = store
        self._keys = keys
        self._looks = looks
        self._seals = seals
        self._keep = keep
        self._demo = demo

    def turn(self, now: datetime) -> bool:
        """A step, unless another vault is taking one now: of several, one at a time carries orders out."""
        found = self._store.one("SELECT pg_try_advisory_lock(%(lock)s) AS ours", {"lock": TURN_LOCK})
        if found is None or not found["ours"]:
            return False
        try:
            return self.step(now)
        finally:
            self._store.one("SELECT pg_advisory_unlock(%(lock)s)", {"lock": TURN_LOCK})

    def step(self, now: datetime) -> bool:
        """Take the next step of the order that waits longest; whether there was one.

        Raises UnavailableError when not even that can be written down.
        """
        row = self._store.one(_NEXT, {"now": now})
        if row is None:
            return False
        order = read(row)
        try:
            self._advance(order, row, now)
        except MovedError:
            log.info("export.moved")
        except DiskFullError:
            self._later(row, "disk_full", now)
        except UnavailableError:
            self._later(row, "unavailable", now)
        except Exception:  # no text of an unforeseen error may reach a log
            log.exception("export.failed")
            self._later(row, "internal", now, counts=True)
        return True

    def _advance(self, order: Order, row: dict[str, Any], now: datetime) -> None:
        if not self._seals.holds(order, row["seal"]):
            return self._fail(order, "refused", now)
        if order.expires <= now:
            return self._fail(order, "too_late", now)
        if row["tries"] >= MOST_TRIES:
            return self._fail(order, "internal", now)
        sealer = Sealer(self._archive_key(order), order.id)
        progress = state.read(sealer, row["checkpoint"])
        match progress.phase:
            case Phase.ITEMS:
                self._items(order, row, sealer, progress, now)
            case Phase.STORES if order.scope.stores and not self._stores_done(order, row):
                self._later(row, None, now, after=STORES_AGAIN)
            case _:
                self._rest(order, row, sealer, progress, now)
        return None

    def _items(self, order: Order, row: dict[str, Any], sealer: Sealer, progress: Progress, now: datetime) -> None:
        look = self._look(order)
        findings: list[tuple[UUID, Opened]] = []
        with self._store.transaction() as connection:
            step = self._begin(connection, order, row, sealer, progress, now)
            items = Items(step.writer, progress, step.readable)
            items.begin()
            if look is None:
                items.end()
                progress.phase = Phase.ABOUT
            else:
                findings = self._open(step, items, look)
            self._save(step, None if look is None else (look["last_at"], look["last_id"]))
        if look is not None:
            self._looks.report(look["look"], findings)

    def _open(self, step: _Step, items: Items, look: dict[str, Any]) -> list[tuple[UUID, Opened]]:
        wanted, findings = set(look["segments"]), []
        private: dict[UUID, X25519PrivateKey | None] = {}
        for row in read_rows(step.connection, look["look"]):
            if row["employee_id"] != step.order.employee:
                raise LookupError("the look gave another person's item")
            if row["key_id"] not in private:
                private[row["key_id"]] = self._keys.private(step.connection, row["key_id"], row["employee_id"])
            opened = open_row(row, private[row["key_id"]])
            wanted.discard(opened.segment)
            items.add(row, opened)
            if opened.fields:
                findings.append((row["employee_id"], Opened(opened.segment, opened.state, fields=opened.fields)))
        for segment in sorted(wanted):
            items.missing(segment)
        return findings

    def _rest(self, order: Order, row: dict[str, Any], sealer: Sealer, progress: Progress, now: datetime) -> None:
        with self._store.transaction() as connection:
            step = self._begin(connection, order, row, sealer, progress, now)
            if progress.phase is Phase.ABOUT:
                if not about.write_next(connection, order.id, step.writer, progress, step.readable):
                    progress.phase = Phase.STORES
            elif progress.phase is Phase.STORES:
                progress.phase = Phase.END
            else:
                ending.write(connection, order, step.writer, progress, step.readable, now)
                self._save(step, None)
                self._ready(step, now)
                return
            self._save(step, None)

    def _begin(
        self,
        connection: Connection,
        order: Order,
        row: dict[str, Any],
        sealer: Sealer,
        progress: Progress,
        now: datetime,
    ) -> _Step:
        if connection.execute(_FENCE, {"id": order.id, "step": row["step"], "now": now}).fetchone() is None:
            raise MovedError
        writer = Writer(connection, sealer, order.id, order.employee)
        readable = Readable(order.scope.language, order.scope.timezone, demo=self._demo)
        return _Step(connection, order, writer, progress, readable, sealer)

    def _save(self, step: _Step, last: tuple[datetime, UUID] | None) -> None:
        step.writer.save()
        at, segment = last or (None, None)
        told = {
            "id": step.order.id,
            "checkpoint": state.write(step.sealer, step.progress),
            "items": step.progress.items,
            "problems": step.progress.problems,
            "at": at,
            "last": segment,
        }
        step.connection.execute(_SAVE, told)

    def _ready(self, step: _Step, now: datetime) -> None:
        order, until = step.order, now + self._keep
        size = archive.length(self._heads(step), order.ordered)
        step.connection.execute(_READY, {"id": order.id, "bytes": size, "until": until, "now": now})
        detail = Jsonb({"items": step.progress.items, "problems": step.progress.problems, "bytes": size})
        self._tell(step.connection, order, "export.ready", detail, {"until": until.isoformat()})
        log.info("export.ready", items=step.progress.items)

    def _heads(self, step: _Step) -> Iterator[archive.Head]:
        def page(statement: str, told: dict[str, Any]) -> list[dict[str, Any]]:
            return step.connection.execute(statement.encode(), told).fetchall()

        return (head for _, head in heads(page, step.sealer, step.order.id))

    def _fail(self, order: Order, reason: str, now: datetime) -> None:
        with self._store.transaction() as connection:
            if connection.execute(_FAIL, {"id": order.id, "reason": reason, "now": now}).fetchone() is not None:
                self._tell(connection, order, "export.failed", Jsonb({"reason": reason}), {"reason": reason})
        log.info("export.given_up", reason=reason)

    def _tell(self, connection: Connection, order: Order, action: str, detail: Jsonb, params: dict[str, str]) -> None:
        told = {"employee": order.employee, "id": order.id}
        connection.execute(_AUDIT, told | {"action": action, "detail": detail})
        kind = action.replace(".", "_")
        connection.execute(
            _NOTIFY,
            told | {"kind": kind, "reference": f"{kind}:{order.id}", "params": Jsonb(params | {"id": str(order.id)})},
        )

    def _look(self, order: Order) -> dict[str, Any] | None:
        """The committed line of the next batch, None when there is no item left. Raises MovedError."""
        try:
            return self._store.one("SELECT * FROM export_look_begin(%(id)s, %(most)s)", {"id": order.id, "most": BATCH})
        except psycopg.errors.InsufficientPrivilege:
            raise MovedError from None

    def _later(
        self, row: dict[str, Any], reason: str | None, now: datetime, *, counts: bool = False, after: timedelta = AGAIN
    ) -> None:
        told = {"id": row["id"], "step": row["step"], "reason": reason, "next": now + after, "counts": int(counts)}
        with self._store.transaction() as connection:
            connection.execute(_LATER, told)

    def _stores_done(self, order: Order, row: dict[str, Any]) -> bool:
        if row["stores_listed_at"] is None:
            return False
        with self._store.transaction() as connection:
            found = connection.execute(_STORES, [order.id]).fetchone()
        return found is not None and found["open"] == 0

    def _archive_key(self, order: Order) -> bytes:
        with self._store.transaction() as connection:
            private = self._keys.private(connection, order.key, order.employee)
        if private is None:
            raise UnavailableError("The person's key does not open now.")
        return sealing.unwrap(order.wrapped, private, order.id)
