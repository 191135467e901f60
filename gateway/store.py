"""What the gateway reads of people and policies, and the leases it remembers before it sends them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from psycopg.types.json import Jsonb

from gateway.database import Connection
from gateway.permits import Facts, Key, Permit, Published
from portal.core.clock import from_ms
from portal.pauses import rules
from portal.policies.queries import Workplace
from wire import documents, dsse
from wire.documents import KeyDocument
from wire.policy import Policy

_PEOPLE = """
SELECT id, site, department, country, timezone, left_at IS NOT NULL, exclusions, directive_number
  FROM employee WHERE id = ANY(%s)
"""
_KEYS = """
SELECT DISTINCT ON (employee_id) employee_id, document FROM employee_key
 WHERE employee_id = ANY(%s) AND retired_at IS NULL ORDER BY employee_id, created_at DESC
"""
_DEVICES = "SELECT employee_id, id, kind = 'collector' FROM device WHERE employee_id = ANY(%s) AND removed_at IS NULL"
PAUSE_COLUMNS = (
    "employee_id, id, number, device_id, starts_at, ends_at, kinds, contexts, weekday, from_minute, minutes, ended_at, "
    "ended_number"
)
_PAUSES = f"""
SELECT {PAUSE_COLUMNS} FROM pause
 WHERE employee_id = ANY(%s) AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > %s)
"""
_POLICIES = "SELECT hash, envelope FROM policy WHERE expires_at > %s"
_POLICIES_BY_HASH = "SELECT hash, envelope FROM policy WHERE hash = ANY(%s)"
_TRUST = "SELECT envelope FROM trust_document ORDER BY version DESC LIMIT 1"
_WRITE_SPAN = """
INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at, valid_until)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET valid_until = greatest(lease_span.valid_until, excluded.valid_until)
"""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The trust document's envelope (None before it is published) and the policies that are or will be in force."""

    trust: bytes | None
    policies: tuple[Published, ...]


async def load_organisation(connection: Connection, now: int) -> Organisation:
    """Read trust document and policies."""
    trust = await (await connection.execute(_TRUST)).fetchone()
    rows = await (await connection.execute(_POLICIES, [from_ms(now)])).fetchall()
    return Organisation(trust[0].encode() if trust else None, tuple(_published(*row) for row in rows))


async def load_policies(connection: Connection, hashes: Iterable[str]) -> dict[str, Published]:
    """Hash → policy, expired ones too."""
    rows = await (await connection.execute(_POLICIES_BY_HASH, [list(hashes)])).fetchall()
    return {digest: _published(digest, envelope) for digest, envelope in rows}


async def load_facts(connection: Connection, people: Sequence[UUID], now: int) -> dict[UUID, Facts]:
    """Person → facts at `now` (Unix ms), of those who exist."""
    ids = list(people)
    async with connection.pipeline():
        persons = await connection.execute(_PEOPLE, [ids])
        keys = await connection.execute(_KEYS, [ids])
        devices = await connection.execute(_DEVICES, [ids])
        pauses = await connection.execute(_PAUSES, [ids, from_ms(now)])
    rows = await persons.fetchall()
    zones = {row[0]: row[4] for row in rows}
    collectors, observers = _grouped(await devices.fetchall())
    documents_of = {employee: _key(document) for employee, document in await keys.fetchall()}
    pauses_of = read_pauses(await pauses.fetchall(), zones)
    return {
        employee: Facts(
            employee=employee,
            workplace=Workplace(site, department, country),
            left=left,
            exclusions=tuple(sorted(exclusions)),
            number=number,
            pauses=tuple(pauses_of.get(employee, ())),
            key=documents_of.get(employee),
            collectors=frozenset(collectors.get(employee, ())),
            observers=frozenset(observers.get(employee, ())),
        )
        for employee, site, department, country, _, left, exclusions, number in rows
    }


def read_pauses(rows: Iterable[tuple[Any, ...]], zones: dict[UUID, str]) -> dict[UUID, list[rules.Pause]]:
    """Person → pauses, from rows with PAUSE_COLUMNS."""
    names = [name.strip() for name in PAUSE_COLUMNS.split(",")]
    found: dict[UUID, list[rules.Pause]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(_pause(dict(zip(names, row, strict=True)), zones[row[0]]))
    return found


def _pause(columns: dict[str, Any], zone: str) -> rules.Pause:
    try:
        return rules.of_row(cast("rules.Row", SimpleNamespace(**columns)), zone)
    except ValueError:
        # What cannot be read pauses everything while it lasts: the stricter reading.
        whole = dict.fromkeys(("kinds", "contexts", "weekday", "from_minute", "minutes"))
        return rules.of_row(cast("rules.Row", SimpleNamespace(**columns | whole)), zone)


async def write_permits(connection: Connection, permits: Iterable[Permit]) -> None:
    """Remember leases, new or renewed. Send them only after this is committed."""
    rows = [
        (
            permit.id,
            permit.employee,
            sorted(permit.devices),
            permit.policy,
            permit.directive,
            permit.key,
            Jsonb({kind.value: list(contexts) for kind, contexts in permit.permitted.items()}),
            from_ms(permit.started),
            from_ms(permit.until),
        )
        for permit in permits
    ]
    if rows:
        await connection.cursor().executemany(_WRITE_SPAN, rows)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
    groups: tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]] = (defaultdict(list), defaultdict(list))
    for employee, device, is_collector in rows:
        groups[0 if is_collector else 1][employee].append(device)
    return groups


def _published(digest: str, envelope: str) -> Published:
    raw = envelope.encode()
    return Published(documents.read(Policy, dsse.payload_of(raw)), digest, raw)


def _key(document: str) -> Key:
    raw = document.encode()
    return Key(documents.read(KeyDocument, dsse.payload_of(raw)).id, raw)
