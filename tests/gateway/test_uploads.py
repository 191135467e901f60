"""R02 and R01: each segment has one effect and one answer, in whatever order, how often and through which crash."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows
from wire import segment

Part = tuple[bytes, bytes]


class Uploading(RuleBasedStateMachine):
    """Uploads in every order, alone and together; `answers`: what each part was answered first."""

    new_agent: Callable[[], Agent]
    rows: Rows
    parts = Bundle("parts")

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[Part, dict[str, Any]] = {}
        self.taken: dict[UUID, Part] = {}

    @initialize()
    def connect(self) -> None:
        self.agent = type(self).new_agent()
        self.agent.await_lease()

    @rule(target=parts, lie=st.sampled_from(["", "", "", "lease", "context", "seq"]))
    def make(self, lie: str) -> Part:
        changes: dict[str, Any] = {
            "": {},
            "lease": {"lease": uuid4()},
            "context": {"context": "bank"},
            "seq": {"seq": 1},
        }
        return self.agent.segment(**changes[lie])

    @rule(target=parts, part=parts)
    def change(self, part: Part) -> Part:
        return part[0], part[1] + b"other"

    @rule(chosen=st.lists(parts, max_size=6))
    def upload(self, chosen: list[Part]) -> None:
        for part, answer in zip(chosen, self.agent.upload(*chosen), strict=True):
            self.check(part, answer)

    @rule(chosen=st.lists(parts, min_size=1, max_size=4), times=st.integers(2, 4))
    def upload_together(self, chosen: list[Part], times: int) -> None:
        orders = [random.sample(chosen, len(chosen)) for _ in range(times)]
        with ThreadPoolExecutor(times) as pool:
            answers = list(pool.map(lambda order: Agent.upload(self.twin(), *order), orders))
        for order, results in zip(orders, answers, strict=True):
            for part, answer in zip(order, results, strict=True):
                self.check(part, answer)

    def twin(self) -> Agent:
        """The same device through a connection of its own."""
        return Agent(self.agent.url, key=self.agent.key, device=self.agent.device, employee=self.agent.employee)

    def check(self, part: Part, answer: dict[str, Any]) -> None:
        assert self.answers.setdefault(part, answer) == answer
        if answer["outcome"] == "stored":
            assert self.taken.setdefault(UUID(answer["segment"]), part) == part

    @invariant()
    def exactly_what_was_acknowledged_is_there(self) -> None:
        if not hasattr(self, "agent"):
            return
        there = self.rows.all(
            "SELECT s.id, s.header, s.body FROM segment s WHERE s.employee_id = %s", self.agent.employee
        )
        assert {found[0]: (found[1], found[2]) for found in there} == self.taken
        assert len(there) == len(self.taken)
        items = self.rows.one("SELECT sum(items) FROM employee_day WHERE employee_id = %s", self.agent.employee)
        assert (items or 0) == len(there)


@pytest.mark.slow
def test_R02_uploads_have_one_effect_and_one_answer(gateway: Gateway, rows: Rows, person: Callable[..., UUID]) -> None:
    Uploading.new_agent = staticmethod(lambda: rows.agent(gateway.url, person()))
    Uploading.rows = rows
    run_state_machine_as_test(
        Uploading,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_R02_a_retry_gets_the_same_answer_after_erasure(agent: Agent, rows: Rows) -> None:
    agent.await_lease()
    part = agent.segment()
    assert agent.outcome(part) == ["stored"]
    rows.do("DELETE FROM segment WHERE employee_id = %s", agent.employee)
    rows.do("UPDATE upload SET outcome = 'erased' WHERE employee_id = %s", agent.employee)
    assert agent.outcome(part) == ["erased"]
    assert agent.outcome((part[0], b"other")) == ["conflict"]
    assert rows.one("SELECT count(*) FROM segment WHERE employee_id = %s", agent.employee) == 0


@pytest.fixture
def own_gateway(environment: dict[str, str]) -> Iterator[Gateway]:
    """A gateway that the test may kill."""
    with Gateway(environment) as process:
        yield process


def test_R01_what_was_acknowledged_before_a_kill_is_there(
    own_gateway: Gateway, rows: Rows, person: Callable[..., UUID]
) -> None:
    agents = [rows.agent(own_gateway.url, person()) for _ in range(8)]
    for agent in agents:
        agent.poll()
    acknowledged: set[str] = set()
    sent: list[tuple[Agent, Part]] = []
    stop = threading.Event()

    def upload(agent: Agent) -> None:
        while not stop.is_set():
            parts = [agent.segment() for _ in range(5)]
            sent.extend((agent, part) for part in parts)
            try:
                answers = agent.upload(*parts)
            except requests.RequestException:
                return
            acknowledged.update(answer["segment"] for answer in answers if answer["outcome"] == "stored")

    with ThreadPoolExecutor(len(agents)) as pool:
        running = [pool.submit(upload, agent) for agent in agents]
        while len(acknowledged) < 200:
            assert not all(task.done() for task in running)
        own_gateway.kill()
        stop.set()
    there = {str(found) for (found,) in rows.all("SELECT id FROM segment WHERE employee_id = ANY(%s)", people(agents))}
    assert acknowledged <= there

    own_gateway.start()
    for agent, part in sent:
        assert agent.outcome(part) == ["stored"]
    after = rows.all("SELECT id FROM segment WHERE employee_id = ANY(%s)", people(agents))
    assert sorted(str(found) for (found,) in after) == sorted(
        str(segment.read_header(header).segment) for _, (header, _) in sent
    )


def people(agents: list[Agent]) -> list[UUID]:
    return [agent.employee for agent in agents]


def test_R01_a_graceful_stop_answers_what_it_took(
    own_gateway: Gateway, rows: Rows, person: Callable[..., UUID]
) -> None:
    agents = [rows.agent(own_gateway.url, person()) for _ in range(6)]
    for agent in agents:
        agent.poll()
    bodies = [agent.segment(body=b"DLS1" + bytes(200_000), size=200_000) for agent in agents]
    with ThreadPoolExecutor(len(agents)) as pool:
        answers = [pool.submit(agent.outcome, part) for agent, part in zip(agents, bodies, strict=True)]
        own_gateway.stop()
        done = [task for task in answers if task.exception() is None]
        assert all(task.result() == ["stored"] for task in done)
    there = rows.one("SELECT count(*) FROM segment WHERE employee_id = ANY(%s)", people(agents))
    assert there == len(done)
