"""Fills a demo with the past: sealed to each person's key by the vault, admitted by the gateway's own rules.

`gateway.admission.admit` is given the moment that is being played instead of the clock; nothing else differs from a
live upload. May be stopped at any point and run again: what is there already is not written a second time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import psycopg
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import OperationalError

from gateway import rows, store
from gateway.admission import Result, admit
from gateway.database import Connection, connect
from gateway.items import item
from gateway.permits import Permit, Published
from portal.core.clock import from_ms, to_ms
from portal.core.config import Settings
from portal.core.vault_client import VaultClient, VaultRequestError, VaultUnavailable
from portal.operations.demo_arrange import arrange
from portal.operations.demo_calendar import WORKING_DAYS, name_id
from portal.operations.demo_company import SIZE, Colleague, company
from portal.operations.demo_contents import Grounds, sealed
from portal.operations.demo_looks import OWNED, finish
from portal.operations.demo_petitions import demand
from portal.operations.demo_plan import Employed, Frame, Planned, Story, batches, story, within
from portal.operations.demo_requests import ask
from portal.operations.demo_statistics import publish_past
from portal.operations.runtime import OperationsError
from portal.policies.rules import Workplace, in_force
from wire import documents, dsse
from wire.documents import KeyDocument

log = structlog.get_logger(__name__)

AT_ONCE: Final = 500
VAULT_CALLS: Final = 4
LAST_SHARE: Final = 100
"""Each of the last strokes counts as one in so many uploads."""
Report = Callable[[int, int], None]
"""Told after each step: how much is done, of how much; both equal when there is nothing left to do."""

_UNTIL = "SELECT created_at FROM installation WHERE id = 1"
_DEVICES = """
SELECT employee_id, id FROM device WHERE employee_id = ANY(%s) AND kind = 'collector' ORDER BY added_at, id
"""
_DEVICE = """
INSERT INTO device (id, employee_id, kind, name, platform, public_key, added_at, last_seen_at)
VALUES (%s, %s, 'collector', %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_DONE = "SELECT segment_id FROM upload WHERE device_id = ANY(%s)"


@dataclass(frozen=True)
class Past:
    """Everything there is to play."""

    published: Published
    until: int
    employed: tuple[Employed, ...]
    stories: Mapping[UUID, Story]


async def fill(settings: Settings, report: Report, size: int = SIZE, days: int = WORKING_DAYS) -> Counter[str]:
    """Add what is missing of the past `days` working days of `size` people; outcome or reason → number of new uploads.

    Needs the logins `migrator` and `gateway`, and the vault. Raises OperationsError with one sentence.
    """
    try:
        report(0, 1)
        people = arrange(settings, size, days)
        async with await connect(settings.conninfo("gateway"), "demo data") as connection:
            past = await _past(connection, settings, people, company(size), days)
            uploads = sum(len(told.items) for told in past.stories.values())
            strokes = _last_strokes(settings, past, days)
            each = uploads // LAST_SHARE + 1
            total = uploads + each * len(strokes)
            outcomes = await _play_all(connection, past, lambda done: report(done, total))
        for at, stroke in enumerate(strokes, 1):
            stroke()
            report(uploads + each * at, total)
    except (OperationalError, psycopg.OperationalError) as error:
        raise OperationsError("The database does not answer; start the demo first.") from error
    except (VaultUnavailable, VaultRequestError) as error:
        raise OperationsError("The vault does not answer; start the demo first.") from error
    log.info("demo_data.filled", **outcomes)
    return outcomes


def _last_strokes(settings: Settings, past: Past, days: int) -> list[Callable[[], object]]:
    """What comes when every upload is there, in this order."""
    return [
        partial(finish, settings, past.employed, past.stories, past.until),
        partial(ask, settings, past.employed),
        partial(publish_past, settings, past.until, days),
        partial(demand, settings, past.employed),
    ]


async def _past(
    connection: Connection, settings: Settings, people: Mapping[str, UUID], colleagues: Sequence[Colleague], days: int
) -> Past:
    until = await _until(connection)
    policies = (await store.load_organisation(connection, until)).policies
    published = in_force(policies, Workplace(*[None] * 3), None, until)
    if published is None:
        raise OperationsError("No policy is in force for everybody, so nothing may be captured.")
    keys = _keys(settings, [people[who.subject] for who in colleagues])
    devices = await _devices(connection, people, colleagues, until)
    employed = tuple(_employed(who, people[who.subject], devices, keys) for who in colleagues)
    frame = Frame(published.policy, published.hash, until, days)
    return Past(published, until, employed, within({one.id: story(one, frame) for one in employed}))


async def _until(connection: Connection) -> int:
    row = await (await connection.execute(_UNTIL)).fetchone()
    if row is None:
        raise OperationsError("This database has no schema yet.")
    return to_ms(row[0])


def _keys(settings: Settings, people: Sequence[UUID]) -> dict[UUID, KeyDocument]:
    """Each person's key document, made by the vault where there is none."""
    client = VaultClient(settings.require("vault_url"))
    with ThreadPoolExecutor(VAULT_CALLS) as pool:
        found = pool.map(client.ensure_key, people)
        return {
            person: documents.read(KeyDocument, dsse.payload_of(document.encode()))
            for person, (_, document) in zip(people, found, strict=True)
        }


async def _devices(
    connection: Connection, people: Mapping[str, UUID], colleagues: Sequence[Colleague], until: int
) -> dict[UUID, list[UUID]]:
    """Person → devices, oldest first. Whoever has none gets some, whose private keys nobody keeps."""
    found: dict[UUID, list[UUID]] = {person: [] for person in people.values()}
    for person, device in await (await connection.execute(_DEVICES, [list(found)])).fetchall():
        found[person].append(device)
    for who in colleagues:
        person = people[who.subject]
        for at, name in enumerate([] if found[person] else who.devices):
            device = name_id("device", who.subject, at)
            added = from_ms(until) - OWNED + timedelta(minutes=at)
            public = dsse.raw_public(Ed25519PrivateKey.generate())
            await connection.execute(_DEVICE, [device, person, name, "linux", public, added, from_ms(until)])
            found[person].append(device)
    return found


def _employed(
    who: Colleague, person: UUID, devices: Mapping[UUID, list[UUID]], keys: Mapping[UUID, KeyDocument]
) -> Employed:
    own = tuple(devices[person][: len(who.devices)])
    return Employed(person, who, own, keys[person].id, keys[person].public_key)


async def _play_all(connection: Connection, past: Past, report: Callable[[int], None]) -> Counter[str]:
    devices = [device for one in past.employed for device in one.devices]
    known = {row[0] for row in await (await connection.execute(_DONE, [devices])).fetchall()}
    leases = {lease.id: lease for told in past.stories.values() for lease in told.leases}
    policy, digest = past.published.policy, past.published.hash
    grounds = {one.id: Grounds(digest, policy.version, one.key, one.public_key) for one in past.employed}
    done, outcomes = 0, Counter[str]()
    for batch in batches(past.stories, AT_ONCE):
        fresh = [one for one in batch if one.segment not in known]
        if fresh:
            needed = [leases[lease] for lease in sorted({one.lease for one in fresh})]
            results = await _play(connection, fresh, needed, grounds)
            outcomes.update(result.reason or result.outcome.value for result in results)
        done += len(batch)
        report(done)
    return outcomes


async def _play(
    connection: Connection, fresh: Sequence[Planned], leases: Iterable[Permit], grounds: Mapping[UUID, Grounds]
) -> list[Result]:
    """One moment of the past in one transaction: the leases that held then, and what was uploaded."""
    items = [item(one.device, one.person, *sealed(one, grounds[one.person])) for one in fresh]
    while True:
        try:
            async with connection.transaction():
                await store.write_permits(connection, leases)
                return await admit(connection, items, fresh[0].at)
        except rows.InterferedError:
            continue
