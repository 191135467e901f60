"""Each kind of mismatch, made on purpose, is found the next morning; what agrees is green (R01, P06)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.capture import queries as pages
from portal.capture.models import Segment
from portal.core import clock
from portal.core.clock import from_ms
from tests.reconciliation.conftest import Day, tally_of
from wire import documents
from wire.tally import NOTHING, ids_hash


def test_R01_a_day_on_which_everything_agrees_is_green(day: Day) -> None:
    start = day.agent.lease.issued - 120_000
    assert day.upload({"start": start, "end": start + 5}) == ["outside_lease"]
    day.tally()
    assert day.check() == "green"
    assert day.found() == []
    figures = day.rows.one("SELECT figures FROM reconciliation WHERE employee_id = %s", day.person)
    assert figures["held"] == [
        {"kind": "key", "context": "vscode", "stored": 2, "permitted": 2, "shown": 2},
        {"kind": "prompt", "context": "chat", "stored": 1, "permitted": 1, "shown": 1},
    ]
    assert figures["sent"][0] == {"kind": "key", "context": "vscode", "sent": 3, "stored": 2, "refused": 1}


@pytest.mark.parametrize("first", [False, True])
def test_R01_a_device_removed_before_its_tally_is_never_green(day: Day, first: bool) -> None:  # noqa: FBT001
    if first:
        assert day.check() == "amber"
        assert day.rows.one("SELECT missing FROM reconciliation WHERE employee_id = %s", day.person) == 1
    day.rows.remove(day.agent.device)
    assert day.check() == "amber"
    row = "SELECT missing, figures -> 'missing', figures -> 'gone' FROM reconciliation WHERE employee_id = %s"
    assert day.rows.all(row, day.person) == [(0, [], [str(day.agent.device)])]
    checked = day.rows.one("SELECT checked_at FROM reconciliation WHERE employee_id = %s", day.person)
    assert day.check() == "amber"
    assert day.rows.one("SELECT checked_at FROM reconciliation WHERE employee_id = %s", day.person) == checked


def test_R01_a_removed_device_that_had_said_what_it_sent_is_green(day: Day) -> None:
    day.tally()
    day.rows.remove(day.agent.device)
    assert day.check() == "green"


def test_R01_what_does_not_agree_is_red_beside_a_removed_device(day: Day) -> None:
    day.rows.remove(day.agent.device)
    day.copy_segment(context="payroll")
    assert day.check() == "red"


def test_R01_a_missing_tally_is_amber_and_turns_green_when_it_comes(day: Day) -> None:
    day.rows.do("UPDATE device SET last_seen_at = now() WHERE id = %s", day.agent.device)
    assert day.check() == "amber"
    day.tally()
    assert day.check() == "green"


def test_R01_what_the_person_erased_is_accounted_for(day: Day) -> None:
    day.rows.do("DELETE FROM segment WHERE id = %s", day.headers[0].segment)
    day.rows.do(
        "UPDATE upload SET outcome = 'erased', kind = NULL, context = NULL, started_at = NULL, ended_at = NULL "
        "WHERE segment_id = %s",
        day.headers[0].segment,
    )
    day.tally()
    assert day.check() == "green"


def test_R01_what_the_device_is_unsure_of_may_be_known_or_not(day: Day) -> None:
    answered, unsure = day.headers[:2], day.headers[2]
    day.tally(
        n=2,
        ids=ids_hash(one.segment for one in answered),
        last=unsure.seq,
        sent=tally_of(day.agent, day.day, answered).sent,
        unsure=tuple(sorted([unsure.segment, uuid4()])),
    )
    assert day.check() == "green"


def test_R01_an_upload_deleted_by_a_superuser_is_red(day: Day) -> None:
    day.rows.do("DELETE FROM segment WHERE id = %s", day.headers[0].segment)
    day.rows.do("DELETE FROM upload WHERE segment_id = %s", day.headers[0].segment)
    day.tally()
    assert day.check() == "red"
    assert day.found() == [("lost", "key", "vscode", 1)]


def test_R01_a_segment_deleted_without_its_upload_is_red(day: Day) -> None:
    day.rows.do("DELETE FROM segment WHERE id = %s", day.headers[2].segment)
    day.tally()
    assert day.check() == "red"
    assert day.found() == [("lost", "prompt", "chat", 1)]


def test_R01_an_upload_swapped_for_another_id_is_red(day: Day) -> None:
    for table, column in (("upload", "segment_id"), ("segment", "id")):
        day.rows.do(f"UPDATE {table} SET {column} = %s WHERE {column} = %s", day.agent.device, day.headers[2].segment)
    day.tally()
    assert day.check() == "red"
    assert day.found() == [("differs", "prompt", "chat", 1)]


def test_R01_an_item_that_no_device_sent_is_red(day: Day) -> None:
    day.tally()
    made = day.copy_segment()
    day.rows.do("DELETE FROM upload WHERE segment_id = %s", made)
    assert day.check() == "red"
    assert day.found() == [("unsent", "key", "vscode", 1)]
    assert day.rows.one("SELECT segment_ids FROM reconciliation_finding WHERE employee_id = %s", day.person) == [made]


def test_P06_a_stored_item_outside_its_lease_is_red(day: Day) -> None:
    before = from_ms(day.agent.lease.issued) - timedelta(minutes=10)
    made = day.copy_segment(started_at=before, ended_at=before)
    day.told_of(made)
    day.tally()
    assert day.check() == "red"
    assert day.found() == [("outside_lease", "key", "vscode", 1)]


def test_P06_a_stored_item_inside_a_pause_is_red(day: Day) -> None:
    start = from_ms(day.headers[0].start)
    day.rows.pause(day.person, starts_at=start - timedelta(seconds=1), asked_at=start - timedelta(seconds=1))
    day.tally()
    assert day.check() == "red"
    assert [(what, kind) for what, kind, _, _ in day.found()] == [("in_pause", "key"), ("in_pause", "prompt")]


def test_P06_a_pause_that_cannot_be_read_holds_up_nobody(day: Day) -> None:
    start = from_ms(day.headers[0].start) - timedelta(seconds=1)
    day.rows.pause(day.person, starts_at=start, asked_at=start, kinds=["microphone"])
    day.tally()
    assert day.check() == "red"
    assert {what for what, *_ in day.found()} == {"in_pause"}


def test_P06_a_pause_asked_for_later_does_not_reach_back(day: Day) -> None:
    day.rows.pause(day.person, starts_at=from_ms(day.headers[0].start), asked_at=clock.now())
    day.tally()
    assert day.check() == "green"


@pytest.fixture
def stop(day: Day) -> Iterator[Callable[..., UUID]]:
    """Stop for half a minute, a second after the last item: `stop(sites)`; gone after the test."""
    made = uuid4()

    def stopped(sites: list[str] | None = None, *, open_: bool = False) -> UUID:
        asked = from_ms(day.headers[-1].end) + timedelta(seconds=1)
        resumed = (None, None) if open_ else ("{}", asked + timedelta(seconds=30))
        day.rows.do(
            "INSERT INTO stop (id, sites, reason, by_role, asked_at, resume_envelope, resumed_at) "
            "VALUES (%s, %s, 'A leak', 'privacy_officer', %s, %s, %s)",
            *(made, sites, asked, *resumed),
        )
        return made

    yield stopped
    for table in ("stop_answer", "stop_device"):
        day.rows.do(f"DELETE FROM {table} WHERE stop_id = %s", made)
    day.rows.do("DELETE FROM stop WHERE id = %s", made)


def captured(day: Day, after: float, came: float = 10) -> None:
    """An item so many seconds after the stop was asked for, which came in so many after that."""
    at = from_ms(day.headers[2].end) + timedelta(seconds=1 + after)
    day.told_of(day.copy_segment(started_at=at, ended_at=at, received_at=at + timedelta(seconds=came)))


@pytest.mark.parametrize("open_", [True, False])
def test_P06_a_stored_item_inside_a_stop_for_all_is_red(day: Day, stop: Callable[..., UUID], open_: bool) -> None:  # noqa: FBT001
    stop(open_=open_)
    captured(day, 1)
    captured(day, 29)
    day.tally()
    assert day.check() == "red"
    assert day.found() == [("in_stop", "key", "vscode", 2)]


@pytest.mark.parametrize(("after", "came"), [(-0.5, 10), (30, 10), (1, 3)])
def test_P06_before_and_after_a_stop_and_as_it_is_asked_for_nothing_is_red(
    day: Day, stop: Callable[..., UUID], after: float, came: float
) -> None:
    stop()
    captured(day, after, came)
    day.tally()
    assert day.check() == "green"


@pytest.mark.parametrize(
    ("table", "after", "state"),
    [("stop_device", 1, "red"), ("stop_answer", 1, "green"), ("stop_answer", 20, "red"), ("", 20, "green")],
)
def test_P06_a_stop_of_sites_concerns_the_devices_written_down_for_it(
    day: Day, stop: Callable[..., UUID], table: str, after: int, state: str
) -> None:
    made, asked = stop(["Elsewhere"]), from_ms(day.headers[-1].end) + timedelta(seconds=1)
    if table:
        when = {"stop_device": "lease_until", "stop_answer": "answered_at"}[table]
        day.rows.do(
            f"INSERT INTO {table} (stop_id, device_id, employee_id, {when}) VALUES (%s, %s, %s, %s)",
            *(made, day.agent.device, day.person, asked + timedelta(seconds=15)),
        )
    captured(day, after)
    day.tally()
    assert day.check() == state


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"context": "payroll"}, ("unannounced", "key", "payroll", 1)),
        ({"kind": "microphone"}, ("unannounced", "microphone", "vscode", 1)),
        ({"lease_id": uuid4()}, ("outside_lease", "key", "vscode", 1)),
    ],
)
def test_P06_a_stored_item_that_no_policy_announced_is_red(
    day: Day, columns: dict[str, str], found: tuple[str, str, str, int]
) -> None:
    made = day.copy_segment(**columns)
    if columns.get("kind") != "microphone":
        day.told_of(made, context=columns.get("context", "vscode"))
    day.tally()
    assert day.check() == "red"
    assert found in day.found()


def test_R01_what_the_page_does_not_list_is_red(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    day.tally()
    monkeypatch.setattr(pages, "_PAGE", pages._PAGE.where(Segment.kind != "prompt"))
    assert day.check() == "red"
    assert day.found() == [("not_shown", "prompt", "chat", 1)]


def test_R01_another_rule_of_the_database_for_the_page_is_red(day: Day, superuser: psycopg.Connection[object]) -> None:
    day.tally()
    superuser.execute("CREATE POLICY hide ON segment AS RESTRICTIVE TO web_employee USING (kind <> 'key')")
    superuser.commit()
    try:
        assert day.check() == "red"
    finally:
        superuser.execute("DROP POLICY hide ON segment")
        superuser.commit()
    assert day.found() == [("view_changed", "", "", 1)]


def test_R01_a_forged_tally_is_red(day: Day) -> None:
    said = tally_of(day.agent, day.day, [])
    day.tally(documents.sign(said, [Ed25519PrivateKey.generate()]))
    assert day.check() == "red"
    assert day.found() == [("tally_forged", "", "", 1)]


def test_R01_the_tally_of_another_device_is_red(day: Day) -> None:
    other = day.rows.agent(day.agent.url, day.person)
    day.tally(documents.sign(tally_of(other, day.day, []), [other.key]))
    assert day.check() == "red"
    assert day.found() == [("tally_forged", "", "", 1)]


def test_R01_two_tallies_that_differ_are_red(day: Day) -> None:
    day.tally()
    day.tally(refused=True, n=0, sent=(), first=0, last=0, ids=NOTHING)
    assert day.check() == "red"
    assert day.found() == [("tally_twice", "", "", 1)]


def test_a_red_day_is_told_once_and_stays_red(day: Day) -> None:
    day.rows.do("DELETE FROM segment WHERE id = %s", day.headers[2].segment)
    day.rows.do("UPDATE device SET last_seen_at = now() WHERE id = %s", day.agent.device)
    other = day.rows.agent(day.agent.url, day.person)
    other.await_lease()
    day.rows.do("UPDATE device SET last_seen_at = now() WHERE id = %s", other.device)
    day.tally()
    assert day.check() == "red"
    assert day.check() == "red"
    told = day.rows.all("SELECT kind, params FROM notification WHERE employee_id = %s", day.person)
    assert told == [("reconciliation", {"day": day.day.isoformat()})]
    query = "SELECT count(*) FROM audit_entry WHERE employee_id = %s AND action = 'reconciliation.red'"
    assert day.rows.one(query, day.person) == 1
