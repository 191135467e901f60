"""The box: what was handed in waits here until the daily count, in a file of slots that is filled in random order.

No slot has a time, and the database sees nothing until all are emptied into it together: neither its write-ahead log
nor its transaction numbers say when somebody handed something in. What is acknowledged is on the disk.
"""

import fcntl
import hashlib
import os
import secrets
import threading
from enum import IntEnum
from pathlib import Path
from typing import Final
from uuid import UUID

Key = tuple[UUID, bytes]
SLOTS: Final = 262_144
"""16 MiB. Full at 235,929: three petitions that 70,000 people sign on one day."""
EARLIER_SLOTS: Final = 65_536
SLOT_BYTES: Final = 64
"""A mark, the petition, the number, and a checksum. Slots never cross a sector, so that each is written whole."""
CHECKED: Final = 1 + 16 + 32
FULL: Final = SLOTS * 9 // 10
NAME: Final = "box"


class Mark(IntEnum):
    """What is known of a token: handed in, taken back, or given up for a signature with the name."""

    VOTE = 1
    VOID = 2
    SPENT = 3


class BoxError(OSError):
    """The box cannot be opened or written; nothing was accepted."""


class Box:
    """The file `box` in a directory of its own. `turn` is held by whoever decides on what lies in it and writes."""

    def __init__(self, directory: Path) -> None:
        self.turn = threading.RLock()
        self._marks: dict[Key, Mark] = {}
        self._slots: dict[Key, int] = {}
        self._taken: set[int] = set()
        self._file = _opened(directory)
        content = os.pread(self._file, SLOTS * SLOT_BYTES, 0)
        for slot in range(SLOTS):
            at = slot * SLOT_BYTES
            if content[at] and (found := _read(content[at : at + SLOT_BYTES])) is not None:
                self._note(found[0], found[1], slot)

    def get(self, key: Key) -> Mark | None:
        """What lies here for a token; None also when it was emptied into the database."""
        return self._marks.get(key)

    def put(self, key: Key, mark: Mark) -> None:
        """Keep it, instead of what lay here for the token; on the disk when this returns. Raises BoxError."""
        slot = self._slots.get(key)
        if slot is None:
            slot = self._free()
        content = bytes([mark]) + key[0].bytes + key[1]
        self._write(slot, content + _checksum(content))
        self._note(key, mark, slot)

    def take_out(self, key: Key) -> None:
        """Forget what lies here for a token. Raises BoxError."""
        slot = self._slots.get(key)
        if slot is not None:
            self._write(slot, bytes(SLOT_BYTES))
            self._forget(key)

    def entries(self) -> list[tuple[Key, Mark]]:
        """All that lies here."""
        return list(self._marks.items())

    def clear(self, keys: list[Key]) -> None:
        """Overwrite the slots of what was emptied, together. Raises BoxError; what is left then is emptied again."""
        try:
            for key in keys:
                os.pwrite(self._file, bytes(SLOT_BYTES), self._slots[key] * SLOT_BYTES)
            self._to_disk()
        except OSError as error:
            raise BoxError("the box cannot be written") from error
        for key in keys:
            self._forget(key)

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._file)

    def _note(self, key: Key, mark: Mark, slot: int) -> None:
        self._marks[key], self._slots[key] = mark, slot
        self._taken.add(slot)

    def _forget(self, key: Key) -> None:
        del self._marks[key]
        self._taken.discard(self._slots.pop(key))

    def _free(self) -> int:
        if len(self._taken) >= FULL:
            raise BoxError("the box is full")
        while True:
            slot = secrets.randbelow(SLOTS)
            if slot not in self._taken:
                return slot

    def _write(self, slot: int, content: bytes) -> None:
        try:
            if os.pwrite(self._file, content, slot * SLOT_BYTES) != SLOT_BYTES:
                raise BoxError("the box cannot be written")
            self._to_disk()
        except OSError as error:
            raise BoxError("the box cannot be written") from error

    def _to_disk(self) -> None:
        os.utime(self._file, (0, 0))  # the file's own time would be that of the last hand-in
        os.fsync(self._file)


def _opened(directory: Path) -> int:
    """The file, made when it is not there, and ours alone. Raises BoxError."""
    path = directory / NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise BoxError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise BoxError(f"{path} is used by another ballot") from error
    size = os.fstat(file).st_size
    if size not in {EARLIER_SLOTS * SLOT_BYTES, SLOTS * SLOT_BYTES}:
        os.close(file)
        raise BoxError(f"{path} is no ballot box")
    _grow(file, size)
    return file


def _grow(file: int, size: int) -> None:
    """A box of an earlier version gets its further slots. Raises BoxError."""
    missing = SLOTS * SLOT_BYTES - size
    try:
        if missing:
            os.posix_fallocate(file, size, missing)
            os.fsync(file)
    except OSError as error:
        os.close(file)
        raise BoxError("the box cannot be made larger") from error


def _make(path: Path) -> None:
    """All slots at once, so that a hand-in never needs new space; the name only once they are on the disk."""
    new = path.with_suffix(".new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as opened:
        opened.write(bytes(SLOTS * SLOT_BYTES))
        opened.flush()
        os.fsync(opened.fileno())
    new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[: SLOT_BYTES - CHECKED]


def _read(slot: bytes) -> tuple[Key, Mark] | None:
    """What a slot holds; None when it is empty, or was never written whole and so never acknowledged."""
    content = slot[:CHECKED]
    if len(slot) != SLOT_BYTES or not content[0] or _checksum(content) != slot[CHECKED:]:
        return None
    return (UUID(bytes=content[1:17]), content[17:]), Mark(content[0])
