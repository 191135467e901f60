"""Steps in other stores: deleted by the connector, read back with other credentials, honest about what did not go."""

import base64
import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.deletion import claims, holding
from portal.deletion.claims import LostError
from portal.deletion.external import External
from portal.deletion.holding import NewHold
from portal.deletion.moving import still_needed
from portal.deletion.planning import Place
from portal.deletion.rules import Chosen, free, gaps
from portal.sources.connectors.progress import Progress
from portal.sources.rules import readback_name, setting_name
from portal.worker import carrier, run
from tests.deletion.installation import EVERYBODY, Installation

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 29, tzinfo=UTC)


class Lake:
    """A store with ten days of two people's rows, known to the installation under a name of its own."""

    def __init__(self, installation: Installation, folder: Path, time_column: str | None = "at") -> None:
        self.installation, self.path = installation, folder / "lake.db"
        self.amira, self.ben = installation.person(), installation.person("Ben Okafor")
        self.name, self.dataset = f"lake{uuid4().hex[:8]}", uuid4()
        with sqlite3.connect(self.path) as store:
            store.execute("CREATE TABLE events (who TEXT, at DATETIME, what TEXT)")
            for person in (self.amira, self.ben):
                rows = [
                    (f"{person}@daylight.example", f"{clock.now() - day * DAY:%Y-%m-%d %H:%M:%S}")
                    for day in range(1, 11)
                ]
                store.executemany("INSERT INTO events VALUES (?, ?, 'x')", rows)
        store.close()
        source = uuid4()
        installation.ask(
            "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'sql', %s)",
            source,
            self.name,
            setting_name(self.name),
        )
        installation.ask("UPDATE dataset SET name = id::text WHERE name = 'events'")
        installation.ask(
            "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, time_column, "
            "physical_days, described_by, state) "
            "VALUES (%s, %s, 'events', 'main.events', 'who', 'email', %s, 7, 'yaml', 'usable')",
            self.dataset, source, time_column,
        )  # fmt: skip
        self.addresses = {setting_name(self.name): f"sqlite:///{self.path}"}
        self.addresses |= {readback_name(self.name): f"sqlite:///file:{self.path}?mode=ro&uri=true"}

    def carry(self) -> None:
        """What the worker does with these addresses."""
        settings = replace(self.installation.settings, sources=self.addresses)
        carrier(self.installation.database, settings).run()

    def request(self, chosen: Chosen) -> UUID:
        """An approved request of Amira's."""
        return self.installation.request(self.amira, chosen, places=[Place(self.name, self.dataset)])

    def due(self, request: UUID) -> None:
        """Its steps are tried again now."""
        self.installation.ask("UPDATE request_step SET next_try_at = now() WHERE request_id = %s", request)

    def renamed(self) -> None:
        """Amira has another mail address from now on; her rows stand under the one of before."""
        self.installation.ask(
            "UPDATE employee SET email = %s WHERE id = %s", f"kaya.{self.amira}@daylight.example", self.amira
        )

    def tells_kinds(self, odd: str = "'key'") -> None:
        """Rows of even days are screenshots, the others are `odd`, an SQL expression; the column is described."""
        with sqlite3.connect(self.path) as store:
            even = "CAST(julianday('now', 'start of day') - julianday(at, 'start of day') AS INTEGER) % 2 = 0"
            store.execute(f"UPDATE events SET what = CASE WHEN {even} THEN 'Screenshot' ELSE {odd} END")
        store.close()
        self.installation.ask("UPDATE dataset SET kind_column = 'what' WHERE id = %s", self.dataset)

    def change(self, statement: str) -> None:
        """Change the store."""
        with sqlite3.connect(self.path) as store:
            store.execute(statement)
        store.close()

    def left(self, person: UUID) -> int:
        """Rows of a person."""
        store = sqlite3.connect(self.path)
        (count,) = store.execute("SELECT count(*) FROM events WHERE who LIKE ?", [f"{person}%"]).fetchone()
        store.close()
        return int(count)

    def rows(self, statement: str, *values: str) -> list[str]:
        """The first column of what the store answers."""
        store = sqlite3.connect(self.path)
        found = [str(row[0]) for row in store.execute(statement, values)]
        store.close()
        return found

    def step(self, request: UUID) -> tuple[object, ...]:
        """How its newest step stands."""
        return self.installation.ask(
            "SELECT state, deleted, held, remaining, apart, physical_on IS NOT NULL, reason FROM request_step "
            "WHERE request_id = %s AND dataset_id IS NOT NULL ORDER BY round DESC LIMIT 1", request,
        )[0]  # fmt: skip


@pytest.fixture
def lake(installation: Installation, tmp_path: Path) -> Lake:
    return Lake(installation, tmp_path)


def test_R03_a_persons_rows_go_and_other_credentials_find_none(lake: Lake) -> None:
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request) == ("done", 10, 0, 0, True, True, None), str(lake.step(request)[6])
    assert (lake.left(lake.amira), lake.left(lake.ben)) == (0, 10)


def test_R03_rows_under_an_address_of_before_go_too(lake: Lake) -> None:
    lake.renamed()
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request) == ("done", 10, 0, 0, True, True, None), str(lake.step(request)[6])
    assert (lake.left(lake.amira), lake.left(lake.ben)) == (0, 10)


def test_a_store_that_is_away_is_pending_and_done_when_it_is_back(lake: Lake) -> None:
    away = lake.path.with_suffix(".away")
    shutil.move(lake.path, away)
    lake.addresses[setting_name(lake.name)] = "sqlite:////nowhere/at/all.db"
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[0] == "pending"
    shutil.move(away, lake.path)
    lake.addresses[setting_name(lake.name)] = f"sqlite:///{lake.path}"
    lake.installation.ask("UPDATE request_step SET next_try_at = now() WHERE request_id = %s", request)
    lake.carry()
    assert lake.step(request)[:4] == ("done", 10, 0, 0)


def test_without_other_credentials_it_is_partial_and_says_so(lake: Lake) -> None:
    del lake.addresses[readback_name(lake.name)]
    request = lake.request(Chosen())
    lake.carry()
    state, deleted, _, remaining, apart, _, reason = lake.step(request)
    assert (state, deleted, remaining, apart) == ("partial", 10, None, None)
    assert str(reason).startswith("no_read_back:")


def test_a_reader_that_sees_nothing_does_not_undo_what_was_deleted(lake: Lake) -> None:
    empty = lake.path.with_suffix(".empty")
    empty.touch()
    lake.addresses[readback_name(lake.name)] = f"sqlite:///{empty}"
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 10, 0, None)


def test_R03_a_store_that_lies_about_success_is_found_out(lake: Lake) -> None:
    with sqlite3.connect(lake.path) as store:
        store.execute("CREATE TRIGGER lies BEFORE DELETE ON events BEGIN SELECT RAISE(IGNORE); END")
    store.close()
    request = lake.request(Chosen())
    lake.carry()
    assert lake.left(lake.amira) == 10, "it lies"
    assert lake.step(request) == ("partial", 0, 0, 10, True, True, "not_gone:10")
    (envelope,) = lake.installation.ask(
        "SELECT r.envelope FROM receipt r JOIN request_step s ON s.id = r.step_id "
        "WHERE s.request_id = %s AND s.dataset_id IS NOT NULL", request,
    )[0]  # fmt: skip
    told = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    assert [told[name] for name in ("state", "reason", "deleted", "remaining")] == ["partial", "not_gone:10", 0, 10]


def test_R03_only_what_was_seen_to_be_gone_counts_as_deleted(lake: Lake) -> None:
    with sqlite3.connect(lake.path) as store:
        young = f"{clock.now() - 3.5 * DAY:%Y-%m-%d %H:%M:%S}"
        store.execute(
            f"CREATE TRIGGER lies BEFORE DELETE ON events WHEN OLD.at > '{young}' BEGIN SELECT RAISE(IGNORE); END"
        )
    store.close()
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 7, 0, 3)
    assert lake.step(request)[6] == "not_gone:10"


def test_R03_what_a_killed_attempt_was_told_is_no_proof_either(lake: Lake) -> None:
    with sqlite3.connect(lake.path) as store:
        store.execute("CREATE TRIGGER lies BEFORE DELETE ON events BEGIN SELECT RAISE(IGNORE); END")
    store.close()
    request = lake.request(Chosen())
    told = "UPDATE request_step SET deleted = 10, tries = 1 WHERE request_id = %s AND dataset_id IS NOT NULL"
    lake.installation.ask(told, request)
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 0, 0, 10)


def test_what_a_hold_keeps_stays_and_goes_when_it_ends(lake: Lake) -> None:
    now, hana = clock.now(), lake.installation.person("Hana Vogel")
    told = NewHold(now - 5.5 * DAY, now - 2.5 * DAY, "tax", "Audit", now + DAY)
    with lake.installation.database.transaction("web_hr", hana) as session:
        kept = holding.set_hold(session, lake.amira, told, hana, now).id
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 7, 3, 0)
    with lake.installation.database.transaction("web_hr", hana) as session:
        holding.release_hold(session, kept, hana, clock.now())
    run(lake.installation.database, holding.reopener(lambda *_: None))
    lake.carry()
    assert lake.step(request)[:4] == ("done", 3, 0, 0)


def test_R03_a_hold_on_some_kinds_keeps_only_those_where_the_store_tells_kinds(lake: Lake) -> None:
    now, hana = clock.now(), lake.installation.person("Hana Vogel")
    lake.tells_kinds()
    with lake.installation.database.transaction("web_hr", hana) as session:
        told = NewHold(now - 6.5 * DAY, now - 2.5 * DAY, "tax", "Audit", now + DAY, kinds=("screenshot",))
        kept = holding.set_hold(session, lake.amira, told, hana, now).id
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 8, 2, 0), "two of the days hold screenshots"
    with lake.installation.database.transaction("web_hr", hana) as session:
        holding.release_hold(session, kept, hana, clock.now())
    run(lake.installation.database, holding.reopener(lambda *_: None))
    lake.carry()
    assert lake.step(request)[:4] == ("done", 2, 0, 0)


def test_R03_a_row_of_no_kind_stays_under_a_hold_on_some(lake: Lake) -> None:
    now, hana = clock.now(), lake.installation.person("Hana Vogel")
    lake.tells_kinds("NULL")
    with lake.installation.database.transaction("web_hr", hana) as session:
        told = NewHold(now - 6.5 * DAY, now - 2.5 * DAY, "tax", "Audit", now + DAY, kinds=("screenshot",))
        holding.set_hold(session, lake.amira, told, hana, now)
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 6, 4, 0)


def test_R03_what_a_store_calls_otherwise_stays_under_a_hold_on_some_kinds(lake: Lake) -> None:
    now, hana = clock.now(), lake.installation.person("Hana Vogel")
    lake.tells_kinds("'keystroke'")
    with lake.installation.database.transaction("web_hr", hana) as session:
        told = NewHold(now - 6.5 * DAY, now - 2.5 * DAY, "tax", "Audit", now + DAY, kinds=("key",))
        holding.set_hold(session, lake.amira, told, hana, now)
    request = lake.request(Chosen())
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 8, 2, 0), "the screenshots of these days went"
    lake.installation.ask("""UPDATE dataset SET kinds = '{"keystroke": "prompt"}' WHERE id = %s""", lake.dataset)
    again = lake.request(Chosen())
    lake.carry()
    assert lake.step(again)[:4] == ("done", 2, 0, 0), "it is known now that these are no keys"


def test_R03_a_kind_is_deleted_by_the_stores_own_word(lake: Lake) -> None:
    lake.tells_kinds("'Keystroke'")
    lake.installation.ask("""UPDATE dataset SET kinds = '{"keystroke": "key"}' WHERE id = %s""", lake.dataset)
    request = lake.request(Chosen(kinds=frozenset({"key"})))
    lake.carry()
    assert lake.step(request)[:4] == ("done", 5, 0, 0)


@pytest.mark.parametrize("time", ["NULL", "'02.03.2026 10:00'", "'yesterday'"])
def test_R03_rows_of_no_time_are_named_where_a_range_is_to_go(lake: Lake, time: str) -> None:
    lake.change(f"UPDATE events SET at = {time} WHERE rowid IN (SELECT rowid FROM events LIMIT 2)")
    request = lake.request(Chosen(clock.now() - 30 * DAY, clock.now()))
    lake.carry()
    assert lake.step(request)[:4] == ("partial", 8, 0, 0)
    assert lake.step(request)[6] == "undated:2"
    assert lake.left(lake.amira) == 2


def test_R03_a_dataset_is_needed_while_a_step_is_open_there_or_rows_lie_frozen(lake: Lake) -> None:
    def needed() -> bool:
        with lake.installation.database.transaction("worker") as session:
            return lake.dataset in still_needed(session, [lake.dataset])

    assert not needed()
    request = lake.request(Chosen())
    assert needed()
    lake.carry()
    assert not needed()
    states = (
        ("freeze", "done", True),
        ("freeze", "refused", False),
        ("thaw", "partial", True),
        ("thaw", "done", False),
    )
    for action, state, expected in states:
        lake.installation.ask(
            "UPDATE request_step SET action = %s, state = %s, reason = 'x' WHERE request_id = %s",
            action,
            state,
            request,
        )
        assert needed() is expected, (action, state)


def test_R03_a_whole_person_is_not_forgotten_while_a_store_refuses_what_can_be_mended(lake: Lake) -> None:
    lake.change("ALTER TABLE events RENAME COLUMN who TO whose")
    request = lake.request(EVERYBODY)
    lake.carry()
    assert set(lake.installation.state(request)) <= {"waiting", "pending"}
    assert lake.step(request)[6] == "missing_column:who"
    assert lake.installation.one("SELECT name FROM employee WHERE id = %s", lake.amira) == "Amira Kaya"
    lake.change("ALTER TABLE events RENAME COLUMN whose TO who")
    lake.due(request)
    lake.carry()
    assert (lake.step(request)[0], lake.left(lake.amira)) == ("done", 0)


@pytest.mark.parametrize("ends", ["in time", "with the dataset"])
def test_a_store_that_nobody_mends_does_not_keep_a_person_for_ever(lake: Lake, ends: str) -> None:
    lake.change("ALTER TABLE events RENAME COLUMN who TO whose")
    request = lake.request(EVERYBODY)
    lake.carry()
    if ends == "in time":
        lake.installation.ask(
            "UPDATE request_step SET created_at = created_at - interval '31 days' WHERE request_id = %s", request
        )
    else:
        lake.installation.ask("DELETE FROM dataset WHERE id = %s", lake.dataset)
    lake.due(request)
    lake.carry()
    assert lake.step(request)[0] == "refused"
    lake.change("ALTER TABLE events RENAME COLUMN whose TO who")
    assert lake.left(lake.amira) == 10


def test_a_store_that_cannot_tell_the_time_refuses_a_range(installation: Installation, tmp_path: Path) -> None:
    lake = Lake(installation, tmp_path, time_column=None)
    request = lake.request(Chosen(clock.now() - 3 * DAY, clock.now()))
    lake.carry()
    assert (lake.step(request)[0], lake.step(request)[6]) == ("refused", "no_time_column:main.events")
    assert lake.left(lake.amira) == 10


def test_R03_who_has_lost_the_step_stops_between_two_parts(lake: Lake) -> None:
    request = lake.request(Chosen())
    installation = lake.installation
    external = External(installation.database, installation.settings)
    with installation.worker() as session:
        while (claimed := claims.claim(session, clock.now())) and claimed.dataset != lake.dataset:
            pass
    assert claimed
    with external._beating(claimed) as tell:
        tell(Progress(1, 4, 3))
        installation.ask("UPDATE request_step SET fence = fence + 1 WHERE id = %s", claimed.step)
        with pytest.raises(LostError):
            tell(Progress(2, 4, 6))
    parts = "SELECT parts_done, parts_total, deleted FROM request_step WHERE id = %s"
    assert installation.ask(parts, claimed.step) == [(1, 4, 3)]
    installation.ask("UPDATE request_step SET state = 'cancelled' WHERE request_id = %s", request)


def test_R03_the_lease_of_a_step_outlives_its_database(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    request, installation = lake.request(Chosen()), lake.installation
    monkeypatch.setattr(claims, "LEASE", timedelta(seconds=0.4))
    with installation.worker() as session:
        while (claimed := claims.claim(session, clock.now())) and claimed.dataset != lake.dataset:
            pass
    assert claimed

    def beats_on() -> None:
        known, until = "SELECT claimed_until FROM request_step WHERE id = %s", time.monotonic() + 30
        before = installation.ask(known, claimed.step)
        while installation.ask(known, claimed.step) == before:
            assert time.monotonic() < until
            time.sleep(0.05)

    with External(installation.database, installation.settings)._beating(claimed):
        beats_on()
        installation.postgres.stop()
        time.sleep(0.5)
        installation.postgres.start()
        beats_on()
    installation.ask("UPDATE request_step SET state = 'cancelled' WHERE request_id = %s", request)


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ([], [(0, 10)]),
        ([(2, 4)], [(0, 2), (4, 10)]),
        ([(6, 7), (2, 4), (3, 5)], [(0, 2), (5, 6), (7, 10)]),
        ([(-5, 3), (8, 20)], [(3, 8)]),
        ([(-5, 20)], []),
        ([(0, 10)], []),
        ([(20, 30)], [(0, 10)]),
    ],
)
def test_the_stretches_between_holds(kept: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    day: Callable[[int], datetime] = lambda number: NOW + number * DAY  # noqa: E731
    found = gaps((day(0), day(10)), [(day(starts), day(ends)) for starts, ends in kept])
    assert found == [(day(starts), day(ends)) for starts, ends in left]


def test_of_a_stretch_in_which_some_kinds_stay_the_others_go() -> None:
    day: Callable[[int], datetime] = lambda number: NOW + number * DAY  # noqa: E731
    key, shot = frozenset({"key"}), frozenset({"screenshot"})
    kept = [((day(1), day(5)), key), ((day(3), day(20)), shot), ((day(6), day(7)), None)]
    assert free((day(0), day(10)), kept) == [
        ((day(0), day(1)), frozenset()),
        ((day(1), day(3)), key),
        ((day(3), day(5)), key | shot),
        ((day(5), day(6)), shot),
        ((day(7), day(10)), shot),
    ]
