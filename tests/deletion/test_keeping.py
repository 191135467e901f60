"""A freeze in force goes on catching what is written after it was carried out, and says when one looked last."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.deletion.keeping import Keeping, _due
from portal.deletion.models import StepAction
from portal.deletion.rules import LOOK, LOOK_AFTER_FAILURE, Chosen
from portal.requests import actions
from portal.requests.jobs import plan_next, reach_next
from portal.requests.rules import About, Actor, RequestType, Role
from portal.sources.rules import readback_name, setting_name
from portal.worker import run
from tests.deletion.conftest import Browse
from tests.deletion.installation import Installation
from tests.deletion.test_external import DAY
from tests.deletion.test_freezing import Pond, run_all
from tests.deletion.test_frozen_page import desk
from tests.deletion.test_request_page import proved
from tests.requests.arrange import decided, sent

Row = tuple[object, ...]


class Stream(Pond):
    """The same store, into which rows go on being written."""

    def written(self, days_ago: float = 0.0, rows: int = 1) -> None:
        """Later rows of both people."""
        at = f"{clock.now() - days_ago * DAY:%Y-%m-%d %H:%M:%S}"
        with closing(sqlite3.connect(self.path)) as store, store:
            for person in (self.amira, self.ben):
                store.executemany("INSERT INTO events VALUES (?, ?, 'x')", [(f"{person}@daylight.example", at)] * rows)

    def keeping(self) -> Keeping:
        """What the worker looks with."""
        return Keeping(self.installation.database, replace(self.installation.settings, sources=self.addresses))

    def look(self) -> None:
        """An hour or a day later: look, and carry out what was found."""
        self.installation.ask(
            "UPDATE request_step SET look_at = now() WHERE employee_id = %s AND look_at IS NOT NULL", self.amira
        )
        self.keeping().run()
        self.carry()

    def rounds(self, request: UUID) -> list[Row]:
        """Every round of the other store."""
        return self.installation.ask(
            "SELECT action, state, deleted, apart_rows FROM request_step "
            "WHERE request_id = %s AND dataset_id IS NOT NULL ORDER BY round", request,
        )  # fmt: skip

    def receipts(self, request: UUID) -> int:
        """Of all stores."""
        return int(self.installation.one("SELECT count(*) FROM receipt WHERE request_id = %s", request))


@pytest.fixture
def stream(installation: Installation, tmp_path: Path) -> Stream:
    installation.ask("UPDATE request_step SET look_at = NULL")
    return Stream(installation, tmp_path)


def test_R03_what_is_written_after_a_freeze_is_frozen_and_comes_back(stream: Stream) -> None:
    request = stream.freeze(Chosen())
    stream.written(rows=2)
    assert stream.left(stream.amira) == 2
    stream.look()
    assert stream.rounds(request) == [("freeze", "done", 10, 10), ("freeze", "done", 2, 12)]
    assert (stream.left(stream.amira), stream.apart(), stream.left(stream.ben)) == (0, 12, 12)
    since = "SELECT frozen_at FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL AND round = 2"
    first = "SELECT logical_at FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL AND round = 1"
    assert stream.installation.one(since, request) == stream.installation.one(first, request)
    assert stream.lift(request) == 2
    assert (stream.left(stream.amira), stream.apart(), stream.left(stream.ben)) == (12, 0, 12)
    stream.written()
    stream.look()
    assert stream.left(stream.amira) == 13, "nobody looks any more"


def test_a_look_that_finds_nothing_says_when_and_leaves_no_receipt(stream: Stream) -> None:
    request, before = stream.freeze(Chosen()), clock.now()
    receipts = stream.receipts(request)
    stream.look()
    assert stream.rounds(request) == [("freeze", "done", 10, 10)]
    assert stream.receipts(request) == receipts
    looked = "SELECT looked_at, look_at FROM request_step WHERE request_id = %s"
    for seen, following in stream.installation.ask(looked, request):
        assert before <= seen < following - LOOK + timedelta(minutes=1)


def test_a_range_catches_what_comes_late_and_leaves_what_lies_outside(stream: Stream) -> None:
    now = clock.now()
    request = stream.freeze(Chosen(now - 5.5 * DAY, now - 2.5 * DAY))
    stream.written(days_ago=4)
    stream.written(days_ago=1)
    stream.look()
    assert stream.rounds(request) == [("freeze", "done", 3, 3), ("freeze", "done", 1, 4)]
    assert stream.left(stream.amira) == 8


def test_what_came_later_stays_for_another_freeze_that_is_in_force(stream: Stream) -> None:
    now = clock.now()
    whole, week = stream.freeze(Chosen()), stream.freeze(Chosen(now - 5.5 * DAY, now - 2.5 * DAY))
    stream.written()
    stream.look()
    stream.lift(week)
    assert stream.moved(week)[:2] == ("thaw", "partial")
    assert (stream.left(stream.amira), stream.apart()) == (0, 11)
    stream.lift(whole)
    assert (stream.left(stream.amira), stream.apart()) == (11, 0)


def test_a_store_that_is_away_is_said_to_be_and_looked_at_when_it_is_back(stream: Stream) -> None:
    request, where = stream.freeze(Chosen()), stream.addresses.copy()
    stream.written()
    gone = dict.fromkeys(stream.addresses, "sqlite:////nowhere/at/all.db")
    stream.addresses |= gone
    stream.look()
    waits = "SELECT state, pending_since IS NOT NULL, looked_at FROM request_step WHERE request_id = %s AND round = 1"
    waits += " AND dataset_id IS NOT NULL"
    assert stream.installation.ask(waits, request) == [("done", True, None)]
    stream.addresses = where
    stream.look()
    assert stream.left(stream.amira) == 0
    stream.look()
    away = (
        "SELECT count(*) FROM request_step WHERE request_id = %s AND pending_since IS NOT NULL AND look_at IS NOT NULL"
    )
    assert stream.installation.one(away, request) == 0


def test_a_round_that_is_refused_neither_ends_the_freeze_nor_is_tried_each_hour(stream: Stream) -> None:
    request = stream.freeze(Chosen())
    stream.written()
    writes = stream.addresses[setting_name(stream.name)]
    stream.addresses[setting_name(stream.name)] = stream.addresses[readback_name(stream.name)]
    stream.look()
    assert [one[:2] for one in stream.rounds(request)] == [("freeze", "done"), ("freeze", "refused")]
    later = "SELECT look_at FROM request_step WHERE request_id = %s AND round = 2"
    assert stream.installation.one(later, request) > clock.now() + LOOK_AFTER_FAILURE - LOOK
    stream.addresses[setting_name(stream.name)] = writes
    stream.lift(request)
    assert (stream.left(stream.amira), stream.apart()) == (11, 0), "what the first round froze comes back"


def test_R03_a_freeze_lifted_before_its_next_round_began_is_lifted(stream: Stream) -> None:
    request = stream.freeze(Chosen())
    stream.written()
    stream.installation.ask(
        "UPDATE request_step SET look_at = now() WHERE employee_id = %s AND look_at IS NOT NULL", stream.amira
    )
    stream.keeping().run()
    assert [one[:2] for one in stream.rounds(request)] == [("freeze", "done"), ("freeze", "waiting")]
    stream.lift(request)
    assert [one[:2] for one in stream.rounds(request)] == [
        ("freeze", "done"),
        ("freeze", "cancelled"),
        ("thaw", "done"),
    ]
    assert (stream.left(stream.amira), stream.apart()) == (11, 0)


def test_R03_who_looked_under_an_older_fence_makes_no_round(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    request = stream.freeze(Chosen())
    stream.written()
    keeping, lies = stream.keeping(), Keeping._lies

    def lifted_meanwhile(self: Keeping, *given: object) -> object:
        found = lies(self, *given)  # type: ignore[arg-type]
        stream.lift(request)
        return found

    monkeypatch.setattr(Keeping, "_lies", lifted_meanwhile)
    stream.installation.ask(
        "UPDATE request_step SET look_at = now() WHERE request_id = %s AND dataset_id IS NOT NULL", request
    )
    keeping.run()
    stream.carry()
    assert [one[:2] for one in stream.rounds(request)] == [("freeze", "done"), ("thaw", "done")]
    assert (stream.left(stream.amira), stream.apart()) == (11, 0)


def test_two_workers_do_not_look_at_the_same(stream: Stream) -> None:
    request = stream.freeze(Chosen())
    stream.installation.ask("UPDATE request_step SET look_at = now() WHERE request_id = %s", request)
    with stream.installation.worker() as one, stream.installation.worker() as other:
        first, second = (session.scalars(_due(clock.now())).one() for session in (one, other))
        assert first.id != second.id
        one.rollback(), other.rollback()


class Known:
    """A second dataset, described after the freeze."""

    def __init__(self, stream: Stream) -> None:
        with closing(sqlite3.connect(stream.path)) as store, store:
            store.execute("CREATE TABLE clicks (who TEXT)")
            store.execute("INSERT INTO clicks VALUES (?)", [f"{stream.amira}@daylight.example"])
        source = stream.installation.one("SELECT source_id FROM dataset WHERE id = %s", stream.dataset)
        self.id = uuid4()
        stream.installation.ask(
            "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state) "
            "VALUES (%s, %s, %s, 'main.clicks', 'who', 'email', 'yaml', 'usable')",
            self.id, source, str(self.id),
        )  # fmt: skip


def approved(stream: Stream) -> UUID:
    """Amira's freeze of everything, as she and HR see it."""
    request = sent(stream.installation.database, stream.amira, RequestType.RESTRICT, About()).id
    decided(stream.installation.database, request)
    run(stream.installation.database, plan_next)
    stream.carry()
    return request


def stands(stream: Stream, request: UUID) -> object:
    """Where the request stands."""
    return stream.installation.one("SELECT state FROM request WHERE id = %s", request)


@pytest.fixture
def alone(installation: Installation, tmp_path: Path) -> Stream:
    """The only external store there is."""
    installation.ask("DELETE FROM source")
    installation.ask("UPDATE request SET state = 'withdrawn' WHERE type = 'restrict'")
    return Stream(installation, tmp_path)


def test_a_dataset_known_only_later_is_frozen_too(alone: Stream) -> None:
    request, database = approved(alone), alone.installation.database
    later = Known(alone)
    run(database, reach_next)
    run(database, reach_next)
    alone.carry()
    found = "SELECT action, state, deleted, round FROM request_step WHERE request_id = %s AND dataset_id = %s"
    assert alone.installation.ask(found, request, later.id) == [("freeze", "done", 1, 1)]
    assert stands(alone, request) == "done"
    with database.transaction("web_employee", alone.amira) as session:
        actions.withdraw(session, request, Actor(alone.amira, Role.EMPLOYEE), clock.now())
    alone.installation.ask("DELETE FROM request_step WHERE dataset_id = %s", later.id)
    run(database, reach_next)
    assert alone.installation.ask(found, request, later.id) == [], "not once it is lifted"


def test_a_request_says_when_a_later_round_leaves_something_and_when_it_is_whole_again(alone: Stream) -> None:
    request = approved(alone)
    alone.written()
    writes = alone.addresses[setting_name(alone.name)]
    alone.addresses[setting_name(alone.name)] = alone.addresses[readback_name(alone.name)]
    alone.look()
    assert stands(alone, request) == "partial"
    alone.addresses[setting_name(alone.name)] = writes
    alone.look()
    assert stands(alone, request) == "done"
    told = "SELECT count(*) FROM notification WHERE employee_id = %s AND kind = 'request_closed'"
    assert alone.installation.one(told, alone.amira) == 3
    alone.look()
    assert alone.installation.one(told, alone.amira) == 3, "nothing new, nothing told"


SAID = {
    "en": ("restricted", "Last looked at", "Nobody can look since", "is being put out of reach", "last looked at"),
    "de": ("eingeschränkt", "Zuletzt nachgesehen", "kann niemand nachsehen", "wird gerade weggeschlossen", ""),
}


@pytest.mark.parametrize("language", SAID)
def test_the_page_says_when_one_looked_last(alone: Stream, browse_own: Browse, language: str) -> None:
    alone.installation.ask("UPDATE employee SET locale = %s WHERE id = %s", language, alone.amira)
    restricted, looked, unseen, moving, desk_says = SAID[language]
    request = approved(alone)
    address, page = f"/requests/{request}", browse_own(alone.amira)
    assert (restricted in page.get(address).text, looked in page.get(address).text) == (True, True)
    where = alone.addresses.copy()
    alone.addresses |= dict.fromkeys(where, "sqlite:////nowhere/at/all.db")
    alone.look()
    assert unseen in page.get(address).text
    alone.addresses = where
    alone.written()
    alone.installation.ask("UPDATE request_step SET look_at = now() WHERE request_id = %s", request)
    alone.keeping().run()
    assert moving in page.get(address).text
    alone.carry()
    proved(alone.installation)
    assert (unseen in page.get(address).text, moving in page.get(address).text) == (False, False)
    assert desk_says in desk(alone.installation, browse_own, request)


def test_own_items_captured_later_are_restricted_too(installation: Installation) -> None:
    amira, now = installation.person(items=3), clock.now()
    everything = installation.request(amira, Chosen(), action=StepAction.FREEZE)
    until_now = installation.request(amira, Chosen(now - DAY, now), action=StepAction.FREEZE)
    stream = Keeping(installation.database, replace(installation.settings, sources={}))
    from_store = "SELECT apart_rows FROM request_step WHERE request_id = %s"
    run_all(installation)
    installation.item(amira, clock.now() + timedelta(seconds=1), seq=10)
    installation.ask("UPDATE request_step SET look_at = now() WHERE employee_id = %s", amira)
    stream.run()
    assert installation.ask(from_store, everything) == [(4,)]
    assert installation.ask(from_store, until_now) == [(3,)]
