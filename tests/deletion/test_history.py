"""R01 for deletions: what somebody was told is sent or decided survives random faults, and nothing runs twice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from portal.core.db import Database
from portal.requests.rules import About, RequestType
from tests.cast import Organisation
from tests.deletion.conftest import installed
from tests.deletion.installation import Installation
from tests.deletion.worker import Worker, restart_at_once
from tests.requests.arrange import decided, sent

POINTS = ("claimed", "buried", "batch", "read_back", "finished")
FAULTS = ("worker", "database", "both")
ROUNDS, ITEMS, SEED = 5, 3, 20261129


@pytest.fixture
def installation(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], organisation: Organisation
) -> Iterator[Installation]:
    """One without the external stores of other tests: what lies in one that does not answer is never done."""
    with installed(tmp_path_factory.mktemp("history"), environment, organisation) as made:
        yield made


@dataclass(frozen=True)
class Acknowledged:
    """A request whose sender saw the answer of a commit: how many items it means, and whether HR's answer came, too."""

    person: UUID
    request: UUID
    decided: bool


def _ask(installation: Installation, history: list[Acknowledged], *, cut: bool) -> None:
    """Send and decide; with `cut` the database dies between the two, and nobody is told the second."""
    database, person = Database(installation.settings), installation.person(items=ITEMS)
    request = sent(database, person, RequestType.ERASE, About(kinds=("key",))).id
    done = False
    try:
        if cut:
            restart_at_once(installation.postgres)
        decided(database, request)
        done = True
    except OperationalError:
        pass
    finally:
        database.dispose()
    history.append(Acknowledged(person, request, done))


def _ended(installation: Installation, one: Acknowledged) -> bool:
    return bool(installation.one("SELECT state = 'done' FROM request WHERE id = %s", one.request))


def _found(installation: Installation, one: Acknowledged) -> dict[str, Any]:
    """All that may be there once and no more."""
    events = "SELECT kind, count(*) FROM request_event WHERE request_id = %s GROUP BY kind"
    steps = "SELECT state, deleted, remaining, held FROM request_step WHERE request_id = %s"
    logged = (
        "SELECT action, count(*) FROM audit_entry WHERE employee_id = %s AND action IN "
        "('request.sent', 'request.decided', 'request.started', 'request.closed', 'step.ended') GROUP BY action"
    )
    return {
        "events": dict(installation.ask(events, one.request)),
        "steps": installation.ask(steps, one.request),
        "receipts": installation.one("SELECT count(*) FROM receipt WHERE request_id = %s", one.request),
        "logged": dict(installation.ask(logged, one.person)),
        "left": {name: installation.left(one.person)[name] for name in ("segment", "tombstone")},
    }


ONCE = {
    "events": dict.fromkeys(("sent", "proposed", "decided", "started", "closed"), 1),
    "steps": [("done", ITEMS, 0, 0)],
    "receipts": 1,
    "logged": dict.fromkeys(
        ("request.sent", "request.decided", "request.started", "request.closed", "step.ended"), 1
    ),
    "left": {"segment": 0, "tombstone": 1},
}  # fmt: skip


@pytest.mark.slow
def test_R01_no_deletion_that_was_acknowledged_is_lost_or_runs_twice(
    installation: Installation, tmp_path: Path
) -> None:
    dice, history = random.Random(SEED), list[Acknowledged]()  # noqa: S311 - the same faults in every run
    for number in range(ROUNDS):
        fault, point = dice.choice(FAULTS), dice.choice(POINTS)
        _ask(installation, history, cut=fault == "database")
        with Worker(installation.environment, tmp_path / str(number), at=point) as worker:
            worker.waits()
            if fault != "database":
                worker.kill()
            if fault != "worker":
                restart_at_once(installation.postgres)
            worker.go()
            if fault == "database":  # it goes on by itself, if it does: killed wherever it is
                worker.kill()
    with Worker(installation.environment, tmp_path / "last") as last:
        last.until(lambda: all(_ended(installation, one) for one in history if one.decided))
    wrong = {one: found for one in history if one.decided and (found := _found(installation, one)) != ONCE}
    assert wrong == {}
    assert [one for one in history if _found(installation, one)["events"].get("sent") != 1] == []
    assert any(one.decided for one in history)
    assert installation.findings() == []
