"""One uploaded segment, as it came."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from wire import canary, segment
from wire.canary import Canary
from wire.segment import Header

Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Item:
    """The parts of a segment, and the device and person it came from. `header` None: unreadable.

    `canary`: which canary it is; None for what is captured. A canary is never stored.
    """

    device: UUID
    employee: UUID
    id: UUID
    content_hash: bytes
    header: Header | None
    header_bytes: bytes
    body: bytes
    canary: Canary | None = None

    @property
    def key(self) -> Key:
        """What decides idempotency: device and segment id."""
        return self.device, self.id


def item(device: UUID, employee: UUID, header: bytes, body: bytes) -> Item:
    """An item from the two parts of an upload. A header that cannot be read gets an id made from its bytes."""
    digest = segment.content_hash(header, body)
    try:
        read = segment.read_header(header)
    except segment.SegmentError:
        return _marked(device, employee, header, body, digest)
    return Item(device, employee, read.segment, digest, read, header, body)


def _marked(device: UUID, employee: UUID, header: bytes, body: bytes, digest: bytes) -> Item:
    try:
        marked = canary.read_header(header)
    except segment.SegmentError:
        made = UUID(bytes=hashlib.sha256(b"unreadable" + digest).digest()[:16], version=4)
        return Item(device, employee, made, digest, None, header, body)
    return Item(device, employee, marked.header.segment, digest, marked.header, header, body, marked.canary)
