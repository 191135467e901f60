"""Hands a copy to somebody who has left and has no session: two people of HR, then the leaver's own secret (0043).

HR's two acts need their own live tickets. Neither of them alone, nor both after the claim, nor whoever writes rows into
the database, can open anything: the claim needs both secrets, and its answer is a code that only the leaver sees.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from portal.core import clock
from vault.errors import HandoverRefusedError, TicketRefusedError, UnavailableError
from vault.exports import sealing
from vault.exports.downloads import Download, Downloads
from vault.exports.orders import LIVES, Order, Scope
from vault.exports.orders import Seals as OrderSeals
from vault.exports.orders import read as read_order
from vault.handovers import seals
from vault.handovers.seals import Grant, Seals, grant_in
from vault.keys import Keys
from vault.looks import ticket_hash
from vault.stamps import Stamps
from vault.store import Connection, Store

VALID: Final = timedelta(days=14)
MOST_TRIES: Final = 10
T = TypeVar("T")

_FIND = "SELECT * FROM handover WHERE link_hash = %(link)s"
_BY_ID = "SELECT * FROM handover WHERE id = %(id)s"
_WHO = "SELECT * FROM handover_person(%(ticket)s, %(request)s)"
_PREPARE = """
SELECT handover_prepare(%(ticket)s, %(id)s, %(request)s, %(checked)s, %(link)s, %(expires)s, %(seal)s)
"""
_APPROVE = "SELECT handover_approve(%(ticket)s, %(id)s, %(code)s, %(seal)s) AS done"
_REVOKE = "SELECT handover_revoke(%(ticket)s, %(id)s) AS done"
_CLAIM = """
SELECT handover_claim(%(id)s, %(order)s, %(ordered)s, %(expires)s, %(language)s, %(timezone)s, %(key)s, %(wrapped)s,
                      %(seal)s, %(pickup)s, %(pickup_seal)s) AS done
"""
_TAKE = "SELECT handover_take(%(id)s) AS look"
_WRONG = "UPDATE handover SET tries = tries + 1 WHERE id = %(id)s"
_ORDER = "SELECT * FROM export_order WHERE id = %(order)s AND employee_id = %(employee)s"
_AUDIT = """
INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
VALUES (%(actor)s, %(role)s, %(action)s, %(id)s, %(employee)s, %(detail)s)
"""


@dataclass(frozen=True)
class Standing:
    """What whoever holds the link may know: one word, and until when."""

    state: str
    until: datetime


class Handing:
    """The acts, in their order: prepare, approve, claim, take."""

    def __init__(
        self, store: Store, keys: Keys, stamps: Stamps, own: Seals, orders: OrderSeals, downloads: Downloads
    ) -> None:
        self._store = store
        self._keys = keys
        self._stamps = stamps
        self._seals = own
        self._orders = orders
        self._downloads = downloads

    def prepare(self, ticket: str, request: UUID, checked: str, now: datetime) -> tuple[UUID, str]:
        """HR's first person says how identity was checked; the handover and its link, shown this once."""
        by, link = self._stamps.person(ticket), seals.new_link()
        expires = clock.from_ms(clock.to_ms(now + VALID))
        told = {"ticket": ticket_hash(ticket), "request": request, "checked": checked, "expires": expires}

        def act(connection: Connection) -> UUID:
            row = connection.execute(_WHO, told).fetchone()
            if row is None:
                raise HandoverRefusedError("unknown")
            hashed, kinds = seals.hash_link(link), None if row["kinds"] is None else tuple(row["kinds"])
            grant = Grant(
                uuid4(), row["employee"], request, checked, row["starts"], row["ends"], kinds, by, expires, hashed
            )  # fmt: skip
            values = {"id": grant.id, "link": hashed, "seal": self._seals.prepared(grant)}
            connection.execute(_PREPARE, told | values)
            self._log(connection, "prepared", grant, by, "hr")
            return grant.id

        return self._allowed(act), link

    def approve(self, ticket: str, handover: UUID) -> str:
        """HR's second person agrees; the release code, shown this once, for another way than the link's."""
        by, code = self._stamps.person(ticket), seals.new_code()

        def act(connection: Connection) -> str:
            grant = self._grant(connection.execute(_BY_ID, {"id": handover}).fetchone())
            hashed = seals.hash_code(code)
            told = {"ticket": ticket_hash(ticket), "id": handover, "code": hashed}
            done = connection.execute(_APPROVE, told | {"seal": self._seals.approved(grant, by, hashed)}).fetchone()
            if done is None or not done["done"]:
                raise HandoverRefusedError("over")
            self._log(connection, "approved", grant, by, "hr")
            return code

        return self._allowed(act)

    def revoke(self, ticket: str, handover: UUID) -> None:
        """Anybody of HR ends it; an archive that was made for it is not given any more."""
        by = self._stamps.person(ticket)

        def act(connection: Connection) -> None:
            grant = self._grant(connection.execute(_BY_ID, {"id": handover}).fetchone())
            told = {"ticket": ticket_hash(ticket), "id": handover}
            done = connection.execute(_REVOKE, told).fetchone()
            if done is None or not done["done"]:
                raise HandoverRefusedError("over")
            self._log(connection, "revoked", grant, by, "hr")

        self._allowed(act)

    def standing(self, link: str, now: datetime) -> Standing:
        """How it stands. Raises HandoverRefusedError for a link that is none."""
        row = self._row(link)
        return Standing(self._state(row, now), row["expires_at"] if row["claimed_at"] is None else self._until(row))

    def claim(self, link: str, code: str, language: str, now: datetime) -> str:
        """The leaver's act: both secrets make the order; the pickup code, shown this once, is nobody else's."""
        row = self._row(link)
        if self._state(row, now) != "claimable":
            raise HandoverRefusedError("over")
        grant = self._grant(row)
        self._approved(grant, row)
        if not hmac.compare_digest(seals.hash_code(code), row["code_hash"]):
            self._wrong(grant)
        pickup = seals.new_code()
        order, hashed = self._order(grant, language, now), seals.hash_code(pickup)
        scope = order.scope
        told: dict[str, Any] = {
            "id": grant.id, "order": order.id, "ordered": order.ordered, "expires": order.expires,
            "language": scope.language, "timezone": scope.timezone, "key": order.key, "wrapped": order.wrapped,
            "seal": self._orders.seal(order), "pickup": hashed,
            "pickup_seal": self._seals.claimed(grant.id, order.id, hashed),
        }  # fmt: skip

        def act(connection: Connection) -> str:
            done = connection.execute(_CLAIM, told).fetchone()
            if done is None or not done["done"]:
                raise HandoverRefusedError("over")
            self._log(connection, "claimed", grant, grant.employee, "employee")
            return pickup

        return self._allowed(act)

    def take(self, link: str, code: str, now: datetime) -> Download:
        """The archive, once; the line is committed before its first byte."""
        row = self._row(link)
        if self._state(row, now) != "ready":
            raise HandoverRefusedError("over")
        grant = self._grant(row)
        self._approved(grant, row)
        if not hmac.compare_digest(
            row["pickup_seal"], self._seals.claimed(grant.id, row["order_id"], row["pickup_hash"])
        ):
            raise HandoverRefusedError("unknown")
        if not hmac.compare_digest(seals.hash_code(code), row["pickup_hash"]):
            self._wrong(grant)
        made = self._made(row)

        def act(connection: Connection) -> UUID:
            found = connection.execute(_TAKE, {"id": grant.id}).fetchone()
            if found is None or not isinstance(found["look"], UUID):
                raise HandoverRefusedError("over")
            self._log(connection, "taken", grant, grant.employee, "employee")
            return found["look"]

        return self._downloads.of(read_order(made), made["archive_bytes"], self._allowed(act))

    def _state(self, row: dict[str, Any], now: datetime) -> str:
        if row["revoked_at"] is not None or row["tries"] >= MOST_TRIES:
            return "ended"
        if row["taken_at"] is not None:
            return "taken"
        if row["claimed_at"] is not None:
            return self._made_state(self._made(row), now)
        if row["expires_at"] <= now:
            return "expired"
        return "waiting" if row["approved_at"] is None else "claimable"

    def _made_state(self, made: dict[str, Any], now: datetime) -> str:
        if made["cancelled_at"] is not None or made["state"] in {"failed", "cancelled", "expired"}:
            return "ended"
        if made["state"] != "ready":
            return "making"
        return "ready" if made["archive_until"] > now else "expired"

    def _until(self, row: dict[str, Any]) -> datetime:
        made = self._made(row)
        until: datetime = made["archive_until"] or made["expires_at"]
        return until

    def _made(self, row: dict[str, Any]) -> dict[str, Any]:
        made = self._store.one(_ORDER, {"order": row["order_id"], "employee": row["employee_id"]})
        if made is None or not self._orders.holds(read_order(made), made["seal"]):
            raise HandoverRefusedError("unknown")
        return made

    def _row(self, link: str) -> dict[str, Any]:
        row = self._store.one(_FIND, {"link": seals.hash_link(link)})
        if row is None:
            raise HandoverRefusedError("unknown")
        return row

    def _grant(self, row: dict[str, Any] | None) -> Grant:
        """The grant, if this vault sealed exactly that."""
        if row is None:
            raise HandoverRefusedError("unknown")
        grant = grant_in(row)
        if not hmac.compare_digest(row["prepare_seal"], self._seals.prepared(grant)):
            raise HandoverRefusedError("unknown")
        return grant

    def _approved(self, grant: Grant, row: dict[str, Any]) -> None:
        by, code, seal = row["approved_by"], row["code_hash"], row["approve_seal"]
        if by is None or code is None or seal is None or by in {grant.prepared_by, grant.employee}:
            raise HandoverRefusedError("unknown")
        if not hmac.compare_digest(seal, self._seals.approved(grant, by, code)):
            raise HandoverRefusedError("unknown")

    def _wrong(self, grant: Grant) -> None:
        """Count it and log it, whatever comes after; then refuse."""
        with self._store.transaction() as connection:
            connection.execute(_WRONG, {"id": grant.id})
            self._log(connection, "wrong_code", grant, None, "nobody")
        raise HandoverRefusedError("wrong_code")

    def _order(self, grant: Grant, language: str, now: datetime) -> Order:
        now = clock.from_ms(clock.to_ms(now))
        key, _ = self._keys.ensure(grant.employee, now)
        scope = Scope(grant.starts, grant.ends, grant.kinds, True, language, "UTC", grant.request)
        order = Order(uuid4(), grant.employee, scope, now, now + LIVES, key, b"")
        with self._store.transaction() as connection:
            private = self._keys.private(connection, key, grant.employee)
        if private is None:
            raise UnavailableError("The person's key does not open now.")
        return replace(order, wrapped=sealing.wrap(sealing.new_key(), private, order.id))

    def _log(self, connection: Connection, act: str, grant: Grant, actor: UUID | None, role: str) -> None:
        told = {"actor": actor, "role": role, "action": f"handover.{act}", "id": grant.id, "employee": grant.employee}
        connection.execute(_AUDIT, told | {"detail": Jsonb({"request": str(grant.request)})})

    def _allowed(self, act: Callable[[Connection], T]) -> T:
        """`act` in a transaction of its own; what the database does not let happen is refused."""
        try:
            with self._store.transaction() as connection:
                return act(connection)
        except psycopg.errors.InsufficientPrivilege:
            raise TicketRefusedError("No live session of HR stands behind this.") from None
        except psycopg.errors.CheckViolation:
            raise HandoverRefusedError("four_eyes") from None
        except psycopg.errors.UniqueViolation:
            raise HandoverRefusedError("twice") from None
