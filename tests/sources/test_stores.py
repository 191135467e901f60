"""Sources and datasets in Daylight's own database: who is meant in them, and what an operator's commands do."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from portal.cli import main
from portal.core import clock
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.operations.installation import services
from portal.sources import actions, queries
from portal.sources.connections import CONNECTORS, Connections
from portal.sources.connectors.base import EVERYTHING, Connector, Count, Narrowing, Reason, RefusedError, Target
from portal.sources.connectors.hive.connector import open_hive
from portal.sources.connectors.parquet.connector import open_parquet
from portal.sources.connectors.sql.connector import open_sql
from portal.sources.models import DatasetState
from portal.sources.words import SENTENCES, exposure, refusal
from tests.db.arrange import connected
from tests.sources.people import at
from tests.sources.side_by_side import Job, erase_all

Superuser = psycopg.Connection[tuple[object, ...]]
Person = Callable[..., UUID]
YAML = """
source: {name}
connector: sql
datasets:
  - location: events
    subject: {{column: mail, kind: email}}
    time: at
    kind: kind
    physical_days: 3
    readable_by: 12
  - {{location: calls, subject: {{column: who, kind: handle}}}}
  - {{location: badges, subject: {{column: number, kind: employee_id}}}}
"""


class Shop:
    """A store of its own for one test: a SQLite file, a name, and the commands with its settings."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.name = f"shop_{uuid4().hex[:8]}"
        self.file = folder / "shop.db"
        self.folder = folder
        self.variables = environment | {
            f"PORTAL_SOURCE_{self.name.upper()}_URL": f"sqlite:///{self.file}",
            f"PORTAL_SOURCE_{self.name.upper()}_READBACK_URL": f"sqlite:///{self.file}?timeout=20",
        }
        self.change(
            "CREATE TABLE events (mail TEXT, at TIMESTAMP, kind TEXT)",
            "CREATE TABLE calls (who TEXT)",
            "CREATE TABLE badges (number TEXT)",
        )

    def change(self, *statements: str) -> None:
        """Change the store."""
        with sqlite3.connect(self.file) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def run(self, *arguments: str) -> Result:
        """`python -m portal sources …`."""
        return CliRunner().invoke(main, ["sources", *arguments], env=self.variables, catch_exceptions=False)

    def describe(self, text: str = YAML, *options: str) -> Result:
        """Describe it."""
        path = self.folder / "shop.yaml"
        path.write_text(text.format(name=self.name))
        return self.run("describe", str(path), *options)

    def settings(self) -> Settings:
        """The worker's."""
        return Settings.from_env(self.variables)


@pytest.fixture
def shop(environment: dict[str, str], tmp_path: Path) -> Shop:
    return Shop(environment, tmp_path)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction("worker") as opened:
        yield opened


def datasets(database: Database, shop: Shop) -> dict[str, tuple[str, str | None]]:
    """Location → state and reason."""
    with database.transaction("worker") as session:
        mine = [it.dataset for it in queries.places(session) if it.source.name == shop.name]
    return {it.location: (str(it.state), it.reason) for it in mine}


def test_each_connector_keeps_the_protocol() -> None:
    opened: list[Connector] = [open_sql("sqlite://"), open_hive("hive://localhost"), open_parquet("file:///")]
    assert len(opened) == len(CONNECTORS)
    for connector in opened:
        connector.close()


def test_a_description_is_taken_over_once_the_store_confirms_it(shop: Shop, database: Database) -> None:
    result = shop.describe()
    assert (result.exit_code, result.output) == (0, f"{shop.name}: 3 datasets are described, 3 of them new.\n")
    assert datasets(database, shop) == dict.fromkeys(("badges", "calls", "events"), ("usable", None))
    assert "0 of them new" in shop.describe().output
    with database.transaction("worker") as session:
        (events,) = [
            it for it in queries.places(session) if (it.source.name, it.dataset.location) == (shop.name, "events")
        ]
    assert (events.dataset.rows, events.dataset.physical_days, events.dataset.readable_by) == (0, 3, 12)
    assert events.source.contacted_at is not None
    assert "sqlite" not in str(vars(events.source))


def test_a_description_that_the_store_contradicts_changes_nothing(shop: Shop, database: Database) -> None:
    shop.describe()
    wrong = YAML.replace("column: mail", "column: email").replace("location: calls", "location: talks")
    result = shop.describe(wrong)
    assert result.exit_code == 1
    assert "- events: It lacks a column that its description names. (email)" in result.output
    assert "- talks: It is no longer there. (talks)" in result.output
    assert datasets(database, shop) == dict.fromkeys(("badges", "calls", "events"), ("usable", None))
    unknown = shop.describe("source: {name}\nconnector: oracle")
    assert unknown.exit_code == 1
    assert 'There is no connector "oracle"' in unknown.output


def test_R03_what_a_newer_description_leaves_out_goes_only_when_somebody_says_so(
    shop: Shop, database: Database
) -> None:
    shop.describe()
    less = YAML.partition("  - {{location: calls")[0]
    result = shop.describe(less)
    assert result.exit_code == 1
    assert "- badges\n- calls\n" in result.output
    assert "--replace" in result.output
    assert set(datasets(database, shop)) == {"badges", "calls", "events"}
    assert shop.describe(less, "--replace").exit_code == 0
    assert set(datasets(database, shop)) == {"events"}
    other = shop.describe("source: {name}\nconnector: parquet")
    assert "is already a source of the connector sql" in other.output


def test_a_name_means_one_dataset_whatever_the_source(
    shop: Shop, environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    chosen = YAML.replace("location: calls", f"location: calls, name: Calls of {shop.name}")
    shop.describe(chosen)
    (tmp_path / "other").mkdir()
    other = Shop(environment, tmp_path / "other")
    result = other.describe(chosen.replace("{name}", other.name, 1))
    assert result.exit_code == 1
    assert f'calls: "Calls of {shop.name}" is the name of a dataset of {shop.name} already' in result.output
    assert datasets(database, other) == {}
    assert other.describe().exit_code == 0
    assert other.describe(YAML.replace("location: events", "location: events\n    name: daylight")).exit_code == 1
    with database.transaction("worker") as session:
        names = [it.dataset.name for it in queries.places(session)]
    assert len(names) == len(set(names))
    assert f"events ({other.name})" in names
    other.run("discover", other.name)
    with database.transaction("worker") as session:
        found = [it.dataset.name for it in queries.places(session)]
    assert len(found) == len(set(found)) > len(names)


def test_a_store_whose_address_this_process_was_not_given_is_named(shop: Shop) -> None:
    del shop.variables[f"PORTAL_SOURCE_{shop.name.upper()}_URL"]
    result = shop.describe()
    assert result.exit_code == 1
    assert f"PORTAL_SOURCE_{shop.name.upper()}_URL is missing" in result.output


def test_an_address_may_come_from_a_file_and_a_malformed_one_is_named(shop: Shop) -> None:
    variable = f"PORTAL_SOURCE_{shop.name.upper()}_URL"
    path = shop.folder / "address"
    path.write_text(shop.variables.pop(variable))
    shop.variables[f"{variable}_FILE"] = str(path)
    assert shop.describe().exit_code == 0
    path.write_text("nonsense")
    result = shop.describe()
    assert f"{variable} is wrong" in result.output
    assert "nonsense" not in result.output


def test_discovery_uses_plain_names_and_leaves_the_rest_to_people(shop: Shop, database: Database) -> None:
    shop.change("CREATE TABLE notes (email TEXT, created_at TIMESTAMP)", "CREATE VIEW seen AS SELECT * FROM notes")
    assert shop.describe("source: {name}\nconnector: sql").exit_code == 0
    result = shop.run("discover", shop.name)
    assert result.output.splitlines()[0] == f"{shop.name}: 2 datasets found, 5 new, 3 refused."
    assert "- main.calls: Nobody has yet said which column names the person." in result.output
    assert datasets(database, shop) == {
        "main.notes": ("usable", None),
        "main.seen": ("refused", "view"),
        "main.events": ("usable", None),
        "main.calls": ("refused", "not_described"),
        "main.badges": ("refused", "not_described"),
    }
    assert f"{shop.name}: 2 datasets found, 0 new" in shop.run("discover", shop.name).output


def test_who_describes_a_table_learns_that_nothing_can_be_deleted_there(shop: Shop) -> None:
    shop.change(
        "CREATE TABLE chats (id INTEGER PRIMARY KEY, mail TEXT)",
        "CREATE TABLE answers (chat INTEGER REFERENCES chats ON DELETE CASCADE, mail TEXT)",
    )
    one = "{{location: chats, subject: {{column: mail, kind: email}}}}"
    result = shop.describe(f"source: {{name}}\nconnector: sql\ndatasets: [{one}]")
    assert result.exit_code == 0, result.output
    assert "- chats: deletions there are refused, or leave rows. " in result.output
    assert "(answers: ON DELETE CASCADE)" in result.output
    checked = shop.run("check", shop.name)
    assert (checked.exit_code, "(answers: ON DELETE CASCADE)" in checked.output) == (1, True)


def test_discovery_does_not_undo_what_somebody_described(shop: Shop, database: Database) -> None:
    shop.describe(YAML.replace("location: calls", "location: main.calls"))
    shop.run("discover", shop.name)
    assert datasets(database, shop)["main.calls"] == ("usable", None)


def test_a_check_finds_what_changed_and_what_came_back(shop: Shop, database: Database) -> None:
    shop.describe()
    assert shop.run("check", shop.name).exit_code == 0
    shop.change("ALTER TABLE events RENAME COLUMN mail TO address")
    result = shop.run("check", shop.name)
    assert result.exit_code == 1
    assert "- events: It lacks a column that its description names. (mail)" in result.output
    assert datasets(database, shop)["events"] == ("refused", "missing_column")
    shop.change("ALTER TABLE events RENAME COLUMN address TO mail")
    assert shop.run("check", shop.name).exit_code == 0
    assert datasets(database, shop)["events"] == ("usable", None)


def test_an_unreachable_store_is_pending_since_when_and_nothing_else_changes(shop: Shop, database: Database) -> None:
    shop.describe()
    shop.file.rename(shop.folder / "away.db")
    for command in ("check", "discover"):
        assert "It cannot be reached: the database's file is not there." in shop.run(command, shop.name).output
    assert datasets(database, shop)["events"] == ("usable", None)
    with database.transaction("worker") as session:
        source = queries.source_named(session, shop.name)
    assert source is not None
    since = source.unreachable_since
    assert since is not None
    assert f"unreachable since {since:%Y-%m-%d %H:%M} UTC" in shop.run("list").output
    shop.run("check", shop.name)
    (shop.folder / "away.db").rename(shop.file)
    shop.run("check", shop.name)
    with database.transaction("worker") as session:
        again = queries.source_named(session, shop.name)
    assert again is not None
    assert again.unreachable_since is None


def test_the_list_says_what_this_process_can_do(shop: Shop) -> None:
    shop.describe()
    variable = f"PORTAL_SOURCE_{shop.name.upper()}_READBACK_URL"

    def line() -> str:
        return next(it for it in shop.run("list").output.splitlines() if it.startswith(shop.name))

    assert "sql; reads back with other credentials; 3 datasets usable, 0 refused; last contact" in line()
    shop.variables[variable] = shop.variables[variable.replace("_READBACK", "")]
    assert "no other credentials to read back" in line()
    assert "The read-back setting is the same" in shop.run("check", shop.name).output
    del shop.variables[variable]
    assert "No second credentials are set for it" in shop.run("check", shop.name).output
    del shop.variables[variable.replace("_READBACK", "")]
    assert "is not set" in line()
    assert "Connectors: hive, parquet, sql." in shop.run("list").output


def test_only_the_worker_is_given_the_addresses(shop: Shop) -> None:
    variables = shop.variables | {"PORTAL_VAR_DIR": str(shop.folder)}
    holders = {it.name for it in services(variables) if any("PORTAL_SOURCE" in name for name in it.environment)}
    assert holders == {"worker"}


def test_R03_an_erasure_that_could_not_be_proved_is_not_begun(shop: Shop, database: Database) -> None:
    shop.describe()
    del shop.variables[f"PORTAL_SOURCE_{shop.name.upper()}_READBACK_URL"]
    with database.transaction("worker") as session, Connections(shop.settings()) as stores:
        source = queries.source_named(session, shop.name)
        assert source is not None
        stores.open(source)
        assert refused(lambda: stores.open_readback(source)) is Reason.NO_READ_BACK
    with pytest.raises(ConfigError), Connections(Settings.from_env({})) as nothing:
        nothing.open(source)


def test_a_person_is_found_under_the_names_a_store_knows(
    shop: Shop, database: Database, person: Person, superuser: Superuser
) -> None:
    shop.describe()
    mail = f"{uuid4().hex}@example.org"
    amira, ben = person("Amira", email=mail), person("Ben", email=f"{uuid4().hex}@example.org")
    nameless = person("Nobody", email=None)
    with database.transaction("worker") as session:
        places = {it.dataset.location: it.dataset for it in queries.places(session) if it.source.name == shop.name}
        source = places["calls"].source_id

        def found(name: str, who: UUID = amira, narrowing: Narrowing = EVERYTHING) -> Target:
            (one,) = queries.targets(session, who, places[name], clock.now(), narrowing)
            return one

        (subject,) = superuser.execute("SELECT subject FROM employee WHERE id = %s", [amira]).fetchall()
        assert found("events").subjects == (mail,)
        assert found("badges").subjects == subject
        assert refused(lambda: found("calls")) is Reason.NO_HANDLE
        assert refused(lambda: found("events", nameless)) is Reason.NO_SUBJECT
        assert actions.add_handles(session, source, [(amira, "h2"), (amira, "h1"), (ben, "h3"), (amira, "h1")]) == 3
        assert found("calls").subjects == ("h1", "h2")
        narrowing = Narrowing(since=at(9))
        assert found("events", amira, narrowing).narrowing == narrowing
        assert refused(lambda: found("calls", amira, narrowing)) is Reason.NO_TIME_COLUMN
        with pytest.raises(actions.HandleTakenError):
            actions.add_handles(session, source, [(ben, "h1")])
        person("Amira, too", email=mail.upper())
        assert refused(lambda: found("events")) is Reason.CONTESTED


def test_a_person_is_found_under_the_addresses_of_before(
    shop: Shop, database: Database, person: Person, superuser: Superuser
) -> None:
    shop.describe()
    first, second, third = (f"{letter}.{uuid4().hex}@example.org" for letter in "abc")
    amira = person("Amira", email=first.upper())

    def moves(who: UUID, *addresses: str | None) -> None:
        for address in addresses:
            superuser.execute("UPDATE employee SET email = %s WHERE id = %s", [address, who])
        superuser.commit()

    with database.transaction("worker") as session:
        places = {it.dataset.location: it.dataset for it in queries.places(session) if it.source.name == shop.name}

        def found() -> set[str]:
            session.expire_all()
            (one,) = queries.targets(session, amira, places["events"], clock.now())
            return set(one.subjects)

        moves(amira, second, second.upper(), third)
        assert found() == {first, second, third}
        moves(amira, first)
        assert found() == {first, second, third}, "back at the first, and each once"
        moves(amira, None)
        assert found() == {first, second, third}, "without an address, too"
        ben = person("Ben", email=second)
        assert refused(found) is Reason.CONTESTED, "somebody else has an address of hers now"
        moves(ben, f"{uuid4().hex}@example.org")
        assert refused(found) is Reason.CONTESTED, "or had it: rows may be either's"
        superuser.execute("DELETE FROM employee WHERE id = %s", [ben])
        superuser.commit()
        assert found() == {first, second, third}


def test_pseudonyms_are_taken_over_from_a_file_as_a_whole(shop: Shop, person: Person) -> None:
    shop.describe("source: {name}\nconnector: sql")
    mail = f"{uuid4().hex}@example.org"
    person("Amira", email=mail)
    file = shop.folder / "handles.csv"
    file.write_text(f"email,handle\n{mail},h1\n{mail},h2\n")
    assert f"{shop.name}: 2 handles are new." in shop.run("handles", shop.name, str(file)).output
    for wrong, said in (
        ("none@example.org,h3", "line 3: nobody is known"),
        (f"{mail},", "line 3: employee_id or email"),
    ):
        file.write_text(f"email,handle\n{mail},h9\n{wrong}\n")
        assert said in shop.run("handles", shop.name, str(file)).output
    file.write_text(f"email,handle\n{mail},h9\n")
    assert "1 handles are new" in shop.run("handles", shop.name, str(file)).output
    assert 'There is no source "nope"' in shop.run("handles", "nope", str(file)).output


def test_counts_are_kept_for_the_preview_and_seen_by_the_person_alone(
    shop: Shop, database: Database, person: Person, settings: Settings
) -> None:
    shop.describe()
    amira, ben = person("Amira"), person("Ben")
    with database.transaction("worker") as session:
        (events,) = [
            it.dataset
            for it in queries.places(session)
            if it.dataset.location == "events" and it.source.name == shop.name
        ]
        actions.remember_count(session, amira, events.id, Count(3, {"key": 3}), clock.now())
        actions.remember_count(session, amira, events.id, Count(2, {"key": 1, "": 1}), clock.now())
        actions.add_handles(session, events.source_id, [(amira, f"secret{uuid4().hex}")])
    with database.transaction("web_employee", amira) as session:
        known = queries.known_counts(session, amira)
        assert (known[events.id].rows, known[events.id].by_kind) == (2, {"key": 1, "": 1})
        assert queries.known_counts(session, ben) == {}
        assert {it.dataset.state for it in queries.places(session)} >= {DatasetState.USABLE}
    with connected(settings, "web_employee", ben) as connection:
        for table in ("dataset_count", "subject_handle"):
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)


def test_many_datasets_are_erased_side_by_side_and_one_that_fails_does_not_stop_the_others(
    shop: Shop, database: Database, person: Person
) -> None:
    shop.describe()
    mail = f"{uuid4().hex}@example.org"
    amira = person("Amira", email=mail)
    shop.change(f"INSERT INTO events (mail) VALUES ('{mail}'), ('{mail}'), ('ben')")
    with database.transaction("worker") as session, Connections(shop.settings()) as stores:
        (place,) = [
            it for it in queries.places(session) if (it.source.name, it.dataset.location) == (shop.name, "events")
        ]
        actions.add_handles(session, place.source.id, [(amira, "h1")])
        targets = [
            target
            for it in queries.places(session)
            if it.source.name == shop.name
            for target in queries.targets(session, amira, it.dataset, clock.now())
        ]
        shop.change("DROP TABLE calls")
        run = uuid4()
        ended = {
            job.target.layout.location: it
            for job, it in erase_all(stores.open(place.source), [Job(it, run) for it in targets])
        }
        assert isinstance(ended["calls"], RefusedError)
        assert not isinstance(ended["events"], Exception)
        assert ended["events"].rows == 2
        assert stores.open_readback(place.source).remaining(targets[-1]) == 0


def test_every_refusal_has_its_sentence() -> None:
    assert set(SENTENCES) == {*Reason, "not_described", "lost", "frozen_for_whom"}
    assert refusal("view", "hr.chat") == f"{SENTENCES[Reason.VIEW]} (hr.chat)"
    assert refusal("something newer") == str(SENTENCES[Reason.STORE_ERROR])
    assert exposure(None) != exposure(0)


def refused(act: Callable[[], object]) -> Reason:
    with pytest.raises(RefusedError) as refusal_:
        act()
    return refusal_.value.reason
