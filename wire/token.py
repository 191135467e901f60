"""A petition's token: how a browser makes it from its recovery code, and what stands for it once it was handed in.

The same code gives the same token in any browser, and without the code nobody can tell two tokens apart. The browser's
half is `portal/static/petitions/blind.js`; golden vectors hold both together.
"""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wire import blind

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O, U, so that a code can be read out and written down."""
CODE_LETTERS: Final = 24
"""120 random bits."""
SERIAL_BYTES: Final = 32
EXTRA_BYTES: Final = 16
"""More bytes than the modulus has, so that the factor is as good as uniform."""
LABEL: Final = b"daylight petition token 1 "
NULLIFIER: Final = b"daylight petition nullifier 1 "


@dataclass(frozen=True)
class Secret:
    """What one recovery code gives for one petition."""

    prefix: bytes
    serial: bytes
    salt: bytes
    factor: int

    @property
    def prepared(self) -> bytes:
        """The message that is signed."""
        return blind.prepare(self.serial, self.prefix)


def read_code(text: str) -> str:
    """The code in what somebody typed: case, blanks, hyphens and look-alikes do not matter. Raises ValueError."""
    typed = "".join(text.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    if len(typed) != CODE_LETTERS or any(letter not in ALPHABET for letter in typed):
        raise ValueError("no recovery code")
    return typed


def secret(code: str, petition: UUID, key: RSAPublicKey) -> Secret:
    """Everything a token needs, from the code alone."""
    size = blind.length(key)

    def part(name: bytes, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, petition.bytes, LABEL + name).derive(code.encode())

    return Secret(
        prefix=part(b"prefix", blind.PREFIX_BYTES),
        serial=part(b"serial", SERIAL_BYTES),
        salt=part(b"salt", blind.SALT_BYTES),
        factor=int.from_bytes(part(b"factor", size + EXTRA_BYTES), "big") % key.public_numbers().n,
    )


def nullifier(petition: UUID, prepared: bytes) -> bytes:
    """What is kept of a token that was handed in: unique for it, and no way back to it."""
    return hashlib.sha256(NULLIFIER + petition.bytes + prepared).digest()
