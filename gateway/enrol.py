"""`POST /v1/enroll`: a one-time code and a new key make a device, exactly once.

An answer may be lost on the way: the same code from the same key is answered with the same device while the code lives.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
from aiohttp import web

from gateway import store
from gateway.database import Connection, DatabaseDownError, Link
from gateway.errors import RefusedError, malformed, unavailable
from gateway.limits import Rate
from portal.agents.actions import code_hash
from portal.core import clock
from portal.core.clock import from_ms
from portal.policies.rules import holding
from wire import codec, documents, dsse
from wire.documents import Enrolment

MAX_BODY = 16_384
LONGEST_PLATFORM = 200
CODE_GROUPS = 1024
ATTEMPTS_PER_SECOND = 1
BURST = 10
"""For the codes of one group. No stranger knows in which one a code is, so that guesses are spread over all of them."""

_TAKE = """
UPDATE enrolment_code c SET used_at = %s, device_id = %s FROM employee e
 WHERE c.code_hash = %s AND c.used_at IS NULL AND c.expires_at > %s AND e.id = c.employee_id AND e.left_at IS NULL
RETURNING c.employee_id, c.device_name
"""
_AGAIN = """
SELECT d.id, d.employee_id, d.name FROM enrolment_code c
  JOIN device d ON d.id = c.device_id JOIN employee e ON e.id = d.employee_id
 WHERE c.code_hash = %s AND c.expires_at > %s AND d.public_key = %s AND d.removed_at IS NULL AND e.left_at IS NULL
"""
_DEVICE = """
INSERT INTO device (id, employee_id, kind, name, platform, public_key, added_at)
VALUES (%s, %s, 'collector', %s, %s, %s, %s)
"""
_AUDIT = """
INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id)
VALUES (%s, 'employee', 'device.added', %s, %s)
"""

Made = tuple[UUID, UUID, str]
"""Device, employee, the device's name."""


@dataclass(frozen=True, slots=True)
class Added:
    """A device that is new, or whose answer was lost, with what it must know to begin."""

    device: UUID
    employee: UUID
    name: str
    key: bytes
    policy: bytes
    base: bytes | None


class Enrolments:
    """Takes codes. One transaction each: the code's row lock lets one of many parallel requests through.

    `portal`: its address. No device ever captures that, nor `sign_in`, the identity provider's.
    """

    def __init__(self, link: Link, portal: str | None, sign_in: str | None) -> None:
        self._link, self._portal = link, portal
        self._exclude = tuple(address for address in (portal, sign_in) if address)
        self._rate = Rate(ATTEMPTS_PER_SECOND, BURST)

    async def serve(self, body: bytes) -> web.Response:
        """Check the proof of possession, take the code, add the device."""
        enrolment = read(body)
        self._rate.check(group(enrolment.code))
        now = clock.to_ms(clock.now())
        try:
            added = await self._link.run(lambda connection: take(connection, enrolment, now), again=False)
        except DatabaseDownError as error:
            raise unavailable() from error
        except psycopg.errors.UniqueViolation as error:
            raise RefusedError(400, "key_known", "This key belongs to a device already. Make a new one.") from error
        answer = {
            "device": str(added.device),
            "employee": str(added.employee),
            "name": added.name,
            "time": clock.to_ms(clock.now()),
            "key": added.key.decode(),
            "policy": added.policy.decode(),
            "policy_base": added.base.decode() if added.base else None,
            "opamp": "/v1/opamp",
            "exclude": self._exclude,
            "portal": self._portal,
        }
        return web.json_response(answer)


def read(body: bytes) -> Enrolment:
    """The enrolment in an envelope that its own new key signed. Raises RefusedError."""
    try:
        claimed = documents.read(Enrolment, dsse.payload_of(body))
        keys = {dsse.key_id(claimed.public_key): claimed.public_key}
        return documents.open_signed(Enrolment, body, keys)[0]
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise malformed("This is not an enrolment signed by the new device's key.") from error


def group(code: str) -> int:
    """To which of the groups, each with a bound of its own, a code belongs."""
    return int.from_bytes(code_hash(code)[:2], "big") % CODE_GROUPS


NO_KEY = "The key for what you capture is not made yet. Nothing was used up: run the same command again in a minute."
NO_POLICY = "No policy in force is for you yet, so nothing may be captured. Nothing was used up: try again when one is."


async def take(connection: Connection, enrolment: Enrolment, now: int) -> Added:
    """Use the code up and add the device, in the caller's transaction, which a RefusedError rolls back."""
    device, employee, name = await _new(connection, enrolment, now) or await _known(connection, enrolment, now)
    facts = (await store.load_facts(connection, [employee], now))[employee]
    organisation = await store.load_organisation(connection, now)
    published = holding(organisation.policies, facts.workplace, facts.moves, employee, now)
    if facts.key is None or published is None:
        # Rolled back, so that the code still works once the key or the policy is there.
        raise (
            unavailable("key_not_ready", 30, NO_KEY)
            if facts.key is None
            else unavailable("policy_not_ready", 30, NO_POLICY)
        )
    return Added(device, employee, name, facts.key.envelope, published.envelope, published.base)


async def _new(connection: Connection, enrolment: Enrolment, now: int) -> Made | None:
    """The device that this code makes; None if it makes none any more."""
    device, moment = uuid4(), from_ms(now)
    cursor = await connection.execute(_TAKE, [moment, device, code_hash(enrolment.code), moment])
    taken = await cursor.fetchone()
    if taken is None:
        return None
    employee, name = taken
    platform = enrolment.platform[:LONGEST_PLATFORM]
    await connection.execute(_DEVICE, [device, employee, name, platform, enrolment.public_key, moment])
    await connection.execute(_AUDIT, [employee, device, employee])
    await connection.execute("SELECT wake_gateways('device', %s)", [device])
    return device, employee, name


async def _known(connection: Connection, enrolment: Enrolment, now: int) -> Made:
    """The device that this code has made for this very key. Raises RefusedError."""
    cursor = await connection.execute(_AGAIN, [code_hash(enrolment.code), from_ms(now), enrolment.public_key])
    made = await cursor.fetchone()
    if made is None:
        raise RefusedError(403, "code_invalid", "This code is wrong, was used already, or is older than 15 minutes.")
    return made[0], made[1], made[2]
