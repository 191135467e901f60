"""A dataset in an external store that names people and stands in no catalogue is found, for each of them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.ending import Ending, EndingError
from portal.reconciliation.stores import Undeclared
from portal.sources.connectors.base import Found
from portal.sources.connectors.sql.connector import SqlConnector
from portal.sources.rules import setting_name
from tests.cast import Organisation
from tests.gateway.process import Rows
from tests.reconciliation.test_pages import checked

YESTERDAY = clock.now().date() - timedelta(days=1)
FOUND = "SELECT what, items, place FROM reconciliation_finding WHERE employee_id = %s"
STATE = "SELECT state FROM reconciliation WHERE employee_id = %s AND day = %s"


@pytest.fixture
def rows(superuser: psycopg.Connection[tuple[object, ...]], organisation: Organisation) -> Rows:
    return Rows(superuser, organisation)


@pytest.fixture
def store(rows: Rows, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A source with an empty described table `events`; gone afterwards."""
    name, source, path = f"lake{uuid4().hex[:8]}", uuid4(), tmp_path / "lake.db"
    values = (source, name, setting_name(name))
    rows.do("INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'sql', %s)", *values)
    rows.do("UPDATE dataset SET name = id::text WHERE name = 'Events'")
    rows.do(
        "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state) "
        "VALUES (%s, %s, 'Events', 'main.events', 'email', 'email', 'yaml', 'usable')",
        *(uuid4(), source),
    )
    with closing(sqlite3.connect(path)) as file, file:
        for table in ("events", "copy"):
            file.execute(f"CREATE TABLE {table} (email TEXT, created_at DATETIME)")
    yield name, path
    rows.do("DELETE FROM source WHERE id = %s", source)


def put(path: Path, table: str, *people: UUID) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        rows = [(f"{person}@daylight.example", "2026-11-28 10:00:00") for person in people for _ in range(2)]
        file.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)


def look(database: Database, settings: Settings, store: tuple[str, Path]) -> None:
    given = {setting_name(store[0]): f"sqlite:///{store[1]}"}
    Undeclared(database, replace(settings, sources=given)).run()


def test_a_table_that_nobody_described_is_red_for_whoever_stands_in_it(
    database: Database, settings: Settings, rows: Rows, person: Callable[..., UUID], store: tuple[str, Path]
) -> None:
    amira, ben, carl = person(), person("Ben Okafor"), person("Carl Other")
    checked(rows, amira, "green")
    put(store[1], "events", amira, ben)
    put(store[1], "copy", amira, carl)
    for _ in range(2):
        look(database, settings, store)
    found = ("undeclared_store", 2, f"{store[0]}: main.copy")
    assert [rows.all(FOUND, one) for one in (amira, ben, carl)] == [[found], [], [found]]
    assert [rows.one(STATE, one, YESTERDAY) for one in (amira, ben, carl)] == ["red", None, None]
    told = "SELECT count(*) FROM notification WHERE employee_id = %s AND kind = 'reconciliation'"
    assert rows.one(told, amira) == 1


def test_a_store_that_does_not_answer_changes_nothing(
    database: Database, settings: Settings, rows: Rows, person: Callable[..., UUID], store: tuple[str, Path]
) -> None:
    amira = person()
    put(store[1], "copy", amira)
    Undeclared(database, settings).run()
    assert rows.all(FOUND, amira) == []


def test_a_look_breaks_off_when_the_worker_is_to_end_and_the_next_one_begins_anew(
    database: Database,
    settings: Settings,
    rows: Rows,
    person: Callable[..., UUID],
    store: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amira, ending, discover = person(), Ending(), SqlConnector.discover
    checked(rows, amira, "green")
    put(store[1], "copy", amira)
    given = replace(settings, sources={setting_name(store[0]): f"sqlite:///{store[1]}"})

    def asked_meanwhile(connector: SqlConnector) -> Iterator[Found]:
        for found in discover(connector):
            yield found
            ending.ask()

    monkeypatch.setattr(SqlConnector, "discover", asked_meanwhile)
    with pytest.raises(EndingError):
        Undeclared(database, given, ending).run()
    assert rows.all(FOUND, amira) == []
    monkeypatch.undo()
    look(database, settings, store)
    assert rows.all(FOUND, amira) == [("undeclared_store", 2, f"{store[0]}: main.copy")]
