"""Looks at a person's own content: the log line is committed first, then the database gives the sealed bytes."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from psycopg.types.json import Jsonb

from vault.errors import TicketRefusedError
from vault.keys import Keys
from vault.opening import Opened, State, open_row
from vault.stamps import Stamps
from vault.store import Connection, Store

MAX_OUTPUT: Final = 16 << 20
BATCH: Final = 16

_BEGIN = """
SELECT look_begin(%(ticket)s, %(kind)s, %(purpose)s, %(segments)s::uuid[], %(starts)s, %(until)s) AS look
"""
_AUDIT = """
INSERT INTO audit_entry (actor_role, action, object_id, employee_id, detail)
VALUES ('vault', %(action)s, %(segment)s, %(employee)s, %(detail)s)
"""
_NOTIFY = """
INSERT INTO notification (id, employee_id, kind, reference, params)
VALUES (%(id)s, %(employee)s, 'mismatch', %(reference)s, %(params)s) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to look at: segments that started in a half-open stretch of time, and why."""

    ticket: str
    segments: tuple[UUID, ...]
    starts: datetime
    until: datetime
    purpose: str
    kind: str


def ticket_hash(ticket: str) -> bytes:
    """What the database keeps of a ticket: its SHA-256 (32 bytes)."""
    return hashlib.sha256(ticket.encode()).digest()


def read_rows(connection: Connection, look: UUID) -> Iterator[dict[str, Any]]:
    """The sealed rows of a committed look, a few at a time. Once, and not in the transaction that began it."""
    with connection.cursor(name="look") as cursor:
        cursor.execute("SELECT * FROM look_read(%s)", [look])
        while rows := cursor.fetchmany(BATCH):
            yield from rows


class Looks:
    """Writes the line, reads, opens, and reports what does not agree."""

    def __init__(self, store: Store, keys: Keys, stamps: Stamps) -> None:
        self._store = store
        self._keys = keys
        self._stamps = stamps

    def each(self, wish: Wish, use: Callable[[Opened], int]) -> UUID:
        """Open each segment, hand it to `use`, and forget it; `use` returns how many bytes it keeps of it.

        Once `use` keeps MAX_OUTPUT bytes, the rest is not opened but handed over as left out. What the database does
        not give (another person's, erased, outside the stretch) is missing. Answers the look's id. Raises
        TicketRefusedError, UnavailableError.
        """
        person = self._stamps.person(wish.ticket)
        look = self._begin(wish)
        wanted, kept = set(wish.segments), 0
        findings: list[tuple[UUID, Opened]] = []
        for row, key in self._rows(look, person):
            full = kept >= MAX_OUTPUT
            opened = Opened(row["id"], State.LEFT_OUT) if full else open_row(row, key)
            wanted.discard(opened.segment)
            if opened.fields:
                findings.append((row["employee_id"], Opened(opened.segment, opened.state, fields=opened.fields)))
            kept += use(opened)
        for segment in sorted(wanted):
            use(Opened(segment, State.MISSING))
        self.report(look, findings)
        return look

    def _begin(self, wish: Wish) -> UUID:
        parameters = {
            "ticket": ticket_hash(wish.ticket),
            "kind": wish.kind,
            "purpose": wish.purpose,
            "segments": list(wish.segments),
            "starts": wish.starts,
            "until": wish.until,
        }
        try:
            row = self._store.one(_BEGIN, parameters)
        except psycopg.errors.InsufficientPrivilege:
            raise TicketRefusedError("No live session stands behind this ticket.") from None
        if row is None or not isinstance(row["look"], UUID):
            raise TicketRefusedError("No look was begun.")
        return row["look"]

    def _rows(self, look: UUID, person: UUID) -> Iterator[tuple[dict[str, Any], X25519PrivateKey | None]]:
        """The rows of a committed look, a few at a time, each with its private key."""
        private: dict[UUID, X25519PrivateKey | None] = {}
        try:
            with self._store.transaction() as connection:
                for row in read_rows(connection, look):
                    if row["employee_id"] != person:
                        raise TicketRefusedError("The ticket is another person's.")
                    yield row, self._private(connection, private, row)
        except psycopg.errors.InsufficientPrivilege:
            raise TicketRefusedError("The look is not committed, or was read before.") from None

    def _private(
        self, connection: Connection, private: dict[UUID, X25519PrivateKey | None], row: dict[str, Any]
    ) -> X25519PrivateKey | None:
        key = row["key_id"]
        if key not in private:
            private[key] = self._keys.private(connection, key, row["employee_id"])
        return private[key]

    def report(self, look: UUID, findings: list[tuple[UUID, Opened]]) -> None:
        """Tell the log, and once the person, which segments do not agree with themselves."""
        if not findings:
            return
        with self._store.transaction() as connection:
            for employee, opened in findings:
                detail = Jsonb({"fields": list(opened.fields), "look": str(look)})
                told = {"segment": opened.segment, "employee": employee}
                connection.execute(_AUDIT, told | {"action": f"segment.{opened.state}", "detail": detail})
                params = Jsonb({"segment": str(opened.segment), "state": opened.state, "fields": list(opened.fields)})
                reference = f"mismatch:{opened.segment}"
                connection.execute(
                    _NOTIFY, {"id": uuid4(), "employee": employee, "reference": reference, "params": params}
                )
