"""A small gateway made of wire alone: it says what the test wants, and keeps what devices send."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from aiohttp import WSMsgType, web

from tests.collector.world import World
from wire import canary, documents, dsse, opamp, segment
from wire.canary import Marked
from wire.content import Content
from wire.documents import DeviceRequest, Enrolment, Kind, Report
from wire.segment import Header

PORTAL = "https://portal.example"


class SmallGateway:
    """`push` sends the world's present documents to whoever is connected. Runs in a thread of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.code = "GOOD-CODE"
        self.url = ""
        self.uploads: list[tuple[Header, Content]] = []
        self.canaries: list[Marked] = []
        self.reports: list[Report] = []
        self.statuses: list[int] = []
        self.codes: list[str] = []
        self.refusal: dict[str, str] = {"error": "code_invalid", "message": "This code is wrong."}
        self.refuse_uploads = 0
        self.lose_answers = 0
        self.keys: list[bytes] = []
        self.replaced_trust: bytes | None = None
        self._sockets: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()
        self._nonces: set[bytes] = set()

    def push(self, message: opamp.ServerToAgent | None = None) -> None:
        """Sends to every connected device."""
        data = opamp.to_frame(message or self.world.message())

        async def send() -> None:
            for connected in self._sockets:
                await connected.send_bytes(data)

        asyncio.run_coroutine_threadsafe(send(), self._loop).result(10)

    def texts(self, kind: Kind = Kind.KEY) -> str:
        """What the uploaded segments of a kind say."""
        return "".join(str(item.data.get("text", item.data)) for header, item in self.uploads if header.kind is kind)

    def kinds(self) -> set[Kind]:
        """Kinds that were uploaded."""
        return {header.kind for header, _ in self.uploads}

    async def _trust(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.replaced_trust or self.world.organisation.trust_envelope())

    async def _enrol(self, request: web.Request) -> web.Response:
        body = await request.read()
        claim = documents.read(Enrolment, dsse.payload_of(body))
        documents.open_signed(Enrolment, body, {dsse.key_id(claim.public_key): claim.public_key})
        self.codes.append(claim.code)
        if claim.code != self.code:
            return web.json_response(self.refusal, status=403)
        if claim.public_key not in self.keys[-1:]:
            self.world.device = uuid4()
        self.keys.append(claim.public_key)
        self._device_key = claim.public_key
        if self.lose_answers and request.transport is not None:
            self.lose_answers -= 1
            request.transport.abort()
        files = self.world.files()
        told = {"device": str(self.world.device), "employee": str(self.world.employee), "name": "Laptop"}
        told |= {"key": files["key"].decode(), "policy": files["policy"].decode(), "opamp": "/v1/opamp"}
        return web.json_response({**told, "time": self.world.now(), "portal": PORTAL})

    def _signed(self, request: web.Request, body: bytes) -> None:
        envelope = documents.parse_request_header(request.headers["Authorization"])
        keys = {dsse.key_id(self._device_key): self._device_key}
        signed, _ = documents.open_signed(DeviceRequest, envelope, keys)
        assert (signed.method, signed.path) == (request.method, request.path)
        assert signed.body_sha256 == hashlib.sha256(body).digest()
        assert signed.nonce not in self._nonces
        self._nonces.add(signed.nonce)

    async def _opamp(self, request: web.Request) -> web.StreamResponse:
        self._signed(request, b"")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.BINARY:
                    await self._take(socket, opamp.agent_message(frame.data, framed=True))
        finally:
            self._sockets.remove(socket)
        return socket

    async def _take(self, socket: web.WebSocketResponse, message: opamp.AgentToServer) -> None:
        if message.HasField("agent_description"):
            await socket.send_bytes(opamp.to_frame(self.world.message()))
        if message.HasField("remote_config_status"):
            self.statuses.append(message.remote_config_status.status)
        if message.custom_message.type == opamp.REPORT:
            keys = {dsse.key_id(self._device_key): self._device_key}
            envelope = message.custom_message.data
            self.reports.append(documents.open_signed(Report, envelope, keys)[0])
            kept = opamp.custom(opamp.ACK, hashlib.sha256(envelope).digest())
            await socket.send_bytes(opamp.to_frame(opamp.ServerToAgent(custom_message=kept)))

    async def _segments(self, request: web.Request) -> web.Response:
        body = await request.read()
        self._signed(request, body)
        if self.refuse_uploads:
            self.refuse_uploads -= 1
            return web.json_response({"error": "unavailable"}, status=503, headers={"Retry-After": "0"})
        results = []
        for header, sealed in segment.unpack(body):
            results.append({"segment": str(self._keep(header, sealed)), "outcome": "stored", "reason": None})
        return web.Response(text=json.dumps({"time": self.world.now(), "results": results}))

    def _keep(self, header: bytes, sealed: bytes) -> UUID:
        try:
            marked = canary.read_header(header)
        except segment.SegmentError:
            read, item = self.world.opened(header, sealed)
            self.uploads.append((read, item))
            return read.segment
        self.canaries.append(marked)
        return marked.header.segment

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=8 << 20)
        handlers: list[tuple[str, str, Any]] = [
            ("GET", "/v1/trust", self._trust),
            ("POST", "/v1/enroll", self._enrol),
            ("GET", "/v1/opamp", self._opamp),
            ("POST", "/v1/segments", self._segments),
        ]
        for method, path, handler in handlers:
            app.router.add_route(method, path, handler)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    @contextmanager
    def serving(self) -> Iterator["SmallGateway"]:
        """Serves until the block ends."""
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        runner = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)
            self._loop.close()
