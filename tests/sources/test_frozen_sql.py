"""Freezing in SQL databases, on real PostgreSQL and SQLite: rows go out of everybody's reach and come back."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from portal.sources.connectors.base import Lying, Narrowing, Reason, SubjectKind
from portal.sources.connectors.progress import Progress
from portal.sources.connectors.sql.connector import open_sql
from portal.sources.connectors.sql.quarantine import SUFFIX
from tests.sources.people import AMIRA, LAYOUT, NARROWED, ROWS, RUN, at, elsewhere, target
from tests.sources.test_sql import Address, Store, database, opened, reason, store

__all__ = ["database", "store"]
APART = f"events{SUFFIX}"


def asked(store: Store, statement: str) -> list[tuple[object, ...]]:
    """Rows as an eye of the test's own sees them."""
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def apart(store: Store) -> list[object]:
    """The notes of the rows in quarantine."""
    return sorted(row[0] for row in asked(store, f"SELECT note FROM {APART}"))  # type: ignore[type-var]


@pytest.fixture(autouse=True)
def left(request: pytest.FixtureRequest) -> Iterator[None]:
    """The quarantine goes with the table of a test that shares it."""
    made = request.getfixturevalue("store") if "store" in request.fixturenames else None
    yield
    if made is not None:
        made.run(f"DROP TABLE IF EXISTS {APART}")


@pytest.mark.parametrize("name", NARROWED)
def test_only_the_rows_that_are_meant_go_and_all_of_them_come_back(store: Store, name: str) -> None:
    narrowing, notes = NARROWED[name]
    meant, before = target(narrowing=narrowing), asked(store, "SELECT * FROM events ORDER BY note, who")
    store.connector.seclude(LAYOUT, "")
    assert store.connector.freeze(meant, RUN) == len(notes)
    assert store.notes() == sorted(row.note for row in ROWS if row.note not in notes)
    assert apart(store) == sorted(notes)
    assert store.connector.lying(meant) == Lying(0, len(notes))
    assert store.connector.count(meant).rows == len(notes), "previews, copies and erasures mean them, too"
    assert sorted(str(row["note"]) for row in store.connector.export(meant)) == sorted(notes)
    assert store.connector.freeze(meant, RUN, resume=Progress(1, 1, len(notes))) == len(notes)
    assert store.connector.thaw(meant, RUN) == len(notes)
    assert asked(store, "SELECT * FROM events ORDER BY note, who") == before
    assert apart(store) == []


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("act", ["freeze", "thaw"])
def test_R03_moved_rows_are_counted_once_whether_a_kill_came_before_or_after_the_commit(
    store: Store, act: str, *, committed: bool
) -> None:
    store.connector.seclude(LAYOUT, "")
    if act == "thaw":
        store.connector.freeze(target(), RUN)
    told: list[Progress] = []

    def killed(progress: Progress) -> None:
        told.append(progress)
        if not committed:
            raise LookupError

    moves = getattr(store.connector, act)
    with nullcontext() if committed else pytest.raises(LookupError):
        moves(target(), RUN, killed)
    again: list[Progress] = []
    assert moves(target(), RUN, again.append, told[0]) == 4
    assert moves(target(), RUN, resume=again[-1]) == 4
    assert store.connector.lying(target()) == (Lying(0, 4) if act == "freeze" else Lying(4, 0))
    assert len(store.notes()) + len(apart(store)) == len(ROWS)


def test_R03_an_erasure_reaches_what_is_frozen(store: Store) -> None:
    store.connector.seclude(LAYOUT, "")
    assert store.connector.freeze(target(narrowing=Narrowing(since=at(10))), RUN) == 2
    assert store.connector.remaining(target()) == 4
    assert store.connector.erase(target(), RUN).rows == 4
    assert (store.connector.remaining(target()), apart(store)) == (0, [])
    assert store.notes() == sorted(row.note for row in ROWS if row.who != AMIRA)


def test_a_quarantine_is_no_store_of_its_own(store: Store) -> None:
    store.connector.seclude(LAYOUT, "")
    schema = "main" if "sqlite" in store.address else "public"
    assert [one.location for one in store.connector.discover()] == [f"{schema}.events"]
    layout = elsewhere(APART)
    assert reason(lambda: store.connector.check(layout)) is Reason.QUARANTINE
    assert reason(lambda: store.connector.erase(target(layout), RUN)) is Reason.QUARANTINE


def test_R03_who_writes_meanwhile_loses_nothing(store: Store) -> None:
    store.connector.seclude(LAYOUT, "")

    def written(progress: Progress) -> None:
        if progress.part:
            with store.engine.begin() as connection:
                late = text("INSERT INTO events (who, note) VALUES (:who, 'late'), ('ben', 'his')")
                connection.execute(late, {"who": AMIRA})

    assert store.connector.freeze(target(), RUN, written) == 5
    assert apart(store) == sorted([*NARROWED["everything"][1], "late"])
    assert "his" in store.notes()


def test_without_a_quarantine_nothing_is_moved(store: Store) -> None:
    assert reason(lambda: store.connector.freeze(target(), RUN)) is Reason.NO_QUARANTINE
    assert store.connector.thaw(target(), RUN) == 0
    store.run(f"CREATE TABLE {APART} (who TEXT)")
    assert reason(lambda: store.connector.seclude(LAYOUT, "")) is Reason.NO_QUARANTINE
    assert len(store.notes()) == len(ROWS)


def test_rows_that_would_take_others_along_stay(database: Address) -> None:
    with opened(database) as store:
        for name, does in (("parent", "CASCADE"), ("child", "SET NULL")):
            store.run(
                f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, who TEXT)",
                f"CREATE TABLE of_{name} (id INTEGER REFERENCES {name}(id) ON DELETE {does})",
                f"INSERT INTO {name} VALUES (1, 'amira')",
                f"INSERT INTO of_{name} VALUES (1)",
            )
            layout = replace(elsewhere(name), kind_column=None)
            assert reason(lambda layout=layout: store.connector.seclude(layout, "")) is Reason.TAKEN_ALONG  # type: ignore[misc]
            assert asked(store, f"SELECT id FROM of_{name}") == [(1,)]
            store.run(f"DROP TABLE of_{name}", f"DROP TABLE {name}")


def test_rows_whose_place_was_taken_stay_in_quarantine(store: Store) -> None:
    store.run(
        "CREATE TABLE keyed (id INTEGER PRIMARY KEY, who TEXT)", "INSERT INTO keyed VALUES (1, 'amira'), (2, 'amira')"
    )
    layout = replace(elsewhere("keyed"), kind_column=None)
    meant = target(layout, subject="amira")
    store.connector.seclude(layout, "")
    assert store.connector.freeze(meant, RUN) == 2
    store.run("INSERT INTO keyed VALUES (2, 'ben')")
    assert reason(lambda: store.connector.thaw(meant, RUN)) is Reason.NO_WAY_BACK
    assert store.connector.lying(meant) == Lying(0, 2)
    store.run("DELETE FROM keyed WHERE who = 'ben'")
    assert store.connector.thaw(meant, RUN) == 2
    store.run("DROP TABLE keyed", f"DROP TABLE keyed{SUFFIX}")


def test_what_the_store_computes_comes_back_as_it_was(store: Store) -> None:
    always = "" if "sqlite" in store.address else "GENERATED ALWAYS AS IDENTITY"
    store.run(
        f'CREATE TABLE odd (id INTEGER {always} PRIMARY KEY, "who:%s" TEXT, '
        "twice INTEGER GENERATED ALWAYS AS (id * 2) STORED)",
        "INSERT INTO odd (\"who\\:%s\") VALUES ('amira'), ('ben'), ('amira')",
    )
    before = asked(store, "SELECT * FROM odd ORDER BY id")
    layout = replace(elsewhere("odd"), subject_column="who:%s", kind_column=None)
    meant = target(layout, subject="amira")
    store.connector.seclude(layout, "")
    assert (store.connector.freeze(meant, RUN), store.connector.thaw(meant, RUN)) == (2, 2)
    assert asked(store, "SELECT * FROM odd ORDER BY id") == before
    store.run("DROP TABLE odd", f"DROP TABLE odd{SUFFIX}")


def test_a_long_name_is_not_cut_short(store: Store) -> None:
    long = "t" * 60
    store.run(f"CREATE TABLE {long} (who TEXT)", f"INSERT INTO {long} VALUES ('amira')")
    layout = replace(elsewhere(long), kind_column=None)
    meant = target(layout, subject="amira")
    store.connector.seclude(layout, "")
    assert store.connector.freeze(meant, RUN) == 1
    assert store.connector.lying(meant) == Lying(0, 1)
    assert {one.location for one in store.connector.discover()} == {
        f"{schema}.{name}"
        for schema in (["main"] if "sqlite" in store.address else ["public"])
        for name in ("events", long)
    }
    store.connector.thaw(meant, RUN)
    for (name,) in asked(store, NAMES["sqlite" in store.address]):
        store.run(f"DROP TABLE {name}")


NAMES = {
    True: "SELECT name FROM sqlite_master WHERE name LIKE 'ttt%'",
    False: "SELECT tablename FROM pg_tables WHERE tablename LIKE 'ttt%'",
}


def address_of(database: Address, role: str) -> Address:
    """The database as somebody else's, with the password that all of them have here."""
    secret = database.split(":")[2].split("@")[0]
    return database.replace("://postgres:", f"://{role}:").replace(f":{secret}@", ":reads@")


def test_D04_nobody_but_us_and_the_reader_sees_what_is_frozen(database: Address) -> None:
    with opened(database) as store:
        analyst, reader = (f"{name}_{uuid4().hex[:8]}" for name in ("analyst", "reader"))
        for role in (analyst, reader):
            store.run(f"CREATE ROLE {role} LOGIN PASSWORD 'reads'", f"GRANT SELECT ON events TO {role}")
        given = [
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO",
            "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM",
        ]
        store.run(f"{given[0]} {analyst}, public")
        store.connector.seclude(LAYOUT, reader)
        store.connector.freeze(target(), RUN)
        seen: dict[str, Reason | Lying] = {}
        theirs = {role: open_sql(address_of(database, role)) for role in (analyst, reader)}
        seen[analyst] = reason(lambda: theirs[analyst].lying(target()))
        seen[reader] = theirs[reader].lying(target())
        for one in theirs.values():
            one.close()
        assert seen == {analyst: Reason.DENIED, reader: Lying(0, 4)}
        store.connector.thaw(target(), RUN)
        store.run(f"{given[1]} {analyst}, public", f"DROP TABLE {APART}")
        for role in (analyst, reader):
            store.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_D04_a_quarantine_that_somebody_else_made_is_not_taken(database: Address) -> None:
    with opened(database) as store:
        role = f"early_{uuid4().hex[:8]}"
        store.run(f"CREATE ROLE {role}", f"CREATE TABLE {APART} (LIKE events)", f"ALTER TABLE {APART} OWNER TO {role}")
        assert reason(lambda: store.connector.seclude(LAYOUT, "")) is Reason.NO_QUARANTINE
        assert len(store.notes()) == len(ROWS)
        store.run(f"DROP TABLE {APART}", f"CREATE VIEW {APART} AS SELECT * FROM events")
        assert reason(lambda: store.connector.seclude(LAYOUT, "")) is Reason.NO_QUARANTINE
        store.run(f"DROP VIEW {APART}", f"DROP ROLE {role}")


def test_where_we_may_make_no_table_it_is_said_and_nothing_is_moved(database: Address) -> None:
    with opened(database) as store:
        role = f"eraser_{uuid4().hex[:8]}"
        store.run(f"CREATE ROLE {role} LOGIN PASSWORD 'reads'", f"GRANT SELECT, DELETE ON events TO {role}")
        theirs = open_sql(address_of(database, role))
        assert theirs.login == role
        assert reason(lambda: theirs.seclude(LAYOUT, "")) is Reason.NO_QUARANTINE
        assert reason(lambda: theirs.freeze(target(), RUN)) is Reason.NO_QUARANTINE
        theirs.close()
        assert len(store.notes()) == len(ROWS)
        store.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_R03_a_table_that_swallows_what_comes_back_loses_nothing(database: Address) -> None:
    with opened(database) as store:
        store.connector.seclude(LAYOUT, "")
        store.connector.freeze(target(), RUN)
        store.run(
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER swallow BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION swallow()",
        )
        assert reason(lambda: store.connector.thaw(target(), RUN)) is Reason.CHANGING
        assert store.connector.lying(target()) == Lying(0, 4)
        store.run("DROP TRIGGER swallow ON events", "DROP FUNCTION swallow()", f"DROP TABLE {APART}")


def test_a_subject_that_is_an_email_is_the_same_in_capitals(store: Store) -> None:
    store.run("UPDATE events SET who = 'Amira@Example.com' WHERE note = 'first'")
    by_mail = target(replace(LAYOUT, subject_kind=SubjectKind.EMAIL), subject="AMIRA@example.com")
    store.connector.seclude(LAYOUT, "")
    assert store.connector.freeze(by_mail, RUN) == 1
    assert apart(store) == ["first"]
