"""A device as small as a test needs: it signs, enrols, uploads and speaks OpAMP, honestly or not as it is told."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.core import clock
from wire import documents, dsse, opamp, segment
from wire.content import COUNTED
from wire.documents import DeviceRequest, Directive, Enrolment, Kind, Lease, Report, ReportKind
from wire.segment import Header

SECONDS = 30
TOO_MANY = 429
NO_ID = UUID(int=0)


def now() -> int:
    """Unix milliseconds."""
    return clock.to_ms(clock.now())


def content(envelope: bytes, cls: type[Any]) -> Any:
    """The document in an envelope, for a test to look at."""
    return documents.read(cls, dsse.payload_of(envelope))


@dataclass
class Agent:
    """One device: its key, and what it was told last. `seq`: the next sequence number."""

    url: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    device: UUID = NO_ID
    employee: UUID = NO_ID
    uid: bytes = field(default_factory=lambda: os.urandom(16))
    files: dict[str, bytes] = field(default_factory=dict)
    seq: int = 0
    http: requests.Session = field(default_factory=requests.Session)

    def enrolment(self, code: str) -> bytes:
        """The signed body of an enrolment."""
        claim = Enrolment(code=code, public_key=dsse.raw_public(self.key), platform="Linux test", at=now())
        return documents.sign(claim, [self.key])

    def enrol(self, code: str) -> dict[str, Any]:
        """Become a device."""
        answer = self.http.post(f"{self.url}/v1/enroll", data=self.enrolment(code), timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        self.device, self.employee = UUID(told["device"]), UUID(told["employee"])
        self.files = {"key": told["key"].encode(), "policy": told["policy"].encode()}
        return told

    def signed(self, method: str, path: str, body: bytes = b"", /, **changes: Any) -> dict[str, str]:
        """Headers of a signed request; `changes` to its fields make it a lie."""
        digest = hashlib.sha256(body).digest()
        request = DeviceRequest(self.device, method, path, digest, now(), os.urandom(16))
        return {"Authorization": documents.request_header(replace(request, **changes), self.key)}

    def post(self, path: str, body: bytes, content_type: str, /, **changes: Any) -> requests.Response:
        """A signed POST."""
        headers = self.signed("POST", path, body, **changes) | {"Content-Type": content_type}
        return self.http.post(self.url + path, data=body, headers=headers, timeout=SECONDS)

    def upload(self, *segments: tuple[bytes, bytes]) -> list[dict[str, Any]]:
        """The outcomes of an upload that must be taken, sent again while others of the device are under way."""
        body = segment.pack(segments)
        while (answer := self.post("/v1/segments", body, segment.CONTENT_TYPE)).status_code == TOO_MANY:
            time.sleep(0.05)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def outcome(self, *segments: tuple[bytes, bytes]) -> list[str]:
        """For each segment `stored`, or the reason of its refusal."""
        return [result["reason"] or result["outcome"] for result in self.upload(*segments)]

    def poll(self, **headers: str) -> opamp.ServerToAgent:
        """One OpAMP message over HTTP that says who this is; keeps the configuration it is told."""
        message = self.hello()
        body = message.SerializeToString()
        sent = self.signed("POST", "/v1/opamp", body) | {"Content-Type": opamp.CONTENT_TYPE} | headers
        answer = self.http.post(f"{self.url}/v1/opamp", data=body, headers=sent, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        told = opamp.server_message(answer.content, framed=False)
        self.learn(told)
        return told

    def await_lease(self) -> None:
        """Poll until this device holds a lease: while another one is being added, there may be none for a moment."""
        end = time.monotonic() + SECONDS
        self.files = {}
        while "lease" not in self.files or self.device not in self.lease.devices:
            assert time.monotonic() < end, "no lease came"
            self.poll()

    def hello(self) -> opamp.AgentToServer:
        """The first message of a run."""
        message = opamp.AgentToServer(instance_uid=self.uid, sequence_num=1)
        message.capabilities = opamp.AgentCapabilities.AgentCapabilities_ReportsStatus
        message.agent_description.identifying_attributes.add(key="service.name").value.string_value = "test"
        return message

    def learn(self, told: opamp.ServerToAgent) -> None:
        """Keep a configuration."""
        if told.HasField("remote_config"):
            self.files = opamp.config_files(told.remote_config)

    @property
    def lease(self) -> Lease:
        """The lease last told."""
        lease: Lease = content(self.files["lease"], Lease)
        return lease

    @property
    def permitted(self) -> dict[Kind, tuple[str, ...]]:
        """What it may capture by what it was told last: nothing without a lease."""
        return self.lease.permitted if "lease" in self.files else {}

    @property
    def directive(self) -> Directive:
        """The directive last told."""
        directive: Directive = content(self.files["directive"], Directive)
        return directive

    def header(self, **changes: Any) -> Header:
        """An honest header of a second that ended just now, under the lease last told, but for `changes`."""
        at = max(now() - 10, self.lease.issued)
        self.seq += 1
        kind = changes.get("kind", Kind.KEY)
        header = Header(
            segment=uuid4(),
            device=self.device,
            employee=self.employee,
            seq=self.seq,
            kind=kind,
            context="vscode",
            start=at,
            end=at + 5,
            counts={name: int(name != "redacted") for name in COUNTED[kind]},
            sensitivity=1,
            categories=("user.content",),
            policy=self.lease.policy,
            policy_version=1,
            lease=self.lease.id,
            key=self.lease.key,
            size=10,
        )
        return replace(header, **changes)

    def segment(self, body: bytes = b"DLS1 sealed", **changes: Any) -> tuple[bytes, bytes]:
        """One segment for `upload`."""
        return segment.header_bytes(self.header(**changes)), body

    def report(self, what: ReportKind, **changes: Any) -> bytes:
        """A signed report."""
        number = self.directive.number if "directive" in self.files else 0
        report = Report(self.device, what, number, None, self.seq, now(), "")
        return documents.sign(replace(report, **changes), [self.key])

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Line"]:
        """A WebSocket on which the first configuration has come."""
        headers = self.signed("GET", "/v1/opamp")
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self.url}/v1/opamp", headers=headers, max_msg_size=0) as socket,
        ):
            line = Line(self, socket)
            await line.send(self.hello())
            await line.news()
            yield line


class Line:
    """An open WebSocket of an agent."""

    def __init__(self, agent: Agent, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.agent, self.socket = agent, socket
        self._number = 1

    async def send(self, message: opamp.AgentToServer) -> None:
        """Send one message."""
        await self.socket.send_bytes(opamp.to_frame(message))

    async def receive(self) -> opamp.ServerToAgent:
        """The next message."""
        async with asyncio.timeout(SECONDS):
            told = opamp.server_message(await self.socket.receive_bytes(), framed=True)
        self.agent.learn(told)
        return told

    async def news(self) -> dict[str, bytes]:
        """The next configuration."""
        while not (await self.receive()).HasField("remote_config"):
            pass
        return self.agent.files

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once what was told meets the condition: other news may come before."""
        while not condition():
            await self.news()

    async def report(self, what: ReportKind, **changes: Any) -> bytes:
        """Send a signed report and return once it is acknowledged; its envelope."""
        self._number += 1
        envelope = self.agent.report(what, **changes)
        message = opamp.AgentToServer(instance_uid=self.agent.uid, sequence_num=self._number)
        message.custom_message.CopyFrom(opamp.report(envelope))
        await self.send(message)
        while not (answer := await self.receive()).HasField("custom_message"):
            assert not answer.HasField("error_response"), answer.error_response.error_message
        assert answer.custom_message.data == hashlib.sha256(envelope).digest()
        return envelope
