"""A ZIP file (APPNOTE.TXT 6.3.10) whose parts are known before it is put together: nothing is ever gone back to.

Each file's checksum and sizes are in its head before its first byte leaves, so the local header tells them; sizes and
places that do not fit 32 bits stand in the ZIP64 fields. The same archive gives the same bytes each time.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

STORED: Final = 0
DEFLATED: Final = 8
_UTF8: Final = 0x0800
_PLAIN: Final = 20
_ZIP64: Final = 45
_UNIX: Final = 3 << 8
_REGULAR_FILE: Final = 0o100644 << 16
_MOST32: Final = 0xFFFFFFFF
_MOST16: Final = 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_FIRST_YEAR, _LAST_YEAR = 1980, 2107


@dataclass(frozen=True)
class Head:
    """One file: its name, CRC-32, size, packed size (bytes), number of pieces, and whether it is compressed."""

    name: str
    crc: int = 0
    size: int = 0
    packed: int = 0
    parts: int = 0
    method: int = DEFLATED


def local_header(head: Head, made: datetime) -> bytes:
    """What stands before the file's bytes."""
    large = max(head.size, head.packed) >= _MOST32
    extra = _extra(head.size, head.packed) if large else b""
    sizes = (_MOST32, _MOST32) if large else (head.packed, head.size)
    name = head.name.encode()
    version = _ZIP64 if large else _PLAIN
    fields = (b"PK\x03\x04", version, _UTF8, head.method, *_dos(made), head.crc, *sizes, len(name), len(extra))
    return _LOCAL.pack(*fields) + name + extra


def central_header(head: Head, offset: int, made: datetime) -> bytes:
    """The file's entry in the directory; `offset`: where its local header stands (bytes from the start)."""
    large = max(head.size, head.packed) >= _MOST32
    far = offset >= _MOST32
    extra = _extra(*((head.size, head.packed) if large else ()), *((offset,) if far else ()))
    sizes = (_MOST32, _MOST32) if large else (head.packed, head.size)
    version = _ZIP64 if large or far else _PLAIN
    name = head.name.encode()
    fields = (
        *(b"PK\x01\x02", _UNIX | version, version, _UTF8, head.method, *_dos(made), head.crc, *sizes),
        *(len(name), len(extra), 0, 0, 0, _REGULAR_FILE, _MOST32 if far else offset),
    )
    return _CENTRAL.pack(*fields) + name + extra


def end(files: int, size: int, offset: int) -> bytes:
    """What ends the archive, for a directory of `files` entries and `size` bytes that begins at `offset`."""
    small = _END.pack(b"PK\x05\x06", 0, 0, *[min(files, _MOST16)] * 2, min(size, _MOST32), min(offset, _MOST32), 0)
    if files < _MOST16 and max(size, offset) < _MOST32:
        return small
    large = _END64.pack(b"PK\x06\x06", _END64.size - 12, _UNIX | _ZIP64, _ZIP64, 0, 0, files, files, size, offset)
    return large + _LOCATOR64.pack(b"PK\x06\x07", 0, offset + size, 1) + small


def directory(heads: Iterable[Head], made: datetime) -> Iterator[bytes]:
    """The entries of all files, in their order, and the end. Flat in memory."""
    offset = size = files = 0
    for head in heads:
        entry = central_header(head, offset, made)
        offset += len(local_header(head, made)) + head.packed
        size, files = size + len(entry), files + 1
        yield entry
    yield end(files, size, offset)


def length(heads: Iterable[Head], made: datetime) -> int:
    """How many bytes the whole archive has."""
    before = 0

    def counted() -> Iterator[Head]:
        nonlocal before
        for head in heads:
            before += len(local_header(head, made)) + head.packed
            yield head

    rest = sum(len(piece) for piece in directory(counted(), made))
    return before + rest


def _extra(*numbers: int) -> bytes:
    return struct.pack(f"<HH{len(numbers)}Q", 1, 8 * len(numbers), *numbers) if numbers else b""


def _dos(made: datetime) -> tuple[int, int]:
    year = min(max(made.year, _FIRST_YEAR), _LAST_YEAR) - _FIRST_YEAR
    return made.hour << 11 | made.minute << 5 | made.second // 2, year << 9 | made.month << 5 | made.day
