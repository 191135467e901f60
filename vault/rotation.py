"""Weekly rotation of the epoch: wrap every private key anew, export the wrapped table for backups, destroy old epochs.

What was erased before a rotation cannot be read from an older dump afterwards: its key opens under no living epoch
(C04). Restore = newest export + dump + tombstones. Every step may be repeated after a crash.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from vault.errors import BadRequestError, UnavailableError
from vault.keys import ROTATION_LOCK, context, unwrap
from vault.kms.base import Kms, KmsError
from vault.store import Connection, Store

EVERY: Final = timedelta(days=7)
BATCH: Final = 200
EXPORT: Final = "employee-keys.jsonl"

_OLD = """
SELECT k.id, k.employee_id, k.wrapped_private, k.kms_epoch, e.issuer, e.subject
  FROM employee_key k JOIN employee e ON e.id = k.employee_id
 WHERE k.kms_epoch < %(epoch)s ORDER BY k.id LIMIT %(batch)s
"""
_REWRAP = """
UPDATE employee_key SET wrapped_private = %(wrapped)s, kms_epoch = %(epoch)s WHERE id = %(id)s AND kms_epoch = %(old)s
"""
_ALL = """
SELECT id, employee_id, document, wrapped_private, kms_epoch, created_at, retired_at FROM employee_key ORDER BY id
"""
_RESTORE = """
INSERT INTO employee_key (id, employee_id, document, wrapped_private, kms_epoch, created_at, retired_at)
VALUES (%(id)s, %(employee_id)s, %(document)s, decode(%(wrapped_private)s, 'hex'), %(kms_epoch)s, %(created_at)s,
        %(retired_at)s)
    ON CONFLICT (id) DO UPDATE SET wrapped_private = excluded.wrapped_private, kms_epoch = excluded.kms_epoch
"""
_DELETED = "SELECT key_epoch FROM request_step WHERE id = %(step)s AND state = 'running'"
_NEWEST = "SELECT coalesce(max(kms_epoch), 0) AS newest FROM employee_key"


class Rotation:
    """Rotates `kms`; exports go to the directory `exports`, which is what backups copy."""

    def __init__(self, store: Store, kms: Kms, exports: Path) -> None:
        self._store = store
        self._kms = kms
        self._exports = exports

    def require_keys(self) -> None:
        """Raises KmsError when the key management system lacks the epochs that wrap the people's keys."""
        row = self._store.one(_NEWEST, {})
        if row is not None and row["newest"] > self._kms.current().number:
            raise KmsError("the epoch keys that wrap the people's keys are missing: restore them before starting")

    def due(self, now: datetime) -> bool:
        """Whether the current epoch is a week old."""
        return now - self._kms.current().created >= EVERY

    def unfinished(self) -> bool:
        """Whether a crash left keys under an older epoch."""
        return self._store.one(_OLD, {"epoch": self._kms.current().number, "batch": 1}) is not None

    def rotate(self) -> int:
        """Make a new epoch and finish. Answers how many keys were wrapped anew."""
        self._kms.rotate()
        return self.finish()

    def finish(self) -> int:
        """Bring all keys under the current epoch, export them, destroy older epochs: also what a crash left undone.

        Raises UnavailableError, KmsError; then nothing was destroyed that is still needed.
        """
        count, epoch = 0, self._kms.current().number
        while wrapped := self._rewrap(epoch):
            count += wrapped
        with self._store.transaction() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [ROTATION_LOCK])
            if connection.execute(_OLD, {"epoch": epoch, "batch": 1}).fetchone() is not None:
                raise UnavailableError("A key was added under an old epoch; the rotation is finished later.")
            self._export(connection)
            self._kms.destroy_before(epoch)
        return count

    def destroy(self, step: UUID) -> None:
        """Destroy the epochs under which a running step's deleted keys were wrapped: no older backup opens them (C04).

        Only what the worker wrote into the step counts, so that nobody else can make the vault rotate; repeating it
        destroys nothing more. Raises BadRequestError for any other step, UnavailableError, KmsError.
        """
        row = self._store.one(_DELETED, {"step": step})
        if row is None:
            raise BadRequestError("No running step has deleted keys.")
        if row["key_epoch"] is None:
            return
        if self._kms.current().number <= row["key_epoch"]:
            self._kms.rotate()
        self.finish()

    def restore(self, export: Path) -> int:
        """Take the wrapped keys from `export` into a restored, older dump; how many. Keys that are there are replaced.

        Raises UnavailableError, ValueError for a file that is no export; then nothing was taken.
        """
        rows = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
        with self._store.transaction() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [ROTATION_LOCK])
            for row in rows:
                connection.execute(_RESTORE, row)
        return len(rows)

    def _rewrap(self, epoch: int) -> int:
        """Wrap some keys anew, and commit: only what is committed counts when epochs are destroyed."""
        with self._store.transaction() as connection:
            rows = connection.execute(_OLD, {"epoch": epoch, "batch": BATCH}).fetchall()
            for row in rows:
                bound = context(row["id"], row["employee_id"], row["issuer"], row["subject"])
                wrapped = self._kms.wrap(unwrap(self._kms, row), bound)
                connection.execute(
                    _REWRAP,
                    {"wrapped": wrapped.ciphertext, "epoch": wrapped.epoch, "id": row["id"], "old": row["kms_epoch"]},
                )
        return len(rows)

    def _export(self, connection: Connection) -> None:
        """The whole table, wrapped, one JSON object a line; in place of the last one, never half written."""
        self._exports.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._exports / f".{EXPORT}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            for row in connection.execute(_ALL):
                file.write(json.dumps(_plain(row)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._exports / EXPORT)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    texts = {name: None if row[name] is None else str(row[name]) for name in ("created_at", "retired_at")}
    ids = {name: str(row[name]) for name in ("id", "employee_id")}
    wrapped = {"wrapped_private": row["wrapped_private"].hex(), "kms_epoch": row["kms_epoch"]}
    return ids | {"document": row["document"]} | wrapped | texts
