"""Steps: what cannot be reached is pending and never done, a decision's ground is a refusal, retries end well."""

from pathlib import Path
from uuid import uuid4

import pytest

from portal.audit import sequencing
from portal.audit.keys import log_key
from portal.core import clock
from portal.core.vault_client import VaultClient
from portal.deletion import burying, claims, planning
from portal.deletion.carrying import Carrier
from portal.deletion.own_store import OwnStore
from portal.deletion.planning import Place
from portal.deletion.rules import Chosen
from portal.worker import carrier
from tests.deletion.installation import EVERYBODY, Installation


@pytest.fixture
def carried(installation: Installation) -> Carrier:
    return carrier(installation.database, installation.settings)


def _due(installation: Installation) -> None:
    installation.ask("UPDATE request_step SET next_try_at = now(), claimed_until = NULL")


def test_R01_while_the_vault_is_away_a_person_is_pending_and_never_done(
    installation: Installation, carried: Carrier, tmp_path: Path, vault: None
) -> None:
    settings, database = installation.settings, installation.database
    away = VaultClient(f"unix:{tmp_path / 'nobody.sock'}")
    alone = OwnStore(database, burying.journal(settings), 30, away.destroy_keys)
    without = Carrier(database, log_key(settings), alone, alone, lambda *_: None)
    amira = installation.person(items=1)
    VaultClient(installation.environment["PORTAL_VAULT_URL"]).ensure_key(amira)
    request = installation.request(amira, EVERYBODY)
    stands = "SELECT state, pending_since, next_try_at > now() FROM request_step WHERE request_id = %s"
    without.run()
    ((state, since, later),) = installation.ask(stands, request)
    assert (state, since is not None, later) == ("pending", True, True)
    assert installation.left(amira) == installation.left(amira) | {"segment": 0, "employee_key": 0}
    _due(installation)
    without.run()
    assert installation.ask(stands, request)[0][:2] == ("pending", since), "since the first failure in a row"
    for _ in range(3):  # the person's entries get their leaves in between
        _due(installation)
        carried.run()
        _sequence(installation)
    assert installation.ask(stands, request)[0][:2] == ("done", None)


def _sequence(installation: Installation) -> None:
    with installation.worker() as session:
        sequencing.sequence(session, log_key(installation.settings), clock.now())


def test_what_a_decision_keeps_is_refused_with_its_ground_and_a_receipt(
    installation: Installation, carried: Carrier
) -> None:
    amira = installation.person(items=1)
    told: list[bool] = []
    carried._ended = lambda _session, _person, _request, complete, _now: told.append(complete)
    stays = [{"store": "lake", "kind": None, "ground": "tax"}]
    request = installation.request(amira, Chosen(), places=[Place("lake", uuid4())], stays=stays)
    carried.run()
    rows = installation.ask(
        "SELECT s.store, s.state, s.reason, r.id IS NOT NULL FROM request_step s "
        "LEFT JOIN receipt r ON r.step_id = s.id WHERE s.request_id = %s ORDER BY 1", request
    )  # fmt: skip
    assert rows == [("daylight", "done", None, True), ("lake", "refused", "ground:tax", True)]
    assert told == [False], "once, and not complete"


def test_planning_twice_makes_each_step_once(installation: Installation) -> None:
    amira = installation.person()
    request = installation.request(amira, Chosen())
    with installation.worker() as session:
        assert planning.plan(session, amira, request, Chosen(), now=clock.now()) == 0
        assert planning.cancel(session, request) == 1
    assert installation.state(request) == ["cancelled"]


def test_what_was_begun_is_not_cancelled(installation: Installation) -> None:
    amira = installation.person()
    request = installation.request(amira, Chosen())
    with installation.worker() as session:
        while claims.claim(session, clock.now()):
            pass
        assert planning.cancel(session, request) == 0
