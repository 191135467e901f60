"""R04: what one person may store of a day is bounded in bytes, and so are the lines about what was refused."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from gateway.bounds import REMEMBERED, Bounds, Line, What
from portal.capture import volumes
from portal.core import clock
from tests.gateway.agent import Agent, now
from tests.gateway.process import Gateway, Rows
from wire.documents import Kind
from wire.segment import MAX_SIZE

TODAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOW = clock.to_ms(TODAY)
ANYBODY = UUID(int=1)

SPENT = "SELECT sum(bytes + items * %s) FROM employee_day WHERE employee_id = %s"
REFUSED = "SELECT reason, count(*) FROM upload WHERE employee_id = %s AND outcome = 'refused' GROUP BY 1 ORDER BY 1"
EARLIER = """
INSERT INTO upload (device_id, segment_id, employee_id, content_hash, outcome, reason, seq, local_day)
SELECT %s, gen_random_uuid(), %s, '', 'refused', 'no_lease', 0, (now() AT TIME ZONE 'UTC')::date
  FROM generate_series(1, %s)
"""


def test_R04_a_day_of_keys_holds_what_a_device_can_have_typed(agent: Agent, rows: Rows) -> None:
    agent.await_lease()
    outcomes: list[str] = []
    at = now()
    for _ in range(3):
        outcomes += agent.outcome(*(agent.segment(start=at - 1, end=at, size=MAX_SIZE) for _ in range(16)))
    assert outcomes.count("stored") == volumes.DAY // volumes.charged(MAX_SIZE)
    assert set(outcomes[32:]) == {"too_much"}
    assert rows.one(SPENT, volumes.ROW, agent.employee) <= volumes.DAY
    assert agent.outcome(agent.segment(start=at - 1, end=at)) == ["stored"], "what still fits is stored"
    assert dict(rows.all(REFUSED, agent.employee))["too_much"] >= 16, "and what was refused is shown to the person"


def test_R04_what_another_process_has_stored_counts(
    agent: Agent, rows: Rows, environment: dict[str, str], gateway: Gateway
) -> None:
    """The day is full by what the database says, of which this process has stored nothing."""
    agent.await_lease()
    rows.do(
        "INSERT INTO employee_day (employee_id, local_day, kind, context, sensitivity, items, milliseconds, bytes) "
        "SELECT %s, (now() AT TIME ZONE 'UTC')::date + off, 'key', 'mail', 1, 1, 1, %s FROM generate_series(-1, 1) off",
        agent.employee,
        volumes.DAY,
    )
    at = now()
    assert agent.outcome(agent.segment(start=at - 2, end=at - 1)) == ["too_much"]
    picture = agent.segment(kind=Kind.SCREENSHOT, context="vscode", counts={"images": 1})
    assert agent.outcome(picture) != ["too_much"], "screenshots are counted by themselves"


def test_R04_keys_as_large_as_screenshots_are_refused(agent: Agent, rows: Rows) -> None:
    """56 MiB of 5 ms of keys were possible once."""
    agent.await_lease()
    large = os.urandom((256 << 10) + 1)
    assert agent.outcome(agent.segment(large, size=MAX_SIZE)) == ["too_large"]
    assert agent.outcome(agent.segment(large[:-1], size=10)) == ["too_large"], "more than its header says"
    assert agent.outcome(agent.segment(large[:-1], size=MAX_SIZE)) == ["stored"]


def test_R04_lines_of_refusals_end_and_the_last_says_so(
    gateway: Gateway, rows: Rows, person: Callable[..., UUID]
) -> None:
    agent = rows.agent(gateway.url, person())
    agent.await_lease()
    rows.do(EARLIER, agent.device, agent.employee, volumes.LINES - 2)
    lies = [agent.segment(lease=UUID(int=n)) for n in range(6)]
    assert sorted(agent.outcome(*lies)) == ["no_lease"] + ["not_listed"] * 5
    assert agent.outcome(*lies[:2]) == agent.outcome(*lies[:2]), "the same content is answered the same"
    assert dict(rows.all(REFUSED, agent.employee)) == {"no_lease": volumes.LINES - 1, "not_listed": 1}
    assert agent.outcome(agent.segment()) == ["stored"]


def filled(bounds: Bounds, amount: int) -> bool:
    return bounds.store(ANYBODY, Kind.KEY, TODAY.date(), amount, 1000)


def test_R04_the_database_is_asked_once_a_day_and_at_each_eighth() -> None:
    bounds = Bounds()
    assert bounds.unsure([ANYBODY], NOW) == [ANYBODY]
    bounds.learn([ANYBODY], [], NOW)
    assert filled(bounds, 124)
    assert bounds.unsure([ANYBODY], NOW) == []
    assert bounds.unsure([ANYBODY], NOW + 86_400_000) == [ANYBODY]
    assert filled(bounds, 1)
    assert bounds.unsure([ANYBODY], NOW) == [ANYBODY]
    bounds.learn([ANYBODY], [(ANYBODY, "others", TODAY.date(), 900)], NOW)
    assert not filled(bounds, 101)
    assert filled(bounds, 100)


def test_R04_lines_about_the_erased_end_too_whatever_the_database_is_asked() -> None:
    bounds = Bounds()
    bounds.learn([ANYBODY], [], NOW)
    lines = []
    for _ in range(volumes.LINES + 1):
        if bounds.unsure([ANYBODY], NOW):
            bounds.learn([ANYBODY], [], NOW)
        lines.append(bounds.line(ANYBODY, What.ERASED, TODAY.date()))
    assert lines[-2:] == [Line.LAST, Line.NOT_WRITTEN]


def test_R04_people_without_end_are_not_remembered() -> None:
    bounds = Bounds()
    people = [UUID(int=number) for number in range(REMEMBERED + 2)]
    bounds.learn(people, [], NOW)
    assert bounds.unsure(people, NOW) == people[:2]
