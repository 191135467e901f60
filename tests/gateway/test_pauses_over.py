"""Pauses that are over cost what comes after them nothing (R04), and still hold for what lies inside them (P06)."""

import asyncio
from uuid import UUID

import psycopg

from gateway import facts
from gateway.items import item
from portal.core.clock import from_ms
from portal.core.config import Settings
from tests.gateway.agent import Agent, now
from tests.gateway.process import Rows, wait_until

MANY = 500
MINUTE = 60_000
OVER = """
INSERT INTO pause (id, employee_id, source, number, asked_at, starts_at, ends_at, ended_at, ended_number)
SELECT gen_random_uuid(), %s, 'page', n, at, at, NULL, at + interval '1 second', n
  FROM (SELECT n, %s::timestamptz + n * interval '2 seconds' AS at FROM generate_series(1, %s) n) AS made
"""


def known(settings: Settings, agent: Agent, *parts: tuple[bytes, bytes]) -> facts.Known:
    """What the gateway reads to decide about these."""

    async def load() -> facts.Known:
        async with await psycopg.AsyncConnection.connect(settings.conninfo("gateway")) as connection:
            items = [item(agent.device, agent.employee, *part) for part in parts]
            return await facts.load(connection, items, now(), 24 * 60 * MINUTE)

    return asyncio.run(load())


def test_R04_pauses_that_were_over_before_are_not_read(agent: Agent, rows: Rows, settings: Settings) -> None:
    agent.await_lease()
    begun = now() - 120 * MINUTE
    rows.do(OVER, agent.employee, from_ms(begun), MANY)
    assert pauses(known(settings, agent, agent.segment()), agent.employee) == 0
    first = begun + 2 * MANY * 1000
    assert pauses(known(settings, agent, agent.segment(start=first, end=first)), agent.employee) == 1
    assert agent.outcome(agent.segment()) == ["stored"]


def test_P06_what_comes_late_from_inside_a_pause_that_is_over_is_refused(agent: Agent, rows: Rows) -> None:
    agent.await_lease()
    at = agent.lease.issued
    rows.do(OVER, agent.employee, from_ms(at - 2000), 1)
    later = at + 1001
    wait_until(lambda: now() > later)
    inside, after = agent.segment(start=at, end=at + 1), agent.segment(start=later, end=later)
    assert agent.outcome(inside, after) == ["paused", "stored"]
    assert agent.outcome(agent.segment(start=at + 1000, end=at + 1000)) == ["stored"], "the end is not inside"


def pauses(found: facts.Known, person: UUID) -> int:
    return len(found.pauses.get(person, ()))
