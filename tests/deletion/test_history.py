"""R01 for deletions: what somebody was told is sent or decided survives random faults, and nothing runs twice.

Sent over the wire to the real web process, decided, carried out by the real worker and the real vault. In each round
one of them, or their database, is killed. `HISTORY_ROUNDS=100` makes it longer.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from portal.core.db import Database
from portal.core.vault_client import VaultClient
from tests.cast import Organisation
from tests.deletion.conftest import installed
from tests.deletion.installation import Installation
from tests.deletion.parts import Part, Web, vault
from tests.deletion.worker import Worker, restart_at_once
from tests.requests.arrange import decided
from vault.kms.base import EpochDestroyedError, KmsRefusedError, Wrapped
from vault.kms.files import FileKms

FAULTS = ("web", "vault", "worker", "database", "both")
"""`both`: worker and database."""
POINTS = ("claimed", "buried", "batch", "read_back", "finished")
WITH_VAULT = ("claimed", "keys_deleted")
ROUNDS, ITEMS, SEED, SECONDS = int(os.environ.get("HISTORY_ROUNDS", "6")), 3, 20261129, 180.0


@dataclass(frozen=True)
class World:
    """An installation with the parts of it that are killed; the faults are the same in every run."""

    installation: Installation
    web: Web
    vault: Part
    dice: random.Random


@pytest.fixture
def world(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], organisation: Organisation
) -> Iterator[World]:
    """One without the external stores of other tests: what lies in one that does not answer is never done."""
    folder = tmp_path_factory.mktemp("history")
    with installed(folder, environment, organisation) as made, vault(made) as safe, Web(made) as web:
        yield World(made, web, safe, random.Random(SEED))  # noqa: S311 - no secret


@dataclass(frozen=True)
class Acknowledged:
    """A request whose sender saw the answer, and whether HR's answer came, too.

    `epoch`: what wrapped the key of somebody who has left, of whom nothing is to stay; None for who stays.
    """

    person: UUID
    request: UUID
    decided: bool
    epoch: int | None


def _ask(world: World, fault: str, *, leaver: bool) -> Acknowledged:
    """Send and decide. The web process may die over the first, the database between the two."""
    installation, dice = world.installation, world.dice
    person, epoch = installation.person(items=ITEMS), None
    form = {"type": "erase", "kind": "key"}
    if leaver:
        form, epoch = {"type": "erase"}, _key(installation, person)
    if fault == "web":
        sent, soon = "SELECT count(*) FROM request WHERE employee_id = %s", dice.random() < 0.5
        request = world.web.ask_and_die(person, form, lambda: soon or installation.one(sent, person) == 1)
    else:
        request = world.web.ask(person, form)
    if epoch:
        installation.ask("UPDATE employee SET left_at = now() WHERE id = %s", person)
    return Acknowledged(person, request, _decide(installation, request, cut=fault == "database"), epoch)


def _key(installation: Installation, person: UUID) -> int:
    """Let the vault make the person's key; the epoch that wraps it."""
    VaultClient(installation.environment["PORTAL_VAULT_URL"]).ensure_key(person)
    return int(installation.one("SELECT kms_epoch FROM employee_key WHERE employee_id = %s", person))


def _decide(installation: Installation, request: UUID, *, cut: bool) -> bool:
    """Whether HR was told; with `cut` the database dies right before."""
    database = Database(installation.settings)
    try:
        if cut:
            restart_at_once(installation.postgres)
        decided(database, request)
    except OperationalError:
        return False
    finally:
        database.dispose()
    return True


def _carry_out(world: World, fault: str, one: Acknowledged, folder: Path) -> None:
    """A worker comes to a point, and there something dies."""
    point = world.dice.choice(WITH_VAULT if fault == "vault" else POINTS)
    with Worker(world.installation.environment, folder, at=point, seconds=SECONDS) as worker:
        worker.waits()
        if fault in {"worker", "both"}:
            worker.kill()
        if fault in {"database", "both"}:
            restart_at_once(world.installation.postgres)
        if fault == "vault":
            world.vault.kill()
        worker.go()
        if fault == "vault":
            worker.until(lambda: world.installation.state(one.request) != ["running"])
            world.vault.start()
        if fault == "database":  # it goes on by itself, if it does: killed wherever it is
            worker.kill()


def _ended(installation: Installation, one: Acknowledged) -> bool:
    return bool(installation.one("SELECT state = 'done' FROM request WHERE id = %s", one.request))


def _found(installation: Installation, one: Acknowledged) -> dict[str, Any]:
    """All that may be there once and no more."""
    events = "SELECT kind, count(*) FROM request_event WHERE request_id = %s GROUP BY kind"
    steps = "SELECT state, deleted, remaining, held FROM request_step WHERE request_id = %s"
    logged = (
        "SELECT action, count(*) FROM audit_entry WHERE object_id IN "
        "(SELECT %s UNION SELECT id FROM request_step WHERE request_id = %s) AND action IN "
        "('request.sent', 'request.decided', 'request.started', 'request.closed', 'step.ended') GROUP BY action"
    )
    return {
        "requests": installation.one("SELECT count(*) FROM request WHERE employee_id = %s", one.person),
        "events": dict(installation.ask(events, one.request)),
        "steps": installation.ask(steps, one.request),
        "receipts": installation.one("SELECT count(*) FROM receipt WHERE request_id = %s", one.request),
        "logged": dict(installation.ask(logged, one.request, one.request)),
        "left": {name: installation.left(one.person)[name] for name in ("segment", "tombstone", "employee_key")},
        "opens": one.epoch is not None and _opens(installation, one.epoch),
    }


def _opens(installation: Installation, epoch: int) -> bool:
    """Whether a key from an old backup could still be unwrapped."""
    try:
        FileKms(installation.folder / "kms").unwrap(Wrapped(epoch, b""), b"")
    except EpochDestroyedError:
        return False
    except KmsRefusedError:  # that was no ciphertext, but the epoch's key is there
        return True
    return True


ONCE = {
    "requests": 1,
    "events": dict.fromkeys(("sent", "proposed", "decided", "started", "closed"), 1),
    "steps": [("done", ITEMS, 0, 0)],
    "receipts": 1,
    "logged": dict.fromkeys(
        ("request.sent", "request.decided", "request.started", "request.closed", "step.ended"), 1
    ),
    "left": {"segment": 0, "tombstone": 1, "employee_key": 0},
    "opens": False,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(max(900, 15 * ROUNDS))
def test_R01_no_deletion_that_was_acknowledged_is_lost_or_runs_twice(world: World, tmp_path: Path) -> None:
    installation, history = world.installation, list[Acknowledged]()
    for number in range(ROUNDS):
        fault = FAULTS[number % len(FAULTS)]
        history.append(_ask(world, fault, leaver=fault == "vault" or number % 2 == 1))
        if history[-1].decided:
            _carry_out(world, fault, history[-1], tmp_path / str(number))
    with Worker(installation.environment, tmp_path / "last", seconds=SECONDS) as last:
        last.until(lambda: all(_ended(installation, one) for one in history if one.decided))
        last.until(lambda: installation.one("SELECT count(*) FROM log_pending") == 0)
    wrong = {one: found for one in history if one.decided and (found := _found(installation, one)) != ONCE}
    assert wrong == {}
    assert [one for one in history if _found(installation, one)["events"].get("sent") != 1] == []
    assert any(one.decided for one in history)
    assert {bool(one.epoch) for one in history} == {True, False}
    assert installation.findings() == []
