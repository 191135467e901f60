"""R03: deleting by age ends the same from every point at which it, or its database, can die."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock, points
from tests.aged import STEP, named
from tests.deletion.installation import Installation
from tests.deletion.worker import Worker, restart_at_once

OLD, HELD, YOUNG = 5, 1, 2
DAY = timedelta(days=1)
HOLD = (
    "INSERT INTO legal_hold (id, employee_id, starts_at, ends_at, ground, reason, set_by, expires_at) "
    "VALUES (%s, %s, %s, %s, 'court', 'A case', %s, now() + interval '1 year')"
)


def _person(installation: Installation) -> UUID:
    """Somebody with items that are too old, one of which is held, and some that are not too old."""
    installation.ask("DELETE FROM retention_step")
    installation.ask("DELETE FROM segment WHERE started_at < now() - interval '29 days'")
    amira, now = installation.person(items=YOUNG), clock.now()
    for number in range(OLD):
        installation.item(amira, now - 40 * DAY - timedelta(minutes=number))
    installation.item(amira, now - 60 * DAY)
    installation.ask(HOLD, uuid4(), amira, now - 61 * DAY, now - 59 * DAY, uuid4())
    return amira


def _final(installation: Installation, person: UUID) -> dict[str, Any]:
    """Everything that may not depend on where the crash was."""
    (row,) = installation.ask(STEP, "key")
    step = named(row)
    told = "SELECT coalesce(sum((detail->>'items')::int), 0) FROM audit_entry WHERE action = %s AND object_id = %s"
    ended = "SELECT id, detail->'deleted', employee_id FROM audit_entry WHERE action = %s AND object_id = %s"
    (entry,) = installation.ask(ended, "retention.ended", step["id"])
    assert entry == (step["entry_id"], OLD, None), "one entry of the end, with what went"
    return {
        "left": installation.left(person)["segment"],
        "erased": installation.one("SELECT count(*) FROM upload WHERE employee_id = %s AND outcome = 'erased'", person),
        "told": installation.one(told, "retention.deleted", step["id"]),
        **{name: step[name] for name in ("state", "deleted", "held", "frozen", "remaining", "pending_since")},
        "dated": step["read_back_at"] is not None and step["physical_on"] is not None,
    }


DONE = {
    "left": YOUNG + HELD, "erased": OLD, "told": OLD, "state": "done", "deleted": OLD, "held": HELD, "frozen": 0,
    "remaining": 0, "pending_since": None, "dated": True,
}  # fmt: skip


def _ended(installation: Installation) -> bool:
    states = installation.ask("SELECT state FROM retention_step")
    return len(states) == 6 and {state for (state,) in states} == {"done"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["process", "database"])
@pytest.mark.parametrize("point", points.EXPIRING)
def test_R03_deleting_by_age_ends_the_same_from_every_crash_point(
    installation: Installation, tmp_path: Path, point: str, fault: str
) -> None:
    amira = _person(installation)
    with Worker(installation.environment, tmp_path, at=point) as worker:
        worker.waits()
        if fault == "process":
            worker.kill()
        else:
            restart_at_once(installation.postgres)
            worker.go()
            worker.until(lambda: _ended(installation))
    if fault == "process":
        with Worker(installation.environment, tmp_path / "second") as second:
            second.until(lambda: _ended(installation))
    assert _final(installation, amira) == DONE


@pytest.mark.slow
def test_R03_a_worker_that_slept_over_its_lease_deletes_and_ends_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    amira = _person(installation)
    with Worker(installation.environment, tmp_path, at="age_read_back") as slow:
        slow.waits()
        with Worker(installation.environment, tmp_path / "second") as second:
            second.until(lambda: _ended(installation))
        after = installation.ask("SELECT * FROM retention_step ORDER BY kind")
        slow.go()
        late = installation.item(amira, clock.now() - 50 * DAY)
        installation.ask("INSERT INTO retention_step (id, kind, until) VALUES (%s, 'key', now())", uuid4())
        gone = "SELECT count(*) FROM segment WHERE id = %s"
        slow.until(lambda: installation.one(gone, late) == 0)
    assert (
        installation.ask("SELECT * FROM retention_step WHERE id = ANY (%s) ORDER BY kind", [r[0] for r in after])
        == after
    )
