"""Writes the files of an archive in steps: each step ends at a whole byte, so that the next, perhaps after a crash and
in another process, goes on with a new compressor where this one stopped (RFC 1951, an empty stored block).
"""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from vault.exports.archive import STORED, Head
from vault.exports.sealing import HEAD, Sealer
from vault.store import Connection

PIECE = 256 * 1024
HEADS = 500
LEVEL = 6
_RAW = -15

_HEAD = "SELECT head FROM export_file WHERE order_id = %(order)s AND number = %(number)s"
_HEADS = """
SELECT number, head FROM export_file WHERE order_id = %(order)s AND number > %(after)s ORDER BY number LIMIT %(most)s
"""
_NEW = """
INSERT INTO export_file (order_id, number, employee_id, head) VALUES (%(order)s, %(number)s, %(employee)s, %(head)s)
"""
_SAVE = "UPDATE export_file SET head = %(head)s WHERE order_id = %(order)s AND number = %(number)s"
_PIECE = """
INSERT INTO export_chunk (order_id, file, part, employee_id, body)
VALUES (%(order)s, %(number)s, %(part)s, %(employee)s, %(body)s)
"""
_DROP = "DELETE FROM export_chunk WHERE order_id = %(order)s AND file = %(number)s"
_DROP_HEAD = "DELETE FROM export_file WHERE order_id = %(order)s AND number = %(number)s"


@dataclass
class _Open:
    """A file that this step writes to."""

    head: Head
    packer: "zlib._Compress"
    waiting: bytearray = field(default_factory=bytearray)


class Writer:
    """Writes within one transaction of `connection`. What is not `save`d before its end is not in the archive."""

    def __init__(self, connection: Connection, sealer: Sealer, order: UUID, employee: UUID) -> None:
        self._connection = connection
        self._sealer = sealer
        self._row = {"order": order, "employee": employee}
        self._open: dict[int, _Open] = {}

    def create(self, number: int, name: str) -> None:
        """Begin the file `name`, compressed."""
        head = Head(name)
        self._execute(_NEW, number, head=self._sealed(number, head))
        self._open[number] = _Open(head, zlib.compressobj(LEVEL, wbits=_RAW))

    def write(self, number: int, data: bytes) -> None:
        """Append to a file that was created in this step or an earlier one."""
        file = self._file(number)
        file.head = _grown(file.head, data)
        file.waiting += file.packer.compress(data)
        if len(file.waiting) >= PIECE:
            self._put(number, file)

    def close(self, number: int) -> None:
        """End a file; nothing can be written to it any more."""
        file = self._file(number)
        self._finish(number, file, zlib.Z_FINISH)
        del self._open[number]

    def whole(self, number: int, name: str, data: bytes) -> None:
        """A file that is complete, and not compressed: an image is already."""
        head = _grown(Head(name, method=STORED), data)
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
        for part, piece in enumerate(pieces):
            self._execute(_PIECE, number, part=part, body=self._sealer.seal(piece, number, part))
        made = Head(name, head.crc, head.size, len(data), len(pieces), STORED)
        self._execute(_NEW, number, head=self._sealed(number, made))

    def drop(self, number: int) -> None:
        """Take a file away again."""
        self._open.pop(number, None)
        for statement in (_DROP, _DROP_HEAD):
            self._execute(statement, number)

    def save(self) -> None:
        """Bring everything written so far to whole bytes and into the database."""
        for number, file in self._open.items():
            self._finish(number, file, zlib.Z_FULL_FLUSH)
        self._open.clear()

    def _file(self, number: int) -> _Open:
        if number not in self._open:
            row = self._execute(_HEAD, number).fetchone()
            if row is None:
                raise LookupError("no such file in the archive")
            self._open[number] = _Open(
                read_head(self._sealer, number, row["head"]), zlib.compressobj(LEVEL, wbits=_RAW)
            )
        return self._open[number]

    def _finish(self, number: int, file: _Open, how: int) -> None:
        file.waiting += file.packer.flush(how)
        self._put(number, file)
        self._execute(_SAVE, number, head=self._sealed(number, file.head))

    def _put(self, number: int, file: _Open) -> None:
        if not file.waiting:
            return
        part, data = file.head.parts, bytes(file.waiting)
        self._execute(_PIECE, number, part=part, body=self._sealer.seal(data, number, part))
        values = asdict(file.head) | {"packed": file.head.packed + len(data), "parts": part + 1}
        file.head = Head(**values)
        file.waiting.clear()

    def _sealed(self, number: int, head: Head) -> bytes:
        return self._sealer.seal(json.dumps(asdict(head)).encode(), number, HEAD)

    def _execute(self, statement: str, number: int, **values: object) -> psycopg.Cursor[DictRow]:
        return self._connection.execute(statement.encode(), self._row | {"number": number} | values)


def read_head(sealer: Sealer, number: int, sealed: bytes) -> Head:
    """The head of file `number`. Raises ArchiveError."""
    return Head(**json.loads(sealer.open(sealed, number, HEAD)))


def heads(
    page: Callable[[str, dict[str, Any]], list[DictRow]], sealer: Sealer, order: UUID
) -> Iterator[tuple[int, Head]]:
    """(number, head) of all files in their order, some at a time; `page` asks the database. Raises ArchiveError."""
    after = -1
    while rows := page(_HEADS, {"order": order, "after": after, "most": HEADS}):
        for row in rows:
            yield row["number"], read_head(sealer, row["number"], row["head"])
        after = rows[-1]["number"]


def _grown(head: Head, data: bytes) -> Head:
    return Head(**(asdict(head) | {"crc": zlib.crc32(data, head.crc), "size": head.size + len(data)}))
