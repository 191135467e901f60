"""The demo's external store: made once, described, and found by the people in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.operations import demo_store
from portal.operations.demo_arrange import arrange, people_of
from portal.operations.postgres import Postgres
from portal.operations.runtime import Runtime
from portal.operations.schema import migrate
from portal.sources import queries
from portal.sources.connections import Connections
from portal.sources.connectors.base import Reason, RefusedError
from tests.fresh_database import fresh_database
from tests.sources.people import RUN


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    made = Runtime(tmp_path / "var")
    made.prepare()
    return made


@pytest.fixture
def settings(postgres: Postgres, environment: dict[str, str], runtime: Runtime) -> Iterator[Settings]:
    with fresh_database(postgres, environment) as (_, variables):
        settings = Settings.from_env(variables | demo_store.addresses(runtime))
        migrate(settings, demo=True)
        arrange(settings)
        yield settings


def test_a_demo_person_is_found_erased_and_read_back_there(settings: Settings, runtime: Runtime) -> None:
    demo_store.provide(settings, runtime)
    amira = people_of(settings)["amira"]
    database = Database(settings)
    with database.transaction("worker") as session, Connections(settings) as stores:
        places = {it.dataset.location: it for it in queries.places(session) if it.source.name == demo_store.NAME}
        assert {name: str(it.dataset.state) for name, it in places.items()} == {
            "main.prompt_archive": "usable",
            "main.training_rows": "usable",
            "main.weekly_totals": "refused",
        }
        source = places["main.prompt_archive"].source
        assert stores.read_back_apart(source)
        connector, reader = stores.open(source), stores.open_readback(source)
        for name, rows in (("main.prompt_archive", 30), ("main.training_rows", 10)):
            (target,) = queries.targets(session, amira, places[name].dataset, clock.now())
            assert connector.count(target).rows == rows
            with pytest.raises(RefusedError) as refusal:
                reader.erase(target, RUN)
            assert refusal.value.reason is Reason.DENIED
            assert connector.erase(target, RUN).rows == rows
            assert reader.remaining(target) == 0
    database.dispose()
    demo_store.provide(settings, runtime)
    with Connections(settings) as stores:
        assert stores.open_readback(source).remaining(target) == 0
