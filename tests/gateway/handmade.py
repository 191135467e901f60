"""An OpAMP client written from the specifications alone: WebSocket frames (RFC 6455) and protobuf by hand.

Shares no code with the gateway or its libraries, so that a mistake made on both sides cannot hide.
"""

import base64
import hashlib
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 30
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
STATUS, ACCEPTS_CONFIG, REPORTS_CONFIG = 0x1, 0x2, 0x1000
Fields = dict[int, list[int | bytes]]


def varint(number: int) -> bytes:
    """Base 128, the low seven bits first."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number: int, value: int | bytes) -> bytes:
    """One field: a number as varint, bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(data: bytes) -> Fields:
    """The fields of a message, by number, in their order."""
    found: Fields = {}
    at = 0
    while at < len(data):
        key, at = _read(data, at)
        if key & 7 == 0:
            value: int | bytes
            value, at = _read(data, at)
        elif key & 7 == 2:
            length, at = _read(data, at)
            value, at = data[at : at + length], at + length
        else:
            raise AssertionError(f"wire type {key & 7}")
        found.setdefault(key >> 3, []).append(value)
    return found


def _read(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        if data[at] < 128:
            return number, at + 1
        at, shift = at + 1, shift + 7


def inside(message: Fields, *path: int) -> Fields:
    """The message at a path of field numbers."""
    for number in path:
        value = message[number][0]
        assert isinstance(value, bytes)
        message = fields(value)
    return message


def attribute(name: str, value: str) -> bytes:
    """A KeyValue of OTLP."""
    return field(1, name.encode()) + field(2, field(1, value.encode()))


def status(
    uid: bytes, number: int, *more: bytes, capabilities: int = STATUS | ACCEPTS_CONFIG | REPORTS_CONFIG
) -> bytes:
    """AgentToServer with uid, sequence number, capabilities, and what else is given."""
    return field(1, uid) + (field(2, number) if number else b"") + field(4, capabilities) + b"".join(more)


def description() -> bytes:
    """agent_description, as the OpenTelemetry collector sends it."""
    identifying = field(1, attribute("service.name", "otelcol-contrib")) + field(1, attribute("service.version", "0.1"))
    return field(3, identifying + field(2, attribute("os.type", "linux")))


def applied(config_hash: bytes) -> bytes:
    """remote_config_status: APPLIED."""
    return field(7, field(1, config_hash) + field(2, 1))


@dataclass
class Frame:
    """A frame of the server, never masked."""

    code: int
    data: bytes
    final: bool = True

    @property
    def close_code(self) -> int:
        """Why it closes."""
        return int(struct.unpack(">H", self.data[:2])[0])


class Line:
    """A WebSocket after its handshake."""

    def __init__(self, connection: socket.socket, answer: bytes, rest: bytes) -> None:
        self._connection, self.answer, self._rest = connection, answer.decode(), rest

    def send(self, data: bytes, code: int = BINARY, *, final: bool = True, masked: bool = True) -> None:
        """One frame."""
        length = len(data)
        head = bytes([(128 if final else 0) | code])
        bit = 128 if masked else 0
        if length < 126:
            head += bytes([bit | length])
        elif length < 1 << 16:
            head += bytes([bit | 126]) + struct.pack(">H", length)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", length)
        if masked:
            mask = os.urandom(4)
            data = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
            head += mask
        self._connection.sendall(head + data)

    def message(self, data: bytes) -> None:
        """AgentToServer in one binary message, behind the header 0."""
        self.send(b"\x00" + data)

    def frame(self) -> Frame:
        """The next frame."""
        first, second = self._take(2)
        assert not second & 128
        length = second & 127
        if length == 126:
            length = struct.unpack(">H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self._take(8))[0]
        assert not first & 0x70, "no extension was agreed on"
        return Frame(first & 15, self._take(length), bool(first & 128))

    def told(self) -> Fields:
        """The next message, ServerToAgent; pings are answered on the way."""
        while (frame := self.frame()).code == PING:
            self.send(frame.data, PONG)
        assert frame.code == BINARY, frame
        assert frame.final
        assert frame.data[:1] == b"\x00"
        return fields(frame.data[1:])

    def close_code(self) -> int:
        """Read on until the server closes."""
        while (frame := self.frame()).code != CLOSE:
            pass
        return frame.close_code

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            part = self._connection.recv(65536)
            if not part:
                raise ConnectionError("closed without a close frame")
            self._rest += part
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken


@contextmanager
def websocket(url: str, token: str, *more: str) -> Iterator[Line]:
    """Upgrade with a bearer token and further header lines."""
    parts = urlsplit(url)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /v1/opamp HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {token}",
        *more,
    ]
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=SECONDS) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        answer, _, rest = received.partition(b"\r\n\r\n")
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest())  # noqa: S324 - RFC 6455, 4.2.2
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        assert b"Sec-WebSocket-Accept: " + accept in answer
        yield Line(connection, answer, rest)
