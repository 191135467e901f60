"""Captured items put straight into the database, for tests that look at headers only."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from portal.core import clock
from tests.vault.arrange import insert
from wire import segment
from wire.documents import Kind
from wire.segment import Header

COUNTS = {
    Kind.KEY: {"keys": 12, "redacted": 0},
    Kind.POINTER: {"points": 9},
    Kind.CLICK: {"clicks": 2},
    Kind.SCREENSHOT: {"images": 1},
    Kind.WINDOW: {"titles": 1},
    Kind.PROMPT: {"turns": 2},
}


def store_item(
    connection: psycopg.Connection[tuple[Any, ...]], person: UUID, at: datetime, kind: Kind = Kind.KEY, **changes: Any
) -> Header:
    """One item of a minute that began at `at`, with its upload; the body is not a real seal."""
    header = Header(
        segment=uuid4(),
        device=uuid4(),
        employee=person,
        seq=1,
        kind=kind,
        context="vscode",
        start=clock.to_ms(at),
        end=clock.to_ms(at + timedelta(seconds=30)),
        counts=COUNTS[kind],
        sensitivity=2,
        categories=("user.behavior",),
        policy="ab" * 32,
        policy_version=1,
        lease=uuid4(),
        key=uuid4(),
        size=100,
    )
    header = replace(header, **changes)
    data = segment.header_bytes(header)
    insert(connection, header, data, b"DLS1")
    connection.execute(
        "INSERT INTO upload (device_id, segment_id, employee_id, content_hash, outcome, seq, local_day) "
        "VALUES (%s, %s, %s, %s, 'stored', %s, %s)",
        [header.device, header.segment, person, segment.content_hash(data, b"DLS1"), header.seq, at.date()],
    )
    connection.commit()
    return header
