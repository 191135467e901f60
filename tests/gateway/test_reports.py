"""What a device says of itself can hurt nobody but itself, and is never of later than now (P06, R06)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

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
