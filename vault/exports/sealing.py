"""What an archive lies encrypted under: a key of its own, sealed to the person's key, and one nonce a piece.

A piece is `nonce (12) | AES-256-GCM ciphertext` (SP 800-38D); its additional data names order, file and place, so that
none opens anywhere else. Nonces are random: a step that is repeated after a crash never meets one again.
"""

import os
import struct
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"daylight export v1\x00"
_NONCE = 12
_PLACE = struct.Struct(">qq")
HEAD = -1
CHECKPOINT = (-1, -1)


class ArchiveError(ValueError):
    """A piece of an archive does not open where it lies; the message holds nothing of it."""


def new_key() -> bytes:
    """A fresh key for one archive (32 bytes)."""
    return AESGCM.generate_key(256)


def wrap(key: bytes, private_key: X25519PrivateKey, order: UUID) -> bytes:
    """`key` sealed to the person (HPKE, RFC 9180), for this order only."""
    return _SUITE.encrypt(key, private_key.public_key(), info=_INFO + order.bytes)


def unwrap(wrapped: bytes, private_key: X25519PrivateKey, order: UUID) -> bytes:
    """The archive's key. Raises ArchiveError for another person's or another order's."""
    try:
        return _SUITE.decrypt(wrapped, private_key, info=_INFO + order.bytes)
    except (InvalidTag, ValueError):
        raise ArchiveError("the archive's key does not open") from None


class Sealer:
    """Seals and opens the pieces of one order's archive."""

    def __init__(self, key: bytes, order: UUID) -> None:
        self._cipher = AESGCM(key)
        self._order = order.bytes

    def seal(self, data: bytes, file: int, part: int) -> bytes:
        """`data` as piece `part` of file `file`; HEAD as part: the file's head."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, self._place(file, part))

    def open(self, piece: bytes, file: int, part: int) -> bytes:
        """What was sealed there. Raises ArchiveError."""
        try:
            return self._cipher.decrypt(piece[:_NONCE], piece[_NONCE:], self._place(file, part))
        except (InvalidTag, ValueError):
            raise ArchiveError("a piece of the archive does not open") from None

    def _place(self, file: int, part: int) -> bytes:
        return self._order + _PLACE.pack(file, part)
