"""The petitions' keys: made here, sealed with a key that only this process has, opened into memory when needed."""

import hmac
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

BITS: Final = 3072
EXPONENT: Final = 65537
NONCE_BYTES: Final = 12
OPEN_KEYS: Final = 256
"""So many are kept opened: more petitions than run at once anywhere."""


class Keys:
    """Seals and opens. `seal`: 32 bytes, PORTAL_BALLOT_SEAL."""

    def __init__(self, seal: bytes) -> None:
        self._seal = AESGCM(seal)
        self._tickets = hmac.digest(seal, b"daylight ballot tickets", "sha256")
        self.private: Callable[[UUID, bytes], RSAPrivateKey] = lru_cache(OPEN_KEYS)(self._open)

    def make(self, petition: UUID) -> tuple[bytes, bytes]:
        """A new key pair for a petition: the public half (DER), the private half sealed to that petition."""
        key = rsa.generate_private_key(EXPONENT, BITS)
        nonce = os.urandom(NONCE_BYTES)
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return public, nonce + self._seal.encrypt(nonce, private, petition.bytes)

    def ticket(self, part: bytes, key: tuple[UUID, bytes]) -> bytes:
        """A part of the ticket for a token that was given up: nobody else can make or check it. 32 bytes."""
        return hmac.digest(self._tickets, part + key[0].bytes + key[1], "sha256")

    def _open(self, petition: UUID, sealed: bytes) -> RSAPrivateKey:
        """The private key. Raises InvalidTag when it was sealed for another petition, or by another installation."""
        data = self._seal.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], petition.bytes)
        key = load_der_private_key(data, None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("not an RSA key")
        return key


@lru_cache(OPEN_KEYS)
def public(der: bytes) -> RSAPublicKey:
    """A public key out of the database."""
    key = load_der_public_key(der)
    if not isinstance(key, RSAPublicKey):
        raise TypeError("not an RSA key")
    return key
