"""Gives an archive to the person whose ticket asks for it, as a ZIP, a few pieces at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from vault.errors import NoArchiveError, TicketRefusedError, UnavailableError
from vault.exports import archive, sealing
from vault.exports.orders import Order, Seals, read
from vault.exports.sealing import ArchiveError, Sealer
from vault.exports.writing import heads
from vault.keys import Keys
from vault.looks import ticket_hash
from vault.stamps import Stamps
from vault.store import Store

_ORDER = "SELECT * FROM export_order WHERE id = %(order)s AND employee_id = %(employee)s"
_BEGIN = "SELECT export_download_begin(%(ticket)s, %(order)s) AS look"
_READ = "SELECT * FROM export_read(%(look)s, %(file)s, %(part)s)"


@dataclass(frozen=True)
class Download:
    """An archive's length in bytes, when it was ordered, and its bytes; reading them may raise."""

    size: int
    made: datetime
    data: Iterator[bytes]


class Downloads:
    """Opens archives."""

    def __init__(self, store: Store, keys: Keys, stamps: Stamps, seals: Seals) -> None:
        self._store = store
        self._keys = keys
        self._stamps = stamps
        self._seals = seals

    def begin(self, ticket: str, wanted: UUID) -> Download:
        """Write the line, and open the archive `wanted`.

        Raises TicketRefusedError, NoArchiveError, UnavailableError, ArchiveError; the last two also while reading.
        """
        person = self._stamps.person(ticket)
        row = self._store.one(_ORDER, {"order": wanted, "employee": person})
        if row is None or not self._seals.holds(order := read(row), row["seal"]):
            raise NoArchiveError("There is no such export.")
        return self.of(order, row["archive_bytes"], self._look(ticket, wanted))

    def of(self, order: Order, size: int, look: UUID) -> Download:
        """An archive whose download `look` is committed. Raises UnavailableError, ArchiveError, also while reading."""
        return Download(size, order.ordered, self._data(order, look, Sealer(self._archive_key(order), order.id)))

    def _look(self, ticket: str, wanted: UUID) -> UUID:
        try:
            row = self._store.one(_BEGIN, {"ticket": ticket_hash(ticket), "order": wanted})
        except psycopg.errors.InsufficientPrivilege:
            raise TicketRefusedError("No live session stands behind this ticket.") from None
        if row is None or not isinstance(row["look"], UUID):
            raise NoArchiveError("There is no such export.")
        return row["look"]

    def _archive_key(self, order: Order) -> bytes:
        with self._store.transaction() as connection:
            private = self._keys.private(connection, order.key, order.employee)
        if private is None:
            raise UnavailableError("The person's key does not open now.")
        return sealing.unwrap(order.wrapped, private, order.id)

    def _data(self, order: Order, look: UUID, sealer: Sealer) -> Iterator[bytes]:
        pieces = self._pieces(look, sealer)
        for number, head in heads(self._page, sealer, order.id):
            yield archive.local_header(head, order.ordered)
            left = head.packed
            for part in range(head.parts):
                found = next(pieces, None)
                if found is None or found[0] != (number, part):
                    raise ArchiveError("a piece of the archive is missing")
                left -= len(found[1])
                yield found[1]
            if left:
                raise ArchiveError("a file of the archive has another length")
        again = (head for _, head in heads(self._page, sealer, order.id))
        yield from archive.directory(again, order.ordered)

    def _pieces(self, look: UUID, sealer: Sealer) -> Iterator[tuple[tuple[int, int], bytes]]:
        place = (-1, -1)
        while rows := self._page(_READ, {"look": look, "file": place[0], "part": place[1]}):
            for row in rows:
                place = (row["file"], row["part"])
                yield place, sealer.open(row["body"], *place)

    def _page(self, statement: str, told: dict[str, Any]) -> list[dict[str, Any]]:
        with self._store.transaction() as connection:
            return list(connection.execute(statement.encode(), told))
