"""R03: a deletion ends the same from every point at which it, or its database, can die."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.core import points
from portal.core.vault_client import VaultClient
from portal.deletion import burying
from tests.deletion.installation import EVERYBODY, Installation
from tests.deletion.worker import Worker, restart_at_once

ITEMS = 5


def _final(installation: Installation, person: UUID, request: UUID) -> dict[str, Any]:
    """Everything that may not depend on where the crash was."""
    step = installation.one("SELECT id FROM request_step WHERE request_id = %s", request)
    told = [one for one in burying.read(burying.journal(installation.settings)) if one.person == person]
    entries = "SELECT count(*) FROM audit_entry WHERE action = 'step.ended' AND object_id = %s"
    return {
        "left": installation.left(person),
        "step": installation.ask(
            "SELECT state, deleted, held, remaining, apart, logical_at IS NULL, physical_on IS NULL, pending_since "
            "FROM request_step WHERE id = %s",
            step,
        ),
        "receipts": installation.one("SELECT count(*) FROM receipt WHERE step_id = %s", step),
        "entries": installation.one(entries, step),
        "journal": len(told),
        "name": installation.one("SELECT name FROM employee WHERE id = %s", person),
    }


DONE = {
    "left": dict.fromkeys(
        ("segment", "employee_day", "upload", "employee_key", "device", "notification", "look"), 0
    ) | {"tombstone": 1},
    "step": [("done", ITEMS, 0, 0, True, False, False, None)],
    "receipts": 1,
    "entries": 1,
    "journal": 1,
    "name": "",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["process", "database"])
@pytest.mark.parametrize("point", points.NAMES)
def test_R03_the_end_is_the_same_from_every_crash_point(
    installation: Installation, vault: None, tmp_path: Path, point: str, fault: str
) -> None:
    amira, ben = installation.person(items=ITEMS), installation.person("Ben Okafor", items=2)
    VaultClient(installation.environment["PORTAL_VAULT_URL"]).ensure_key(amira)
    request = installation.request(amira, EVERYBODY)
    with Worker(installation.environment, tmp_path, at=point) as worker:
        worker.waits()
        if fault == "process":
            worker.kill()
        else:
            restart_at_once(installation.postgres)
            worker.go()
            worker.until(lambda: installation.state(request) == ["done"])
    if fault == "process":
        with Worker(installation.environment, tmp_path / "second") as second:
            second.until(lambda: installation.state(request) == ["done"])
    assert _final(installation, amira, request) == DONE
    assert installation.left(ben)["segment"] == 2


@pytest.mark.slow
def test_R03_a_claimant_that_slept_over_its_lease_changes_nothing(
    installation: Installation, vault: None, tmp_path: Path
) -> None:
    amira = installation.person(items=ITEMS)
    request = installation.request(amira, EVERYBODY)
    with Worker(installation.environment, tmp_path, at="read_back") as slow:
        slow.waits()
        with Worker(installation.environment, tmp_path / "second") as second:
            second.until(lambda: installation.state(request) == ["done"])
        after = installation.ask("SELECT * FROM request_step WHERE request_id = %s", request)
        slow.go()
        later = installation.request(installation.person(items=1), EVERYBODY)
        slow.until(lambda: installation.state(later) == ["done"])
    assert installation.ask("SELECT * FROM request_step WHERE request_id = %s", request) == after
    assert _final(installation, amira, request) == DONE | {"step": DONE["step"]}
