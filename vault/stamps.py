"""Tickets that only the vault can make: a row that somebody else put into the database opens nothing.

A ticket is 32 random bytes, the person's id, and HMAC-SHA256 over both under a key derived (HKDF, RFC 5869) from the
vault's signing key. The database knows its hash and decides whether its session lives; whose it is, it says itself.
"""

import base64
import hmac
import os
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import TicketRefusedError

RANDOM_BYTES: Final = 32
PERSON_BYTES: Final = 16
_INFO: Final = b"daylight ticket v1"


class Stamps:
    """Makes tickets and tells whose one is."""

    def __init__(self, signer: Ed25519PrivateKey) -> None:
        self._key = HKDF(SHA256(), 32, None, _INFO).derive(signer.private_bytes_raw())

    def ticket(self, employee: UUID) -> str:
        """A new ticket for `employee`."""
        said = os.urandom(RANDOM_BYTES) + employee.bytes
        return base64.urlsafe_b64encode(said + self._mac(said)).decode()

    def person(self, ticket: str) -> UUID:
        """Whose ticket this is. Raises TicketRefusedError for one that this vault did not make."""
        try:
            raw = base64.b64decode(ticket.encode(), altchars=b"-_", validate=True)
        except ValueError:
            raise TicketRefusedError("This is not a ticket.") from None
        said, mac = raw[: RANDOM_BYTES + PERSON_BYTES], raw[RANDOM_BYTES + PERSON_BYTES :]
        if not hmac.compare_digest(mac, self._mac(said)):
            raise TicketRefusedError("This is not a ticket.")
        return UUID(bytes=said[RANDOM_BYTES:])

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")
