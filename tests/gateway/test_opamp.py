"""OpAMP at the real process: the unmodified OpenTelemetry client, held polls, and what is pushed when."""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import requests
from opentelemetry._opamp.agent import OpAMPAgent
from opentelemetry._opamp.callbacks import MessageData, OpAMPCallbacks
from opentelemetry._opamp.client import OpAMPClient

from portal.core.clock import from_ms
from tests.cast import Organisation
from tests.gateway.agent import Agent, now
from tests.gateway.process import Gateway, Rows, wait_until
from wire import documents, dsse, opamp
from wire.documents import Kind
from wire.policy import Audience, Policy, accept

SECONDS = 30
APPLIED = opamp.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED


HELD = 8
"""Seconds that the tuned client lets its polls be held."""


def publish(rows: Rows, organisation: Organisation, site: str, **changes: object) -> Policy:
    """A policy for one site, in force now, as the operator publishes it; nobody else is concerned."""
    version = rows.one("SELECT max(version) + 1 FROM policy")
    policy = replace(
        organisation.policy(),
        version=version,
        audience=Audience((site,), None, None),
        **changes,  # type: ignore[arg-type]
    )
    row = uuid4()
    rows.connection.execute(
        "INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
        [
            row,
            version,
            documents.document_hash(policy),
            organisation.policy_envelope(policy).decode(),
            from_ms(policy.not_before),
            datetime.now(UTC) + timedelta(days=300),
        ],
    )
    rows.notify("policy", row)
    return policy


def hash_of(agent: Agent) -> str:
    """Of the policy that the agent was told last."""
    return documents.document_hash(documents.read(Policy, dsse.payload_of(agent.files["policy"])))


def narrow(organisation: Organisation) -> dict[str, object]:
    """Changes that leave only pointer movements."""
    return {"rules": tuple(rule for rule in organisation.policy().rules if rule.kind is Kind.POINTER)}


class Recorder(OpAMPCallbacks):  # type: ignore[misc]
    """What an application does with the client: apply what comes, and say so."""

    def __init__(self) -> None:
        self.files: dict[str, object] = {}
        self.errors: list[object] = []

    def on_message(self, agent: OpAMPAgent, client: OpAMPClient, message: MessageData) -> None:
        if message.remote_config is None:
            return
        self.files = dict(client.decode_remote_config(message.remote_config))
        status = client.update_remote_config_status(message.remote_config.config_hash, APPLIED)
        if status is not None:
            agent.send(client.build_remote_config_status_response_message(status))

    def on_error(self, agent: OpAMPAgent, client: OpAMPClient, error_response: object) -> None:  # noqa: ARG002
        self.errors.append(error_response)

    def on_connect_failed(self, agent: OpAMPAgent, client: OpAMPClient, error: Exception) -> None:  # noqa: ARG002
        self.errors.append(error)

    def policy(self) -> bytes:
        return json.dumps(self.files["policy"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@contextmanager
def stock_client(url: str, token: str, interval: float, timeout_ms: int, **headers: str) -> Iterator[Recorder]:
    """The unmodified client, running."""
    recorder = Recorder()
    client = OpAMPClient(
        endpoint=f"{url}/v1/opamp",
        headers={"Authorization": f"Bearer {token}"} | headers,
        timeout_millis=timeout_ms,
        agent_identifying_attributes={"service.name": "stock"},
    )
    agent = OpAMPAgent(client=client, callbacks=recorder, interval=interval)
    agent.start()
    try:
        yield recorder
    finally:
        agent.stop(timeout=SECONDS)


def stock_device(rows: Rows, person: UUID) -> tuple[UUID, str]:
    """A device with a bearer token, as the settings page makes it."""
    device, token = uuid4(), secrets.token_urlsafe(32)
    rows.do(
        "INSERT INTO device (id, employee_id, kind, name, bearer_hash) VALUES (%s, %s, 'opamp', 'Stock', %s)",
        device,
        person,
        hashlib.sha256(token.encode()).digest(),
    )
    return device, token


def reports(rows: Rows, device: UUID) -> list[tuple[str, str]]:
    return rows.all("SELECT what, policy FROM device_report WHERE device_id = %s ORDER BY id", device)


@pytest.mark.parametrize(
    ("interval", "timeout_ms", "headers"),
    [(1.0, 1_000, {}), (0.1, 30_000, {"Prefer": f"wait={HELD}"})],
    ids=["defaults", "tuned"],
)
def test_the_stock_client_receives_the_policy_and_reports_applied(
    gateway: Gateway,
    rows: Rows,
    organisation: Organisation,
    person: Callable[..., UUID],
    interval: float,
    timeout_ms: int,
    headers: dict[str, str],
) -> None:
    site = f"site-{uuid4()}"
    device, token = stock_device(rows, person(site=site))
    everybody = documents.document_hash(organisation.policy())
    with stock_client(gateway.url, token, interval, timeout_ms, **headers) as told:
        wait_until(lambda: reports(rows, device) == [("applied", everybody)])
        assert told.files.keys() == {"policy"}
        assert accept(told.policy(), organisation.trust(), None, now()) == organisation.policy()
        policy = publish(rows, organisation, site, **narrow(organisation))
        began = time.monotonic()
        wait_until(lambda: accept(told.policy(), organisation.trust(), None, now()) == policy)
        took = time.monotonic() - began
        # The client may send its word behind a poll that it had queued already and that is held.
        wait_until(lambda: len(reports(rows, device)) == 2)
    assert reports(rows, device)[1] == ("applied", documents.document_hash(policy))
    assert rows.one("SELECT count(*) FROM lease_span WHERE %s = ANY(devices)", device) == 0
    assert not told.errors
    assert not headers or took < HELD / 2


def test_a_bearer_token_opens_policy_and_status_only(gateway: Gateway, rows: Rows, person: Callable[..., UUID]) -> None:
    _, token = stock_device(rows, person())
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{gateway.url}/v1/segments", data=b"", headers=headers, timeout=SECONDS)
    assert answer.status_code == 401
    message = opamp.AgentToServer(instance_uid=bytes(16), sequence_num=1)
    message.custom_message.CopyFrom(opamp.report(b"{}"))
    answer = requests.post(
        f"{gateway.url}/v1/opamp", data=message.SerializeToString(), headers=headers, timeout=SECONDS
    )
    assert opamp.server_message(answer.content, framed=False).HasField("error_response")


def test_a_poll_of_a_collector_is_held_until_there_is_news(agent: Agent, rows: Rows) -> None:
    agent.poll()
    time.sleep(0.3)  # the notification of the enrolment itself is news, too
    agent.poll()
    asyncio.run(_held(agent, rows))


async def _held(agent: Agent, rows: Rows) -> None:
    message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=2)
    body = message.SerializeToString()

    def poll() -> opamp.ServerToAgent:
        headers = agent.signed("POST", "/v1/opamp", body) | {"Prefer": "wait=20"}
        answer = requests.post(f"{agent.url}/v1/opamp", data=body, headers=headers, timeout=SECONDS)
        return opamp.server_message(answer.content, framed=False)

    held = asyncio.create_task(asyncio.to_thread(poll))
    await asyncio.sleep(0.3)
    assert not held.done()
    rows.pause(agent.employee)
    agent.learn(await held)
    assert len(agent.directive.pauses) == 1


def test_an_unknown_run_is_asked_for_its_full_state(agent: Agent) -> None:
    message = opamp.AgentToServer(instance_uid=bytes(range(16)), sequence_num=7)
    body = message.SerializeToString()
    answer = agent.post("/v1/opamp", body, opamp.CONTENT_TYPE)
    flags = opamp.server_message(answer.content, framed=False).flags
    assert flags == opamp.ServerToAgentFlags.ServerToAgentFlags_ReportFullState


def test_P06_what_a_policy_takes_away_is_told_first_and_a_lease_for_the_rest_follows(
    gateway: Gateway, rows: Rows, organisation: Organisation, person: Callable[..., UUID]
) -> None:
    site = f"site-{uuid4()}"
    agent = rows.agent(gateway.url, person(site=site))

    async def follow() -> None:
        async with agent.connected() as line:
            first = agent.lease
            policy = publish(rows, organisation, site, **narrow(organisation))
            await line.until(lambda: hash_of(agent) != first.policy)
            assert agent.files.keys() <= {"policy", "policy_base", "trust"}, "the same bytes for all, and no lease"
            await line.until(lambda: "lease" in agent.files)
            assert agent.lease.policy == documents.document_hash(policy)
            assert agent.lease.permitted.keys() == {Kind.POINTER}
            assert agent.outcome(agent.segment(policy_version=policy.version)) == ["not_in_policy"]
            fits = agent.segment(kind=Kind.POINTER, counts={"points": 1}, policy_version=policy.version)
            assert agent.outcome(fits) == ["stored"]

    asyncio.run(follow())


def test_what_only_permits_more_comes_with_its_lease(
    gateway: Gateway, rows: Rows, organisation: Organisation, person: Callable[..., UUID]
) -> None:
    site = f"site-{uuid4()}"
    agent = rows.agent(gateway.url, person(site=site))
    publish(rows, organisation, site, **narrow(organisation))
    agent.await_lease()

    async def follow() -> None:
        async with agent.connected() as line:
            wait_until(lambda: agent.lease.permitted.keys() == {Kind.POINTER})
            policy = publish(rows, organisation, site)
            while hash_of(agent) != documents.document_hash(policy):
                await line.news()
                assert "lease" in agent.files, "nobody has to stop"
            assert agent.lease.policy == documents.document_hash(policy)

    asyncio.run(follow())


def test_P06_what_a_policy_takes_away_when_it_begins_is_told_first(
    gateway: Gateway, rows: Rows, organisation: Organisation, person: Callable[..., UUID]
) -> None:
    site = f"site-{uuid4()}"
    agent = rows.agent(gateway.url, person(site=site))

    async def follow() -> None:
        async with agent.connected() as line:
            begins = now() + 1_000
            policy = publish(rows, organisation, site, not_before=begins, **narrow(organisation))
            await line.until(lambda: hash_of(agent) == documents.document_hash(policy))
            assert now() >= begins
            assert "lease" not in agent.files

    asyncio.run(follow())


def test_P06_a_pause_that_begins_by_the_clock_takes_the_lease_away(agent: Agent, rows: Rows) -> None:
    async def follow() -> None:
        async with agent.connected() as line:
            start = datetime.now(UTC) + timedelta(seconds=1)
            rows.pause(agent.employee, starts_at=start, ends_at=start + timedelta(seconds=1))
            await line.until(lambda: agent.directive.number == 1)
            assert agent.lease.permitted
            announced = agent.directive
            await line.until(lambda: not agent.lease.permitted)
            assert agent.directive == announced
            assert agent.lease.issued >= start.timestamp() * 1000 - 1
            await line.until(lambda: bool(agent.lease.permitted))
            assert agent.directive.pauses == ()
            assert agent.lease.issued >= start.timestamp() * 1000 + 999

    asyncio.run(follow())


def test_P06_the_lease_is_remembered_before_it_is_sent(agent: Agent, rows: Rows) -> None:
    async def follow() -> None:
        async with agent.connected() as line:
            for _ in range(5):
                rows.notify("device", agent.device)
                await line.news()
                lease = agent.lease
                until = rows.one("SELECT valid_until FROM lease_span WHERE id = %s", lease.id)
                assert until.timestamp() * 1000 >= lease.issued + lease.ttl_s * 1000

    asyncio.run(follow())
    assert rows.one("SELECT count(*) FROM lease_span WHERE employee_id = %s", agent.employee) == 1


def test_exclusions_travel_in_the_directive(agent: Agent, rows: Rows) -> None:
    async def follow() -> None:
        async with agent.connected() as line:
            rows.connection.execute(
                "UPDATE employee SET exclusions = '{bank.example}', directive_number = 1 WHERE id = %s",
                [agent.employee],
            )
            rows.notify("device", agent.device)
            await line.until(lambda: agent.directive.number == 1)
            assert agent.directive.exclusions == ("bank.example",)

    asyncio.run(follow())


def test_a_device_that_connects_is_seen(agent: Agent, rows: Rows) -> None:
    agent.poll()
    wait_until(lambda: rows.one("SELECT last_seen_at FROM device WHERE id = %s", agent.device) is not None)


def test_health_and_counters_are_told_without_names(gateway: Gateway, agent: Agent) -> None:
    agent.poll()
    agent.outcome(agent.segment())
    health = requests.get(f"{gateway.url}/healthz", timeout=SECONDS)
    assert health.json() == {"status": "ok"}
    assert health.headers["Server"] == "Daylight"
    assert health.headers["Date"]
    counters = requests.get(f"{gateway.url}/metrics", timeout=SECONDS).text
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"):  # a proxy asks for somebody else
        assert requests.get(f"{gateway.url}/metrics", headers={name: "127.0.0.1"}, timeout=SECONDS).status_code == 404
    assert 'daylight_gateway_segments_total{outcome="stored"}' in counters
    assert str(agent.device) not in counters
    missing = requests.get(f"{gateway.url}/v2", timeout=SECONDS)
    assert (missing.status_code, missing.json()["error"]) == (404, "not_found")
    wrong = requests.put(f"{gateway.url}/v1/enroll", timeout=SECONDS)
    assert (wrong.status_code, wrong.json()["error"], wrong.headers["Allow"]) == (405, "method", "POST")
