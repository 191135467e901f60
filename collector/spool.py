"""Sealed segments waiting to be sent: encrypted files, one each, named by their number; the oldest go when it is full.

The body is sealed to the person's key already; the spool's own key hides the headers, and is destroyed with them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import gettext
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from collector.state import StateDir, StateError, replace
from wire import segment

KEY = "spool.key"
FOLDER = "spool"
SEQUENCE = "sequence"
DEFAULT_CAP = 256 << 20
BLOCK = 64
_SUFFIX = ".segment"
_NONCE = 12


@dataclass(frozen=True)
class Waiting:
    """A segment in the spool."""

    seq: int
    header: bytes
    body: bytes


class Spool:
    """`cap`: bytes at most. `dropped`: segments lost to the cap or unreadable, since the collector started."""

    def __init__(self, state: StateDir, cap: int = DEFAULT_CAP) -> None:
        self._state = state
        self._folder = state.path / FOLDER
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._cap = cap
        self._cipher = AESGCM(self._key())
        self.dropped = 0
        for torn in self._folder.glob("*.new"):
            torn.unlink()
        self._sizes = {int(path.stem): path.stat().st_size for path in sorted(self._folder.glob("*" + _SUFFIX))}
        self._bytes = sum(self._sizes.values())

    def __len__(self) -> int:
        return len(self._sizes)

    def __contains__(self, seq: int) -> bool:
        return seq in self._sizes

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._bytes

    def put(self, seq: int, header: bytes, body: bytes) -> None:
        """Keeps one segment; the oldest are dropped and counted if there is no room."""
        nonce = os.urandom(_NONCE)
        data = nonce + self._cipher.encrypt(nonce, segment.pack([(header, body)]), str(seq).encode())
        while self._sizes and self._bytes + len(data) > self._cap:
            self.remove(next(iter(self._sizes)))
            self.dropped += 1
        replace(self._path(seq), data, durable=False)
        self._sizes[seq] = len(data)
        self._bytes += len(data)

    def oldest(self, count: int, size: int) -> list[Waiting]:
        """The oldest segments, at most `count` and `size` bytes together; unreadable ones are dropped and counted."""
        batch: list[Waiting] = []
        total = 0
        for seq in list(self._sizes):
            if len(batch) == count or total + self._sizes[seq] > size:
                break
            total += self._sizes[seq]
            batch.extend(self._open(seq))
        return batch

    def remove(self, seq: int) -> None:
        """Deletes one segment: it was answered for."""
        self._bytes -= self._sizes.pop(seq, 0)
        self._path(seq).unlink(missing_ok=True)

    def wipe(self) -> int:
        """Destroys all segments and the key that opens their headers; their number."""
        count = len(self._sizes)
        self._state.remove(KEY)
        for seq in list(self._sizes):
            self.remove(seq)
        self._cipher = AESGCM(self._key())
        return count

    def _open(self, seq: int) -> Iterator[Waiting]:
        try:
            data = self._path(seq).read_bytes()
            plain = self._cipher.decrypt(data[:_NONCE], data[_NONCE:], str(seq).encode())
            ((header, body),) = segment.unpack(plain)
            yield Waiting(seq, header, body)
        except (OSError, InvalidTag, ValueError):
            self.remove(seq)
            self.dropped += 1

    def _path(self, seq: int) -> Path:
        return self._folder / f"{seq:016d}{_SUFFIX}"

    def _key(self) -> bytes:
        key = self._state.read(KEY)
        if key is None or len(key) != 32:  # noqa: PLR2004 - AES-256
            key = AESGCM.generate_key(256)
            self._state.write(KEY, key)
        return key


class Sequence:
    """The device's segment numbers. A block is reserved on disk before its first is used, so that none comes twice."""

    def __init__(self, state: StateDir) -> None:
        self._state = state
        stored = state.read(SEQUENCE)
        try:
            self._reserved = int(stored) if stored is not None else 0
        except ValueError as error:
            told = gettext("the stored segment number was damaged; remove this device and add it anew.")
            raise StateError(told) from error
        self.last = self._reserved

    def next(self) -> int:
        """A number never given before, also not before a crash."""
        if self.last == self._reserved:
            self._state.write(SEQUENCE, str(self._reserved + BLOCK).encode())
            self._reserved += BLOCK
        self.last += 1
        return self.last
