"""What was erased is not stored when it comes late, from whichever device, and the person sees nothing of it."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from tests.gateway.agent import Agent, now
from tests.gateway.process import Gateway, Rows, wait_until
from wire.documents import Kind

GRAVE = (
    "INSERT INTO tombstone (id, employee_id, starts_at, ends_at, kinds, contexts, sensitivities, segments, erased_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now())"
)


@pytest.fixture
def leased(agent: Agent) -> Agent:
    """An agent with a lease."""
    agent.await_lease()
    return agent


def bury(rows: Rows, agent: Agent, at: int, **narrowed: Any) -> None:
    """A tombstone over the ten seconds around `at`."""
    parts = [narrowed.get(name) for name in ("kinds", "contexts", "sensitivities", "segments")]
    rows.do(GRAVE, uuid4(), agent.employee, clock.from_ms(at - 5000), clock.from_ms(at + 5000), *parts)


def test_late_uploads_into_an_erased_range_leave_nothing_but_their_id(leased: Agent, rows: Rows) -> None:
    at = now()
    part = leased.segment(start=at, end=at + 100)
    bury(rows, leased, at)
    assert leased.outcome(part) == ["erased"]
    assert leased.outcome(part) == ["erased"], "the same for each repetition"
    assert rows.one("SELECT count(*) FROM segment WHERE employee_id = %s", leased.employee) == 0
    kept = rows.all(
        "SELECT outcome, reason, kind, context, started_at FROM upload WHERE employee_id = %s", leased.employee
    )
    assert kept == [("erased", None, None, None, None)]


def test_another_device_of_the_person_cannot_bring_it_back(leased: Agent, rows: Rows, gateway: Gateway) -> None:
    other = rows.agent(gateway.url, leased.employee)
    other.await_lease()
    at = now()
    bury(rows, leased, at)
    assert other.outcome(other.segment(start=at, end=at + 100)) == ["erased"]


@pytest.mark.parametrize(
    "narrowed",
    [
        {"kinds": [Kind.SCREENSHOT.value]},
        {"contexts": ["elsewhere"]},
        {"sensitivities": [4]},
        {"segments": [uuid4()]},
    ],
)
def test_what_the_erasure_did_not_cover_is_stored(leased: Agent, rows: Rows, narrowed: dict[str, Any]) -> None:
    at = now()
    bury(rows, leased, at, **narrowed)
    assert leased.outcome(leased.segment(start=at, end=at + 100)) == ["stored"]


def test_the_range_is_half_open_and_somebody_elses_is_no_matter(
    leased: Agent, rows: Rows, gateway: Gateway, person: Callable[..., UUID]
) -> None:
    other, at = rows.agent(gateway.url, person("Ben Okafor")), now()
    bury(rows, leased, at - 5000)
    bury(rows, other, at)
    assert leased.outcome(leased.segment(start=at, end=at + 10)) == ["stored"]


def test_an_upload_waits_for_an_erasure_that_is_under_way(leased: Agent, rows: Rows, settings: Settings) -> None:
    at = now()
    part = leased.segment(start=at, end=at + 100)
    answers: list[list[str]] = []
    with psycopg.connect(settings.conninfo("worker")) as worker:
        worker.execute("SELECT person_turn(%s)", [leased.employee])
        sender = threading.Thread(target=lambda: answers.append(leased.outcome(part)))
        sender.start()
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: rows.one(waits))
        start, end = clock.from_ms(at - 5000), clock.from_ms(at + 5000)
        worker.execute(GRAVE.encode(), [uuid4(), leased.employee, start, end, None, None, None, None])
        worker.commit()
        sender.join(30)
    assert answers == [["erased"]]
