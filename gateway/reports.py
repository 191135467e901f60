"""What devices say of themselves: kept in batches, acknowledged after commit.

A pause made on the device becomes a row like any other, so that the person's page and other devices learn of it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog

from gateway import metrics
from gateway.batches import Batcher
from gateway.database import Connection, Link
from gateway.presence import Presence
from portal.core import clock
from portal.core.clock import from_ms
from wire.documents import Report, ReportKind

log = structlog.get_logger(__name__)

PER_BATCH = 500
LONGEST_DETAIL = 500
HERE = frozenset({ReportKind.PAUSED_HERE, ReportKind.RESUMED_HERE})
"""Reports that change more than their own table."""

UNTIL = "until="
STOP = "stop="
LONGEST_BACK_MS = 7 * 86_400_000
MOST_HERE = 4
"""So many pauses of its own one device may have open."""


UNSENT = 10_000
"""So many numbers beyond the highest that has come a device may name as its last: twenty busy days unsent."""

# Nobody is told of a stop that binds nothing: a device knows no directive that is not there yet, and where its last
# number cannot be, the highest that has come counts, so that every later one is from after the stop. Looked up row by
# row: a join might read all people for each batch of a stop for all.
_INSERT = f"""
WITH said AS (
    SELECT position, employee_id, device_id, what, policy, last_seq, reported_at, detail, stop,
           least(directive, (SELECT e.directive_number FROM employee e WHERE e.id = r.employee_id)) AS directive
      FROM jsonb_to_recordset(%s) AS r (position int, employee_id uuid, device_id uuid, what text, directive bigint,
           policy text, last_seq bigint, reported_at timestamptz, detail text, stop uuid)
), fresh AS (
    SELECT DISTINCT ON (device_id, what, directive, reported_at) * FROM said s
     WHERE NOT EXISTS (SELECT FROM device_report d WHERE d.device_id = s.device_id AND d.what = s.what
                          AND d.directive = s.directive AND d.reported_at = s.reported_at
                          AND d.received_at > now() - interval '2 days')
     ORDER BY device_id, what, directive, reported_at, position
), kept AS (
    INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at, detail)
    SELECT employee_id, device_id, what, directive, policy,
           CASE WHEN what <> 'stopped' OR last_seq <= {UNSENT} THEN last_seq ELSE (
               SELECT CASE WHEN last_seq > coalesce(max(u.seq), 0) + {UNSENT} THEN coalesce(max(u.seq), 0)
                           ELSE last_seq END
                 FROM upload u WHERE u.device_id = fresh.device_id AND u.outcome <> 'refused') END,
           reported_at, detail
      FROM fresh ORDER BY position
), answered AS (
    INSERT INTO stop_answer (stop_id, device_id, employee_id)
    SELECT DISTINCT f.stop, f.device_id, f.employee_id FROM fresh f
     WHERE f.what = 'stopped' AND (
           SELECT (s.sites IS NULL OR e.site = ANY (s.sites))
              AND (s.departments IS NULL OR e.department = ANY (s.departments))
              AND (s.countries IS NULL OR e.country = ANY (s.countries))
             FROM stop s, employee e WHERE s.id = f.stop AND e.id = f.employee_id)
     ORDER BY 1, 2
        ON CONFLICT (stop_id, device_id) DO UPDATE SET resumed_at = NULL
), over AS (
    UPDATE stop_answer a SET resumed_at = now() FROM fresh f
     WHERE a.stop_id = f.stop AND a.device_id = f.device_id AND f.what = 'resumed'
)
SELECT position FROM fresh ORDER BY position
"""
# As the portal's pauses.actions.turn: the rows first, so that whoever waits for one holds up no upload.
_ROWS = "SELECT FROM employee WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_TURNS = "SELECT person_turns_alone(%s)"
_NUMBER = "UPDATE employee SET directive_number = directive_number + 1 WHERE id = %s RETURNING directive_number"
_PAUSE = """
INSERT INTO pause (id, employee_id, device_id, source, number, asked_at, starts_at, ends_at)
VALUES (%s, %s, %s, 'device', %s, %s, %s, %s)
"""
_OPEN = """
SELECT id, starts_at, ends_at FROM pause
 WHERE employee_id = %s AND device_id = %s AND source = 'device' AND ended_at IS NULL
   AND starts_at <= %s AND (ends_at IS NULL OR ends_at > %s) FOR UPDATE
"""
_END = "UPDATE pause SET ended_at = greatest(%s, starts_at), ended_number = %s WHERE id = ANY(%s)"
_AUDIT = """
INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
VALUES (%s, 'employee', %s, %s, %s, '{"source": "device"}')
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A report that was checked, and whose device said it."""

    employee: UUID
    report: Report


@dataclass(frozen=True, slots=True)
class Stretch:
    """When a pause holds. `ends` None: until it is ended."""

    starts: datetime
    ends: datetime | None

    def says(self, other: "Stretch") -> bool:
        """Whether this is `other`, told again, or holds whenever `other` does."""
        longer = self.ends is None or (other.ends is not None and self.ends >= other.ends)
        return self.ends == other.ends or (longer and self.starts <= other.starts)

    def joined(self, other: "Stretch") -> "Stretch":
        """The shortest that holds whenever one of both does."""
        ends = None if self.ends is None or other.ends is None else max(self.ends, other.ends)
        return Stretch(min(self.starts, other.starts), ends)


class Reports:
    """Group commit of reports, and of when devices were last seen."""

    def __init__(self, link: Link, last_seen: Link) -> None:
        self._link, self._presence = link, Presence(last_seen)
        self._reports: Batcher[Said, None] = Batcher("report", self._store, limit=PER_BATCH)

    async def submit(self, said: Said) -> None:
        """Returns when the report is committed. Raises DatabaseDownError."""
        await self._reports.submit(said)

    def seen(self, device: UUID) -> None:
        """Remember that the device was here now."""
        self._presence.seen(device)

    async def close(self) -> None:
        """Write what waits."""
        await self._reports.close()
        await self._presence.close()

    async def _store(self, batch: list[Said]) -> list[None]:
        if any(said.report.what in HERE for said in batch):
            await self._link.run(lambda connection: keep(connection, batch, clock.to_ms(clock.now())))
        else:
            await self._link.statement(lambda connection: _insert(connection, batch))
        for said in batch:
            metrics.reports.labels(said.report.what).inc()
        return [None] * len(batch)


async def keep(connection: Connection, batch: Sequence[Said], now: int) -> None:
    """Append reports that are not there yet, and make or end the local pauses they tell of.

    A pause waits for the uploads under way that do not see it, and the others wait for it: once it is there, nothing
    that lies inside it is stored.
    """
    fresh = await _insert(connection, batch)
    for kinds, statement in ((HERE, _ROWS), ({ReportKind.PAUSED_HERE}, _TURNS)):
        people = list({said.employee for said in fresh if said.report.what in kinds})
        if people:
            await connection.execute(statement, [people])
    for said in fresh:
        if said.report.what is ReportKind.PAUSED_HERE:
            await _pause_here(connection, said, now)
        elif said.report.what is ReportKind.RESUMED_HERE:
            await _resume_here(connection, said, now)


async def _insert(connection: Connection, batch: Sequence[Said]) -> list[Said]:
    """Append reports that are not there yet, in one statement; those it appended."""
    rows = [_row(position, said) for position, said in enumerate(batch)]
    cursor = await connection.execute(_INSERT, [json.dumps(rows)])
    return [batch[position] for (position,) in await cursor.fetchall()]


def _row(position: int, said: Said) -> dict[str, Any]:
    report = said.report
    return {
        "position": position,
        "employee_id": str(said.employee),
        "device_id": str(report.device),
        "what": report.what.value,
        "directive": report.directive,
        "policy": report.policy,
        "last_seq": report.last_seq,
        "reported_at": from_ms(report.at).isoformat(),
        "detail": report.detail[:LONGEST_DETAIL],
        "stop": _stop(report.detail),
    }


def _stop(detail: str) -> str | None:
    """The stop for all that a report is about."""
    try:
        return str(UUID(detail.removeprefix(STOP))) if detail.startswith(STOP) else None
    except ValueError:
        return None


async def _pause_here(connection: Connection, said: Said, now: int) -> None:
    """Add the pause, unless one says as much: a device tells of it again with each connection.

    One too many takes the place of this device's open ones, and holds as long as any of them.
    """
    starts, until = _claimed(said.report, now), _until(said.report.detail)
    asked = Stretch(from_ms(starts), None if until is None else from_ms(until))
    own = await _open(connection, said, from_ms(now))
    if (until is not None and until <= starts) or any(known.says(asked) for known in own.values()):
        return
    replaced = list(own) if len(own) >= MOST_HERE else []
    for known in own.values() if replaced else ():
        asked = asked.joined(known)
    pause, number = uuid4(), await _next_number(connection, said.employee)
    made = [pause, said.employee, said.report.device, number, from_ms(now), asked.starts, asked.ends]
    await connection.execute(_PAUSE, made)
    await _tell(connection, "pause.asked", [pause], said.employee)
    await _end(connection, said, replaced, from_ms(now))


async def _resume_here(connection: Connection, said: Said, now: int) -> None:
    """End all pauses that this device asked for; pauses asked for on the page stay."""
    at = from_ms(_claimed(said.report, now))
    await _end(connection, said, list(await _open(connection, said, at)), at)


async def _end(connection: Connection, said: Said, pauses: list[UUID], at: datetime) -> None:
    if pauses:
        await connection.execute(_END, [at, await _next_number(connection, said.employee), pauses])
        await _tell(connection, "pause.ended", pauses, said.employee)


async def _open(connection: Connection, said: Said, at: datetime) -> dict[UUID, Stretch]:
    """This device's own pauses that have begun and not ended at `at`."""
    cursor = await connection.execute(_OPEN, [said.employee, said.report.device, at, at])
    return {pause: Stretch(starts, ends) for pause, starts, ends in await cursor.fetchall()}


async def _next_number(connection: Connection, employee: UUID) -> int:
    row = await (await connection.execute(_NUMBER, [employee])).fetchone()
    return int(row[0]) if row else 0


async def _tell(connection: Connection, action: str, pauses: Iterable[UUID], employee: UUID) -> None:
    for pause in pauses:
        await connection.execute(_AUDIT, [employee, action, pause, employee])
        await connection.execute("SELECT wake_gateways('pause', %s)", [pause])


def _claimed(report: Report, now: int) -> int:
    """When the person did it on the device: its word, but neither in the future nor long ago."""
    return max(now - LONGEST_BACK_MS, min(report.at, now))


def _until(detail: str) -> int | None:
    text = detail.removeprefix(UNTIL)
    return int(text) if detail.startswith(UNTIL) and text.isascii() and text.isdigit() and len(text) <= 13 else None  # noqa: PLR2004 - until 2286
