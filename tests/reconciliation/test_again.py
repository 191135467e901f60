"""A day that was checked is looked at again once something that concerns it is written, and once more (R01, P06)."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from portal.core import clock
from portal.core.clock import from_ms
from portal.reconciliation.jobs import SETTLES
from tests.gateway.agent import Agent
from tests.reconciliation.conftest import Day, tally_of
from wire import documents
from wire.segment import Header

LATER = SETTLES + timedelta(hours=1)


def keep(day: Day, agent: Agent, headers: list[Header], *, later: int = 0) -> None:
    """The tally of an agent, of the day or so many days later, as the gateway would keep it."""
    on = day.day + timedelta(days=later)
    said = tally_of(agent, on, headers)
    day.rows.do(
        "INSERT INTO tally (device_id, day, refused, employee_id, hash, envelope) VALUES (%s, %s, false, %s, %s, %s)",
        *(agent.device, on, day.person, documents.document_hash(said), documents.sign(said, [agent.key]).decode()),
    )


def second(day: Day, seen: timedelta) -> Agent:
    """Another device of the person's leases, last heard of so long after the day began in UTC."""
    other = day.rows.agent(day.agent.url, day.person)
    lease = "UPDATE lease_span SET devices = devices || %s WHERE employee_id = %s"
    day.rows.do(lease, other.device, day.person)
    day.rows.do(
        "UPDATE device SET last_seen_at = %s::date::timestamp AT TIME ZONE 'UTC' + %s WHERE id = %s",
        *(day.day, seen, other.device),
    )
    return other


def again_at(day: Day) -> datetime | None:
    """When the day is to be looked at again."""
    found: datetime | None = day.rows.one("SELECT again_at FROM reconciliation WHERE employee_id = %s", day.person)
    return found


@pytest.fixture
def green(day: Day) -> Day:
    """A day on which everything agreed when it was checked."""
    day.tally()
    assert day.check() == "green"
    return day


@pytest.mark.parametrize("upload", [True, False])
def test_P06_an_item_of_no_policy_written_after_the_check_is_red_at_once(green: Day, upload: bool) -> None:  # noqa: FBT001
    made = green.copy_segment(context="payroll")
    if upload:
        keep(green, green.agent, [green.told_of(made, context="payroll")], later=1)
    else:
        green.rows.do("DELETE FROM upload WHERE segment_id = %s", made)
    assert green.check() == "red"
    assert ("unannounced", "key", "payroll", 1) in green.found()


def test_P06_an_item_changed_after_the_check_is_red(green: Day) -> None:
    green.rows.do("UPDATE segment SET context = 'payroll' WHERE id = %s", green.headers[0].segment)
    assert green.check() == "red"
    assert ("unannounced", "key", "payroll", 1) in green.found()


def test_P06_an_item_written_into_a_pause_after_the_check_is_red(green: Day) -> None:
    over = from_ms(green.headers[-1].end) + timedelta(minutes=1)
    green.rows.pause(green.person, starts_at=over, ends_at=over + timedelta(minutes=40), asked_at=over)
    assert green.check() == "green"
    within = over + timedelta(minutes=1)
    green.rows.do(
        "UPDATE lease_span SET valid_until = valid_until + interval '1 hour' WHERE employee_id = %s", green.person
    )
    green.copy_segment(started_at=within, ended_at=within, received_at=within + timedelta(minutes=1))
    assert green.check() == "red"
    assert ("in_pause", "key", "vscode", 1) in green.found()


def test_P06_a_pause_that_a_device_tells_of_after_the_check_is_looked_for(green: Day) -> None:
    start = from_ms(green.headers[0].start) - timedelta(seconds=1)
    green.rows.pause(green.person, source="device", device_id=green.agent.device, starts_at=start)
    assert green.check() == "red"
    assert [what for what, *_ in green.found()] == ["in_pause", "in_pause"]


def test_P06_a_pause_from_now_on_makes_no_day_of_before_be_checked(green: Day) -> None:
    green.rows.do(
        "UPDATE reconciliation SET due_at = now() - interval '5 s', again_at = NULL WHERE employee_id = %s",
        green.person,
    )
    green.rows.pause(green.person, starts_at=clock.now())
    assert again_at(green) is None


def test_P06_a_stop_told_of_after_the_check_is_looked_for(green: Day) -> None:
    made, start = uuid4(), from_ms(green.headers[0].start)
    green.rows.do("UPDATE segment SET received_at = received_at + interval '10 s' WHERE employee_id = %s", green.person)
    assert green.check() == "green"
    try:
        green.rows.do(
            "INSERT INTO stop (id, reason, by_role, asked_at, resume_envelope, resumed_at) "
            "VALUES (%s, 'A leak', 'privacy_officer', %s, '{}', %s)",
            *(made, start - timedelta(seconds=1), start + timedelta(seconds=1)),
        )
        assert green.check() == "red"
    finally:
        green.rows.do("DELETE FROM stop WHERE id = %s", made)
    assert {what for what, *_ in green.found()} == {"in_stop"}


def test_R01_a_device_that_may_have_captured_over_midnight_is_missing(day: Day) -> None:
    other = second(day, timedelta(minutes=-1))
    day.tally()
    assert day.check() == "amber"
    keep(day, other, [day.agent.header(), day.agent.header()])
    assert day.check() == "red"
    assert day.found() == [("lost", "key", "vscode", 2)]


def test_R01_a_device_in_a_drawer_is_not_waited_for(day: Day) -> None:
    second(day, timedelta(hours=-1))
    day.tally()
    assert day.check() == "green"


def test_R01_a_tally_that_comes_after_a_green_day_is_read(green: Day) -> None:
    other = green.rows.agent(green.agent.url, green.person)
    keep(green, other, [green.agent.header(), green.agent.header()])
    assert green.check() == "red"
    assert green.found() == [("lost", "key", "vscode", 2)]


def test_R01_a_tally_that_comes_late_shows_what_lies_between_it_and_the_next(day: Day) -> None:
    made = day.copy_segment(seq=day.headers[-1].seq + 1)
    later = day.agent.header(start=day.headers[-1].start)
    tomorrow = day.day + timedelta(days=1)
    keep(day, day.agent, [], later=1)
    day.rows.do("INSERT INTO reconciliation (employee_id, day, due_at) VALUES (%s, %s, now())", day.person, tomorrow)
    assert day.check() == "amber"
    day.tally()
    assert later.seq > day.headers[-1].seq
    day.check()
    found = "SELECT day, what, segment_ids FROM reconciliation_finding WHERE employee_id = %s"
    assert day.rows.all(found, day.person) == [(tomorrow, "unsent", [made])]


def test_R01_each_day_is_looked_at_once_more(green: Day) -> None:
    due = green.rows.one("SELECT due_at FROM reconciliation WHERE employee_id = %s", green.person)
    assert again_at(green) == due + SETTLES
    green.rows.do("ALTER TABLE segment DISABLE TRIGGER again_update")
    try:
        green.rows.do("UPDATE segment SET context = 'payroll' WHERE id = %s", green.headers[0].segment)
    finally:
        green.rows.do("ALTER TABLE segment ENABLE TRIGGER again_update")
    assert green.check() == "green"
    assert green.check(LATER) == "red"
    assert again_at(green) is None


def test_R01_what_was_erased_after_a_green_day_leaves_it_green(green: Day) -> None:
    chosen = green.headers[0].segment
    green.rows.do("UPDATE segment SET erasure_id = %s WHERE id = %s", uuid4(), chosen)
    assert green.check(LATER) == "green"
    green.rows.do("DELETE FROM segment WHERE id = %s", chosen)
    green.rows.do(
        "UPDATE upload SET outcome = 'erased', kind = NULL, context = NULL, started_at = NULL, ended_at = NULL "
        "WHERE segment_id = %s",
        chosen,
    )
    green.rows.do("UPDATE reconciliation SET again_at = now() WHERE employee_id = %s", green.person)
    assert green.check() == "green"
    assert green.found() == []


def test_R01_what_was_erased_and_taken_back_is_looked_at_again(green: Day) -> None:
    green.rows.do("UPDATE segment SET erasure_id = %s WHERE employee_id = %s", uuid4(), green.person)
    green.rows.do("UPDATE reconciliation SET again_at = NULL WHERE employee_id = %s", green.person)
    green.rows.do("UPDATE segment SET erasure_id = NULL WHERE employee_id = %s", green.person)
    assert again_at(green) is not None
    assert green.check() == "green"


def test_R01_a_red_day_that_is_looked_at_again_is_told_once(green: Day) -> None:
    for number in (2000, 2001):
        green.copy_segment(context="payroll", seq=number)
        assert green.check() == "red"
    assert ("unannounced", "key", "payroll", 2) in green.found()
    told = "SELECT count(*) FROM notification WHERE employee_id = %s AND kind = 'reconciliation'"
    assert green.rows.one(told, green.person) == 1


def test_R01_an_old_day_is_left_alone(green: Day) -> None:
    old = green.day - timedelta(days=61)
    green.rows.do(
        "INSERT INTO reconciliation (employee_id, day, due_at, state, checked_at) "
        "VALUES (%s, %s, now(), 'green', now())",
        *(green.person, old),
    )
    keep(green, green.agent, [], later=-61)
    query = "SELECT again_at FROM reconciliation WHERE employee_id = %s AND day = %s"
    assert green.rows.one(query, green.person, old) is None
