"""The record of a stop: what was asked, how it took effect, how it ended; signed by the log's key, kept up to date."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.core.clock import from_ms, to_ms
from portal.stops import queries
from portal.stops.models import StopRow
from wire import documents, dsse
from wire.stopping import Step, StopRecord, audience_of

SETTLES: Final = timedelta(hours=1)
"""After its end a record is made anew for so long, then it is final."""

OFTEN: Final = timedelta(seconds=10)


def keeper(key: Ed25519PrivateKey) -> Callable[[Session, datetime], bool]:
    """The job that signs records whose stop has news."""

    def keep_records(session: Session, now: datetime) -> bool:
        """One record; True while there may be more."""
        lasting = or_(StopRow.resumed_at.is_(None), StopRow.recorded_at < StopRow.resumed_at + SETTLES)
        due = or_(StopRow.recorded_at.is_(None), (StopRow.recorded_at < now - OFTEN) & lasting)
        statement = select(StopRow).where(due).order_by(StopRow.recorded_at.asc().nulls_first()).limit(1)
        row = session.scalars(statement.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return False
        fresh = made(session, row, now)
        if row.record is None or replace(read(row.record), issued=fresh.issued) != fresh:
            row.record = documents.sign(fresh, [key]).decode()
        row.recorded_at = now
        return True

    return keep_records


def made(session: Session, row: StopRow, now: datetime) -> StopRecord:
    """The record as of `now`."""
    effect = queries.effect(session, row.id)
    return StopRecord(
        stop=row.id,
        number=row.number,
        by=row.by_role.value,
        reason=row.reason,
        **vars(row.audience),
        stopped=to_ms(row.asked_at),
        resumed=None if row.resumed_at is None else to_ms(row.resumed_at),
        devices=effect.devices,
        answered=effect.stopped,
        unreached=effect.unreached,
        last_ms=effect.last_ms,
        steps=tuple(Step(share, ms) for share, ms in enumerate(effect.steps, 1) if ms is not None),
        stop_sha256=_sha256(row.envelope),
        resume_sha256=None if row.resumed_at is None else _sha256(row.resume_envelope),
        issued=to_ms(now),
    )


def read(envelope: str) -> StopRecord:
    """The record in its envelope."""
    return documents.read(StopRecord, dsse.payload_of(envelope.encode()))


def table(record: StopRecord) -> Iterator[tuple[object, object]]:
    """The record as rows of a table: (what, value), then (percent, milliseconds)."""
    yield "what", "value"
    for name in ("stop", "number", "by", "reason", "devices", "answered", "unreached", "last_ms"):
        yield name, _cell(getattr(record, name))
    yield "audience", _cell(audience_of(record).named) or "everybody"
    for name in ("stopped", "resumed", "issued"):
        at = getattr(record, name)
        yield name, "" if at is None else from_ms(at).astimezone(UTC).isoformat()
    yield "stop_sha256", record.stop_sha256 or ""
    yield "resume_sha256", record.resume_sha256 or ""
    yield "percent stopped", "milliseconds"
    for step in record.steps:
        yield step.percent, step.ms


def _cell(value: object) -> object:
    """A cell that no table program takes for a formula (CWE-1236)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _sha256(envelope: str | None) -> str | None:
    return None if envelope is None else hashlib.sha256(envelope.encode()).hexdigest()
