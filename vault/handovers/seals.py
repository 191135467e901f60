"""What the vault vouches for in a handover, and the secrets that people carry: link, release code, pickup code.

Seals are HMAC-SHA256 under a key derived (HKDF, RFC 5869) from the vault's signing key, so that a row which somebody
else made or changed opens nothing. Of a secret only its hash is kept; each has 100 random bits, so a plain hash does.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.core import clock
from wire import canonical

_INFO: Final = b"daylight handover v1"
_GROUP: Final = 5
_CODE_BYTES: Final = 13
_CODE_LETTERS: Final = 20


@dataclass(frozen=True)
class Grant:
    """What two people of HR agreed to: whose copy, of what, for which request, until when, and who they are."""

    id: UUID
    employee: UUID
    request: UUID
    checked: str
    starts: datetime | None
    ends: datetime | None
    kinds: tuple[str, ...] | None
    prepared_by: UUID
    expires: datetime
    link_hash: bytes


class Seals:
    """Seals the three acts, each over what came before."""

    def __init__(self, signer: Ed25519PrivateKey) -> None:
        self._key = HKDF(SHA256(), 32, None, _INFO).derive(signer.private_bytes_raw())

    def prepared(self, grant: Grant) -> bytes:
        """Over the first person's act."""
        said = {
            "act": "prepared",
            "handover": str(grant.id),
            "employee": str(grant.employee),
            "request": str(grant.request),
            "checked": grant.checked,
            "starts": None if grant.starts is None else clock.to_ms(grant.starts),
            "ends": None if grant.ends is None else clock.to_ms(grant.ends),
            "kinds": None if grant.kinds is None else list(grant.kinds),
            "by": str(grant.prepared_by),
            "expires": clock.to_ms(grant.expires),
            "link": grant.link_hash.hex(),
        }
        return self._over(said)

    def approved(self, grant: Grant, by: UUID, code_hash: bytes) -> bytes:
        """Over the second person's act."""
        first = self.prepared(grant).hex()
        return self._over({"act": "approved", "first": first, "by": str(by), "code": code_hash.hex()})

    def claimed(self, handover: UUID, order: UUID, pickup_hash: bytes) -> bytes:
        """Over the leaver's act: which archive opens to which code."""
        said = {"act": "claimed", "handover": str(handover), "order": str(order), "pickup": pickup_hash.hex()}
        return self._over(said)

    def _over(self, said: dict[str, Any]) -> bytes:
        return hmac.digest(self._key, canonical.encode(said), "sha256")


def grant_in(row: dict[str, Any]) -> Grant:
    """The grant in a row of `handover`."""
    return Grant(
        row["id"],
        row["employee_id"],
        row["request_id"],
        row["checked"],
        row["starts_at"],
        row["ends_at"],
        None if row["kinds"] is None else tuple(row["kinds"]),
        row["prepared_by"],
        row["expires_at"],
        row["link_hash"],
    )


def new_link() -> str:
    """The secret part of a one-time address."""
    return secrets.token_urlsafe(24)


def new_code() -> str:
    """A code that people read out and type: four groups of five letters and digits."""
    letters = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()[:_CODE_LETTERS]
    return "-".join(letters[start : start + _GROUP] for start in range(0, _CODE_LETTERS, _GROUP))


def hash_link(link: str) -> bytes:
    """What is kept of a link."""
    return hashlib.sha256(b"link " + link.encode()).digest()


def hash_code(code: str) -> bytes:
    """What is kept of a code, however it was typed."""
    typed = "".join(code.upper().split()).replace("-", "")
    return hashlib.sha256(b"code " + typed.encode()).digest()
