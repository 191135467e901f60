"""The sealed segment: a header that the server sees, and a body that only the person's key opens.

Body: `DLS1`, HPKE ciphertext of the content key (80 bytes), 12-byte nonce, AES-256-GCM ciphertext (RFC 9180,
SP 800-38D). The hash of the whole header is the AAD and part of the HPKE info: changed, it does not open.
"""

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from wire import canonical, codec
from wire.codec import Moment
from wire.documents import Kind

MAGIC = b"DLS1"
MAX_BODY = 1 << 20
MAX_HEADER = 8192
MAX_BATCH = 64
MAX_SIZE = 8 << 20
SENSITIVITY_LEVELS = 4
LONGEST_MS = 60_000
CONTENT_TYPE = "application/vnd.daylight.segments"
_INFO = b"daylight segment v1\x00"
_WRAPPED = 80
_NONCE = 12
_OVERHEAD = len(MAGIC) + _WRAPPED + _NONCE
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LENGTHS = struct.Struct(">II")


class SegmentError(ValueError):
    """The segment cannot be read or opened; the message holds nothing of its content."""


@dataclass(frozen=True)
class Header:
    """What the server sees. Times: server's Unix ms, half-open. `policy`: its hash; `size`: before compression."""

    segment: UUID
    device: UUID
    employee: UUID
    seq: int
    kind: Kind
    context: str
    start: Moment
    end: Moment
    counts: dict[str, int]
    sensitivity: int
    categories: tuple[str, ...]
    policy: str
    policy_version: int
    lease: UUID
    key: UUID
    size: int

    def __post_init__(self) -> None:
        bounds = (
            (self.seq >= 0 and self.policy_version >= 1, "seq or policy version below the first"),
            (self.start <= self.end, "it ends before it starts"),
            (all(count >= 0 for count in self.counts.values()), "a count below zero"),
            (1 <= self.sensitivity <= SENSITIVITY_LEVELS, "sensitivity is 1 to 4"),
            (0 <= self.size <= MAX_SIZE, "size is 0 to 8 MiB"),
        )
        for holds, sentence in bounds:
            if not holds:
                raise codec.DocumentError(sentence)


def header_bytes(header: Header) -> bytes:
    """The canonical bytes of a header: what is sent, stored and hashed."""
    return canonical.encode(codec.to_value(header))


def read_header(data: bytes) -> Header:
    """The header whose canonical bytes are `data`. Raises SegmentError."""
    if len(data) > MAX_HEADER:
        raise SegmentError("the header is too long")
    try:
        return codec.from_value(Header, canonical.decode(data))
    except (canonical.CanonicalError, codec.DocumentError) as error:
        raise SegmentError(str(error)) from error


def seal(header: bytes, payload: bytes, public_key: bytes) -> bytes:
    """The body for `payload` (compressed content), sealed to a raw X25519 public key and bound to `header`."""
    digest = hashlib.sha256(header).digest()
    content_key, nonce = AESGCM.generate_key(256), os.urandom(_NONCE)
    recipient = X25519PublicKey.from_public_bytes(public_key)
    wrapped = _SUITE.encrypt(content_key, recipient, info=_INFO + digest)
    return MAGIC + wrapped + nonce + AESGCM(content_key).encrypt(nonce, payload, digest)


def unseal(header: bytes, body: bytes, private_key: X25519PrivateKey) -> bytes:
    """The payload (still compressed) of `body`. Raises SegmentError if key, header or body is not the right one."""
    if len(body) < _OVERHEAD or not body.startswith(MAGIC):
        raise SegmentError("not a sealed segment")
    digest = hashlib.sha256(header).digest()
    wrapped = body[len(MAGIC) : len(MAGIC) + _WRAPPED]
    nonce = body[len(MAGIC) + _WRAPPED : _OVERHEAD]
    try:
        content_key = _SUITE.decrypt(wrapped, private_key, info=_INFO + digest)
        return AESGCM(content_key).decrypt(nonce, body[_OVERHEAD:], digest)
    except (InvalidTag, ValueError) as error:
        raise SegmentError("the segment does not open with this key and header") from error


def content_hash(header: bytes, body: bytes) -> bytes:
    """What makes two uploads of one segment id the same: SHA-256 over header and body with their lengths (32 bytes)."""
    return hashlib.sha256(_LENGTHS.pack(len(header), len(body)) + header + body).digest()


def pack(segments: Iterable[tuple[bytes, bytes]]) -> bytes:
    """An upload: for each (header, body) both lengths as 32-bit big-endian numbers, then both."""
    return b"".join(_LENGTHS.pack(len(header), len(body)) + header + body for header, body in segments)


def unpack(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The (header, body) pairs of an upload, none if any is malformed.

    Raises SegmentError at once, before the first pair, for a length out of bounds or missing bytes.
    """
    return iter(list(_pairs(data)))


def _pairs(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = count = 0
    while offset < len(data):
        if len(data) - offset < _LENGTHS.size:
            raise SegmentError("the upload is cut off")
        header_length, body_length = _LENGTHS.unpack_from(data, offset)
        offset += _LENGTHS.size
        count += 1
        if header_length > MAX_HEADER or body_length > MAX_BODY or count > MAX_BATCH:
            raise SegmentError("the upload is too large")
        if len(data) - offset < header_length + body_length:
            raise SegmentError("the upload is cut off")
        yield data[offset : offset + header_length], data[offset + header_length : offset + header_length + body_length]
        offset += header_length + body_length
