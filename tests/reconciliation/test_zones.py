"""The check judges each item by where the person was when it was admitted, wherever they are now (P06, R01)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.core.clock import from_ms, to_ms
from portal.reconciliation.rules import What, unfit
from tests.capture.test_rules import FACTS, HEADER, POLICY
from tests.cast import Organisation
from tests.reconciliation.conftest import Day
from wire import documents
from wire.policy import Audience, Hours

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ZONES = ("Pacific/Auckland", "Asia/Tokyo", "UTC", "America/New_York", "Pacific/Honolulu")


def move(day: Day, zone: str) -> None:
    """From now on the person is in this time zone."""
    day.rows.do("UPDATE employee SET timezone = %s WHERE id = %s", zone, day.person)


@pytest.fixture
def hours(day: Day, organisation: Organisation) -> Iterator[Callable[[int], None]]:
    """The day's items are of a policy that permits half an hour before and after now, on a clock so many hours off."""
    made: list[UUID] = []

    def permitted(off: int = 0) -> None:
        now = clock.now() + timedelta(hours=off)
        minute = now.hour * 60 + now.minute
        only = Hours(EVERY_DAY, max(0, minute - 30), min(24 * 60, minute + 30))
        policy = replace(
            organisation.policy(), version=900_001, hours=only, audience=Audience(("Elsewhere",), None, None)
        )
        made.append(uuid4())
        day.rows.do(
            "INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
            *(made[-1], policy.version, documents.document_hash(policy)),
            organisation.policy_envelope(policy).decode(),
            *(from_ms(policy.not_before), from_ms(policy.expires)),
        )
        under = documents.document_hash(policy), day.person
        day.rows.do("UPDATE lease_span SET policy = %s WHERE employee_id = %s", *under)
        day.rows.do("UPDATE segment SET policy = %s, policy_version = 900001 WHERE employee_id = %s", *under)

    yield permitted
    for one in made:
        day.rows.do("DELETE FROM policy WHERE id = %s", one)


@pytest.mark.parametrize("zone", ZONES)
def test_P06_an_item_inside_a_pause_is_red_wherever_the_person_is_now(day: Day, zone: str) -> None:
    start = from_ms(day.headers[0].start) - timedelta(seconds=1)
    day.rows.pause(day.person, starts_at=start, asked_at=start, ends_at=start + timedelta(minutes=5))
    move(day, zone)
    day.tally()
    assert day.check() == "red"
    assert {what for what, *_ in day.found()} == {"in_pause"}


@pytest.mark.parametrize("zone", ZONES)
def test_P06_an_item_inside_a_weekly_pause_is_red_by_the_clock_of_then(day: Day, zone: str) -> None:
    start = from_ms(day.headers[0].start) - timedelta(minutes=1)
    weekly = {"weekday": start.isoweekday(), "from_minute": start.hour * 60 + start.minute, "minutes": 30}
    day.rows.pause(day.person, starts_at=start, asked_at=start, **weekly)
    move(day, zone)
    day.tally()
    assert day.check() == "red"
    assert {what for what, *_ in day.found()} == {"in_pause"}


@pytest.mark.parametrize("zone", ZONES)
def test_P06_an_item_inside_a_stop_is_red_wherever_the_person_is_now(day: Day, zone: str) -> None:
    made, start = uuid4(), from_ms(day.headers[0].start) - timedelta(seconds=1)
    day.rows.do("UPDATE segment SET received_at = received_at + interval '10 s' WHERE employee_id = %s", day.person)
    day.rows.do(
        "INSERT INTO stop (id, reason, by_role, asked_at, resume_envelope, resumed_at) "
        "VALUES (%s, 'A leak', 'privacy_officer', %s, '{}', %s)",
        *(made, start, start + timedelta(minutes=1)),
    )
    move(day, zone)
    day.tally()
    try:
        assert day.check() == "red"
    finally:
        day.rows.do("DELETE FROM stop WHERE id = %s", made)
    assert {what for what, *_ in day.found()} == {"in_stop"}


@pytest.mark.parametrize("zone", ZONES)
def test_P06_an_item_inside_the_hours_stays_so_wherever_the_person_goes(
    day: Day, hours: Callable[[], None], zone: str
) -> None:
    hours()
    move(day, zone)
    day.tally()
    assert day.check() == "green"


def test_P06_an_item_outside_the_hours_of_then_is_red(day: Day, hours: Callable[[int], None]) -> None:
    hours(9)
    move(day, "Asia/Tokyo")
    day.tally()
    assert day.check() == "red"
    assert day.found() == [("outside_policy", "key", "vscode", 2), ("outside_policy", "prompt", "chat", 1)]


def test_P06_an_item_without_a_zone_is_judged_by_that_of_now(day: Day, hours: Callable[[int], None]) -> None:
    hours(9)
    day.rows.do("UPDATE segment SET zone = NULL WHERE employee_id = %s", day.person)
    move(day, "Asia/Tokyo")
    day.tally()
    assert day.check() == "green"


def test_R01_two_changes_of_zone_in_a_day_leave_it_green(day: Day) -> None:
    for zone in ("Asia/Tokyo", "Pacific/Honolulu"):
        move(day, zone)
        assert day.upload({}) == ["stored"]
    stored = "SELECT zone, local_day, started_at FROM segment WHERE employee_id = %s ORDER BY seq"
    kept = day.rows.all(stored, day.person)
    assert [zone for zone, *_ in kept] == ["UTC"] * 3 + ["Asia/Tokyo", "Pacific/Honolulu"]
    move(day, "Pacific/Auckland")
    day.tally()
    for on in {local for _, local, _ in kept}:
        day.day = on
        day.check()
    states = "SELECT state FROM reconciliation WHERE employee_id = %s AND day = ANY (%s)"
    assert {state for (state,) in day.rows.all(states, day.person, [on for _, on, _ in kept])} <= {"green", "amber"}
    assert day.found() == []


def test_P06_an_item_of_the_last_hours_of_the_day_in_the_west_is_inside_its_lease(day: Day) -> None:
    late = datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC) + timedelta(hours=29)
    lease = uuid4()
    columns = "employee_id, devices, policy, directive, key_id, permitted"
    day.rows.do(
        f"INSERT INTO lease_span (id, started_at, valid_until, {columns}) SELECT %s, %s, %s, {columns} "
        "FROM lease_span WHERE employee_id = %s LIMIT 1",
        *(lease, late - timedelta(minutes=1), late + timedelta(minutes=1), day.person),
    )
    moments = {"started_at": late, "ended_at": late, "received_at": late + timedelta(seconds=1)}
    day.told_of(day.copy_segment(lease_id=lease, zone="Pacific/Honolulu", local_day=day.day, **moments))
    move(day, "Pacific/Auckland")
    day.tally()
    assert day.check() == "green"


@pytest.mark.parametrize("off", [timedelta(days=40), timedelta(days=2), timedelta(days=-2)])
def test_R01_an_item_that_lies_on_a_day_on_which_no_page_looks_for_it_is_red(day: Day, off: timedelta) -> None:
    day.told_of(day.copy_segment(local_day=day.day + off))
    day.tally()
    assert day.check() == "red"
    assert day.found() == [("not_shown", "key", "vscode", 1)]


def test_R01_an_item_that_the_day_counts_and_does_not_list_is_red(day: Day) -> None:
    far = day.rows.one("SELECT started_at FROM segment WHERE id = %s", day.headers[0].segment) - timedelta(days=40)
    day.rows.do("UPDATE segment SET started_at = %s WHERE id = %s", far, day.headers[0].segment)
    day.tally()
    assert day.check() == "red"
    assert ("not_shown", "key", "vscode", 1) in day.found()


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-03-29T00:59", True),  # 01:59, the last minute before the clocks go forward
        ("2026-03-29T01:00", False),  # 03:00: there is no 02:00
        ("2026-10-25T00:30", True),  # 02:30, for the first time
        ("2026-10-25T01:30", True),  # 02:30, once more
        ("2026-10-25T02:00", False),  # 03:00
    ],
)
def test_P06_hours_go_by_the_clock_on_the_wall_when_it_changes(moment: str, inside: bool) -> None:  # noqa: FBT001
    at = to_ms(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    policy = replace(POLICY, hours=Hours((7,), 60, 3 * 60), not_before=at - 60_000, expires=at + 60_000)
    assert FACTS.lease is not None
    lease = replace(FACTS.lease, started=at, until=at + 60_000)
    facts = replace(FACTS, now=at + 1000, policy=policy, lease=lease)
    header = replace(HEADER, start=at, end=at + 500)
    assert unfit(header, facts) is (None if inside else What.OUTSIDE_POLICY)
    if inside:
        assert unfit(header, replace(facts, zone="Asia/Tokyo")) is What.OUTSIDE_POLICY
