"""P06 at the real door: whatever a device says, nothing outside a lease or inside a pause is stored."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from tests.gateway.agent import Agent, now
from tests.gateway.process import Gateway, Rows
from wire import segment
from wire.documents import Kind, ReportKind

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture
def leased(agent: Agent) -> Agent:
    """An agent with a lease."""
    agent.await_lease()
    return agent


def stored(rows: Rows, agent: Agent) -> int:
    count: int = rows.one("SELECT count(*) FROM segment WHERE employee_id = %s", agent.employee)
    return count


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"employee": uuid4()}, "wrong_person"),
        ({"device": uuid4()}, "wrong_device"),
        ({"lease": uuid4()}, "no_lease"),
        ({"key": uuid4()}, "wrong_key"),
        ({"policy": "ab" * 32}, "wrong_policy"),
        ({"policy_version": 2}, "wrong_policy"),
        ({"context": "bank"}, "not_in_policy"),
        ({"kind": Kind.PROMPT}, "not_in_policy"),
        ({"kind": Kind.SCREENSHOT, "context": "outlook"}, "not_in_policy"),
    ],
)
def test_P06_a_lie_in_the_header_is_refused(leased: Agent, rows: Rows, change: dict[str, Any], reason: str) -> None:
    part = leased.segment(**change)
    assert leased.outcome(part) == [reason]
    assert stored(rows, leased) == 0
    kept = rows.all("SELECT outcome, reason FROM upload WHERE employee_id = %s", leased.employee)
    assert kept == [("refused", reason)]


@pytest.mark.parametrize(
    ("start", "length", "reason"),
    [
        (-HOUR, 1000, "outside_lease"),
        (-25 * HOUR, 1000, "too_old"),
        (HOUR, 1000, "in_future"),
        (-2 * MINUTE, MINUTE + 1, "too_long"),
    ],
)
def test_P06_a_false_time_is_refused(leased: Agent, rows: Rows, start: int, length: int, reason: str) -> None:
    at = now() + start
    assert leased.outcome(leased.segment(start=at, end=at + length)) == [reason]
    assert stored(rows, leased) == 0


def test_P06_an_old_lease_is_refused(leased: Agent, rows: Rows) -> None:
    past, ended = datetime.now(UTC) - timedelta(seconds=50), uuid4()
    rows.do(
        "INSERT INTO lease_span "
        "(id, employee_id, devices, policy, directive, key_id, permitted, started_at, valid_until) "
        "SELECT %s, employee_id, devices, policy, directive, key_id, permitted, %s, %s FROM lease_span WHERE id = %s",
        ended,
        past - timedelta(seconds=60),
        past,
        leased.lease.id,
    )
    assert leased.outcome(leased.segment(lease=ended)) == ["outside_lease"]
    at = clock.to_ms(past) - 5_000
    assert leased.outcome(leased.segment(lease=ended, start=at, end=at + 1000)) == ["stored"]


def test_P06_another_persons_lease_is_refused(
    leased: Agent, rows: Rows, gateway: Gateway, person: Callable[..., UUID]
) -> None:
    other = rows.agent(gateway.url, person("Ben Okafor"))
    other.await_lease()
    assert leased.outcome(leased.segment(lease=other.lease.id, key=other.lease.key)) == ["no_lease"]
    assert stored(rows, leased) == stored(rows, other) == 0


def test_P06_a_lease_of_another_person_that_names_this_device(
    leased: Agent, rows: Rows, gateway: Gateway, person: Callable[..., UUID]
) -> None:
    other = rows.agent(gateway.url, person("Ben Okafor"))
    other.await_lease()
    rows.do("UPDATE lease_span SET devices = %s WHERE id = %s", [leased.device, other.device], other.lease.id)
    assert leased.outcome(leased.segment(lease=other.lease.id, key=other.lease.key)) == ["no_lease"]


def test_P06_a_swapped_key_document_is_refused(leased: Agent, rows: Rows) -> None:
    new, _ = rows.key(leased.employee)
    assert leased.outcome(leased.segment(key=new)) == ["wrong_key"]
    leased.await_lease()
    assert leased.outcome(leased.segment(key=new)) == ["stored"]


def test_P06_a_device_uploads_for_itself_only(
    leased: Agent, rows: Rows, gateway: Gateway, person: Callable[..., UUID]
) -> None:
    other = rows.agent(gateway.url, person("Ben Okafor"))
    other.await_lease()
    assert leased.outcome(other.segment()) == ["wrong_person"]
    assert stored(rows, other) == 0


def test_P06_inside_a_pause_nothing_is_stored(leased: Agent, rows: Rows) -> None:
    before = now()
    rows.pause(leased.employee, starts_at=datetime.now(UTC) - timedelta(seconds=1))
    assert leased.outcome(leased.segment(start=before, end=before + 1)) == ["paused"]
    assert stored(rows, leased) == 0


def test_P06_a_pause_of_one_kind_lets_the_others_pass(leased: Agent, rows: Rows) -> None:
    rows.pause(leased.employee, kinds=["key"], starts_at=datetime.now(UTC) - timedelta(seconds=1))
    key, pointer = leased.segment(), leased.segment(kind=Kind.POINTER, counts={"points": 1})
    assert leased.outcome(key, pointer) == ["paused", "stored"]


def test_P06_after_the_signed_stop_nothing_can_be_back_dated(leased: Agent, rows: Rows) -> None:
    asyncio.run(_back_date_after_the_stop(leased, rows))


async def _back_date_after_the_stop(agent: Agent, rows: Rows) -> None:
    async with agent.connected() as line:
        before = agent.lease
        at = before.issued
        late = agent.segment(start=at, end=at)
        await asyncio.sleep(0.01)
        rows.pause(agent.employee)
        await line.until(lambda: agent.directive.number == 1)
        await line.report(ReportKind.STOPPED, last_seq=agent.seq)
        assert agent.outcome(late) == ["stored"]
        await line.until(lambda: "lease" in agent.files)
        forged = agent.segment(start=at, end=at, lease=before.id, key=before.key, policy=before.policy)
        assert agent.outcome(forged) == ["after_stop"]
    assert stored(rows, agent) == 1


def test_P06_a_used_number_is_refused(leased: Agent, rows: Rows) -> None:
    first, second = leased.segment(seq=5), leased.segment(seq=5)
    assert leased.outcome(first) == ["stored"]
    assert leased.outcome(second) == ["sequence_used"]
    assert leased.outcome(leased.segment(seq=9), leased.segment(seq=9)).count("sequence_used") == 1
    assert stored(rows, leased) == 2


def test_P06_a_second_device_cannot_take_the_place_of_a_segment(leased: Agent, rows: Rows, gateway: Gateway) -> None:
    other = rows.agent(gateway.url, leased.employee)
    other.await_lease()
    leased.await_lease()
    at = now()
    first = leased.segment(start=at, end=at)
    same = other.segment(segment=segment.read_header(first[0]).segment, start=at, end=at)
    assert leased.outcome(first) == ["stored"]
    assert other.outcome(same) == ["conflict"]


def test_P06_refused_uploads_are_counted_on_the_persons_own_day(leased: Agent, rows: Rows) -> None:
    rows.do("UPDATE employee SET timezone = 'Pacific/Kiritimati' WHERE id = %s", leased.employee)
    leased.outcome(leased.segment(lease=uuid4()))
    day = rows.one("SELECT local_day FROM upload WHERE employee_id = %s", leased.employee)
    assert day == (datetime.now(UTC) + timedelta(hours=14)).date()


def test_P06_an_unreadable_header_is_refused_alone(leased: Agent, rows: Rows) -> None:
    bad = (b'{"not": "a header"}', os.urandom(20))
    answers = leased.upload(leased.segment(), bad)
    assert [answer["reason"] or answer["outcome"] for answer in answers] == ["stored", "bad_header"]
    assert leased.upload(bad) == answers[1:]
    assert rows.one("SELECT count(*) FROM upload WHERE employee_id = %s", leased.employee) == 2


def test_P06_nobody_without_a_key_document_gets_a_lease(agent: Agent, rows: Rows) -> None:
    rows.do("UPDATE employee_key SET retired_at = now() WHERE employee_id = %s", agent.employee)
    agent.poll()
    assert "lease" not in agent.files
    assert "policy" in agent.files


def test_P06_a_policy_for_others_gives_no_lease(agent: Agent, rows: Rows) -> None:
    agent.await_lease()
    assert agent.lease.permitted
    rows.do("UPDATE employee SET left_at = now() WHERE id = %s", agent.employee)
    answer = agent.post("/v1/segments", b"", segment.CONTENT_TYPE)
    assert (answer.status_code, answer.json()["error"]) == (403, "device_removed")


def test_P06_a_local_pause_becomes_a_row_and_ends_with_the_devices_word(leased: Agent, rows: Rows) -> None:
    asyncio.run(_pause_on_the_device(leased, rows))


async def _pause_on_the_device(agent: Agent, rows: Rows) -> None:
    async with agent.connected() as line:
        until = now() + HOUR
        await line.report(ReportKind.PAUSED_HERE, detail=f"until={until}")
        await line.until(lambda: bool(agent.directive.pauses))
        (span,) = agent.directive.pauses
        assert (span.device, span.ends, agent.directive.number) == (agent.device, until, 1)
        assert agent.permitted == {}
        await line.report(ReportKind.PAUSED_HERE, detail=f"until={until}", at=now() + 1)
        assert rows.one("SELECT count(*) FROM pause WHERE employee_id = %s", agent.employee) == 1
        await line.report(ReportKind.RESUMED_HERE)
        await line.until(lambda: not agent.directive.pauses)
        assert agent.lease.permitted
        assert rows.all(
            "SELECT action FROM audit_entry WHERE employee_id = %s AND action LIKE 'pause%%' ORDER BY id",
            agent.employee,
        ) == [("pause.asked",), ("pause.ended",)]


def test_P06_the_devices_word_does_not_end_a_pause_of_the_page(leased: Agent, rows: Rows) -> None:
    asyncio.run(_cannot_end_the_pages_pause(leased, rows))


async def _cannot_end_the_pages_pause(agent: Agent, rows: Rows) -> None:
    async with agent.connected() as line:
        rows.pause(agent.employee, device_id=agent.device)
        await line.until(lambda: agent.directive.number == 1)
        await line.report(ReportKind.RESUMED_HERE)
    assert rows.one("SELECT ended_at FROM pause WHERE employee_id = %s", agent.employee) is None


def test_P06_a_pause_of_one_device_leaves_the_other_its_lease(leased: Agent, rows: Rows, gateway: Gateway) -> None:
    other = rows.agent(gateway.url, leased.employee)
    rows.pause(leased.employee, device_id=leased.device)
    other.await_lease()
    leased.await_lease()
    assert leased.lease.permitted == {}
    assert other.lease.permitted
    assert other.outcome(other.segment()) == ["stored"]
    assert leased.outcome(leased.segment(lease=other.lease.id)) == ["no_lease"]
