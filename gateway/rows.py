"""Uploads and segments as rows: each batch is one statement a table, since a trigger sums up once per statement."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

from psycopg.types.json import Jsonb

from gateway.database import Connection
from gateway.items import Item, Key
from portal.capture.models import Outcome
from portal.capture.rules import Refusal, local_day
from portal.core.clock import from_ms
from wire.segment import Header

Verdict = Refusal | Literal[Outcome.ERASED] | None
"""None: store it. Erased: it was, before it came."""
Decided = tuple[Item, Verdict, str]
LONGEST_CONTEXT = 100
NO_SEQUENCE = 0
UNBELIEVED = frozenset(
    {Refusal.WRONG_PERSON, Refusal.WRONG_DEVICE, Refusal.TOO_OLD, Refusal.IN_FUTURE, Refusal.NOT_LISTED}
)
"""Reasons found before the time was, or because of it, or whatever the time."""

_KNOWN = """
SELECT u.device_id, u.segment_id, u.content_hash, u.outcome, u.reason
  FROM upload u JOIN unnest(%b::uuid[], %b::uuid[]) AS k (device_id, segment_id)
    ON u.device_id = k.device_id AND u.segment_id = k.segment_id
"""
_UPLOADS = """
INSERT INTO upload (device_id, segment_id, employee_id, content_hash, outcome, reason, seq, kind, context, started_at,
                    ended_at, local_day, received_at)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::bytea[], %b::text[], %b::text[], %b::bigint[], %b::text[],
                     %b::text[], %b::timestamptz[], %b::timestamptz[], %b::date[], %b::timestamptz[])
    ON CONFLICT DO NOTHING RETURNING device_id, segment_id
"""
_SEGMENTS = """
INSERT INTO segment (employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts,
                     sensitivity, categories, policy, policy_version, lease_id, key_id, size, received_at, header, body,
                     zone)
SELECT employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts, sensitivity,
       ARRAY(SELECT jsonb_array_elements_text(categories)), policy, policy_version, lease_id, key_id, size, received_at,
       header, body, zone
  FROM unnest(%b::uuid[], %b::timestamptz[], %b::uuid[], %b::timestamptz[], %b::date[], %b::uuid[], %b::bigint[],
              %b::text[], %b::text[], %b::jsonb[], %b::smallint[], %b::jsonb[], %b::text[], %b::bigint[], %b::uuid[],
              %b::uuid[], %b::bigint[], %b::timestamptz[], %b::bytea[], %b::bytea[], %b::text[])
    AS n (employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts, sensitivity,
          categories, policy, policy_version, lease_id, key_id, size, received_at, header, body, zone)
    ON CONFLICT DO NOTHING RETURNING id
"""


class InterferedError(Exception):
    """Another transaction took the place of a segment between looking and inserting: roll back, do it again."""


async def known_uploads(connection: Connection, keys: Sequence[Key]) -> dict[Key, tuple[bytes, str, str | None]]:
    """Key → content hash, outcome, reason of those that have an outcome already."""
    cursor = await connection.execute(_KNOWN, [[device for device, _ in keys], [segment for _, segment in keys]])
    rows = await cursor.fetchall()
    return {(device, segment): (digest, outcome, reason) for device, segment, digest, outcome, reason in rows}


async def write(connection: Connection, decided: Sequence[Decided], now: int) -> set[Key]:
    """Insert outcomes, and the segments of those to be stored; the keys that were not taken by others meanwhile."""
    if not decided:
        return set()
    columns = zip(*(_upload(*one, now) for one in decided), strict=True)
    cursor = await connection.execute(_UPLOADS, [list(column) for column in columns])
    written = {cast("Key", row) for row in await cursor.fetchall()}
    stored = [
        (item, item.header, zone)
        for item, reason, zone in decided
        if reason is None and item.header is not None and item.key in written
    ]
    if stored:
        columns = zip(*(_segment(*one, now) for one in stored), strict=True)
        cursor = await connection.execute(_SEGMENTS, [list(column) for column in columns])
        if len(await cursor.fetchall()) != len(stored):
            raise InterferedError
    return written


def _upload(item: Item, verdict: Verdict, zone: str, now: int) -> tuple[Any, ...]:
    header = item.header
    reason = None if verdict is Outcome.ERASED else verdict
    outcome = (Outcome.REFUSED if reason else verdict or Outcome.STORED).value
    identity = (item.device, item.id, item.employee, item.content_hash, outcome, reason.value if reason else None)
    if header is None:
        return (*identity, NO_SEQUENCE, None, None, None, None, local_day(now, zone), from_ms(now))
    if verdict is Outcome.ERASED:
        return (*identity, header.seq, None, None, None, None, local_day(now, zone), from_ms(now))
    return (
        *identity,
        header.seq,
        header.kind.value,
        header.context[:LONGEST_CONTEXT],
        from_ms(header.start),
        from_ms(header.end),
        _day(header, reason, zone, now),
        from_ms(now),
    )


def _day(header: Header, reason: Refusal | None, zone: str, now: int) -> date:
    """The person's own day of the capture; where the claimed time is not to be believed, that of the receipt."""
    return local_day(now if reason in UNBELIEVED else header.start, zone)


def _segment(item: Item, header: Header, zone: str, now: int) -> tuple[Any, ...]:
    moments = (from_ms(header.start), item.id, from_ms(header.end), local_day(header.start, zone))
    about = (header.seq, header.kind.value, header.context, Jsonb(header.counts), header.sensitivity)
    under: tuple[str, int, UUID, UUID] = (header.policy, header.policy_version, header.lease, header.key)
    return (
        item.employee,
        *moments,
        item.device,
        *about,
        Jsonb(list(header.categories)),
        *under,
        header.size,
        from_ms(now),
        item.header_bytes,
        item.body,
        zone,
    )
