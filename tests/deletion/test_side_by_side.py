"""Steps of different stores are carried out beside each other; a slow store holds up none but itself."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.deletion import carrying, claims
from portal.deletion.carrying import Carrier
from portal.deletion.planning import Place
from portal.deletion.rules import Chosen
from portal.sources.rules import readback_name, setting_name
from portal.worker import carrier
from tests.deletion.installation import Installation

TABLES = 12
PAUSE = 0.25


class Stores:
    """Sources with tables of their own, known to the installation."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation, self.folder = installation, folder
        self.addresses: dict[str, str] = {}

    def add(self, address: str, readback: str, locations: list[str]) -> list[Place]:
        """A source with these tables, each with a column `who`."""
        name, source = f"lake{uuid4().hex[:8]}", uuid4()
        self.installation.ask(
            "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'sql', %s)",
            source, name, setting_name(name),
        )  # fmt: skip
        places = [Place(f"{name} {location}", uuid4()) for location in locations]
        for place, location in zip(places, locations, strict=True):
            self.installation.ask(
                "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, "
                "state) VALUES (%s, %s, %s, %s, 'who', 'email', 'yaml', 'usable')",
                place.dataset, source, place.name, location,
            )  # fmt: skip
        self.addresses |= {setting_name(name): address, readback_name(name): readback}
        return places

    def file(self, person: UUID, tables: int) -> tuple[Path, list[Place]]:
        """A store that one writer at a time may change."""
        path = self.folder / f"{uuid4().hex}.db"
        with closing(sqlite3.connect(path)) as store, store:
            for number in range(tables):
                store.execute(f"CREATE TABLE t{number} (who TEXT)")
                store.execute(f"INSERT INTO t{number} VALUES (?)", [f"{person}@daylight.example"])
        locations = [f"main.t{number}" for number in range(tables)]
        return path, self.add(f"sqlite:///{path}?timeout=50", f"sqlite:///file:{path}?mode=ro&uri=true", locations)

    def server(self, person: UUID) -> list[Place]:
        """Tables of a PostgreSQL that takes its time for each deletion."""
        schema = f"lake_{uuid4().hex[:8]}"
        runtime = self.installation.postgres.superuser_conninfo("postgres")
        with psycopg.connect(runtime, autocommit=True) as store:
            store.execute(f"CREATE SCHEMA {schema}")
            store.execute(
                f"CREATE FUNCTION {schema}.slowly() RETURNS trigger LANGUAGE plpgsql "
                f"AS $$ BEGIN PERFORM pg_sleep({PAUSE}); RETURN NULL; END $$"
            )
            for number in range(TABLES):
                store.execute(f"CREATE TABLE {schema}.t{number} (who text)")
                store.execute(f"INSERT INTO {schema}.t{number} VALUES (%s)", [f"{person}@daylight.example"])
                store.execute(
                    f"CREATE TRIGGER slowly BEFORE DELETE ON {schema}.t{number} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION {schema}.slowly()"
                )
            info = store.info
            where = f"host={info.host}&port={info.port}"
            address = f"postgresql://{info.user}:{info.password}@/{info.dbname}?{where}"
        return self.add(address, f"{address}&application_name=readback", [f"{schema}.t{n}" for n in range(TABLES)])

    def carrier(self) -> Carrier:
        """What the worker has, with these addresses."""
        return carrier(self.installation.database, replace(self.installation.settings, sources=self.addresses))

    def states(self, request: UUID, places: list[Place]) -> set[str]:
        """How the steps in these datasets stand."""
        rows = self.installation.ask(
            "SELECT DISTINCT state FROM request_step WHERE request_id = %s AND dataset_id = ANY (%s)",
            request, [place.dataset for place in places],
        )  # fmt: skip
        return {row[0] for row in rows}


@pytest.fixture
def stores(installation: Installation, tmp_path: Path) -> Stores:
    """What other tests left behind is not waited for."""
    installation.cancel_steps()
    return Stores(installation, tmp_path)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_R03_a_store_that_hangs_holds_up_no_other_and_ends_when_it_goes_on(stores: Stores) -> None:
    amira = stores.installation.person()
    hanging, slow = stores.file(amira, tables=10)
    _, quick = stores.file(amira, tables=3)
    steps = stores.carrier()
    with closing(sqlite3.connect(hanging, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        request = stores.installation.request(amira, Chosen(), places=[*slow, *quick])
        steps.ring()
        until(lambda: stores.states(request, quick) == {"done"})
        assert "done" not in stores.states(request, slow)
        later = stores.installation.request(amira, Chosen(), places=quick)
        steps.ring()
        until(lambda: stores.states(later, quick) == {"done"})
        assert "done" not in stores.states(request, slow)
        writer.execute("COMMIT")
    steps.run()
    steps.stop()
    assert stores.states(request, slow) == {"done"}
    with closing(sqlite3.connect(hanging)) as store:
        assert {store.execute(f"SELECT count(*) FROM t{number}").fetchone()[0] for number in range(10)} == {0}


def test_R03_steps_at_once_are_bounded_and_no_step_is_carried_out_twice(stores: Stores) -> None:
    amira = stores.installation.person()
    places = stores.server(amira)
    request = stores.installation.request(amira, Chosen(), places=places)
    steps = stores.carrier()
    most = 0
    steps.ring()
    while steps._hands:
        (running,) = stores.installation.ask(
            "SELECT count(*) FROM request_step WHERE request_id = %s AND state = 'running' AND dataset_id IS NOT NULL",
            request,
        )[0]
        most = max(most, running)
        steps.ring()
        time.sleep(0.02)
    steps.stop()
    assert most == carrying.IN_ONE_STORE
    rows = stores.installation.ask(
        "SELECT DISTINCT state, tries, fence, deleted FROM request_step WHERE request_id = %s AND store <> 'daylight'",
        request,
    )
    assert rows == [("done", 1, 1, 1)]


def test_once_stopped_nothing_more_is_begun(stores: Stores) -> None:
    amira = stores.installation.person()
    _, places = stores.file(amira, tables=2)
    steps = stores.carrier()
    steps.stop()
    request = stores.installation.request(amira, Chosen(), places=places)
    steps.run()
    assert stores.states(request, places) == {"waiting"}
    with stores.installation.worker() as session:
        found = claims.claim(session, clock.now(), [claims.OWN])
        assert found is not None
        assert found.source != claims.OWN
