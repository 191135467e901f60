"""What the gateway reads of people and policies, and the leases it remembers before it sends them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import structlog

from gateway.database import Connection, uuids
from gateway.permits import Facts, Key, Permit, Published
from portal.core.clock import from_ms, to_ms
from portal.pauses import rules
from portal.policies.rules import MOVE_NOTICE_MS, Move, Workplace, lasting
from wire import councils, documents, dsse, opamp, precedence, succession
from wire.documents import Signer, Trust
from wire.policy import Policy

log = structlog.get_logger(__name__)

KEPT = 256
"""Policies whose signatures are remembered."""

_PEOPLE = """
SELECT id, site, department, country, timezone, left_at IS NOT NULL, exclusions, directive_number
  FROM employee WHERE id = ANY(%s::uuid[])
"""
_KEYS = """
SELECT DISTINCT ON (employee_id) employee_id, id, document FROM employee_key
 WHERE employee_id = ANY(%s::uuid[]) AND retired_at IS NULL ORDER BY employee_id, created_at DESC
"""
_DEVICES = (
    "SELECT employee_id, id, kind = 'collector' FROM device WHERE employee_id = ANY(%s::uuid[]) AND removed_at IS NULL"
)
PAUSE_COLUMNS = (
    "employee_id, id, number, device_id, starts_at, ends_at, kinds, contexts, weekday, from_minute, minutes, ended_at, "
    "ended_number"
)
_PAUSES = f"""
SELECT {PAUSE_COLUMNS} FROM pause
 WHERE employee_id = ANY(%s::uuid[]) AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > %s)
"""
_ANSWERED = "SELECT employee_id, stop_id FROM stop_answer WHERE employee_id = ANY(%s::uuid[]) AND resumed_at IS NULL"
_MOVES = """
SELECT employee_id, params->'from', created_at FROM notification
 WHERE employee_id = ANY(%s::uuid[]) AND kind = 'moved' AND params ? 'from' AND created_at > %s ORDER BY created_at
"""
_POLICIES = "SELECT hash, envelope, reached FROM policy"
_POLICIES_BY_HASH = "SELECT hash, envelope, reached FROM policy WHERE hash = ANY(%s)"
_TRUST = "SELECT envelope FROM trust_document ORDER BY version DESC LIMIT 1"
_SUCCESSION = "SELECT succession FROM trust_document WHERE succession IS NOT NULL ORDER BY version"
_WRITE_SPANS = """
INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at, valid_until)
SELECT id, employee_id, devices, policy, directive, key_id, permitted, started_at, valid_until
  FROM jsonb_to_recordset(%s) AS r (id uuid, employee_id uuid, devices uuid[], policy text, directive bigint,
                                    key_id uuid, permitted jsonb, started_at timestamptz, valid_until timestamptz)
ON CONFLICT (id) DO UPDATE SET valid_until = greatest(lease_span.valid_until, excluded.valid_until)
"""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The trust document's envelope (None before it is published) and the policies that are or will be in force."""

    trust: bytes | None
    policies: tuple[Published, ...]
    succession: bytes | None = None
    """How devices that pinned an older trust document come to this one; None while there was only one."""

    def policy_in(self, config_hash: bytes) -> str | None:
        """The hash of the policy that is alone in the configuration of this hash, as stock OpAMP clients get it."""
        alone = (one for one in self.policies if opamp.config_hash({"policy": one.envelope}) == config_hash)
        return next((one.hash for one in alone), None)


async def load_organisation(connection: Connection, now: int) -> Organisation:
    """Read trust document and policies."""
    trust = await (await connection.execute(_TRUST)).fetchone()
    steps = [step for (step,) in await (await connection.execute(_SUCCESSION)).fetchall()]
    rows = await (await connection.execute(_POLICIES)).fetchall()
    policies = still([_published(*row) for row in rows], now)
    return Organisation(
        trust[0].encode() if trust else None,
        based(policies, trust[0].encode()) if trust else policies,
        succession.chain(steps) if steps else None,
    )


async def load_policies(connection: Connection, hashes: Iterable[str]) -> dict[str, Published]:
    """Hash → policy, expired ones too."""
    rows = await (await connection.execute(_POLICIES_BY_HASH, [list(hashes)])).fetchall()
    return {row[0]: _published(*row) for row in rows}


async def load_facts(connection: Connection, people: Sequence[UUID], now: int) -> dict[UUID, Facts]:
    """Person → facts at `now` (Unix ms), of those who exist."""
    ids = uuids(people)
    async with connection.pipeline():
        persons = await connection.execute(_PEOPLE, [ids])
        keys = await connection.execute(_KEYS, [ids])
        devices = await connection.execute(_DEVICES, [ids])
        pauses = await connection.execute(_PAUSES, [ids, from_ms(now)])
        answers = await connection.execute(_ANSWERED, [ids])
        moved = await connection.execute(_MOVES, [ids, from_ms(now - MOVE_NOTICE_MS)])
    rows = await persons.fetchall()
    zones = {row[0]: row[4] for row in rows}
    collectors, observers = _grouped(await devices.fetchall())
    documents_of = {employee: Key(key, document.encode()) for employee, key, document in await keys.fetchall()}
    pauses_of = read_pauses(await pauses.fetchall(), zones)
    answered: dict[UUID, set[UUID]] = defaultdict(set)
    for employee, stop in await answers.fetchall():
        answered[employee].add(stop)
    moves: dict[UUID, list[Move]] = defaultdict(list)
    for employee, place, told in await moved.fetchall():
        moves[employee].append(Move(Workplace(*place), to_ms(told) + MOVE_NOTICE_MS))
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
            answered=frozenset(answered.get(employee, ())),
            observers=frozenset(observers.get(employee, ())),
            moves=tuple(moves.get(employee, ())),
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
    return rules.of_any_row(cast("rules.Row", SimpleNamespace(**columns)), zone)


async def write_permits(connection: Connection, permits: Iterable[Permit]) -> None:
    """Remember leases, new or renewed, in one statement. Send them only after this is committed."""
    rows = [
        {
            "id": str(permit.id),
            "employee_id": str(permit.employee),
            "devices": [str(device) for device in sorted(permit.devices)],
            "policy": permit.policy,
            "directive": permit.directive,
            "key_id": str(permit.key),
            "permitted": permit.permitted,
            "started_at": from_ms(permit.started).isoformat(),
            "valid_until": from_ms(permit.until).isoformat(),
        }
        for permit in permits
    ]
    if rows:
        await connection.execute(_WRITE_SPANS, [json.dumps(rows)])


def _grouped(rows: Iterable[tuple[Any, ...]]) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
    groups: tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]] = (defaultdict(list), defaultdict(list))
    for employee, device, is_collector in rows:
        groups[0 if is_collector else 1][employee].append(device)
    return groups


def still(policies: Sequence[Published], now: int) -> tuple[Published, ...]:
    """Those that are not over at `now`, without those that one which is over has ended for good."""
    over = [one for one in policies if one.policy.expires <= now]
    return tuple(one for one in policies if lasting([*over, one], now))


def based(policies: Sequence[Published], trust: bytes) -> tuple[Published, ...]:
    """The policies that devices may obey, each that its council has not signed with the one that it narrows in the end.

    One that no officer signed, and one that narrows none that its council signed, is left out: nobody is given a
    permit for what this table alone says.
    """
    known = documents.read(Trust, dsse.payload_of(trust))
    signers = {one.hash: _signers(one.envelope, trust) for one in policies}
    officers = known.keys_of(Signer.OFFICER).keys()
    sound = [one for one in policies if officers & signers[one.hash]]
    agreed = {one.hash for one in sound if councils.consents(known, one.policy.audience.sites, signers[one.hash])}
    found = tuple(one if one.hash in agreed else replace(one, base=_base(one, sound, agreed)) for one in sound)
    kept = tuple(one for one in found if one.hash in agreed or one.base)
    if len(kept) < len(policies):
        versions = sorted({one.policy.version for one in policies} - {one.policy.version for one in kept})
        log.error("policy_not_signed", versions=versions, consequence="nobody gets a permit for it")
    return kept


@lru_cache(KEPT)
def _signers(envelope: bytes, trust: bytes) -> frozenset[str]:
    """Who signed it, none where a signature does not hold."""
    try:
        keys = succession.holders(documents.read(Trust, dsse.payload_of(trust)))
        return dsse.verify(envelope, Policy.TYPE, keys).signers
    except dsse.SignatureError:
        return frozenset()


def _base(narrowed: Published, policies: Sequence[Published], agreed: set[str]) -> bytes | None:
    found = narrowed
    while found.hash not in agreed:
        earlier = [one for one in policies if one.policy.version < found.policy.version]
        step = precedence.change((one.policy for one in earlier), found.policy)
        if step.wider:
            return None
        found = next(one for one in earlier if one.policy == step.old)
    return found.envelope


def _published(digest: str, envelope: str, reached: int) -> Published:
    raw = envelope.encode()
    return Published(documents.read(Policy, dsse.payload_of(raw)), digest, raw, reached=reached)
