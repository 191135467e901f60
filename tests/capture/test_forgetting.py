"""What devices said, what they were permitted and what was refused goes once it proves nothing any more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.capture import jobs
from portal.core import clock
from portal.core.db import Database
from tests.captured import store_item

Superuser = psycopg.Connection[tuple[Any, ...]]
OLD = timedelta(days=91)
YOUNG = timedelta(days=89)
_REPORT = """
INSERT INTO device_report (employee_id, device_id, what, directive, last_seq, reported_at, received_at)
VALUES (%s, %s, %s, 1, 7, %s, %s) RETURNING id
"""
_LEASE = """
INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at, valid_until)
VALUES (%s, %s, %s, 'ab', 1, gen_random_uuid(), '{}', %s, %s)
"""
_UPLOAD = """
INSERT INTO upload (device_id, segment_id, employee_id, content_hash, outcome, reason, seq, local_day, received_at)
VALUES (%s, %s, %s, '', %s, %s, %s, %s, %s)
"""


@pytest.fixture
def amira(person: Callable[..., UUID]) -> UUID:
    return person()


def test_D06_an_old_report_goes_unless_it_is_the_newest_of_its_kind(
    database: Database, superuser: Superuser, amira: UUID
) -> None:
    now, laptop = clock.now(), uuid4()

    def report(what: str, age: timedelta) -> int:
        row = superuser.execute(_REPORT, [amira, laptop, what, now - age, now - age]).fetchone()
        assert row
        return int(row[0])

    first, applied = report("stopped", OLD + OLD), report("applied", OLD)
    second, third = report("stopped", OLD), report("stopped", YOUNG)
    superuser.commit()
    _run(database, jobs.forget_reports, now)
    left = {row[0] for row in superuser.execute("SELECT id FROM device_report WHERE device_id = %s", [laptop])}
    assert left == {applied, third}
    assert not {first, second} & left


def test_D06_an_old_lease_goes_unless_an_item_under_it_is_left(
    database: Database, superuser: Superuser, amira: UUID
) -> None:
    # Looked at in a week, because on the first of a month no partition is left for an item of 91 days.
    now, used, unused, young = clock.now() + timedelta(days=7), uuid4(), uuid4(), uuid4()
    for lease, age in ((used, OLD), (unused, OLD), (young, YOUNG)):
        times = [now - age - timedelta(hours=1), now - age]
        superuser.execute(_LEASE, [lease, amira, [uuid4()], *times])
    store_item(superuser, amira, now - OLD - timedelta(minutes=30), lease=used)
    _run(database, jobs.forget_leases, now)
    assert _ids(superuser, "SELECT id FROM lease_span WHERE employee_id = %s", amira) == {used, young}
    superuser.execute("DELETE FROM segment WHERE employee_id = %s", [amira])
    superuser.commit()
    _run(database, jobs.forget_leases, now)
    assert _ids(superuser, "SELECT id FROM lease_span WHERE employee_id = %s", amira) == {young}


def test_D06_an_old_refusal_goes_and_what_was_stored_stays_known(
    database: Database, superuser: Superuser, amira: UUID
) -> None:
    now, laptop = clock.now(), uuid4()
    old, young, stored = uuid4(), uuid4(), uuid4()
    for number, (segment, outcome, age) in enumerate(
        ((old, "refused", OLD), (young, "refused", YOUNG), (stored, "stored", OLD))
    ):
        reason = "lease_missing" if outcome == "refused" else None
        at = now - age
        superuser.execute(_UPLOAD, [laptop, segment, amira, outcome, reason, number, at.date(), at])
    superuser.commit()
    _run(database, jobs.forget_refused, now)
    assert _ids(superuser, "SELECT segment_id FROM upload WHERE employee_id = %s", amira) == {young, stored}


def test_D06_many_go_in_batches(
    database: Database, superuser: Superuser, amira: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    now = clock.now()
    for _ in range(5):
        superuser.execute(_LEASE, [uuid4(), amira, [uuid4()], now - OLD - OLD, now - OLD])
    superuser.commit()
    _run(database, jobs.forget_leases, now)
    assert _ids(superuser, "SELECT id FROM lease_span WHERE employee_id = %s", amira) == set()


def _run(database: Database, job: Callable[..., bool], now: datetime) -> None:
    """As the worker does: until nothing is left."""
    more = True
    while more:
        with database.transaction("worker") as session:
            more = job(session, now)


def _ids(superuser: Superuser, statement: str, person: UUID) -> set[UUID]:
    rows = superuser.execute(statement.encode(), [person]).fetchall()
    superuser.commit()
    return {row[0] for row in rows}
