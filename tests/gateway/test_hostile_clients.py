"""R04: bombs, floods and slow clients cost bounded memory and time; others are served meanwhile."""

import asyncio
import gzip
import json
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import pytest
import requests
import zstandard

from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows, wait_until
from tests.web.raw_requests import AMBIGUOUS, status_lines
from wire import opamp, segment

MEBIBYTE = 1 << 20
SECONDS = 30


def raw(gateway: Gateway) -> socket.socket:
    parts = urlsplit(gateway.url)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=SECONDS)


def head(method: str, path: str, **headers: object) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def status(client: socket.socket) -> int:
    return int(client.recv(4096).split()[1])


def bomb(size: int) -> bytes:
    compressor = zstandard.ZstdCompressor(level=1).compressobj()
    zeros = bytes(MEBIBYTE)
    return b"".join(compressor.compress(zeros) for _ in range(size // MEBIBYTE)) + compressor.flush()


def test_R04_a_bomb_is_stored_unopened(gateway: Gateway, agent: Agent, rows: Rows) -> None:
    agent.poll()
    body = bomb(512 * MEBIBYTE)
    assert len(body) < MEBIBYTE
    before = gateway.memory()
    assert agent.outcome(agent.segment(body=body, size=len(body))) == ["stored"]
    assert rows.one("SELECT body FROM segment WHERE employee_id = %s", agent.employee) == body
    assert gateway.memory() - before < 64 * MEBIBYTE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_R04_an_encoded_request_is_not_unpacked(agent: Agent, encoding: str) -> None:
    headers = agent.signed("POST", "/v1/segments", b"x") | {"Content-Encoding": encoding}
    answer = requests.post(f"{agent.url}/v1/segments", data=b"x", headers=headers, timeout=SECONDS)
    assert (answer.status_code, answer.json()["error"]) == (415, "encoded")


def test_a_gzipped_opamp_message_is_understood(agent: Agent) -> None:
    """The specification asks servers for gzip on plain HTTP; the signature covers what was sent."""
    body = gzip.compress(agent.hello().SerializeToString())
    answer = post_gzip(agent, body)
    assert answer.status_code == 200
    assert opamp.server_message(answer.content, framed=False).remote_config.config.config_map


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (gzip.compress(b"\0" * (64 << 20)), 413),
        (gzip.compress(b"x" * 1000)[:-9], 400),
        (gzip.compress(b"x") + b"more", 400),
        (b"not gzip", 400),
    ],
    ids=["bomb", "cut off", "two members", "not gzip"],
)
def test_R04_a_gzip_bomb_is_counted_while_it_flows(agent: Agent, gateway: Gateway, body: bytes, refused: int) -> None:
    before = gateway.memory()
    assert post_gzip(agent, body).status_code == refused
    assert gateway.memory() - before < 16 * MEBIBYTE


def post_gzip(agent: Agent, body: bytes) -> requests.Response:
    headers = agent.signed("POST", "/v1/opamp", body) | {"Content-Encoding": "gzip", "Content-Type": opamp.CONTENT_TYPE}
    return requests.post(f"{agent.url}/v1/opamp", data=body, headers=headers, timeout=SECONDS)


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_R06_a_request_with_two_readings_gets_one_refusal(gateway: Gateway, name: str) -> None:
    told = status_lines(gateway.port, AMBIGUOUS[name], 0.2)
    assert len(told) <= 1
    assert not told or int(told[0].split()[1]) == 400
    assert gateway.healthy()


@pytest.mark.parametrize(("path", "most"), [("/v1/segments", 8 * MEBIBYTE), ("/v1/opamp", 256 << 10)])
def test_R04_a_body_too_long_is_refused_before_it_is_read(agent: Agent, gateway: Gateway, path: str, most: int) -> None:
    with raw(gateway) as client:
        client.sendall(head("POST", path, Content_Length=most + 1, **agent.signed("POST", path)))
        assert status(client) == 413


def test_R04_an_enrolment_too_long_is_refused_before_it_is_read(gateway: Gateway) -> None:
    with raw(gateway) as client:
        client.sendall(head("POST", "/v1/enroll", Content_Length=10**12))
        assert status(client) == 413


def test_R04_a_body_without_a_length_is_counted(agent: Agent, gateway: Gateway) -> None:
    with raw(gateway) as client:
        signed = agent.signed("POST", "/v1/opamp")
        client.sendall(head("POST", "/v1/opamp", Transfer_Encoding="chunked", **signed))
        chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
        try:
            for _ in range(40):
                client.sendall(chunk)
        except ConnectionError:
            return
        assert status(client) == 413


@pytest.mark.parametrize(
    "body",
    [
        b"\0",
        b"\0\0\0\x08\0\0\0\0",
        b"\xff" * 8,
        segment.pack([(b"{}", b"x")])[:-1],
        segment.pack([(b"{}", b"")] * 65),
        os.urandom(100_000),
    ],
)
def test_R04_a_broken_upload_stores_nothing(agent: Agent, rows: Rows, body: bytes) -> None:
    answer = agent.post("/v1/segments", body, segment.CONTENT_TYPE)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert rows.one("SELECT count(*) FROM upload WHERE employee_id = %s", agent.employee) == 0


@pytest.mark.slow
def test_R04_slow_clients_are_cut_off_while_others_are_served(agent: Agent, gateway: Gateway) -> None:
    slow_heads = [raw(gateway) for _ in range(50)]
    for client in slow_heads:
        client.sendall(b"POST /v1/segments HTTP/1.1\r\nHost: gate")
    slow_body = raw(gateway)
    slow_body.sendall(head("POST", "/v1/enroll", Content_Length=1000) + b"{")
    began = time.monotonic()
    agent.poll()
    assert agent.outcome(agent.segment()) == ["stored"]
    assert time.monotonic() - began < SECONDS / 3
    assert status(slow_body) == 408
    for client in slow_heads:
        assert client.recv(100) == b""
        client.close()
    slow_body.close()


def test_R04_a_device_that_asks_too_often_is_told_so(agent: Agent) -> None:
    signed = [agent.signed("POST", "/v1/segments", b"") | {"Content-Type": segment.CONTENT_TYPE} for _ in range(400)]
    with ThreadPoolExecutor(16) as many:
        codes = set(many.map(lambda headers: _code(f"{agent.url}/v1/segments", headers), signed))
    assert codes == {200, 429}


def _code(url: str, headers: dict[str, str]) -> int:
    return requests.post(url, data=b"", headers=headers, timeout=SECONDS).status_code


def test_R04_a_flood_of_messages_closes_the_socket(agent: Agent, gateway: Gateway) -> None:
    asyncio.run(_flood(agent))
    wait_until(gateway.healthy)


async def _flood(agent: Agent) -> None:
    async with agent.connected() as line:
        message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=2)
        for _ in range(500):
            await line.send(message)
        while (received := await line.socket.receive(timeout=SECONDS)).type is aiohttp.WSMsgType.BINARY:
            pass
        assert received.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


@pytest.mark.parametrize("kind", ["text", "garbage", "too long", "no uid"])
def test_R04_a_bad_message_hurts_nobody_else(agent: Agent, gateway: Gateway, kind: str) -> None:
    asyncio.run(_bad_message(agent, kind))
    agent.poll()
    assert agent.outcome(agent.segment()) == ["stored"]
    assert gateway.healthy()


async def _bad_message(agent: Agent, kind: str) -> None:
    async with agent.connected() as line:
        match kind:
            case "text":
                await line.socket.send_str("hello")
            case "garbage":
                await line.socket.send_bytes(os.urandom(300))
            case "too long":
                await line.socket.send_bytes(bytes(opamp.MAX_MESSAGE + 1))
            case "no uid":
                await line.send(opamp.AgentToServer(instance_uid=b"short"))
                assert (await line.receive()).error_response.error_message
                return
        received = await line.socket.receive(timeout=SECONDS)
        if received.type is aiohttp.WSMsgType.BINARY:
            assert opamp.server_message(received.data, framed=True).HasField("error_response")
            received = await line.socket.receive(timeout=SECONDS)
        assert received.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


def test_R04_half_a_frame_does_not_hold_others_up(
    agent: Agent, gateway: Gateway, rows: Rows, person: Callable[..., UUID]
) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": 13}
    with raw(gateway) as client:
        signed = agent.signed("GET", "/v1/opamp") | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        client.sendall(head("GET", "/v1/opamp", **upgrade, **signed))
        assert status(client) == 101
        client.sendall(b"\x82\xfe\xff\xff\x00")
        other = rows.agent(gateway.url, person())
        other.poll()
        assert other.outcome(other.segment()) == ["stored"]


def test_R04_a_socket_is_refused_before_the_upgrade(agent: Agent, gateway: Gateway) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": 13}
    with raw(gateway) as client:
        client.sendall(head("GET", "/v1/opamp", Authorization="Bearer wrong", **upgrade))
        assert status(client) == 401
    answer = requests.get(f"{gateway.url}/v1/opamp", headers=agent.signed("GET", "/v1/opamp"), timeout=SECONDS)
    assert (answer.status_code, answer.json()["error"]) == (426, "upgrade")


@pytest.mark.parametrize(
    "broken",
    [
        b"GET /healthz HTTP/1.1\r\nHost: secret-name\r\nHost: b\r\n\r\n",
        b"POST /v1/enroll HTTP/1.1\r\nHost: secret-name\r\nContent-Length: -5\r\n\r\n",
        b"GET /secret-name nonsense\r\n\r\n",
    ],
)
def test_what_is_no_http_leaves_one_line_without_its_words(gateway: Gateway, broken: bytes) -> None:
    before = len(gateway.lines())
    with raw(gateway) as client:
        client.sendall(broken)
        answer = client.recv(4096)
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert b"Python" not in answer
    assert b"aiohttp" not in answer
    requests.get(f"{gateway.url}/healthz", timeout=SECONDS)
    lines = [json.loads(line) for line in gateway.lines()[before:]]
    assert not any("127.0.0.1" in str(line) or "secret-name" in str(line) for line in lines)
    assert not any(line["level"] in {"error", "critical"} for line in lines)
