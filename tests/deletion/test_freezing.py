"""A freeze in other stores (GDPR 18): out of reach, read back by others, lifted, and never said to be done."""

import base64
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.core import clock
from portal.deletion import moving
from portal.deletion.models import StepAction
from portal.deletion.planning import Place
from portal.deletion.rules import Chosen
from portal.sources.connectors.sql.quarantine import SUFFIX
from portal.sources.rules import readback_name, setting_name
from portal.worker import carrier
from tests.deletion.installation import Installation
from tests.deletion.test_external import DAY, Lake
from tests.web_client import Browser

Told = tuple[object, ...]


class Pond(Lake):
    """The same store, in which rows can be frozen."""

    def freeze(self, chosen: Chosen) -> UUID:
        """An approved freeze of Amira's, carried out."""
        place = Place(self.name, self.dataset)
        request = self.installation.request(self.amira, chosen, places=[place], action=StepAction.FREEZE)
        self.carry()
        return request

    def lift(self, request: UUID) -> int:
        """Taken back, and carried out."""
        with self.installation.worker() as session:
            made = moving.lift(session, self.amira, request, clock.now())
        self.carry()
        return made

    def apart(self) -> int:
        """Rows in quarantine."""
        with closing(sqlite3.connect(self.path)) as store:
            return int(store.execute(f"SELECT count(*) FROM events{SUFFIX}").fetchone()[0])

    def moved(self, request: UUID) -> Told:
        """How the newest step of the request there stands."""
        return self.installation.ask(
            "SELECT action, state, deleted, apart_rows, remaining, held, apart, reason FROM request_step "
            "WHERE request_id = %s AND dataset_id IS NOT NULL ORDER BY round DESC LIMIT 1", request,
        )[0]  # fmt: skip

    def receipt(self, request: UUID) -> list[object]:
        """What the receipt of the newest step there says."""
        (envelope,) = self.installation.ask(
            "SELECT r.envelope FROM receipt r JOIN request_step s ON s.id = r.step_id WHERE s.request_id = %s "
            "AND s.dataset_id IS NOT NULL ORDER BY s.round DESC LIMIT 1", request,
        )[0]  # fmt: skip
        told = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
        return [told[name] for name in ("state", "reason", "moved", "readable")]

    def all_due(self) -> None:
        """Whatever waits is tried now."""
        self.installation.ask("UPDATE request_step SET next_try_at = now() WHERE employee_id = %s", self.amira)


@pytest.fixture
def pond(installation: Installation, tmp_path: Path) -> Pond:
    return Pond(installation, tmp_path)


def test_R03_frozen_rows_are_out_of_reach_and_other_credentials_say_so(pond: Pond) -> None:
    request = pond.freeze(Chosen())
    assert pond.moved(request) == ("freeze", "done", 10, 10, 0, 0, True, None)
    assert (pond.left(pond.amira), pond.apart(), pond.left(pond.ben)) == (0, 10, 10)
    since = pond.installation.one("SELECT logical_at FROM request_step WHERE request_id = %s AND round = 1 AND "
                                  "dataset_id IS NOT NULL", request)  # fmt: skip
    assert since is not None
    assert pond.lift(request) == 2, "Daylight's own store and the other"
    assert pond.moved(request) == ("thaw", "done", 10, 0, 0, 0, True, None)
    assert (pond.left(pond.amira), pond.apart(), pond.left(pond.ben)) == (10, 0, 10)
    frozen = "SELECT frozen_at FROM request_step WHERE request_id = %s AND action = 'thaw' AND dataset_id IS NOT NULL"
    assert pond.installation.one(frozen, request) == since
    assert pond.lift(request) == 0, "once"


def test_what_was_frozen_under_an_address_of_before_comes_back(pond: Pond) -> None:
    request = pond.freeze(Chosen())
    pond.renamed()
    pond.lift(request)
    assert pond.moved(request) == ("thaw", "done", 10, 0, 0, 0, True, None)
    assert (pond.left(pond.amira), pond.apart()) == (10, 0)


def test_own_items_are_counted_where_they_lie(installation: Installation) -> None:
    amira = installation.person(items=3)
    request = installation.request(amira, Chosen(), action=StepAction.FREEZE)
    from_store = "SELECT state, apart_rows, deleted FROM request_step WHERE request_id = %s"
    run_all(installation)
    assert installation.ask(from_store, request) == [("done", 3, 0)]
    assert installation.left(amira)["segment"] == 3


def test_a_store_that_is_away_is_not_frozen_and_not_lifted_until_it_is_back(pond: Pond) -> None:
    away, where = pond.path.with_suffix(".away"), pond.addresses[setting_name(pond.name)]
    gone = {setting_name(pond.name): "sqlite:////nowhere/at/all.db"}
    shutil.move(pond.path, away)
    pond.addresses |= gone
    request = pond.freeze(Chosen())
    assert pond.moved(request)[:3] == ("freeze", "pending", 0)
    shutil.move(away, pond.path)
    pond.addresses[setting_name(pond.name)] = where
    pond.all_due()
    pond.carry()
    assert pond.moved(request)[:4] == ("freeze", "done", 10, 10)
    pond.addresses |= gone
    pond.lift(request)
    assert pond.moved(request)[:3] == ("thaw", "pending", 0)
    assert pond.apart() == 10
    pond.addresses[setting_name(pond.name)] = where
    pond.all_due()
    pond.carry()
    assert pond.moved(request)[:4] == ("thaw", "done", 10, 0)


def test_a_store_where_no_quarantine_can_be_made_says_so(pond: Pond) -> None:
    pond.addresses[setting_name(pond.name)] = pond.addresses[readback_name(pond.name)]
    request = pond.freeze(Chosen())
    _, state, moved, _, _, _, _, reason = pond.moved(request)
    assert (state, moved, reason) == ("refused", 0, "no_quarantine:main.events")
    assert pond.left(pond.amira) == 10
    assert pond.lift(request) == 1, "there is nothing to put back but in Daylight's own store"


def test_without_other_credentials_a_freeze_is_partial(pond: Pond) -> None:
    del pond.addresses[readback_name(pond.name)]
    request = pond.freeze(Chosen())
    _, state, moved, apart, _, _, who, reason = pond.moved(request)
    assert (state, moved, apart, who) == ("partial", 10, None, None)
    assert str(reason).startswith("no_read_back:")


def test_R03_a_store_that_lost_rows_on_the_way_is_never_done(pond: Pond) -> None:
    place = f"events{SUFFIX}"
    with closing(sqlite3.connect(pond.path)) as store, store:
        store.execute(f"CREATE TABLE {place} AS SELECT * FROM events WHERE 0")
        store.execute(f"CREATE TRIGGER lose AFTER INSERT ON {place} BEGIN DELETE FROM {place} WHERE rowid = 5; END")
    request = pond.freeze(Chosen())
    _, state, _, apart, _, _, _, reason = pond.moved(request)
    assert (state, reason) == ("partial", "lost")
    assert apart == pond.apart() < 10


def _keeps_a_copy(pond: Pond, table: str) -> None:
    """The store says that it let rows go, and has them still."""
    with closing(sqlite3.connect(pond.path)) as store, store:
        names = [str(row[1]) for row in store.execute(f"PRAGMA table_info({table})")]
        old = ", ".join(f"OLD.{name}" for name in names)
        into = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({old})"
        store.execute(f"CREATE TRIGGER lies_{table} AFTER DELETE ON {table} BEGIN {into}; END")


def test_R03_a_store_that_lies_about_a_freeze_is_found_out_and_the_page_says_why(
    pond: Pond, browse_own: Callable[[UUID], Browser]
) -> None:
    _keeps_a_copy(pond, "events")
    request = pond.freeze(Chosen())
    assert pond.left(pond.amira) == 10, "it lies"
    assert pond.moved(request) == ("freeze", "partial", 0, 10, 10, 0, True, "not_frozen:10")
    assert (
        "The store said that 10 rows were put out of reach" in browse_own(pond.amira).get(f"/requests/{request}").text
    )
    assert pond.receipt(request) == ["partial", "not_frozen:10", 0, 10]


def test_R03_a_store_that_lies_about_the_lifting_is_found_out_too(pond: Pond) -> None:
    request = pond.freeze(Chosen())
    _keeps_a_copy(pond, f"events{SUFFIX}")
    pond.lift(request)
    assert pond.apart() == 10, "it lies"
    assert pond.moved(request) == ("thaw", "partial", 0, 10, 10, 0, True, "not_back:10")


def test_an_erasure_reaches_what_is_frozen_and_a_copy_does(pond: Pond) -> None:
    pond.freeze(Chosen())
    request = pond.request(Chosen())
    pond.carry()
    assert pond.step(request)[:5] == ("done", 10, 0, 0, True)
    assert (pond.apart(), pond.left(pond.amira)) == (0, 0)


def test_R03_what_another_freeze_covers_stays_until_that_one_is_lifted(pond: Pond) -> None:
    now = clock.now()
    whole = pond.freeze(Chosen(now - 30 * DAY, now))
    week = pond.freeze(Chosen(now - 5.5 * DAY, now - 2.5 * DAY))
    assert pond.moved(week) == ("freeze", "done", 0, 3, 0, 0, True, None)
    pond.lift(whole)
    assert pond.moved(whole) == ("thaw", "partial", 7, 3, 0, 3, True, None)
    assert (pond.left(pond.amira), pond.apart()) == (7, 3)
    pond.lift(week)
    assert (pond.left(pond.amira), pond.apart()) == (10, 0)
    assert pond.moved(whole)[:2] == ("thaw", "done")


def test_a_freeze_that_is_lifted_while_a_store_is_away_is_never_begun_there(pond: Pond) -> None:
    where = pond.addresses[setting_name(pond.name)]
    pond.addresses[setting_name(pond.name)] = "sqlite:////nowhere/at/all.db"
    request = pond.freeze(Chosen())
    assert pond.moved(request)[1] == "pending"
    pond.lift(request)
    states = "SELECT action, state FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL ORDER BY round"
    assert pond.installation.ask(states, request)[0] == ("freeze", "cancelled")
    pond.addresses[setting_name(pond.name)] = where
    pond.all_due()
    pond.carry()
    assert pond.installation.ask(states, request) == [("freeze", "cancelled"), ("thaw", "done")]
    assert pond.left(pond.amira) == 10


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({}, {"kinds": frozenset({"key"})}, True),
        ({"kinds": frozenset({"click"})}, {"kinds": frozenset({"key"})}, False),
        ({"kinds": frozenset({"key"}), "contexts": frozenset({"a"})}, {"contexts": frozenset({"b"})}, False),
        ({"sensitivities": frozenset({1})}, {"sensitivities": frozenset({1, 2})}, True),
    ],
)
def test_choices_meet_where_something_can_be_in_both(
    one: dict[str, Any], other: dict[str, Any], expected: object
) -> None:
    assert Chosen(**one).meets(Chosen(**other)) is expected


def run_all(installation: Installation) -> None:
    """What the worker does, without any store's address."""
    carrier(installation.database, installation.settings).run()
