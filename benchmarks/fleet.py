"""Thousands of connected agents in one process, as small as the protocol allows, so that they cost the server little.

Each has its own device key and person. What an agent signs in answer to a pause is signed before the clock starts:
on ten thousand machines that work is done by ten thousand processors.
"""

import hashlib
import os
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Self

from benchmarks import websocket
from benchmarks.installation import Member
from portal.core import clock
from wire import documents, opamp
from wire.documents import DeviceRequest, Report, ReportKind

PATH = "/v1/opamp"
NOTHING = hashlib.sha256(b"").digest()
AT_ONCE = 400
PER_ADDRESS = 5000
SIGNED_SECONDS = 10  # the server takes a signature for half a minute
RECEIVE = 1 << 16
RESET = struct.pack("ii", 1, 0)
HEAD_END = b"\r\n\r\n"
APPLIED = opamp.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED


class Line:
    """One agent's connection. `heard`: when it had what it answers; `done`: when the answer was acknowledged."""

    __slots__ = (
        "answer",
        "buffer",
        "directive",
        "done",
        "heard",
        "member",
        "number",
        "open",
        "policy",
        "request",
        "signed",
        "socket",
        "stops",
        "uid",
    )

    def __init__(self, member: Member) -> None:
        self.member, self.uid, self.number = member, os.urandom(16), 1
        self.socket: socket.socket | None = None
        self.buffer, self.request, self.answer = bytearray(), b"", b""
        self.open, self.directive, self.policy, self.done = False, b"", b"", 0.0
        self.signed = self.heard = 0.0
        self.stops: frozenset[str] = frozenset()

    def sign_request(self) -> None:
        """Sign the request that opens the connection."""
        self.signed = time.monotonic()
        now, nonce = clock.to_ms(clock.now()), os.urandom(16)
        request = DeviceRequest(self.member.device, "GET", PATH, NOTHING, now, nonce)
        self.request = websocket.upgrade(PATH, documents.request_header(request, self.member.key))

    def hello(self) -> bytes:
        """The first message of a run."""
        message = opamp.AgentToServer(instance_uid=self.uid, sequence_num=1)
        message.capabilities = opamp.AgentCapabilities.AgentCapabilities_ReportsStatus
        message.agent_description.identifying_attributes.add(key="service.name").value.string_value = "benchmark"
        return websocket.frame(opamp.to_frame(message))

    def sign_stopped(self, directive: int, detail: str = "") -> None:
        """Sign the report that answers directive number `directive`, or the stop for all in `detail`."""
        now = clock.to_ms(clock.now())
        report = Report(self.member.device, ReportKind.STOPPED, directive, None, 0, now, detail)
        message = opamp.AgentToServer(instance_uid=self.uid, sequence_num=self.number + 1)
        message.custom_message.CopyFrom(opamp.report(documents.sign(report, [self.member.key])))
        self.answer = websocket.frame(opamp.to_frame(message))

    def applied(self, config_hash: bytes) -> bytes:
        """The message that a configuration is in force here."""
        message = opamp.AgentToServer(instance_uid=self.uid, sequence_num=self.number + 1)
        message.remote_config_status.last_remote_config_hash = config_hash
        message.remote_config_status.status = APPLIED
        return websocket.frame(opamp.to_frame(message))


class Fleet:
    """All lines of one process on one epoll. `ready`: lines that have a configuration; `done`: those acknowledged."""

    def __init__(self, port: int, members: Sequence[Member]) -> None:
        self.lines = [Line(member) for member in members]
        self.ready = self.done = 0
        self.sample = b""
        self.follows = "directive"
        self._port, self._epoll = port, select.epoll()
        self._by_fd: dict[int, Line] = {}
        self._waiting: deque[Line] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for line in self.lines:
            self._close(line)
        self._epoll.close()

    def connect(self, seconds: float = 600) -> float:
        """Connect every line until each has its first configuration; how long that took."""
        for line in self.lines:
            line.sign_request()
        self._waiting.extend(self.lines)
        begins = time.monotonic()
        while self._waiting and len(self._by_fd) - self.ready < AT_ONCE:
            self._open(self._waiting.popleft())
        self.until(lambda: self.ready == len(self.lines), seconds)
        return time.monotonic() - begins

    def sign_stopped(self, directive: int, detail: str = "") -> None:
        """Let every line have its signed answer at hand, and count acknowledgements from zero."""
        for count, line in enumerate(self.lines):
            line.sign_stopped(directive, detail)
            if count % AT_ONCE == 0:
                self.turn(0)
        self.begin("stop" if detail else "directive")

    def begin(self, follows: str) -> None:
        """Count acknowledgements from zero; answer when this file of the configuration changes."""
        self.follows, self.done = follows, 0
        for line in self.lines:
            line.done = 0.0

    def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Serve all lines until `condition()` holds. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.ready} of {len(self.lines)} connected, {self.done} acknowledged")
            self.turn(0.1)

    def rest(self, seconds: float) -> None:
        """Serve all lines for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.turn(left)

    def turn(self, seconds: float) -> None:
        """Handle what comes within `seconds`."""
        for fd, event in self._epoll.poll(seconds):
            line = self._by_fd[fd]
            if event & select.EPOLLOUT:
                self._send(line, line.request)
                self._epoll.modify(fd, select.EPOLLIN)
            else:
                self._receive(line)

    def _open(self, line: Line) -> None:
        if time.monotonic() - line.signed > SIGNED_SECONDS:
            line.sign_request()
        line.socket = made = socket.socket()
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.bind((f"127.0.0.{2 + len(self._by_fd) // PER_ADDRESS}", 0))
        made.connect_ex(("127.0.0.1", self._port))
        self._by_fd[made.fileno()] = line
        self._epoll.register(made.fileno(), select.EPOLLOUT)

    def _receive(self, line: Line) -> None:
        if line.socket is None:
            return
        data = line.socket.recv(RECEIVE)
        if not data:
            raise ConnectionError(f"the server closed a connection: {bytes(line.buffer[:200])!r}")
        line.buffer += data
        if not line.open and not self._opened(line):
            return
        for opcode, payload in websocket.take(line.buffer):
            if opcode == websocket.PING:
                self._send(line, websocket.frame(payload, websocket.PONG))
            elif opcode == websocket.CLOSE:
                raise ConnectionError(f"the server closed a connection: {payload!r}")
            else:
                self._hear(line, payload)

    def _opened(self, line: Line) -> bool:
        head, found, rest = bytes(line.buffer).partition(HEAD_END)
        if not found:
            return False
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(bytes(line.buffer[:400]).decode(errors="replace"))
        line.open, line.buffer = True, bytearray(rest)
        self._send(line, line.hello())
        return True

    def _hear(self, line: Line, payload: bytes) -> None:
        told = opamp.server_message(payload, framed=True)
        if told.HasField("error_response"):
            raise ConnectionError(told.error_response.error_message)
        if told.HasField("remote_config"):
            self._configured(line, told, payload)
        elif not line.done:
            line.done = time.monotonic()
            self.done += 1

    def _configured(self, line: Line, told: opamp.ServerToAgent, payload: bytes) -> None:
        files = opamp.config_files(told.remote_config)
        before, stops = (line.directive, line.policy), line.stops
        line.directive, line.policy = files.get("directive", before[0]), files.get("policy", before[1])
        line.stops = frozenset(name for name in files if name.startswith("stop-"))
        if not before[0]:
            self.ready += 1
            self.sample = payload
            if self._waiting:
                self._open(self._waiting.popleft())
        elif (self.follows == "directive" and before[0] != line.directive) or (
            self.follows == "stop" and line.stops - stops
        ):
            self._answer(line, line.answer)
        elif self.follows == "policy" and before[1] != line.policy:
            self._answer(line, line.applied(told.remote_config.config_hash))

    def _answer(self, line: Line, message: bytes) -> None:
        line.heard = time.monotonic()
        line.number += 1
        self._send(line, message)

    def _send(self, line: Line, data: bytes) -> None:
        if line.socket is not None and line.socket.send(data) != len(data):
            raise ConnectionError("a message did not fit into the socket's buffer")

    def _close(self, line: Line) -> None:
        if line.socket is not None:
            line.socket.close()
            line.socket = None
