"""From the moment that a pause names as its beginning nothing is stored, however long its writing takes."""

import asyncio
import threading
import time
from collections.abc import Callable
from uuid import UUID

import psycopg
from sqlalchemy import func, select

from portal.core.config import Settings
from portal.core.db import Database, lock_person
from portal.operations.postgres import DATABASE, Postgres
from portal.pauses.actions import Asked, ask, turn
from tests.gateway.agent import Agent, now
from tests.gateway.process import Rows, wait_until
from tests.web_client import Browser
from wire.documents import ReportKind

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
INSIDE = (
    "SELECT count(*) FROM segment s JOIN pause p ON p.employee_id = s.employee_id AND s.started_at >= p.starts_at "
    "WHERE s.employee_id = %s"
)


def test_P06_a_pause_that_waited_begins_after_what_was_stored_meanwhile(
    agent: Agent, rows: Rows, postgres: Postgres, browse: Callable[[UUID | None], Browser]
) -> None:
    agent.await_lease()
    browser = browse(agent.employee)
    browser.get("/pauses")
    with psycopg.connect(postgres.superuser_conninfo(DATABASE)) as slow:
        slow.execute("SELECT FROM employee WHERE id = %s FOR NO KEY UPDATE", [agent.employee])
        asking = threading.Thread(target=browser.post, args=("/pauses", {"for": "30m"}))
        asking.start()
        time.sleep(1)
        at = now()
        assert agent.outcome(agent.segment(start=at - 20, end=at - 10)) == ["stored"], "nobody is held up"
        slow.rollback()
    asking.join()
    assert rows.one("SELECT count(*) FROM pause WHERE employee_id = %s", agent.employee) == 1
    assert rows.one(INSIDE, agent.employee) == 0


def test_P06_an_upload_waits_for_a_pause_that_has_begun(agent: Agent, rows: Rows, environment: dict[str, str]) -> None:
    agent.await_lease()
    outcomes: list[str] = []

    def send() -> None:
        at = now()
        outcomes.extend(agent.outcome(agent.segment(start=at - 20, end=at - 10)))

    database = Database(Settings.from_env(environment))
    with database.transaction("web_employee", agent.employee) as session:
        ask(session, agent.employee, Asked(turn(session, agent.employee), None))
        time.sleep(0.1)
        sending = threading.Thread(target=send)
        sending.start()
        time.sleep(0.5)
        assert not outcomes, "it waits for the commit"
    sending.join()
    database.dispose()
    assert outcomes == ["paused"]
    assert rows.one(INSIDE, agent.employee) == 0


def test_P06_a_pause_waits_for_an_upload_that_did_not_see_it(agent: Agent, environment: dict[str, str]) -> None:
    database = Database(Settings.from_env(environment))
    begun: list[float] = []

    def pause() -> None:
        with database.transaction("web_employee", agent.employee) as session:
            begun.append(turn(session, agent.employee).timestamp())

    with database.transaction("web_employee", agent.employee) as uploading:
        lock_person(uploading, agent.employee)
        pausing = threading.Thread(target=pause)
        pausing.start()
        time.sleep(0.5)
        assert not begun
        over = time.time()
    pausing.join()
    wait_until(lambda: begun)
    database.dispose()
    assert begun[0] >= over


def test_P06_a_pause_made_on_a_device_waits_for_an_upload_that_did_not_see_it(
    agent: Agent, rows: Rows, environment: dict[str, str]
) -> None:
    """What such an upload stores lies before the pause is there; whatever comes later sees it."""
    agent.await_lease()
    made = "SELECT count(*) FROM pause WHERE employee_id = %s"
    database = Database(Settings.from_env(environment))

    async def pause() -> None:
        async with agent.connected() as line:
            await line.report(ReportKind.PAUSED_HERE)

    with database.transaction("gateway") as uploading:
        uploading.execute(select(func.person_turns([agent.employee])))
        pausing = threading.Thread(target=asyncio.run, args=(pause(),))
        pausing.start()
        wait_until(lambda: rows.one(WAITING))
        assert rows.one(made, agent.employee) == 0
    pausing.join()
    database.dispose()
    assert rows.one(made, agent.employee) == 1
    at = now()
    assert agent.outcome(agent.segment(start=at, end=at)) == ["paused"]
