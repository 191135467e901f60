"""People whose every row holds a marker, and connections as any login, with or without an acting person."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from portal.core import clock
from portal.core.actor import ActorKey
from portal.core.config import Settings
from tests.cast import make_person
from tests.db.catalogue import Superuser

Connection = psycopg.Connection[tuple[Any, ...]]
WEB = ("web_employee", "web_delegate", "web_hr", "web_council", "web_officer")

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL), a.attidentity <> '' OR a.attname = 'erasure_id'
  FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
TABLES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('public', 'private', 'pub') AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1
"""
PERSONAL = """
SELECT DISTINCT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'employee_id' AND NOT a.attisdropped
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""
LATER = datetime(2100, 1, 1, tzinfo=UTC)
# What a column's constraint, or a trigger, wants to hold instead of a marker.
SPECIAL: dict[str, Any] = {
    "outcome": "stored",
    "source": "page",
    "role": "hr",
    "sensitivity": 1,
    "weekday": None,
    "from_minute": None,
    "minutes": None,
    "ended_number": None,
    "outbox.address": None,
    "pause.ended_at": None,
    "login_session.ended_at": None,
    "upload.reason": None,
    "pause.ends_at": None,
    "request.type": "erase",
    "request.state": "open",
    "request.ends_at": LATER,
    "request.started_by": "person",
    "request.merged_into": None,
    "store_task.sort": "owner",
    "request_decision.outcome": "refuse",
    "request_decision.rejected_at": None,
    "request_step.state": "waiting",
    "request_step.action": "erase",
    "shown_claim.wish": "erase",
    "incident.what": "other",
    "grave": "odd",
    "incident.started_at": None,
    "incident.segment_id": None,
    "handover.approved_at": LATER,
    "export_order.state": "waiting",
    "export_order.expires_at": LATER,
    "export_order.ordered_at": LATER - timedelta(hours=1),
    "export_order.ends_at": LATER,
    "export_store.state": "waiting",
    "petition_draft.answerer": "employer",
    "reconciliation.state": "green",
    "legal_hold.ends_at": LATER,
    "legal_hold.expires_at": LATER,
    "address_span.until": None,
}
KINDS = {"look": "open", "device": "collector"}
STORE, DATASET = uuid4(), uuid4()
PARENTS = {"source_id": STORE, "dataset_id": DATASET}
"""Rows that personal rows must refer to: one store with one dataset for everybody; a petition each (see below)."""


def marked_person(superuser: Superuser, marker: str) -> UUID:
    """A person who has one row in every table with an employee column; `marker` stands in all that can hold it."""
    person = make_person(superuser, f"{marker} name", department=f"{marker} unit", site=marker, email=f"{marker}@x")
    _insert_parents(superuser)
    for (table,) in superuser.execute(PERSONAL).fetchall():
        _insert(superuser, table, person, marker)
    superuser.commit()
    return person


def _insert_parents(superuser: Superuser) -> None:
    superuser.execute(
        "INSERT INTO source (id, name, connector, setting) VALUES (%s, 'arranged', 'sql', 'X') ON CONFLICT DO NOTHING",
        [STORE],
    )
    superuser.execute(
        "INSERT INTO dataset (id, source_id, name, location, described_by, state, reason) "
        "VALUES (%s, %s, 'arranged', 'arranged', 'yaml', 'refused', 'view') ON CONFLICT (id) DO NOTHING",
        [DATASET, STORE],
    )


def _insert(superuser: Superuser, table: str, person: UUID, marker: str) -> None:
    columns = [(name, kind) for name, kind, skip in superuser.execute(_COLUMNS, [table]).fetchall() if not skip]
    row = {name: _value(table, name, kind, person, marker) for name, kind in columns}
    if "petition_id" in row:
        row["petition_id"] = _petition(superuser)
    if table == "device":
        row["bearer_hash"] = None
    if table == "segment":
        row["ended_at"] = row["started_at"]
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    slots = sql.SQL(", ").join(map(sql.Placeholder, row))
    superuser.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.SQL(table), names, slots),
        row,
    )


def _petition(superuser: Superuser) -> UUID:
    """An open petition, in which nothing is of anybody."""
    new = uuid4()
    superuser.execute(
        "INSERT INTO petition (id, title, demand, reasons, answerer, state, created_at, ends_on) "
        "VALUES (%s, 'arranged', 'arranged', 'arranged', 'employer', 'open', now(), now() + interval '30 days')",
        [new],
    )
    return new


def _value(table: str, name: str, kind: str, person: UUID, marker: str) -> Any:
    if name in {"employee_id", "actor_id", "reader_id"}:
        return person
    if name in PARENTS:
        return PARENTS[name]
    if name == "kind" and table in KINDS:
        return KINDS[table]
    for key in (f"{table}.{name}", name):
        if key in SPECIAL:
            return SPECIAL[key]
    values: dict[str, Any] = {
        "uuid": uuid4(),
        "text": f"{marker} {uuid4()}",
        "character varying": f"{marker}"[:32],
        "bytea": f"{marker} {uuid4()}".encode(),
        "bigint": 7,
        "smallint[]": [1],
        "smallint": 1,
        "boolean": True,
        "date": clock.now().date(),
        "timestamp with time zone": clock.now(),
        "text[]": [marker],
        "uuid[]": [uuid4()],
        "jsonb": f'{{"marker": "{marker}"}}',
    }
    return values[kind]


@contextmanager
def connected(settings: Settings, login: str, person: UUID | None = None) -> Iterator[Connection]:
    """A connection as `login` in a transaction that acts for `person`; rolled back at the end."""
    with psycopg.connect(settings.conninfo(login)) as connection:
        if person is not None:
            act(connection, settings, login, person)
        yield connection
        connection.rollback()


def act(connection: Connection, settings: Settings, login: str, person: UUID) -> str:
    """Enter `person` into the transaction as the web process does; the token."""
    token = ActorKey(settings.actor_key_bytes()).token(login, person, clock.now())
    connection.execute("SELECT set_config('portal.actor', %s, true)", [token])
    return token


def attempt(connection: Connection, statement: str, parameters: Any = None, *, keep: bool = False) -> str:
    """All that a statement gives away: its rows, or the whole text of its error. Undone afterwards unless `keep`."""
    connection.execute("SAVEPOINT attempt")
    try:
        cursor = connection.execute(statement.encode(), parameters)
        return repr(cursor.fetchall()) if cursor.description else cursor.statusmessage or ""
    except psycopg.Error as error:
        parts, keep = error.diag, False
        return " ".join(
            filter(None, (str(error), parts.message_detail, parts.message_hint, parts.context, parts.internal_query))
        )
    finally:
        connection.execute("RELEASE SAVEPOINT attempt" if keep else "ROLLBACK TO SAVEPOINT attempt")
