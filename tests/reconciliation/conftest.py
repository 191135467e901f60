"""A person whose collector has uploaded for real through a gateway, and the check of that day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.reconciliation.jobs import check_next
from tests.cast import Organisation
from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows
from wire import documents, segment
from wire.documents import Kind
from wire.segment import Header
from wire.tally import Sent, Tally, ids_hash


@pytest.fixture(scope="module")
def gateway(environment: dict[str, str]) -> Iterator[Gateway]:
    with Gateway(environment) as process:
        yield process


@pytest.fixture
def rows(superuser: psycopg.Connection[tuple[object, ...]], organisation: Organisation) -> Rows:
    return Rows(superuser, organisation)


def tally_of(agent: Agent, day: date, headers: list[Header], **changes: Any) -> Tally:
    """What an honest collector says of these."""
    slots: dict[tuple[Kind, str], list[UUID]] = {}
    for one in headers:
        slots.setdefault((one.kind, one.context), []).append(one.segment)
    values: dict[str, Any] = {
        "device": agent.device,
        "day": day.isoformat(),
        "first": min((one.seq for one in headers), default=0),
        "last": max((one.seq for one in headers), default=0),
        "n": len(headers),
        "ids": ids_hash(one.segment for one in headers),
        "sent": tuple(Sent(*slot, len(ids), ids_hash(ids)) for slot, ids in sorted(slots.items())),
        "unsure": (),
        "at": clock.to_ms(clock.now()),
    }
    return Tally(**(values | changes))


@dataclass
class Day:
    """One day of one person. `headers`: what was uploaded; the tally is written as the gateway would."""

    rows: Rows
    database: Database
    agent: Agent
    day: date
    headers: list[Header] = field(default_factory=list)

    @property
    def person(self) -> UUID:
        """Whose day it is."""
        return self.agent.employee

    def upload(self, *changes: dict[str, Any]) -> list[str]:
        """Send one segment for each; what became of them."""
        sent = [self.agent.header(**one) for one in changes]
        self.headers += sent
        return self.agent.outcome(*[(segment.header_bytes(one), b"DLS1 sealed") for one in sent])

    def tally(self, envelope: bytes | None = None, *, refused: bool = False, **changes: Any) -> Tally:
        """Keep the day's tally; `envelope`: one that somebody else made."""
        said = tally_of(self.agent, self.day, self.headers, **changes)
        signed = envelope or documents.sign(said, [self.agent.key])
        values = (self.agent.device, self.day, refused, self.person, documents.document_hash(said), signed.decode())
        self.rows.do(
            "INSERT INTO tally (device_id, day, refused, employee_id, hash, envelope) VALUES (%s, %s, %s, %s, %s, %s)",
            *values,
        )
        return said

    def check(self, after: timedelta = timedelta()) -> str:
        """The state after the worker's job, run so long from now."""
        self.rows.do(
            "INSERT INTO reconciliation (employee_id, day, due_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            *(self.person, self.day, clock.now()),
        )
        more = True
        while more:
            with self.database.transaction("worker") as session:
                more = check_next(session, clock.now() + after)
        state = "SELECT state FROM reconciliation WHERE employee_id = %s AND day = %s"
        return str(self.rows.one(state, self.person, self.day))

    def found(self) -> list[tuple[Any, ...]]:
        """(what, kind, context, items) of every finding."""
        query = "SELECT what, kind, context, items FROM reconciliation_finding WHERE employee_id = %s ORDER BY 1, 2, 3"
        return self.rows.all(query, self.person)

    def copy_segment(self, **columns: Any) -> UUID:
        """Write a stored item past the gateway, with its upload: as the first one, but for `columns`."""
        made, seq = uuid4(), 1000 + len(self.headers)
        self.agent.seq = max(self.agent.seq, seq)
        names = [
            name
            for (name,) in self.rows.all(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'segment'::regclass AND attnum > 0 "
                "AND NOT attisdropped"
            )
        ]
        values = {"id": made, "seq": seq} | columns
        picked = ", ".join(f"%({name})s" if name in values else name for name in names)
        query = f"INSERT INTO segment ({', '.join(names)}) SELECT {picked} FROM segment WHERE id = %(like)s"
        self.rows.connection.execute(query.encode(), values | {"like": self.headers[0].segment})
        upload = (
            "INSERT INTO upload (device_id, segment_id, employee_id, content_hash, outcome, seq, kind, context, "
            "started_at, ended_at, local_day) SELECT device_id, id, employee_id, 'x', 'stored', seq, kind, context, "
            "started_at, ended_at, local_day FROM segment WHERE id = %s"
        )
        self.rows.connection.execute(upload.encode(), [made])
        self.rows.connection.commit()
        return made

    def told_of(self, made: UUID, **changes: Any) -> Header:
        """As if the device had sent what was written past the gateway, so that only one thing is wrong."""
        seq = self.rows.one("SELECT seq FROM segment WHERE id = %s", made)
        told = replace(self.agent.header(segment=made, **changes), seq=seq)
        self.headers.append(told)
        return told


@pytest.fixture
def day(gateway: Gateway, rows: Rows, person: Callable[..., UUID], database: Database) -> Day:
    """A person in UTC with a collector that has sent three items, all stored."""
    agent = rows.agent(gateway.url, person(timezone="UTC"))
    agent.await_lease()
    made = Day(rows, database, agent, clock.now().date())
    assert made.upload({}, {}, {"kind": Kind.PROMPT, "context": "chat", "counts": {"turns": 1}}) == ["stored"] * 3
    return made
