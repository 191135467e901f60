"""The ZIP itself: what others read from it, beyond 4 GiB and 65535 files, and that its length is known before."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.exports import archive
from vault.exports.archive import DEFLATED, STORED, Head

MADE = datetime(2026, 11, 29, 1, 2, 4, tzinfo=UTC)
GIB = 1 << 30


class Sparse(io.RawIOBase):
    """A file whose long stretches of zeros take no room."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, bytes]] = []
        self.size = self._at = 0

    def put(self, data: bytes) -> None:
        self._parts.append((self.size, data))
        self.size += len(data)

    def skip(self, count: int) -> None:
        self.size += count

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = {0: 0, 1: self._at, 2: self.size}[whence] + offset
        return self._at

    def read(self, count: int | None = -1) -> bytes:
        count = self.size - self._at if count is None or count < 0 else min(count, self.size - self._at)
        data = bytearray(count)
        for start, part in self._parts:
            low, high = max(start, self._at), min(start + len(part), self._at + count)
            if low < high:
                data[low - self._at : high - self._at] = part[low - start : high - start]
        self._at += count
        return bytes(data)


def packed(name: str, data: bytes) -> tuple[Head, bytes]:
    packer = zlib.compressobj(6, wbits=-15)
    body = packer.compress(data) + packer.flush()
    return Head(name, zlib.crc32(data), len(data), len(body), 1), body


def whole(files: list[tuple[Head, bytes]]) -> bytes:
    heads = [head for head, _ in files]
    front = b"".join(archive.local_header(head, MADE) + body for head, body in files)
    return front + b"".join(archive.directory(heads, MADE))


@given(st.lists(st.binary(max_size=2000), max_size=8))
def test_others_read_what_was_written(contents: list[bytes]) -> None:
    data = whole([packed(f"ordner/ä{number}.txt", content) for number, content in enumerate(contents)])
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert [opened.read(name) for name in opened.namelist()] == contents
        assert all(info.date_time == (2026, 11, 29, 1, 2, 4) for info in opened.infolist())
    assert archive.length([packed(f"ordner/ä{n}.txt", content)[0] for n, content in enumerate(contents)], MADE) == len(
        data
    )


@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_beyond_four_gibibytes(method: int) -> None:
    heads = [
        Head("large", 1, 5 * GIB, 5 * GIB, 1, method),
        Head("behind", 0, 0, 0, 0),
        Head("much", 2, 9 * GIB, 7, 1, method),
    ]
    file = Sparse()
    for head in heads:
        file.put(archive.local_header(head, MADE))
        file.skip(head.packed)
    for piece in archive.directory(heads, MADE):
        file.put(piece)
    assert archive.length(heads, MADE) == file.size
    with zipfile.ZipFile(file) as opened:
        found = [(info.filename, info.file_size, info.compress_size) for info in opened.infolist()]
        assert found == [(head.name, head.size, head.packed) for head in heads]
        assert opened.infolist()[1].header_offset > 4 * GIB
        opened.open("behind").close()


def test_beyond_65535_files() -> None:
    heads = [Head(f"n{number}") for number in range(70_000)]

    def data() -> Iterator[bytes]:
        yield from (archive.local_header(head, MADE) for head in heads)
        yield from archive.directory(heads, MADE)

    whole_data = b"".join(data())
    assert archive.length(heads, MADE) == len(whole_data)
    with zipfile.ZipFile(io.BytesIO(whole_data)) as opened:
        assert len(opened.namelist()) == 70_000
