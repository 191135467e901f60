"""What devices say of themselves: kept in batches, acknowledged after commit.

A pause made on the device becomes a row like any other, so that the person's page and other devices learn of it.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog

from gateway import metrics
from gateway.batches import Batcher
from gateway.database import Connection, DatabaseDownError, Link
from portal.core import clock
from portal.core.clock import from_ms
from wire.documents import Report, ReportKind

log = structlog.get_logger(__name__)

PER_BATCH = 500
SEEN_SECONDS = 5
LONGEST_DETAIL = 500
HERE = frozenset({ReportKind.PAUSED_HERE, ReportKind.RESUMED_HERE})
"""Reports that change more than their own table."""

UNTIL = "until="
STOP = "stop="
LONGEST_BACK_MS = 7 * 86_400_000

_INSERT = """
WITH said AS (
    SELECT * FROM jsonb_to_recordset(%s) AS r (position int, employee_id uuid, device_id uuid, what text,
        directive bigint, policy text, last_seq bigint, reported_at timestamptz, detail text, stop uuid)
), fresh AS (
    SELECT DISTINCT ON (device_id, what, directive, reported_at) * FROM said s
     WHERE NOT EXISTS (SELECT FROM device_report d WHERE d.device_id = s.device_id AND d.what = s.what
                          AND d.directive = s.directive AND d.reported_at = s.reported_at
                          AND d.received_at > now() - interval '2 days')
     ORDER BY device_id, what, directive, reported_at, position
), kept AS (
    INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at, detail)
    SELECT employee_id, device_id, what, directive, policy, last_seq, reported_at, detail FROM fresh ORDER BY position
), answered AS (
    INSERT INTO stop_answer (stop_id, device_id, employee_id)
    SELECT DISTINCT stop, device_id, employee_id FROM fresh WHERE stop IS NOT NULL AND what = 'stopped' ORDER BY 1, 2
        ON CONFLICT (stop_id, device_id) DO UPDATE SET resumed_at = NULL
), over AS (
    UPDATE stop_answer a SET resumed_at = now() FROM fresh f
     WHERE a.stop_id = f.stop AND a.device_id = f.device_id AND f.what = 'resumed'
)
SELECT position FROM fresh ORDER BY position
"""
_SEEN = """
UPDATE device d SET last_seen_at = s.at FROM unnest(%s::uuid[], %s::timestamptz[]) AS s (id, at)
 WHERE d.id = s.id AND (d.last_seen_at IS NULL OR d.last_seen_at < s.at)
"""
_NUMBER = "UPDATE employee SET directive_number = directive_number + 1 WHERE id = %s RETURNING directive_number"
_PAUSE = """
INSERT INTO pause (id, employee_id, device_id, source, number, asked_at, starts_at, ends_at)
VALUES (%s, %s, %s, 'device', %s, %s, %s, %s)
"""
_OPEN = """
SELECT id, ends_at FROM pause WHERE employee_id = %s AND device_id = %s AND source = 'device' AND ended_at IS NULL
   AND (ends_at IS NULL OR ends_at > %s) FOR UPDATE
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


class Reports:
    """Group commit of reports, and of when devices were last seen."""

    def __init__(self, link: Link, last_seen: Link) -> None:
        self._link, self._last_seen = link, last_seen
        self._seen: dict[UUID, datetime] = {}
        self._reports: Batcher[Said, None] = Batcher("report", self._store, limit=PER_BATCH)
        self._flusher = asyncio.create_task(self._flush_regularly(), name="last-seen")

    async def submit(self, said: Said) -> None:
        """Returns when the report is committed. Raises DatabaseDownError."""
        await self._reports.submit(said)

    def seen(self, device: UUID) -> None:
        """Remember that the device was here now; written a little later."""
        self._seen[device] = clock.now()

    async def close(self) -> None:
        """Write what waits."""
        self._flusher.cancel()
        await self._reports.close()
        await self._flush()

    async def _store(self, batch: list[Said]) -> list[None]:
        if any(said.report.what in HERE for said in batch):
            await self._link.run(lambda connection: keep(connection, batch, clock.to_ms(clock.now())))
        else:
            await self._link.statement(lambda connection: _insert(connection, batch))
        for said in batch:
            metrics.reports.labels(said.report.what).inc()
        return [None] * len(batch)

    async def _flush_regularly(self) -> None:
        while True:
            await asyncio.sleep(SEEN_SECONDS)
            await self._flush()

    async def _flush(self) -> None:
        seen, self._seen = self._seen, {}
        rows = sorted(seen.items())
        for part in (rows[start : start + PER_BATCH] for start in range(0, len(rows), PER_BATCH)):
            values = [[device for device, _ in part], [at for _, at in part]]
            try:
                await self._last_seen.statement(lambda connection: connection.execute(_SEEN, values))  # noqa: B023 - awaited here
            except DatabaseDownError:
                self._seen = dict(part) | self._seen


async def keep(connection: Connection, batch: Sequence[Said], now: int) -> None:
    """Append reports that are not there yet, and make or end the local pauses they tell of."""
    for said in await _insert(connection, batch):
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
    """Add the pause, unless it is known: a device tells of it again with each connection."""
    starts, until = _claimed(said.report, now), _until(said.report.detail)
    ends = None if until is None else from_ms(until)
    if until is not None and until <= starts:
        return
    if ends in (known_end for _, known_end in await _open(connection, said, from_ms(now))):
        return
    pause = uuid4()
    number = await _next_number(connection, said.employee)
    await connection.execute(
        _PAUSE, [pause, said.employee, said.report.device, number, from_ms(now), from_ms(starts), ends]
    )
    await _tell(connection, "pause.asked", [pause], said.employee)


async def _resume_here(connection: Connection, said: Said, now: int) -> None:
    """End all pauses that this device asked for; pauses asked for on the page stay."""
    at = from_ms(_claimed(said.report, now))
    pauses = [pause for pause, _ in await _open(connection, said, at)]
    if pauses:
        await connection.execute(_END, [at, await _next_number(connection, said.employee), pauses])
        await _tell(connection, "pause.ended", pauses, said.employee)


async def _open(connection: Connection, said: Said, at: datetime) -> list[tuple[UUID, datetime | None]]:
    """This device's own pauses that have not ended at `at`: id, planned end."""
    cursor = await connection.execute(_OPEN, [said.employee, said.report.device, at])
    return [(pause, ends) for pause, ends in await cursor.fetchall()]


async def _next_number(connection: Connection, employee: UUID) -> int:
    row = await (await connection.execute(_NUMBER, [employee])).fetchone()
    return int(row[0]) if row else 0


async def _tell(connection: Connection, action: str, pauses: Iterable[UUID], employee: UUID) -> None:
    for pause in pauses:
        await connection.execute(_AUDIT, [employee, action, pause, employee])
        await connection.execute("SELECT pg_notify('pause', %s)", [str(pause)])


def _claimed(report: Report, now: int) -> int:
    """When the person did it on the device: its word, but neither in the future nor long ago."""
    return max(now - LONGEST_BACK_MS, min(report.at, now))


def _until(detail: str) -> int | None:
    text = detail.removeprefix(UNTIL)
    return int(text) if detail.startswith(UNTIL) and text.isascii() and text.isdigit() and len(text) <= 13 else None  # noqa: PLR2004 - until 2286
