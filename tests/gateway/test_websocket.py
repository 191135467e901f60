"""The WebSocket on the bare transport, byte by byte against the real gateway."""

import socket
from collections.abc import Iterator
from uuid import UUID

import pytest

from gateway.sockets import MESSAGE_BURST
from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows, wait_until
from tests.gateway.test_hostile_clients import head, raw
from wire import opamp
from wire.documents import ReportKind

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FINAL, MASKED = 0x80, 0x80


def frame(payload: bytes, opcode: int = BINARY, *, final: bool = True) -> bytes:
    """A client's frame, masked with zeros."""
    first = (FINAL if final else 0) | opcode
    if len(payload) < 126:
        return bytes((first, MASKED | len(payload))) + bytes(4) + payload
    return bytes((first, MASKED | 126)) + len(payload).to_bytes(2, "big") + bytes(4) + payload


def upgrade(agent: Agent) -> bytes:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": 13}
    signed = agent.signed("GET", "/v1/opamp") | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    return head("GET", "/v1/opamp", **headers, **signed)


class Reader:
    """What the server sends: its head, then its frames."""

    def __init__(self, client: socket.socket) -> None:
        self._client, self._data = client, b""

    def take(self, size: int) -> bytes:
        while len(self._data) < size:
            part = self._client.recv(65_536)
            assert part, "the server closed"
            self._data += part
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def head(self) -> list[bytes]:
        while b"\r\n\r\n" not in self._data:
            self._data += self._client.recv(65_536)
        found, _, self._data = self._data.partition(b"\r\n\r\n")
        return found.split(b"\r\n")

    def frame(self) -> tuple[int, bytes]:
        first, size = self.take(2)
        assert first & FINAL
        assert not size & MASKED
        if size == 126:
            size = int.from_bytes(self.take(2), "big")
        return first & 0x0F, self.take(size)

    def ended(self) -> bool:
        return self._client.recv(1) == b""


@pytest.fixture
def client(gateway: Gateway) -> Iterator[socket.socket]:
    with raw(gateway) as made:
        yield made


def test_the_upgrade_answers_with_the_digest_of_the_key(client: socket.socket, agent: Agent) -> None:
    client.sendall(upgrade(agent))
    lines = Reader(client).head()
    assert lines[0] == b"HTTP/1.1 101 Switching Protocols"
    # The example of RFC 6455, 1.3.
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in lines


def test_what_comes_behind_the_request_is_not_lost(client: socket.socket, agent: Agent) -> None:
    client.sendall(upgrade(agent) + frame(opamp.to_frame(agent.hello())))
    reader = Reader(client)
    reader.head()
    opcode, payload = reader.frame()
    agent.learn(opamp.server_message(payload, framed=True))
    assert opcode == BINARY
    assert agent.lease.devices == (agent.device,)


def test_a_message_in_pieces_with_a_ping_between_them(client: socket.socket, agent: Agent) -> None:
    hello = opamp.to_frame(agent.hello())
    client.sendall(upgrade(agent))
    reader = Reader(client)
    reader.head()
    for byte in frame(hello[:10], final=False) + frame(b"still there?", PING) + frame(hello[10:], 0):
        client.sendall(bytes((byte,)))
    assert reader.frame() == (PONG, b"still there?")
    opcode, payload = reader.frame()
    assert opcode == BINARY
    assert opamp.server_message(payload, framed=True).HasField("remote_config")


def test_R01_a_report_just_before_the_close_is_kept(client: socket.socket, agent: Agent, rows: Rows) -> None:
    message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=2)
    message.custom_message.CopyFrom(opamp.report(agent.report(ReportKind.STOPPED)))
    hello, report = opamp.to_frame(agent.hello()), opamp.to_frame(message)
    client.sendall(upgrade(agent) + frame(hello) + frame(report) + frame(b"\x03\xe8", CLOSE))
    wait_until(lambda: _reports(rows, agent.device) == 1)


def test_a_close_is_answered_and_ends_the_connection(client: socket.socket, agent: Agent) -> None:
    client.sendall(upgrade(agent) + frame(b"\x03\xe8bye", CLOSE))
    reader = Reader(client)
    reader.head()
    assert reader.frame() == (CLOSE, b"\x03\xe8")
    assert reader.ended()


@pytest.mark.parametrize(
    ("sent", "code"),
    [(frame(b"hello", TEXT), 1003), (b"\xff\x80" + bytes(4), 1002), (b"\x82\xff" + (1 << 40).to_bytes(8, "big"), 1009)],
)
def test_R04_what_is_not_the_protocol_is_told_why(client: socket.socket, agent: Agent, sent: bytes, code: int) -> None:
    client.sendall(upgrade(agent) + sent)
    reader = Reader(client)
    reader.head()
    assert reader.frame() == (CLOSE, code.to_bytes(2, "big"))
    assert reader.ended()


def _reports(rows: Rows, device: UUID) -> int:
    return int(rows.one("SELECT count(*) FROM device_report WHERE device_id = %s", device))


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_R04_pings_count_as_messages_do(client: socket.socket, agent: Agent, opcode: int) -> None:
    client.sendall(upgrade(agent) + frame(b"", opcode) * (MESSAGE_BURST + 50))
    reader = Reader(client)
    reader.head()
    answered = 0
    while (got := reader.frame())[0] == PONG:
        answered += 1
    assert got == (CLOSE, (1008).to_bytes(2, "big") + b"too many messages")
    assert answered <= (MESSAGE_BURST + 5) * (opcode == PING)
