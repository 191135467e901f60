"""Archives that nobody can open any more are deleted, and the person's list still says that they were."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.core.db import Database
from portal.exports.jobs import clear_next
from portal.worker import run
from tests.cast import make_person
from tests.vault.arrange import Superuser

PIECES = ("export_chunk", "export_file", "export_store")


def archive(superuser: Superuser, **more: Any) -> UUID:
    """An archive of two pieces and a store."""
    person, made, now = make_person(superuser), uuid4(), clock.now()
    row = {
        "id": made,
        "employee_id": person,
        "ordered_at": now,
        "expires_at": now + timedelta(hours=1),
        "stores": True,
        "language": "en",
        "timezone": "UTC",
        "key_id": uuid4(),
        "wrapped_key": b"",
        "seal": b"",
        "state": "ready",
        "archive_until": now + timedelta(days=1),
        "finished_at": now,
    } | more
    slots = ", ".join(f"%({name})s" for name in row)
    superuser.execute(f"INSERT INTO export_order ({', '.join(row)}) VALUES ({slots})".encode(), row)
    for part in range(2):
        superuser.execute("INSERT INTO export_chunk VALUES (%s, 1, %s, %s, 'x')", [made, part, person])
    superuser.execute("INSERT INTO export_file VALUES (%s, 1, %s, 'x')", [made, person])
    superuser.execute(
        "INSERT INTO export_store (order_id, number, employee_id, dataset_id, store) VALUES (%s, 0, %s, %s, 'CRM')",
        [made, person, uuid4()],
    )
    superuser.commit()
    return made


def left(superuser: Superuser, made: UUID) -> int:
    counts = [
        superuser.execute(f"SELECT count(*) FROM {table} WHERE order_id = %s".encode(), [made]).fetchone()
        for table in PIECES
    ]
    superuser.commit()
    return sum(int(row[0]) for row in counts if row)


@pytest.mark.parametrize(
    ("more", "ends_as"),
    [
        ({"archive_until": clock.now() - timedelta(hours=2)}, "expired"),
        ({"cancelled_at": clock.now()}, "cancelled"),
        ({"cancelled_at": clock.now(), "state": "running", "finished_at": None}, "cancelled"),
        ({"state": "failed"}, "failed"),
    ],
)
def test_what_is_over_is_deleted(database: Database, superuser: Superuser, more: dict[str, Any], ends_as: str) -> None:
    made = archive(superuser, **more)
    run(database, clear_next)
    assert left(superuser, made) == 0
    row = superuser.execute(
        "SELECT state, cleared_at IS NOT NULL, finished_at IS NOT NULL FROM export_order WHERE id = %s", [made]
    ).fetchone()
    assert row == (ends_as, True, True)
    entry = superuser.execute(
        "SELECT detail FROM audit_entry WHERE object_id = %s AND action = 'export.cleared'", [made]
    ).fetchone()
    assert entry == ({"state": ends_as},)


def _moment(value: Any) -> Any:
    # Counted from when the test runs: parameters are made when it is collected, and a whole run takes longer.
    return clock.now() + value if isinstance(value, timedelta) else value


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"archive_until": timedelta(minutes=-30)},
        {"state": "running", "archive_until": None, "finished_at": None},
    ],
)
def test_what_can_still_be_opened_stays(database: Database, superuser: Superuser, more: dict[str, Any]) -> None:
    """Also half an hour after the end: a download that began in time may end."""
    made = archive(superuser, **{name: _moment(value) for name, value in more.items()})
    run(database, clear_next)
    assert left(superuser, made) == 4
    superuser.execute("UPDATE export_order SET cancelled_at = now() WHERE id = %s", [made])
    superuser.commit()


def test_killed_in_the_middle_it_goes_on(
    database: Database, superuser: Superuser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.exports.jobs.BATCH", 1)
    made = archive(superuser, state="failed")
    with database.transaction("worker") as session:
        assert clear_next(session, clock.now())
    run(database, clear_next)
    assert left(superuser, made) == 0
