"""A described store, end to end: its rows, read by the connector, come into the archive that the real vault makes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.vault_client import VaultClient
from portal.exports import actions
from portal.exports.external import ExternalStores
from portal.exports.rules import Chosen
from portal.exports.stores import StoreWork
from portal.sources.rules import setting_name
from tests.exports.test_stores import fetch, stores_of, work_through
from tests.vault.arrange import Insider, Superuser
from tests.vault.exporting import await_state

DAY = timedelta(days=1)


class Lake:
    """A database file with rows of Amira and of Ben, one a day for ten days, described as a source."""

    def __init__(self, superuser: Superuser, settings: Settings, path: Path) -> None:
        self.superuser, self.settings, self.path = superuser, settings, path
        self.name, self.dataset, self.source = f"lake{uuid4().hex[:8]}", uuid4(), uuid4()
        superuser.execute(
            "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'sql', %s)",
            [self.source, self.name, setting_name(self.name)],
        )
        superuser.execute("UPDATE dataset SET name = id::text WHERE name = 'Events'")
        superuser.execute(
            "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, time_column, "
            "described_by, state) VALUES (%s, %s, 'Events', 'main.events', 'who', 'email', 'at', 'yaml', 'usable')",
            [self.dataset, self.source],
        )
        superuser.commit()

    def fill(self, *people: UUID) -> None:
        """Ten days of each."""
        with closing(sqlite3.connect(self.path)) as store, store:
            store.execute("CREATE TABLE events (who TEXT, at DATETIME, what TEXT)")
            for person in people:
                days = [f"{clock.now() - day * DAY:%Y-%m-%d %H:%M:%S}" for day in range(1, 11)]
                store.executemany(
                    "INSERT INTO events VALUES (?, ?, 'wrote')", [(f"{person}@daylight.example", at) for at in days]
                )

    def set(self, columns: str, *values: object) -> None:
        """Describe it otherwise."""
        self.superuser.execute(f"UPDATE dataset SET {columns} WHERE id = %s".encode(), [*values, self.dataset])
        self.superuser.commit()

    def work(self, database: Database, client: VaultClient, address: str | None = None) -> StoreWork:
        """The worker's part, with this store's address."""
        addresses = {setting_name(self.name): address or f"sqlite:///file:{self.path}?mode=ro&uri=true"}
        return StoreWork(database, client, ExternalStores(database, replace(self.settings, sources=addresses)))

    def contact(self) -> tuple[Any, ...]:
        """Whether it answered, and whether it is known to be away."""
        row = self.superuser.execute(
            "SELECT contacted_at IS NOT NULL, unreachable_since IS NOT NULL FROM source WHERE id = %s", [self.source]
        ).fetchone()
        self.superuser.commit()
        assert row
        return row


@pytest.fixture
def lake(superuser: Superuser, settings: Settings, tmp_path: Path) -> Iterator[Lake]:
    """The only source: an archive waits for each that does not answer, as those of other tests never do."""
    superuser.execute("DELETE FROM source")
    superuser.execute("UPDATE export_order SET cancelled_at = now() WHERE finished_at IS NULL AND cancelled_at IS NULL")
    superuser.commit()
    made = Lake(superuser, settings, tmp_path / "lake.db")
    yield made
    superuser.execute("DELETE FROM source WHERE id = %s", [made.source])
    superuser.commit()


def order(
    client: VaultClient,
    who: Insider,
    starts: datetime | None = None,
    ends: datetime | None = None,
    kinds: tuple[str, ...] = (),
) -> UUID:
    return actions.order(client, who.ticket, Chosen(starts, ends, kinds), language="en", timezone="UTC").id


def test_a_persons_rows_and_nobody_elses_come_into_the_archive(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider, ben: Insider, lake: Lake
) -> None:
    lake.fill(amira.person, ben.person)
    made = order(client, amira)
    work_through(lake.work(database, client), superuser, made)
    assert stores_of(superuser, made)["Events"] == ("done", 10, None, False)
    assert lake.contact() == (True, False)
    await_state(superuser, made, lambda row: row["finished_at"])
    rows = fetch(client, amira, made).lines("data/stores/000.jsonl")
    assert [row["who"] for row in rows] == [f"{amira.person}@daylight.example"] * 10


def test_a_stretch_is_a_stretch_there_too(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider, lake: Lake
) -> None:
    lake.fill(amira.person)
    made = order(client, amira, clock.now() - 5.5 * DAY, clock.now())
    work_through(lake.work(database, client), superuser, made)
    assert stores_of(superuser, made)["Events"][:2] == ("done", 5)


def test_a_store_that_cannot_tell_the_time_gives_nothing_rather_than_everything(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider, lake: Lake, browser_of: Any
) -> None:
    lake.fill(amira.person)
    lake.set("time_column = NULL")
    made = order(client, amira, clock.now() - 5.5 * DAY, clock.now())
    work_through(lake.work(database, client), superuser, made)
    assert stores_of(superuser, made)["Events"] == ("missing", 0, "no_time_column", False)
    assert "It does not say when a row was made" in browser_of(amira).get(f"/exports/{made}").get_data(as_text=True)


def test_R03_a_kind_is_a_kind_there_too(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider, lake: Lake
) -> None:
    lake.fill(amira.person)
    with closing(sqlite3.connect(lake.path)) as store, store:
        store.execute("UPDATE events SET what = 'key' WHERE rowid > 7")
    lake.set("kind_column = 'what'")
    made = order(client, amira, kinds=("key",))
    work_through(lake.work(database, client), superuser, made)
    assert stores_of(superuser, made)["Events"][:2] == ("done", 3)
    await_state(superuser, made, lambda row: row["finished_at"])
    assert {row["what"] for row in fetch(client, amira, made).lines("data/stores/000.jsonl")} == {"key"}


def test_R03_a_store_that_cannot_tell_kinds_gives_nothing_rather_than_everything(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider, lake: Lake, browser_of: Any
) -> None:
    lake.fill(amira.person)
    made = order(client, amira, kinds=("key",))
    work_through(lake.work(database, client), superuser, made)
    assert stores_of(superuser, made)["Events"] == ("missing", 0, "no_kind_column", False)
    assert "It does not say of which kind a row is" in browser_of(amira).get(f"/exports/{made}").get_data(as_text=True)


@pytest.mark.parametrize("address", ["sqlite:////nowhere/at/all.db", "no-such-thing"])
def test_a_store_out_of_reach_waits_and_is_marked(
    address: str, client: VaultClient, database: Database, superuser: Superuser, amira: Insider, lake: Lake
) -> None:
    made = order(client, amira)
    work_through(lake.work(database, client, address), superuser, made)
    assert stores_of(superuser, made)["Events"] == ("waiting", 0, "unreachable", True)
    assert lake.contact() == (False, True)


def test_what_was_dropped_or_refused_meanwhile_is_missing(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider, lake: Lake
) -> None:
    lake.fill(amira.person)
    made, work = order(client, amira), lake.work(database, client)
    while not work._name_stores():
        pass
    lake.set("state = 'refused', reason = 'view'")
    work_through(work, superuser, made)
    assert stores_of(superuser, made)["Events"] == ("missing", 0, "view", False)


def test_who_has_no_pseudonym_there_is_told_so(
    client: VaultClient, database: Database, superuser: Superuser, amira: Insider, lake: Lake
) -> None:
    lake.fill(amira.person)
    lake.set("subject_kind = 'handle'")
    made = order(client, amira)
    work_through(lake.work(database, client), superuser, made)
    assert stores_of(superuser, made)["Events"] == ("missing", 0, "no_handle", False)
