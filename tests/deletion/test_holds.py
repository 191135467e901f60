"""A held record stays, is counted, and goes when the hold ends, by somebody's hand or by the clock."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.core.db import Database
from portal.deletion import actions, burying, holding, queries
from portal.deletion.actions import Range
from portal.deletion.carrying import Carrier
from portal.deletion.holding import NewHold
from portal.deletion.jobs import carrier as self_service
from portal.deletion.jobs import forgetter
from portal.deletion.rules import Chosen
from portal.worker import carrier, run
from tests.aged import STEP, delete_old, named
from tests.deletion.installation import EVERYBODY, Installation

YEAR = timedelta(days=365)


class Heard:
    """What the hooks were told of one request; steps that other tests left may be due, too."""

    def __init__(self, request: UUID) -> None:
        self.request = request
        self.ended: list[tuple[UUID, bool]] = []
        self.reopened: list[UUID] = []

    def end(self, request: UUID, complete: bool) -> None:  # noqa: FBT001 - as the hook is called
        """One request came to its end."""
        self.ended += [(request, complete)] * (request == self.request)

    def reopen(self, request: UUID) -> None:
        """One request is taken up again."""
        self.reopened += [request] * (request == self.request)


@pytest.fixture
def carried(installation: Installation) -> Carrier:
    """Who carries out steps, in this process."""
    return carrier(installation.database, installation.settings)


def hold(installation: Installation, person: UUID, minutes: tuple[int, int], **given: object) -> UUID:
    """Keep what was captured between so many minutes ago, as HR's login."""
    now = clock.now()
    hana = installation.person("Hana Vogel")
    starts, ends = (now - timedelta(minutes=count) for count in minutes)
    told = NewHold(starts, ends, "legal_claims", "Claim 7", now + YEAR, **given)  # type: ignore[arg-type]
    with installation.database.transaction("web_hr", hana) as session:
        return holding.set_hold(session, person, told, hana, now).id


def release(installation: Installation, hold_id: UUID) -> bool:
    hana = installation.person("Hana Vogel")
    with installation.database.transaction("web_hr", hana) as session:
        return holding.release_hold(session, hold_id, hana, clock.now()) is not None


def step(installation: Installation, request: UUID) -> list[tuple[Any, ...]]:
    return installation.ask(
        "SELECT round, state, deleted, held, remaining FROM request_step WHERE request_id = %s ORDER BY round", request
    )


def test_R03_a_held_record_is_counted_and_goes_after_its_release(installation: Installation, carried: Carrier) -> None:
    amira = installation.person(items=6)
    kept = hold(installation, amira, (4, 2))
    request = installation.request(amira, Chosen())
    heard = Heard(request)
    carried._ended = lambda _session, _person, one, complete, _now: heard.end(one, complete)
    carried.run()
    (first,) = step(installation, request)
    assert first[:2] == (1, "partial")
    assert first[2] + first[3] == 6
    assert first[3] in {2, 3, 4}
    assert heard.ended == [(request, False)]
    assert release(installation, kept)
    assert not release(installation, kept), "once"
    reopen = holding.reopener(lambda _session, _person, one, _now: heard.reopen(one))
    run(installation.database, reopen)
    carried.run()
    assert heard.reopened == [request]
    assert installation.left(amira)["segment"] == 0
    assert step(installation, request)[1] == (2, "done", first[3], 0, 0), "its receipt says what the hold had kept"
    assert heard.ended == [(request, False), (request, True)]
    receipts = "SELECT count(*) FROM receipt WHERE request_id = %s"
    assert installation.one(receipts, request) == 2


def test_a_hold_ends_by_itself(installation: Installation, carried: Carrier) -> None:
    amira = installation.person(items=1)
    kept = hold(installation, amira, (60, -60))
    request = installation.request(amira, Chosen())
    carried.run()
    assert installation.left(amira)["segment"] == 1
    installation.ask("UPDATE legal_hold SET set_at = now() - interval '2 days', expires_at = now() WHERE id = %s", kept)
    run(installation.database, holding.reopener(lambda *_: None))
    carried.run()
    assert installation.left(amira)["segment"] == 0
    assert [row[1] for row in step(installation, request)] == ["partial", "done"]


def test_what_another_hold_keeps_stays_again(installation: Installation, carried: Carrier) -> None:
    amira = installation.person(items=2)
    first, _ = hold(installation, amira, (60, -60)), hold(installation, amira, (60, -60), kinds=("key",))
    request = installation.request(amira, Chosen())
    carried.run()
    release(installation, first)
    run(installation.database, holding.reopener(lambda *_: None))
    carried.run()
    assert [row[1:4] for row in step(installation, request)] == [("partial", 0, 2), ("partial", 0, 2)]


@pytest.mark.parametrize("scope", [{"kinds": ("screenshot",)}, {"contexts": ("elsewhere",)}, {"segment_id": uuid4()}])
def test_a_hold_keeps_no_more_than_its_records(
    installation: Installation, carried: Carrier, scope: dict[str, object]
) -> None:
    amira = installation.person(items=2)
    hold(installation, amira, (60, -60), **scope)
    request = installation.request(amira, Chosen())
    carried.run()
    assert step(installation, request) == [(1, "done", 2, 0, 0)]


def test_somebody_whose_record_is_held_keeps_the_key_to_it(installation: Installation, carried: Carrier) -> None:
    amira = installation.person(items=2)
    hold(installation, amira, (60, -60))
    request = installation.request(amira, EVERYBODY)
    carried.run()
    assert step(installation, request) == [(1, "partial", 0, 2, 0)]
    assert installation.one("SELECT name FROM employee WHERE id = %s", amira) == "Amira Kaya"


def test_deleting_by_oneself_leaves_what_is_held(installation: Installation, tmp_path: Path) -> None:
    amira, now = installation.person(items=5), clock.now()
    kept = hold(installation, amira, (3, 2), kinds=("key",))
    chosen = Range(now - timedelta(hours=1), now)
    database: Database = installation.database
    with database.transaction("web_employee", amira) as session:
        free = sum(actions.preview(session, amira, chosen).values())
        stays = actions.preview_held(session, amira, chosen)
        assert (free + stays, stays > 0) == (5, True)
        assert actions.erase(session, amira, chosen, now - timedelta(minutes=11))
    installation.ask("UPDATE erasure SET asked_at = now() WHERE employee_id = %s", amira)
    run(database, self_service(tmp_path / "journal"))
    assert installation.left(amira)["segment"] == stays
    release(installation, kept)
    run(database, holding.reopener(lambda *_: None))
    assert installation.left(amira)["segment"] == 0, "its tombstone covers it"
    (buried,) = burying.read(tmp_path / "journal")
    assert (buried.person, buried.bounds[1] <= clock.now()) == (amira, True)


def test_R03_a_hold_that_outlasts_the_backups_still_ends_in_the_deletion(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira, now = installation.person(items=5), clock.now()
    kept = hold(installation, amira, (3, 2), kinds=("key",))
    database: Database = installation.database
    with database.transaction("web_employee", amira) as session:
        assert actions.erase(session, amira, Range(now - timedelta(hours=1), now), now - timedelta(minutes=11))
    installation.ask("UPDATE erasure SET asked_at = now() WHERE employee_id = %s", amira)
    run(database, self_service(tmp_path / "journal"))
    stays = installation.left(amira)["segment"]
    assert stays
    forget = forgetter(30)
    with database.transaction("worker") as session:
        forget(session, now + timedelta(days=200))
    assert installation.left(amira)["tombstone"] == 1, "the hold keeps what lies under it"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=200))
    assert release(installation, kept)
    run(database, holding.reopener(lambda *_: None))
    assert installation.left(amira)["segment"] == 0
    with database.transaction("worker") as session:
        forget(session, now + timedelta(days=200))
    assert installation.left(amira)["tombstone"] == 0, "nothing is left to be deleted again"


def test_retention_leaves_what_is_held_and_logs_the_rest(installation: Installation) -> None:
    amira = installation.person()
    for days in (40, 35):
        installation.item(amira, clock.now() - timedelta(days=days))
    hold(installation, amira, (36 * 24 * 60, 34 * 24 * 60))
    delete_old(installation.database)
    assert installation.left(amira)["segment"] == 1
    told = installation.ask(
        "SELECT detail FROM audit_entry WHERE action = 'retention.deleted' AND employee_id = %s", amira
    )
    assert told == [({"kind": "key", "items": 1, "days": 30},)]
    step = named(installation.ask(STEP, "key")[0])
    assert (step["state"], step["remaining"], step["frozen"]) == ("done", 0, 0), "what is held may stay"
    assert step["held"] >= 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": clock.EPOCH},
        {"expires_at": clock.EPOCH},
        {"reason": "  "},
        {"ground": ""},
    ],
)
def test_a_hold_without_range_reason_or_end_is_refused(installation: Installation, wrong: dict[str, object]) -> None:
    now = clock.now()
    given = {"starts_at": now, "ends_at": now + YEAR, "ground": "g", "reason": "r", "expires_at": now + YEAR} | wrong
    amira = installation.person()
    with installation.worker() as session, pytest.raises(ValueError, match=" "):
        holding.set_hold(session, amira, NewHold(**given), amira, now)  # type: ignore[arg-type]


def test_hr_finds_the_holds_that_meet_a_request(installation: Installation) -> None:
    amira, hana = installation.person(), installation.person("Hana Vogel")
    here, _ = hold(installation, amira, (60, 30)), hold(installation, amira, (20, 10), kinds=("screenshot",))
    now = clock.now()
    chosen = Chosen(now - timedelta(hours=2), now, kinds=frozenset({"key"}))
    with installation.database.transaction("web_hr", hana) as session:
        assert [one.id for one in queries.held(session, amira, chosen, now)] == [here]
        assert len(queries.holds(session, amira, now)) == 2
    assert release(installation, here)
    with installation.database.transaction("web_hr", hana) as session:
        assert queries.held(session, amira, chosen, now) == []
        assert len(queries.holds(session, amira, now, ended=True)) == 2
