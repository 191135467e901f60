"""What a device says of itself can hurt nobody but itself, and is never of later than now (P06, R06)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.opamp import HERE_BURST
from gateway.reports import MOST_HERE, UNSENT
from portal.capture.rules import AHEAD_MS
from portal.core.clock import to_ms
from tests.gateway.agent import Agent, now
from tests.gateway.process import Gateway, Rows
from wire import codec, opamp
from wire.documents import ReportKind

REPORTED = "SELECT reported_at FROM device_report WHERE device_id = %s AND what = 'stopped'"
YEAR_9999 = "9999-12-31 23:59:59.999+00"


@pytest.fixture
def paused(gateway: Gateway, rows: Rows, person: Callable[..., UUID]) -> Agent:
    """A device of a person east of UTC with a weekly pause on another day."""
    agent = rows.agent(gateway.url, person(timezone="Pacific/Kiritimati"))
    day = (datetime.now(UTC) + timedelta(days=3)).isoweekday()
    rows.pause(agent.employee, weekday=day, from_minute=600, minutes=30)
    agent.await_lease()
    return agent


def say(agent: Agent, **claims: Any) -> None:
    async def tell() -> None:
        async with agent.connected() as line:
            await line.report(ReportKind.STOPPED, **claims)

    asyncio.run(tell())


@pytest.mark.parametrize("ahead", [AHEAD_MS + 60_000, 3_600_000, 7 * 86_400_000, None])
def test_P06_no_word_is_of_later_than_now(paused: Agent, rows: Rows, ahead: int | None) -> None:
    say(paused, at=codec.MAX_TIME if ahead is None else now() + ahead, last_seq=0)
    assert to_ms(rows.one(REPORTED, paused.device)) <= now()
    paused.await_lease()
    assert paused.outcome(paused.segment()) == ["stored"]


def test_a_clock_a_little_ahead_is_not_corrected(paused: Agent, rows: Rows) -> None:
    at = now() + AHEAD_MS // 2
    say(paused, at=at)
    assert to_ms(rows.one(REPORTED, paused.device)) == at


def test_R06_a_word_of_the_year_9999_that_was_kept_before_fails_nothing(paused: Agent, rows: Rows) -> None:
    rows.do(
        "INSERT INTO device_report (employee_id, device_id, what, directive, last_seq, reported_at, detail) "
        "VALUES (%s, %s, 'stopped', 99, 0, %s, '')",
        paused.employee,
        paused.device,
        YEAR_9999,
    )
    assert paused.outcome(paused.segment()) == ["stored"]


def test_R06_no_text_of_an_agent_is_one_that_the_database_cannot_hold(agent: Agent, rows: Rows) -> None:
    agent.await_lease()
    message = agent.hello()
    message.remote_config_status.last_remote_config_hash = opamp.config_hash(agent.files)
    message.remote_config_status.status = opamp.RemoteConfigStatuses.RemoteConfigStatuses_FAILED
    message.remote_config_status.error_message = "no\0" + "t" * 1000
    answer = agent.post("/v1/opamp", message.SerializeToString(), opamp.CONTENT_TYPE)
    assert answer.status_code == 200, answer.text
    assert rows.one("SELECT detail FROM device_report WHERE device_id = %s", agent.device) == "not" + "t" * 197


@pytest.mark.parametrize(
    "claims", [{"directive": 10**15}, {"last_seq": 10**15}, {"directive": 10**15, "last_seq": 10**15}]
)
def test_P06_a_stop_with_an_impossible_number_binds_as_any_other(
    gateway: Gateway, rows: Rows, person: Callable[..., UUID], claims: dict[str, int]
) -> None:
    """What the page calls stopped is bound by it: nothing can be dated back behind the pause afterwards."""
    agent = rows.agent(gateway.url, person())
    agent.await_lease()
    before = now()
    assert agent.outcome(agent.segment()) == ["stored"]
    pause = rows.pause(agent.employee)
    here(agent, ReportKind.STOPPED, **{"directive": 1, "last_seq": agent.seq} | claims)
    rows.resume(agent.employee, pause)
    assert agent.outcome(agent.segment(start=before, end=before + 1)) == ["after_stop"]
    kept = rows.all(
        "SELECT directive, last_seq FROM device_report WHERE device_id = %s AND what = 'stopped'", agent.device
    )
    assert kept == [(1, agent.seq - 1)]


def test_a_last_number_that_can_be_is_believed(agent: Agent, rows: Rows) -> None:
    """What waits to be sent has numbers above the highest that has come."""
    agent.poll()
    here(agent, ReportKind.STOPPED, last_seq=UNSENT)
    assert (
        rows.one("SELECT last_seq FROM device_report WHERE device_id = %s AND what = 'stopped'", agent.device) == UNSENT
    )


def test_a_device_answers_no_stop_that_is_not_there(agent: Agent, rows: Rows) -> None:
    agent.poll()
    here(agent, ReportKind.STOPPED, detail=f"stop={uuid4()}")
    assert rows.one("SELECT count(*) FROM stop_answer WHERE device_id = %s", agent.device) == 0


def test_a_late_word_of_an_older_resume_ends_no_newer_pause(agent: Agent, rows: Rows) -> None:
    agent.poll()
    here(agent, ReportKind.PAUSED_HERE)
    here(agent, ReportKind.RESUMED_HERE, at=now() - 60_000)
    assert rows.one("SELECT ended_at FROM pause WHERE device_id = %s", agent.device) is None


def test_R04_a_pause_within_an_open_one_of_the_same_device_joins_it(agent: Agent, rows: Rows) -> None:
    agent.poll()
    here(agent, ReportKind.PAUSED_HERE)
    for minutes in (30, 60):
        here(agent, ReportKind.PAUSED_HERE, detail=f"until={now() + minutes * 60_000}")
    assert rows.one("SELECT count(*) FROM pause WHERE device_id = %s", agent.device) == 1


def test_R04_a_device_has_a_few_pauses_open_and_the_last_holds_as_long_as_all(agent: Agent, rows: Rows) -> None:
    agent.poll()
    began, ends = now(), now() + 3_600_000
    for number in range(20):
        here(agent, ReportKind.PAUSED_HERE, at=began - number, detail=f"until={ends + number}")
    opened = rows.all("SELECT starts_at, ends_at FROM pause WHERE device_id = %s AND ended_at IS NULL", agent.device)
    assert len(opened) <= MOST_HERE
    assert min(to_ms(start) for start, _ in opened) == began - 19
    assert max(to_ms(end) for _, end in opened) == ends + 19


def test_R04_a_device_pauses_and_resumes_so_often_and_then_has_to_say_it_again(agent: Agent, rows: Rows) -> None:
    """Each is a row that what comes late is compared with. Nothing is lost: a device says again what was refused."""
    agent.poll()
    answers = []
    for number in range(HERE_BURST + 10):
        message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=2)
        what = ReportKind.RESUMED_HERE if number % 2 else ReportKind.PAUSED_HERE
        message.custom_message.CopyFrom(opamp.report(agent.report(what, at=now() - 1000 + number)))
        answers.append(agent.post("/v1/opamp", message.SerializeToString(), opamp.CONTENT_TYPE).status_code)
    assert answers[:HERE_BURST] == [200] * HERE_BURST
    assert 503 in answers
    assert rows.one("SELECT count(*) FROM pause WHERE device_id = %s", agent.device) <= HERE_BURST / 2 + 3
    here(agent, ReportKind.RECEIVED)


def here(agent: Agent, what: ReportKind, **claims: Any) -> None:
    """One report over plain HTTP, kept when this returns."""
    message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=2)
    message.custom_message.CopyFrom(opamp.report(agent.report(what, **claims)))
    assert agent.post("/v1/opamp", message.SerializeToString(), opamp.CONTENT_TYPE).status_code == 200
