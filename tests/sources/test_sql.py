"""The connector to SQL databases, on real PostgreSQL and SQLite."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Column as Col
from sqlalchemy import (
    Date,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.engine import Engine

from portal.operations.postgres import Postgres
from portal.sources.connectors.base import (
    Count,
    Layout,
    Narrowing,
    Reason,
    RefusedError,
    SubjectKind,
    Target,
    UnreachableError,
)
from portal.sources.connectors.progress import Progress
from portal.sources.connectors.sql import sessions
from portal.sources.connectors.sql.connector import SqlConnector, open_sql
from tests.sources.people import ALL_OF_AMIRA, AMIRA, LAYOUT, NARROWED, ROWS, RUN, at, elsewhere, target

Address = str


@dataclass
class Store:
    """A database with the rows, its address, and an engine of the test's own."""

    address: Address
    engine: Engine
    connector: SqlConnector

    def notes(self) -> list[str]:
        """The notes of all rows, sorted."""
        with self.engine.connect() as connection:
            return sorted(connection.execute(text("SELECT note FROM events")).scalars())

    def run(self, *statements: str) -> None:
        """Change something."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[Address]:
    """An empty PostgreSQL database; its address as a superuser."""
    name = f"store_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.superuser_conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        info = psycopg.conninfo.conninfo_to_dict(postgres.superuser_conninfo(name))
        where = "&".join(f"{key}={value}" for key, value in info.items() if key in {"host", "port"})
        yield f"postgresql://{info['user']}:{info['password']}@/{name}?{where}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["postgresql", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    lite = f"sqlite:///{tmp_path}/store.db"
    with opened(lite if request.param == "sqlite" else request.getfixturevalue("database")) as made:
        yield made


@contextmanager
def opened(address: Address) -> Iterator[Store]:
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    metadata = MetaData()
    texts = [Col(it, Text) for it in ("who", "kind", "app", "note")]
    table = Table("events", metadata, *texts, Col("at", DateTime(timezone=True)), Col("level", Integer))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(table), [vars(row) for row in ROWS])
    connector = open_sql(address)
    yield Store(address, engine, connector)
    connector.close()
    metadata.drop_all(engine)
    engine.dispose()


@pytest.mark.parametrize("name", NARROWED)
def test_only_the_rows_that_are_meant_are_counted_exported_and_erased(store: Store, name: str) -> None:
    narrowing, notes = NARROWED[name]
    meant = target(narrowing=narrowing)
    before = store.notes()
    assert store.connector.count(meant).rows == len(notes)
    assert sorted(str(row["note"]) for row in store.connector.export(meant)) == notes
    told: list[Progress] = []
    erased = store.connector.erase(meant, RUN, told.append)
    part = Progress(0, 1, 0, meant.part(""), len(notes))
    assert (erased.rows, told) == (len(notes), [part, Progress(1, 1, len(notes))])
    assert store.notes() == [note for note in before if note not in notes]
    assert store.connector.remaining(meant) == 0
    assert store.connector.erase(meant, RUN, resume=told[-1]).rows == len(notes)


@pytest.mark.parametrize("committed", [True, False])
def test_R03_rows_are_counted_once_whether_a_kill_came_before_or_after_the_commit(
    store: Store, *, committed: bool
) -> None:
    told: list[Progress] = []

    def killed(progress: Progress) -> None:
        told.append(progress)
        if not committed:
            raise LookupError

    with nullcontext() if committed else pytest.raises(LookupError):
        store.connector.erase(target(), RUN, killed)
    assert store.connector.count(target()).rows == (0 if committed else 4)
    again: list[Progress] = []
    assert store.connector.erase(target(), RUN, again.append, told[0]).rows == 4
    assert store.connector.erase(target(), RUN, resume=again[0]).rows == 4


def test_rows_are_counted_by_kind(store: Store) -> None:
    assert store.connector.count(target()) == Count(4, {"key": 2, "click": 1, "": 1})
    assert store.connector.count(target(replace(LAYOUT, kind_column=None))) == Count(4, {})
    answers = list(store.connector.counts([target(), target(elsewhere("nowhere"))]))
    assert answers[0][1] == Count(4, {"key": 2, "click": 1, "": 1})
    assert isinstance(answers[1][1], RefusedError)


def test_rows_are_exported_as_plain_values(store: Store) -> None:
    first = next(row for row in store.connector.export(target()) if row["note"] == "first")
    when = "2026-03-02 09:00:00.000000" if "sqlite" in store.address else "2026-03-02T09:00:00+00:00"
    assert first == {
        "who": AMIRA,
        "at": when,
        "kind": "key",
        "app": "mail",
        "level": 1,
        "note": "first",
    }


def test_an_email_is_the_same_in_capitals(store: Store) -> None:
    store.run("UPDATE events SET who = 'Amira@Example.com' WHERE note = 'first'")
    store.run("UPDATE events SET who = 'amira@example.com' WHERE note = 'second'")
    by_mail = target(replace(LAYOUT, subject_kind=SubjectKind.EMAIL), subject="AMIRA@example.com")
    assert store.connector.count(by_mail).rows == 2
    by_handle = target(subject="amira@example.com")
    assert store.connector.count(by_handle).rows == 1


def test_only_whole_days_of_a_column_that_holds_days(store: Store) -> None:
    metadata = MetaData()
    table = Table("days", metadata, Col("who", Text), Col("day", Date))
    metadata.create_all(store.engine)
    with store.engine.begin() as connection:
        days = [{"who": who, "day": date(2026, 3, day)} for who in (AMIRA, "ben") for day in (1, 2, 3)]
        connection.execute(insert(table), days)
    layout = replace(LAYOUT, location="days", time_column="day", kind_column=None)
    whole = Narrowing(since=datetime(2026, 3, 2, tzinfo=UTC), until=datetime(2026, 3, 3, tzinfo=UTC))
    assert store.connector.erase(target(layout, whole), RUN).rows == 1
    assert store.connector.count(target(layout)).rows == 2
    assert reason(lambda: store.connector.erase(target(layout, Narrowing(since=at(9))), RUN)) is Reason.PART_OF_A_DAY
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 5
    metadata.drop_all(store.engine)


def test_a_number_names_a_person_only_as_a_whole(store: Store) -> None:
    layout = replace(LAYOUT, subject_column="level", subject_kind=SubjectKind.EMPLOYEE_ID)
    assert store.connector.count(target(layout, subject="3")).rows == 7
    for other in ("03", "3.0", " 3", "three", "3 OR 1=1", "٣"):
        assert store.connector.count(target(layout, subject=other)).rows == 0


def test_what_was_not_described_well_is_refused_with_the_column(store: Store) -> None:
    connector = store.connector
    assert connector.check(LAYOUT) == len(ROWS)
    for change, expected in (
        ({"location": "nowhere"}, Reason.MISSING),
        ({"location": "a.b.c"}, Reason.MISSING),
        ({"location": 'eve"nts'}, Reason.MISSING),
        ({"subject_column": "whom"}, Reason.MISSING_COLUMN),
        ({"time_column": "when"}, Reason.MISSING_COLUMN),
        ({"kind_column": "sort"}, Reason.MISSING_COLUMN),
        ({"subject_column": "at"}, Reason.SUBJECT_TYPE),
    ):
        assert reason(lambda change=change: connector.check(replace(LAYOUT, **change))) is expected  # type: ignore[misc]
    by_note = replace(LAYOUT, time_column="note")
    assert reason(lambda: connector.count(target(by_note, Narrowing(since=at(9))))) is Reason.TIME_TYPE


def test_a_view_is_refused(store: Store) -> None:
    store.run("CREATE VIEW seen AS SELECT * FROM events")
    assert reason(lambda: store.connector.check(elsewhere("seen"))) is Reason.VIEW
    assert reason(lambda: store.connector.erase(target(elsewhere("seen")), RUN)) is Reason.VIEW
    found = {it.location: it.refused for it in store.connector.discover()}
    schema = "main" if "sqlite" in store.address else "public"
    assert found == {f"{schema}.events": None, f"{schema}.seen": Reason.VIEW}
    store.run("DROP VIEW seen")
    assert store.notes() == sorted(row.note for row in ROWS)


def test_R03_rows_of_a_table_with_parts_are_met_once(database: Address) -> None:
    with opened(database) as store:
        store.run(
            "CREATE TABLE by_day (who text, day date) PARTITION BY RANGE (day)",
            "CREATE TABLE by_day_1 PARTITION OF by_day FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
            "CREATE TABLE all_of_it (who text)",
            "CREATE TABLE some_of_it (more text) INHERITS (all_of_it)",
            "INSERT INTO by_day VALUES ('amira', '2026-03-02')",
            "INSERT INTO some_of_it VALUES ('amira', 'x')",
        )
        found = {it.location for it in store.connector.discover()}
        assert found == {"public.events", "public.by_day", "public.all_of_it"}
        for name in ("by_day", "all_of_it"):
            meant = target(replace(elsewhere(name), kind_column=None), subject="amira")
            assert store.connector.count(meant).rows == 1
            assert store.connector.erase(meant, RUN).rows == 1
            assert store.connector.remaining(meant) == 0
        store.run("DROP TABLE by_day", "DROP TABLE all_of_it CASCADE")


def test_rows_that_others_refer_to_stay_and_are_named(store: Store) -> None:
    metadata = MetaData()
    parent = Table("parent", metadata, Col("id", Integer, primary_key=True), Col("who", Text))
    child = Table("child", metadata, Col("parent_id", ForeignKey("parent.id")))
    metadata.create_all(store.engine)
    with store.engine.begin() as connection:
        connection.execute(insert(parent), [{"id": 1, "who": AMIRA}, {"id": 2, "who": "ben"}])
        connection.execute(insert(child), [{"parent_id": 1}])
    layout = replace(LAYOUT, location="parent")
    if "sqlite" not in store.address:
        assert reason(lambda: store.connector.erase(target(layout), RUN)) is Reason.REFERENCED
        assert store.connector.count(target(replace(layout, kind_column=None))).rows == 1
    metadata.drop_all(store.engine)


@pytest.mark.parametrize("does", ["CASCADE", "SET NULL", "SET DEFAULT"])
def test_R03_erasing_one_persons_rows_takes_nobody_elses_along(database: Address, does: str) -> None:
    with opened(database) as store:
        store.run(
            "CREATE TABLE chats (id integer PRIMARY KEY, who text)",
            f"CREATE TABLE answers (chat integer DEFAULT 2 REFERENCES chats ON DELETE {does}, who text)",
            "INSERT INTO chats VALUES (1, 'amira'), (2, 'ben')",
            "INSERT INTO answers VALUES (1, 'ben')",
        )
        layout = replace(elsewhere("chats"), kind_column=None, time_column=None)
        meant = target(layout, subject="amira")
        assert [it.reason for it in store.connector.doubts(layout)] == [Reason.TAKEN_ALONG]
        with pytest.raises(RefusedError) as refusal:
            store.connector.erase(meant, RUN)
        assert (refusal.value.reason, refusal.value.detail) == (Reason.TAKEN_ALONG, f"answers: ON DELETE {does}")
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT chat, who FROM answers")).all() == [(1, "ben")]
        assert store.connector.count(meant).rows == 1
        store.run("DROP TABLE answers, chats")


def test_a_store_that_takes_another_name_for_the_persons_is_refused(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/store.db") as store:
        store.run(
            "CREATE TABLE loose (who TEXT COLLATE NOCASE)", "INSERT INTO loose VALUES ('amira'), ('AMIRA'), ('ben')"
        )
        meant = target(replace(elsewhere("loose"), kind_column=None), subject="amira")
        for act in (
            store.connector.count,
            lambda it: store.connector.erase(it, RUN),
            lambda it: list(store.connector.export(it)),
        ):
            assert reason(lambda act=act: act(meant)) is Reason.AMBIGUOUS  # type: ignore[misc]
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM loose")).scalar_one() == 3


def test_times_as_text_are_compared_as_times(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/store.db") as store:
        store.run(
            "CREATE TABLE told (who TEXT, at TIMESTAMP, note TEXT)",
            "INSERT INTO told VALUES ('amira', '2026-03-02 10:00:00', 'at ten'), "
            "('amira', '2026-03-02T09:59:59.9999Z', 'before'), "
            "('amira', '2026-03-02 11:30:00+01:00', 'half past ten'), ('amira', 'yesterday', 'no time')",
        )
        layout = replace(elsewhere("told"), kind_column=None)
        meant = target(layout, Narrowing(since=at(10), until=at(11)), "amira")
        assert sorted(str(row["note"]) for row in store.connector.export(meant)) == ["at ten", "half past ten"]
        assert store.connector.erase(meant, RUN).rows == 2


NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
THE_DAY = Narrowing(since=datetime(2026, 3, 2, tzinfo=UTC), until=datetime(2026, 3, 3, tzinfo=UTC))


@pytest.mark.parametrize("kind", ["DATETIME", "TIMESTAMP", "DATE"])
def test_R03_each_row_is_in_a_range_or_named_as_undated_however_its_time_is_written(tmp_path: Path, kind: str) -> None:
    told = {
        "seconds": NOON,
        "milliseconds": NOON * 1000,
        "as a number with a fraction": NOON + 0.5,
        "in words": "2026-03-02T10:00:00+01:00" if kind != "DATE" else "2026-03-02",
        "German": "02.03.2026 10:00",
        "no time": None,
        "now": "now",
        "a year": 2026,
        "bytes": b"2026-03-02",
        "the day before": "2026-03-01",
    }
    with opened(f"sqlite:///{tmp_path}/store.db") as store:
        store.run(f"CREATE TABLE told (who TEXT, at {kind}, note TEXT)")
        with store.engine.begin() as connection:
            for note, value in told.items():
                connection.exec_driver_sql("INSERT INTO told VALUES ('amira', ?, ?)", (value, note))
        meant = target(replace(elsewhere("told"), kind_column=None), THE_DAY, "amira")
        found = sorted(str(row["note"]) for row in store.connector.export(meant))
        assert found == ["as a number with a fraction", "in words", "milliseconds", "seconds"]
        assert store.connector.count(meant.undated()).rows == 5
        assert store.connector.erase(meant, RUN).rows == 4
        assert store.connector.count(target(meant.layout, subject="amira")).rows == 6


def test_R03_an_address_is_found_in_capitals_of_any_alphabet(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/store.db") as store:
        store.run("UPDATE events SET who = 'JÜRGEN@X.EXAMPLE', kind = 'GRÖSSE' WHERE note = 'first'")
        by_mail = target(replace(LAYOUT, subject_kind=SubjectKind.EMAIL), subject="jürgen@x.example")
        assert store.connector.count(by_mail) == Count(1, {"grösse": 1})


@pytest.mark.parametrize("kind", ["REAL", "DOUBLE PRECISION", "NUMERIC(6, 2)", "INTEGER"])
def test_R03_a_sensitivity_is_compared_as_a_number(store: Store, kind: str) -> None:
    store.run(f"CREATE TABLE rated (who TEXT, level {kind})", "INSERT INTO rated VALUES ('amira', 3), ('amira', 4)")
    layout = replace(elsewhere("rated"), kind_column=None, time_column=None, context_column=None)
    assert store.connector.erase(target(layout, Narrowing(sensitivities=frozenset({3})), "amira"), RUN).rows == 1
    store.run("DROP TABLE rated")


def test_R03_a_kind_is_the_same_in_capitals_and_with_spaces(store: Store) -> None:
    store.run("UPDATE events SET kind = ' KEY ' WHERE note = 'first'")
    assert store.connector.count(target()).by_kind == {"key": 2, "click": 1, "": 1}
    assert store.connector.erase(target(narrowing=Narrowing(kinds=frozenset({"key"}))), RUN).rows == 2


def test_a_store_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    for address in (f"sqlite:///{tmp_path}/none.db", "postgresql://x:y@127.0.0.1:1/none"):
        connector = open_sql(address)
        for act in (lambda c=connector: c.count(target()), lambda c=connector: list(c.discover())):
            with pytest.raises(UnreachableError) as error:
                act()
            assert "x:y" not in str(error.value)
    assert not (tmp_path / "none.db").exists()


def test_what_the_credentials_may_not_do_is_said(database: Address) -> None:
    with opened(database) as store:
        role = f"reader_{uuid4().hex[:8]}"
        store.run(f"CREATE ROLE {role} LOGIN PASSWORD 'reads'", f"GRANT SELECT ON events TO {role}")
        reader = open_sql(
            database.replace("://postgres:", f"://{role}:").replace(database.split(":")[2].split("@")[0], "reads")
        )
        assert reader.remaining(target()) == 4
        assert reason(lambda: reader.erase(target(), RUN)) is Reason.DENIED
        assert sorted(ALL_OF_AMIRA) == sorted(str(row["note"]) for row in reader.export(target()))
        reader.close()
        store.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_R03_a_store_that_lies_about_success_is_found_by_reading_back(database: Address) -> None:
    with opened(database) as store:
        store.run(
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER keep BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep()",
        )
        assert store.connector.erase(target(), RUN).rows == 4
        assert store.connector.remaining(target()) == 4
        store.run("DROP TRIGGER keep ON events", "DROP FUNCTION keep()")


def test_an_array_of_people_is_refused(database: Address) -> None:
    with opened(database) as store:
        store.run("CREATE TABLE calls (who text[], note text)", "CREATE TABLE docs (who jsonb)")
        for location in ("calls", "docs"):
            layout = replace(elsewhere(location), kind_column=None)
            assert reason(lambda layout=layout: store.connector.count(target(layout))) is Reason.NESTED_SUBJECT  # type: ignore[misc]
        store.run("DROP TABLE calls, docs")


def test_one_odd_value_does_not_spoil_a_copy(database: Address) -> None:
    odd = ("infinity", "-infinity", "0044-03-15 10:00:00 BC", "12026-01-01 00:00:00")
    with opened(database) as store:
        store.run("CREATE TABLE odd (who text, at timestamp, zoned timestamptz, day date)")
        with store.engine.begin() as connection:
            for value in odd:
                row = {"it": value}
                connection.execute(text("INSERT INTO odd VALUES ('amira', :it ::text::timestamp)"), row)
                connection.execute(text("INSERT INTO odd (who, zoned) VALUES ('amira', :it ::text::timestamptz)"), row)
                connection.execute(text("INSERT INTO odd (who, day) VALUES ('amira', :it ::text::date)"), row)
        meant = target(replace(elsewhere("odd"), kind_column=None), subject="amira")
        found = list(store.connector.export(meant))
        assert len(found) == 3 * len(odd)
        assert {str(row["at"]) for row in found if row["at"] is not None} == set(odd)
        assert json.dumps(found)
        store.run("DROP TABLE odd")


def test_text_that_is_no_utf8_does_not_spoil_a_copy(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/store.db") as store:
        store.run("CREATE TABLE odd (who TEXT, note TEXT)", "INSERT INTO odd VALUES ('amira', CAST(X'ff41' AS TEXT))")
        meant = target(replace(elsewhere("odd"), kind_column=None), subject="amira")
        assert list(store.connector.export(meant)) == [{"who": "amira", "note": "\\xffA"}]


def test_columns_of_odd_types_are_compared_as_text(database: Address) -> None:
    with opened(database) as store:
        store.run(
            "CREATE TYPE staff AS ENUM ('amira', 'Ben@x')",
            "CREATE TABLE odd (who staff, kind json)",
            """INSERT INTO odd VALUES ('amira', '"key"'), ('Ben@x', '{"a": 1}')""",
        )
        layout = replace(elsewhere("odd"), time_column=None, context_column=None, sensitivity_column=None)
        assert store.connector.check(layout) == 2
        assert store.connector.count(target(layout, subject="amira")) == Count(1, {'"key"': 1})
        assert store.connector.count(target(layout, subject="nobody")).rows == 0
        by_mail = replace(layout, subject_kind=SubjectKind.EMAIL)
        assert store.connector.erase(target(by_mail, subject="ben@X"), RUN).rows == 1
        store.run("DROP TABLE odd", "DROP TYPE staff")


def test_who_describes_a_table_learns_of_times_that_cannot_be_read(store: Store) -> None:
    assert [it.reason for it in store.connector.doubts(LAYOUT)] == [Reason.UNDATED], "one row has none"
    store.run("DELETE FROM events WHERE at IS NULL")
    assert store.connector.doubts(LAYOUT) == []
    by_note = replace(LAYOUT, time_column="note")
    assert [it.reason for it in store.connector.doubts(by_note)] == [Reason.TIME_TYPE]


def test_R03_a_table_that_somebody_keeps_locked_is_out_of_reach(
    database: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LOCK_SECONDS", 1)
    with opened(database) as store, store.engine.begin() as other:
        other.execute(text("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        for act in (store.connector.count, lambda it: store.connector.erase(it, RUN)):
            with pytest.raises(UnreachableError):
                act(target())
    assert sessions.STATEMENT_SECONDS > 60 * 60


def test_R03_no_connection_waits_for_ever(database: Address) -> None:
    with opened(database) as store, store.connector._connected() as connection:
        connection.rollback()
        for name, value in (("lock_timeout", "1min"), ("statement_timeout", "2h")):
            assert connection.exec_driver_sql(f"SHOW {name}").scalar_one() == value


@pytest.mark.parametrize("address", ["", "nonsense", "nosuch://host/x", "oracle://host/x"])
def test_a_malformed_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"expected|not installed"):
        open_sql(address)


def reason(act: Callable[[], Any]) -> Reason:
    with pytest.raises(RefusedError) as refusal:
        act()
    assert AMIRA not in str(refusal.value)
    return refusal.value.reason


BARE = Layout("told", "who", SubjectKind.EMAIL)


def test_R03_an_address_is_found_between_blanks_and_as_bytes(store: Store) -> None:
    store.run(
        "CREATE TABLE told (who TEXT)",
        "INSERT INTO told VALUES (' amira@x.org'), ('AMIRA@x.org  '), ('amira@x.org'), ('ben@x.org'), (NULL), ('')",
    )
    rows = 3
    if "sqlite" in store.address:
        store.run("INSERT INTO told VALUES (CAST('Amira@x.org' AS BLOB)), (CAST('ben@x.org' AS BLOB))")
        rows = 4
    meant = Target(BARE, ("amira@x.org",))
    assert store.connector.count(meant).rows == rows
    assert store.connector.erase(meant, RUN).rows == rows
    assert store.connector.remaining(meant) == 0
    if "sqlite" in store.address:
        store.run("INSERT INTO told VALUES (CAST('amira' AS BLOB)), ('Amira')")
        by_handle = Target(replace(BARE, subject_kind=SubjectKind.HANDLE), ("amira",))
        assert store.connector.erase(by_handle, RUN).rows == 1
    store.run("DROP TABLE told")


@pytest.mark.parametrize("written", ["MÜLLER-ÖZ@X.ORG", "müller-öz@x.org", "Müller-Öz@x.org", "mÜller-öz@x.org"])
def test_R03_an_address_is_found_in_capitals_that_the_collation_does_not_know(database: Address, written: str) -> None:
    with opened(database) as store:
        store.run('CREATE TABLE told (who TEXT COLLATE "C")', f"INSERT INTO told VALUES ('{written}'), ('x')")
        meant = Target(BARE, ("Müller-Öz@x.org",))
        assert store.connector.erase(meant, RUN).rows == 1
        store.run("DROP TABLE told")


@pytest.mark.parametrize("kind", ["SMALLINT", "INTEGER", "BIGINT", "NUMERIC(5, 2)", "NUMERIC"])
def test_a_number_that_no_column_holds_is_nobodys_there(store: Store, kind: str) -> None:
    store.run(f"CREATE TABLE told (who {kind})", "INSERT INTO told VALUES (7), (8)")
    for subject in ("40000", "3000000000", "109876543210987654321", "1" + "0" * 400):
        meant = Target(replace(BARE, subject_kind=SubjectKind.EMPLOYEE_ID), (subject,))
        assert store.connector.count(meant).rows == 0
        assert store.connector.erase(replace(meant, subjects=(subject, "7")), RUN).rows <= 1
    assert store.connector.remaining(Target(replace(BARE, subject_kind=SubjectKind.EMPLOYEE_ID), ("7",))) == 0
    store.run("DROP TABLE told")


@pytest.mark.parametrize("path", ["public", "hr,public"])
@pytest.mark.parametrize("location", ["people", "public.people"])
def test_R03_rows_of_a_schema_on_the_search_path_are_not_taken_along(
    database: Address, path: str, location: str
) -> None:
    with opened(database) as store:
        store.run(
            "CREATE SCHEMA hr",
            "CREATE TABLE public.people (id int PRIMARY KEY, who text)",
            "CREATE TABLE hr.notes (about int REFERENCES public.people ON DELETE CASCADE, whose text)",
            "INSERT INTO public.people VALUES (1, 'amira@x.org')",
            "INSERT INTO hr.notes VALUES (1, 'ben')",
        )
        connector = open_sql(f"{database}&options=-csearch_path%3D{path.replace(',', '%2C')}")
        layout = replace(BARE, location=location)
        assert [it.reason for it in connector.doubts(layout)] == [Reason.TAKEN_ALONG]
        assert reason(lambda: connector.erase(Target(layout, ("amira@x.org",)), RUN)) is Reason.TAKEN_ALONG
        connector.close()
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM hr.notes")).scalar_one() == 1
        store.run("DROP SCHEMA hr CASCADE", "DROP TABLE public.people")


def test_who_describes_a_table_learns_of_what_may_keep_copies(store: Store) -> None:
    layout = replace(LAYOUT, time_column=None)
    assert store.connector.doubts(layout) == []
    if "sqlite" in store.address:
        store.run("CREATE TRIGGER kept AFTER DELETE ON events BEGIN SELECT 1; END")
        names = "kept"
    else:
        store.run(
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
            "CREATE TRIGGER kept AFTER DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep()",
            "CREATE RULE also AS ON DELETE TO events DO ALSO SELECT 1",
            "CREATE VIEW seen AS SELECT * FROM events",
            "CREATE MATERIALIZED VIEW copied AS SELECT * FROM seen",
        )
        names = "also, copied, kept"
    (doubt,) = store.connector.doubts(layout)
    assert (doubt.reason, doubt.detail) == (Reason.COPIES, names)
    if "sqlite" not in store.address:
        store.run("DROP MATERIALIZED VIEW copied", "DROP VIEW seen", "DROP FUNCTION keep CASCADE")
