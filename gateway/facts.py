"""What the database knows that decides about a batch of uploads, read in one round trip."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.bounds import Bounds, first_day
from gateway.database import Connection
from gateway.items import Item
from gateway.store import PAUSE_COLUMNS, load_policies, read_pauses
from portal.capture.rules import Facts, Grant, Grave, Halted, Stopped, buried
from portal.capture.volumes import ROW
from portal.core.clock import from_ms, to_ms
from portal.pauses.rules import Pause, known_zone
from portal.policies.rules import Workplace, is_for
from wire.policy import Audience, Policy
from wire.segment import Header

STANDARD_ZONE = "UTC"
Readable = tuple[Item, Header]

# Erasing takes the same lock alone (portal.core.db.lock_person): whoever stores sees the tombstones, or is waited for.
_TURNS = "SELECT person_turns(%s)"
_GRAVES = """
SELECT employee_id, starts_at, ends_at, kinds, contexts, sensitivities, segments FROM tombstone
 WHERE employee_id = ANY(%s) AND ends_at > %s
"""
_ZONES = "SELECT id, timezone, site, department, country FROM employee WHERE id = ANY(%s)"
_LEASES = """
SELECT id, employee_id, devices, policy, key_id, permitted, started_at, valid_until FROM lease_span WHERE id = ANY(%s)
"""
_PAUSES = f"""
SELECT {PAUSE_COLUMNS} FROM pause JOIN unnest(%b::uuid[], %b::timestamptz[]) AS n (who, since) ON employee_id = who
 WHERE (ends_at IS NULL OR ends_at > since) AND (ended_at IS NULL OR ended_at > since)
"""
_HALTS = """
SELECT sites, departments, countries, id, asked_at, resumed_at FROM stop WHERE resumed_at IS NULL OR resumed_at > %s
"""
_STOPS = """
SELECT device_id, last_seq, directive, reported_at, detail FROM device_report
 WHERE device_id = ANY(%s) AND what = 'stopped' AND received_at > %s
"""
_NUMBERS = """
SELECT u.device_id, u.seq FROM upload u JOIN unnest(%b::uuid[], %b::bigint[]) AS n (device_id, seq)
    ON u.device_id = n.device_id AND u.seq = n.seq WHERE u.outcome <> 'refused'
"""
_SPENT = f"""
SELECT employee_id, CASE kind WHEN 'screenshot' THEN 'images' ELSE 'others' END, local_day, sum(bytes + items * {ROW})
  FROM employee_day WHERE employee_id = ANY(%s) AND local_day >= %s GROUP BY 1, 2, 3
 UNION ALL
SELECT employee_id, 'refused', NULL, count(*)
  FROM upload WHERE employee_id = ANY(%s) AND local_day >= %s AND outcome = 'refused' GROUP BY 1
"""
_PLACES = """
SELECT s.employee_id, s.started_at, s.id
  FROM segment s JOIN unnest(%b::uuid[], %b::timestamptz[], %b::uuid[]) AS n (employee_id, started_at, id)
    ON s.employee_id = n.employee_id AND s.started_at = n.started_at AND s.id = n.id
"""


@dataclass(slots=True)
class Known:
    """Facts about all items of a batch. `places`: (person, start, id) that a stored segment has already."""

    now: int
    max_age_ms: int
    zones: dict[UUID, str] = field(default_factory=dict)
    workplaces: dict[UUID, Workplace] = field(default_factory=dict)
    halts: list[tuple[Audience, Halted]] = field(default_factory=list)
    leases: dict[tuple[UUID, UUID], Grant] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    pauses: dict[UUID, list[Pause]] = field(default_factory=dict)
    stops: dict[UUID, list[Stopped]] = field(default_factory=lambda: defaultdict(list))
    graves: dict[UUID, list[Grave]] = field(default_factory=lambda: defaultdict(list))
    numbers: set[tuple[UUID, int]] = field(default_factory=set)
    places: set[tuple[UUID, int, UUID]] = field(default_factory=set)

    def zone(self, item: Item) -> str:
        """The time zone of the item's person."""
        return self.zones[item.employee]

    def buried(self, item: Item, header: Header) -> bool:
        """Whether the item's own person has erased what it tells of; a number in use is another matter."""
        own = header.employee == item.employee and header.device == item.device
        return own and (item.device, header.seq) not in self.numbers and buried(header, self.graves[item.employee])

    def keep_pauses(self, found: Mapping[UUID, list[Pause]]) -> None:
        """Each person's pauses in the order in which they are over, so that those which are over are not looked at."""
        self.pauses = {person: sorted(own, key=Pause.over) for person, own in found.items()}

    def pauses_of(self, item: Item, header: Header) -> Sequence[Pause]:
        """The pauses of the item's person that were not over when it began."""
        own = self.pauses.get(item.employee, [])
        return own[bisect_right(own, header.start, key=Pause.over) :]

    def of(self, item: Item, header: Header) -> Facts:
        """The facts for one readable item."""
        return Facts(
            now=self.now,
            max_age_ms=self.max_age_ms,
            device=item.device,
            employee=item.employee,
            zone=self.zone(item),
            body_size=len(item.body),
            lease=self.leases.get((item.employee, header.lease)),
            policy=self.policies.get(header.policy),
            pauses=self.pauses_of(item, header),
            stops=self.stops.get(item.device, ()),
            halts=[halt for audience, halt in self.halts if is_for(audience, self.workplaces[item.employee])],
            sequence_used=(item.device, header.seq) in self.numbers,
        )


async def load(
    connection: Connection, items: Sequence[Item], now: int, max_age_ms: int, bounds: Bounds | None = None
) -> Known:
    """Everything that decides about `items` at `now` (Unix ms). `bounds` learn what they do not know yet."""
    known = Known(now, max_age_ms)
    readable = [(item, item.header) for item in items if item.header is not None]
    people = list({item.employee for item in items})
    devices = list({item.device for item in items})
    since, unsure = from_ms(now - 2 * max_age_ms), [] if bounds is None else bounds.unsure(people, now)
    async with connection.pipeline():
        await connection.execute(_TURNS, [people])
        graves = await connection.execute(_GRAVES, [people, since])
        zones = await connection.execute(_ZONES, [people])
        leases = await connection.execute(_LEASES, [list({header.lease for _, header in readable})])
        pauses = await connection.execute(_PAUSES, [people, _earliest(people, readable, now, max_age_ms)])
        stops = await connection.execute(_STOPS, [devices, since])
        halts = await connection.execute(_HALTS, [since])
        numbers = await connection.execute(
            _NUMBERS, [[item.device for item, _ in readable], [header.seq for _, header in readable]]
        )
        places = await connection.execute(_PLACES, _beginnings(readable))
        day = first_day(now)
        spent = await connection.execute(_SPENT, [unsure, day, unsure, day]) if unsure else None
    if bounds is not None and spent is not None:
        bounds.learn(unsure, await spent.fetchall(), now)
    for employee, name, *workplace in await zones.fetchall():
        known.zones[employee], known.workplaces[employee] = _zone(name), Workplace(*workplace)
    known.halts = [(Audience(*row[:3]), _halted(*row[3:])) for row in await halts.fetchall()]
    for lease_id, employee, *rest in await leases.fetchall():
        known.leases[employee, lease_id] = _grant(lease_id, *rest)
    known.keep_pauses(read_pauses(await pauses.fetchall(), known.zones))
    for device, last_seq, directive, at, detail in await stops.fetchall():
        known.stops[device].append(Stopped(last_seq, directive, min(to_ms(at), now), detail))
    for employee, starts, ends, *narrowed in await graves.fetchall():
        known.graves[employee].append(Grave(to_ms(starts), to_ms(ends), *narrowed))
    known.numbers = set(await numbers.fetchall())
    known.places = {(employee, to_ms(started), place) for employee, started, place in await places.fetchall()}
    known.policies = await _policies(connection, {header.policy for _, header in readable})
    return known


def _beginnings(readable: Sequence[Readable]) -> list[list[Any]]:
    """Whose, since when, and which: a list of each."""
    whose = [item.employee for item, _ in readable]
    return [whose, [from_ms(header.start) for _, header in readable], [item.id for item, _ in readable]]


def _earliest(people: Sequence[UUID], readable: Sequence[Readable], now: int, max_age_ms: int) -> list[datetime]:
    """For each person the first moment of what came, if not too old: a pause that was over by then stops nothing."""
    earliest = dict.fromkeys(people, now)
    for item, header in readable:
        earliest[item.employee] = min(earliest[item.employee], max(header.start, now - max_age_ms))
    return [from_ms(earliest[person]) for person in people]


_policies_by_hash: dict[str, Policy] = {}


async def _policies(connection: Connection, hashes: set[str]) -> dict[str, Policy]:
    """Policies by hash; what a hash means never changes, so each is read once."""
    missing = hashes - _policies_by_hash.keys()
    if missing:
        found = await load_policies(connection, missing)
        _policies_by_hash.update({digest: published.policy for digest, published in found.items()})
    return _policies_by_hash


def _grant(lease: UUID, devices: list[UUID], policy: str, key: UUID, permitted: Any, started: Any, until: Any) -> Grant:
    return Grant(lease, frozenset(devices), policy, key, permitted, to_ms(started), to_ms(until))


def _halted(stop: UUID, starts: Any, ends: Any) -> Halted:
    return Halted(stop, to_ms(starts), None if ends is None else to_ms(ends))


def _zone(name: str) -> str:
    try:
        return known_zone(name).key
    except ValueError:
        return STANDARD_ZONE
