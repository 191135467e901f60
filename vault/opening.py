"""Opens one sealed segment: seal, compression, content, and whether all three agree with what the server shows."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import zstandard
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.core import clock
from wire import content, segment
from wire.content import Content
from wire.segment import Header

MAX_WINDOW: Final = 1 << 23
CHUNK: Final = 1 << 16


class State(StrEnum):
    """What became of a segment that was asked for."""

    OPENED = "opened"
    MISMATCH = "mismatch"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Opened:
    """One segment: `content` when it opened; `fields` names what does not agree (never what it says instead)."""

    segment: UUID
    state: State
    content: Content | None = None
    fields: tuple[str, ...] = ()


class InflateError(ValueError):
    """Not one zstd frame, or more than the limit inside."""


def inflate(payload: bytes, limit: int = segment.MAX_SIZE) -> bytes:
    """What is inside a zstd frame (RFC 8878), counted while it flows, so that no bomb grows past `limit` bytes.

    The frame's own word on its size counts for nothing, and the window is capped: memory stays bounded (R04).
    """
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    chunks, size = [], 0
    try:
        with decompressor.stream_reader(io.BytesIO(payload), read_across_frames=False) as reader:
            while chunk := reader.read(min(CHUNK, limit + 1 - size)):
                size += len(chunk)
                if size > limit:
                    raise InflateError("too much inside")
                chunks.append(chunk)
    except (zstandard.ZstdError, MemoryError):
        raise InflateError("not compressed as it should be") from None
    return b"".join(chunks)


def open_row(row: Mapping[str, Any], private_key: X25519PrivateKey | None) -> Opened:
    """Open a row of look_read with its key (None: gone). Never raises for what a row may hold."""
    try:
        header = segment.read_header(row["header"])
    except segment.SegmentError:
        return Opened(row["id"], State.UNREADABLE, fields=("header",))
    if changed := altered(row, header):
        return Opened(row["id"], State.UNREADABLE, fields=changed)
    if private_key is None:
        return Opened(row["id"], State.UNREADABLE, fields=("key",))
    try:
        packed = inflate(segment.unseal(row["header"], row["body"], private_key))
        opened = content.unpack(packed)
    except segment.SegmentError:
        return Opened(row["id"], State.UNREADABLE, fields=("seal",))
    except (InflateError, content.ContentError):
        return Opened(row["id"], State.UNREADABLE, fields=("content",))
    lies = content.differences(opened, len(packed), header)
    return Opened(row["id"], State.MISMATCH if lies else State.OPENED, opened, lies)


def altered(row: Mapping[str, Any], header: Header) -> tuple[str, ...]:
    """Names of the row's columns, which the pages show, that are not what the sealed header says (C02)."""
    said = {
        "id": header.segment,
        "employee_id": header.employee,
        "device_id": header.device,
        "seq": header.seq,
        "kind": header.kind,
        "context": header.context,
        "started_at": clock.from_ms(header.start),
        "ended_at": clock.from_ms(header.end),
        "counts": header.counts,
        "sensitivity": header.sensitivity,
        "categories": list(header.categories),
        "policy": header.policy,
        "policy_version": header.policy_version,
        "lease_id": header.lease,
        "key_id": header.key,
        "size": header.size,
    }
    return tuple(name for name, value in said.items() if row[name] != value)
