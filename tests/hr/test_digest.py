"""The daily digest: once a day, on working days from seven on, without what concerns the reader."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.core import clock
from portal.hr.jobs import digest
from tests.hr.conftest import Office, moved

MONDAY = datetime(2031, 3, 3, 8, 0, tzinfo=UTC)


@pytest.fixture
def later(office: Office) -> Office:
    """Only what this test asks is open; HR's people live in Berlin."""
    office.superuser.execute(
        "UPDATE request SET state = 'withdrawn', closed_at = now(), stands_since = NULL "
        "WHERE state IN ('open', 'asked_back', 'approved', 'running')"
    )
    office.superuser.commit()
    return office


def post(office: Office, now: datetime) -> int:
    with office.database.transaction("worker") as session:
        return digest(session, now)


def got(office: Office, who: Any) -> list[dict[str, int]]:
    rows = office.superuser.execute(
        "SELECT params FROM outbox WHERE employee_id = %s AND kind = 'hr_digest' ORDER BY created_at", [who]
    ).fetchall()
    office.superuser.rollback()
    return [row[0] for row in rows]


def test_counts_without_ones_own_once_a_day(later: Office) -> None:
    over, risk, own = later.ask(), later.ask(), later.ask(later.helge)
    moved(later, over, due_at=MONDAY - timedelta(days=1))
    moved(later, risk, due_at=MONDAY + timedelta(days=2), received_at=MONDAY - timedelta(hours=3))
    moved(later, own, due_at=MONDAY - timedelta(days=1))
    for _ in range(3):
        post(later, MONDAY)
    post(later, MONDAY + timedelta(hours=5))
    assert got(later, later.hana) == [{"overdue": 2, "at_risk": 1, "new": 1}]
    assert got(later, later.helge) == [{"overdue": 1, "at_risk": 1, "new": 1}]
    assert got(later, later.amira) == got(later, later.clara) == []
    post(later, MONDAY + timedelta(days=1))
    assert len(got(later, later.hana)) == 2


def test_D02_counts_nothing_that_the_reader_claims_of_somebody_else(later: Office) -> None:
    number = later.ask()
    moved(later, number, due_at=MONDAY - timedelta(days=1))
    later.superuser.execute(
        "UPDATE request SET started_by = 'bystander', started_by_id = %s WHERE number = %s", [later.hana, number]
    )
    later.superuser.commit()
    post(later, MONDAY)
    assert got(later, later.hana) == []
    assert got(later, later.helge) == [{"overdue": 1, "at_risk": 0, "new": 0}]


@pytest.mark.parametrize("when", [MONDAY - timedelta(days=1), MONDAY - timedelta(days=2), MONDAY.replace(hour=5)])
def test_not_at_weekends_nor_before_seven(later: Office, when: datetime) -> None:
    moved(later, later.ask(), due_at=when - timedelta(days=1))
    assert post(later, when) == 0


def test_nothing_to_say_is_not_said(later: Office) -> None:
    assert clock.now() < MONDAY
    assert post(later, MONDAY) == 0


def test_a_clock_that_stands_is_not_overdue(later: Office) -> None:
    number = later.ask()
    moved(later, number, due_at=MONDAY - timedelta(days=1), stands_since=MONDAY)
    assert post(later, MONDAY) == 0
