"""The acting person of a transaction, as a token the database checks: login|id|expiry|HMAC-SHA256 (D03).

The database's `actor_id()` recomputes the MAC with its own copy of the key and with `session_user`, so that neither an
injected `set_config` nor a token of another login makes somebody else.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

TOKEN_SECONDS = 60


@dataclass(frozen=True)
class ActorKey:
    """The MAC key shared by the web process and the database, 32 bytes."""

    secret: bytes

    def token(self, login: str, person: UUID, now: datetime) -> str:
        """A token for `person` acting through the database login `login`, good for a minute from `now`."""
        message = f"{login}|{person}|{int(now.timestamp()) + TOKEN_SECONDS}"
        return f"{message}|{hmac.new(self.secret, message.encode(), hashlib.sha256).hexdigest()}"

    def pads(self) -> tuple[bytes, bytes]:
        """Inner and outer pad of HMAC-SHA256 (RFC 2104), 64 bytes each: PostgreSQL has sha256() but no hmac()."""
        block = self.secret.ljust(64, b"\0")
        return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
