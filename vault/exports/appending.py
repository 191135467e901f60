"""Takes the rows of external stores from the worker, and encrypts them at once: it can append, and never read back.

A store's rows come in numbered batches; one that comes again is recognised. `restart` begins the store's file anew.
"""

from typing import Any, Final
from uuid import UUID

from vault.errors import NoArchiveError, UnavailableError
from vault.exports import lines, sealing
from vault.exports.ending import store_path
from vault.exports.orders import Order, Seals, read
from vault.exports.sealing import Sealer
from vault.exports.state import STORES_FROM
from vault.exports.writing import Writer
from vault.keys import Keys
from vault.store import Connection, Store

_ORDER = """
SELECT * FROM export_order WHERE id = %(order)s AND stores AND finished_at IS NULL AND cancelled_at IS NULL
   AND expires_at > clock_timestamp()
"""
_STORE = (
    "SELECT * FROM export_store WHERE order_id = %(order)s AND number = %(number)s AND state IN ('waiting', 'running') "
)
_SAVE = """
UPDATE export_store SET state = %(state)s, rows = %(rows)s, batches = %(batches)s
 WHERE order_id = %(order)s AND number = %(number)s
"""
DONE: Final = "done"


class Appending:
    """Appends."""

    def __init__(self, store: Store, keys: Keys, seals: Seals) -> None:
        self._store = store
        self._keys = keys
        self._seals = seals

    def append(self, order: UUID, number: int, batch: int, rows: list[dict[str, Any]], *, done: bool) -> int:
        """Append batch number `batch` (0: begin the file anew) of store `number`; how many batches it has then.

        Raises NoArchiveError for an order or a store that takes nothing, UnavailableError, DiskFullError.
        """
        found = self._store.one(_ORDER, {"order": order})
        if found is None or not self._seals.holds(told := read(found), found["seal"]):
            raise NoArchiveError("There is no live order.")
        with self._store.transaction() as connection:
            row = connection.execute(_STORE.encode() + b"FOR UPDATE", {"order": order, "number": number}).fetchone()
            if row is None:
                raise NoArchiveError("The order has no such store.")
            batches: int = row["batches"]
            if batch not in {0, batches}:
                return batches
            self._write(connection, told, number, rows, new=batch == 0, done=done)
            kept = {"rows": len(rows) if batch == 0 else row["rows"] + len(rows), "batches": batch + 1}
            state = {"state": DONE if done else "running", "order": order, "number": number}
            connection.execute(_SAVE, kept | state)
            return batch + 1

    def _write(
        self, connection: Connection, order: Order, number: int, rows: list[dict[str, Any]], *, new: bool, done: bool
    ) -> None:
        private = self._keys.private(connection, order.key, order.employee)
        if private is None:
            raise UnavailableError("The person's key does not open now.")
        sealer = Sealer(sealing.unwrap(order.wrapped, private, order.id), order.id)
        writer, file = Writer(connection, sealer, order.id, order.employee), STORES_FROM + number
        if new:
            writer.drop(file)
            writer.create(file, store_path(number))
        for row in rows:
            writer.write(file, lines.line(row))
        if done:
            writer.close(file)
        writer.save()
