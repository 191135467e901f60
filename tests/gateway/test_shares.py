"""R04: what one device asks for costs bounded memory, and leaves everybody else theirs."""

import gzip
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
import requests

from gateway.sockets import PER_DEVICE
from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows, wait_until
from tests.gateway.test_hostile_clients import MEBIBYTE, head, post_gzip, raw, status
from wire import opamp, segment

POLLS = 150
"""Below the rate that is refused."""

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": 13,
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture
def own_gateway(environment: dict[str, str]) -> Iterator[Gateway]:
    """A gateway that nothing else has filled."""
    with Gateway(environment) as process:
        yield process


@pytest.mark.parametrize("where", ["hash", "name"])
def test_R04_what_an_agent_calls_itself_and_its_configuration_is_not_kept_at_any_length(
    own_gateway: Gateway, rows: Rows, person: Callable[..., UUID], where: str
) -> None:
    agent = rows.agent(own_gateway.url, person())
    agent.poll()
    before = own_gateway.memory()
    for number in range(POLLS):
        message = opamp.AgentToServer(instance_uid=os.urandom(16), sequence_num=1, capabilities=1)
        large = number.to_bytes(4, "big") + bytes(250_000)
        if where == "hash":
            message.remote_config_status.last_remote_config_hash = large
        else:
            message.instance_uid = large
        assert post_gzip(agent, gzip.compress(message.SerializeToString(), 1)).status_code == 200
    assert own_gateway.memory() - before < 16 * MEBIBYTE


def test_R04_bodies_that_do_not_come_take_no_room(gateway: Gateway, rows: Rows, person: Callable[..., UUID]) -> None:
    """What 17 liars declare is more than all bodies together may have."""
    honest = rows.agent(gateway.url, person())
    honest.poll()
    with ExitStack() as held:
        for _ in range(17):
            _begin(held, gateway, rows.agent(gateway.url, person()))
        assert honest.outcome(honest.segment()) == ["stored"]


def test_R04_one_device_has_two_bodies_on_their_way(
    gateway: Gateway, rows: Rows, agent: Agent, person: Callable[..., UUID]
) -> None:
    agent.poll()
    body = segment.pack([agent.segment()])
    with ExitStack() as held:
        wait_until(lambda: _refused(_begin(held, gateway, agent)))
        assert agent.post("/v1/segments", body, segment.CONTENT_TYPE).status_code == 429
        agent.poll()  # a pause gets through all the same
        other = rows.agent(gateway.url, person())
        other.poll()
        assert other.outcome(other.segment()) == ["stored"]
    wait_until(lambda: agent.post("/v1/segments", body, segment.CONTENT_TYPE).status_code == 200)


def test_R04_one_person_has_four_bodies_on_their_way(gateway: Gateway, rows: Rows, agent: Agent) -> None:
    others = [rows.agent(gateway.url, agent.employee) for _ in range(2)]
    agent.await_lease()
    body = segment.pack([agent.segment()])
    with ExitStack() as held:
        for sender in others:
            wait_until(lambda: _refused(_begin(held, gateway, sender)))  # noqa: B023 - at once
        assert agent.post("/v1/segments", body, segment.CONTENT_TYPE).status_code == 429


def test_R04_a_device_holds_four_connections_the_newest(gateway: Gateway, agent: Agent) -> None:
    agent.poll()
    with ExitStack() as held:
        lines = [_connected(held, gateway, agent) for _ in range(PER_DEVICE + 2)]
        for line in lines[:2]:
            assert b"\x03\xf0replaced by newer connections" in line.recv(200)
        for line in lines[2:]:
            line.settimeout(0.2)
            with pytest.raises(TimeoutError):
                line.recv(1)
        wait_until(lambda: _connections(gateway) == PER_DEVICE)


def _begin(held: ExitStack, gateway: Gateway, agent: Agent) -> socket.socket:
    """One byte of an upload of eight MiB."""
    client = held.enter_context(raw(gateway))
    declared = head("POST", "/v1/segments", Content_Length=8 * MEBIBYTE, **agent.signed("POST", "/v1/segments"))
    client.sendall(declared + b"x")
    return client


def _refused(client: socket.socket) -> bool:
    """Whether it is told to come later; else it is on its way."""
    client.settimeout(1)
    try:
        return status(client) == 429
    except TimeoutError:
        return False


def _connected(held: ExitStack, gateway: Gateway, agent: Agent) -> socket.socket:
    client = held.enter_context(raw(gateway))
    client.sendall(head("GET", "/v1/opamp", **UPGRADE, **agent.signed("GET", "/v1/opamp")))
    assert status(client) == 101
    return client


def _connections(gateway: Gateway) -> int:
    lines = requests.get(f"{gateway.url}/metrics", timeout=10).text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("daylight_gateway_connections "))))
