"""Orders: what the person's click lets the vault do for a day without the person, vouched for by the vault itself.

The seal is an HMAC-SHA256 over everything that says whose content may be opened, what of it and until when, under a key
derived (HKDF, RFC 5869) from the vault's signing key: a row that somebody else made or changed opens nothing.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg.types.json import Jsonb

from portal.core import clock
from vault.errors import TicketRefusedError, UnavailableError
from vault.exports import sealing
from vault.keys import Keys
from vault.looks import ticket_hash
from vault.stamps import Stamps
from vault.store import Connection, Store
from wire import canonical

LIVES: Final = timedelta(hours=24)
_INFO: Final = b"daylight export order v1"
_BEGIN = """
SELECT export_order_begin(%(ticket)s, %(id)s, %(request)s, %(ordered)s, %(expires)s, %(starts)s, %(ends)s,
                          %(kinds)s::text[], %(stores)s, %(language)s, %(timezone)s, %(key)s,
                          %(wrapped)s, %(seal)s) AS made
"""
_AUDIT = """
INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
VALUES (%(employee)s, 'employee', 'export.ordered', %(id)s, %(employee)s, %(detail)s)
"""


@dataclass(frozen=True)
class Scope:
    """What to export: a half-open stretch of time (all: None), kinds (all: None), with external stores or without."""

    starts: datetime | None
    ends: datetime | None
    kinds: tuple[str, ...] | None
    stores: bool
    language: str
    timezone: str
    request: UUID | None = None


@dataclass(frozen=True)
class Order:
    """An order as it was sealed. `wrapped`: the archive's key, sealed to the person."""

    id: UUID
    employee: UUID
    scope: Scope
    ordered: datetime
    expires: datetime
    key: UUID
    wrapped: bytes


class Seals:
    """Seals orders and tells its own seals."""

    def __init__(self, signer: Ed25519PrivateKey) -> None:
        self._key = HKDF(SHA256(), 32, None, _INFO).derive(signer.private_bytes_raw())

    def seal(self, order: Order) -> bytes:
        """The seal (32 bytes) of `order`."""
        scope = order.scope
        said = {
            "order": str(order.id),
            "employee": str(order.employee),
            "starts": None if scope.starts is None else clock.to_ms(scope.starts),
            "ends": None if scope.ends is None else clock.to_ms(scope.ends),
            "kinds": None if scope.kinds is None else list(scope.kinds),
            "stores": scope.stores,
            "language": scope.language,
            "timezone": scope.timezone,
            "ordered": clock.to_ms(order.ordered),
            "expires": clock.to_ms(order.expires),
            "key": str(order.key),
            "wrapped": hashlib.sha256(order.wrapped).hexdigest(),
        }
        return hmac.digest(self._key, canonical.encode(said), "sha256")

    def holds(self, order: Order, seal: bytes) -> bool:
        """Whether this vault made exactly this order."""
        return hmac.compare_digest(seal, self.seal(order))


class Orders:
    """Takes orders."""

    def __init__(self, store: Store, keys: Keys, stamps: Stamps, seals: Seals) -> None:
        self._store = store
        self._keys = keys
        self._stamps = stamps
        self._seals = seals

    def take(self, ticket: str, scope: Scope, now: datetime) -> tuple[UUID, bool]:
        """The order's id, and whether it was made now: while one runs, that one is answered.

        Raises TicketRefusedError, UnavailableError.
        """
        order = self._order(self._stamps.person(ticket), scope, now)
        try:
            with self._store.transaction() as connection:
                made = self._insert(connection, ticket, order)
        except psycopg.errors.InsufficientPrivilege:
            raise TicketRefusedError("No live session stands behind this ticket.") from None
        return made, made == order.id

    def _order(self, person: UUID, scope: Scope, now: datetime) -> Order:
        now = clock.from_ms(clock.to_ms(now))
        key, _ = self._keys.ensure(person, now)
        order = Order(uuid4(), person, scope, now, now + LIVES, key, b"")
        with self._store.transaction() as connection:
            private = self._keys.private(connection, key, person)
        if private is None:
            raise UnavailableError("The person's key does not open now.")
        return replace(order, wrapped=sealing.wrap(sealing.new_key(), private, order.id))

    def _insert(self, connection: Connection, ticket: str, order: Order) -> UUID:
        scope = order.scope
        told: dict[str, Any] = {
            "ticket": ticket_hash(ticket),
            "id": order.id,
            "request": scope.request,
            "ordered": order.ordered,
            "expires": order.expires,
            "starts": scope.starts,
            "ends": scope.ends,
            "kinds": None if scope.kinds is None else list(scope.kinds),
            "stores": scope.stores,
            "language": scope.language,
            "timezone": scope.timezone,
            "key": order.key,
            "wrapped": order.wrapped,
            "seal": self._seals.seal(order),
        }
        row = connection.execute(_BEGIN.encode(), told).fetchone()
        if row is None or not isinstance(row["made"], UUID):
            raise TicketRefusedError("No order was made.")
        if row["made"] == order.id:
            detail = Jsonb({"kinds": told["kinds"], "all": scope.starts is None, "stores": scope.stores})
            connection.execute(_AUDIT, {"employee": order.employee, "id": order.id, "detail": detail})
        made: UUID = row["made"]
        return made


def read(row: dict[str, Any]) -> Order:
    """The order in a row of export_order."""
    kinds = None if row["kinds"] is None else tuple(row["kinds"])
    scope = Scope(row["starts_at"], row["ends_at"], kinds, row["stores"], row["language"], row["timezone"])
    return Order(
        row["id"], row["employee_id"], scope, row["ordered_at"], row["expires_at"], row["key_id"], row["wrapped_key"]
    )
