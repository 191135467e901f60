"""OpAMP over WebSocket: one connection a device, pushed to at once."""

import asyncio
from typing import Any
from uuid import UUID

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from gateway import metrics
from gateway.batches import OverloadedError
from gateway.database import DatabaseDownError
from gateway.devices import Device
from gateway.hub import Hub, Person
from gateway.limits import Rate
from gateway.opamp import Handler, Session, bad_request, reply
from portal.core import clock
from wire import opamp

log = structlog.get_logger(__name__)

FIRST_MESSAGE_SECONDS = 15
PING_SECONDS = 45
UNREAD_BYTES = 256 << 10
MESSAGES_PER_SECOND = 20
MESSAGE_BURST = 100


class Socket:
    """One device's WebSocket. Never waits for a slow reader: one that leaves too much unread is dropped."""

    __slots__ = ("_socket", "_transport", "device", "session")

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.WriteTransport, device: Device) -> None:
        self._socket, self._transport = socket, transport
        self.device: UUID = device.id
        self.session = Session(device)
        transport.set_write_buffer_limits(high=4 * UNREAD_BYTES)

    async def push(self, person: Person) -> None:
        """Send the person's configuration as it is now."""
        files = person.files(self.device)
        if not self.session.uid or not files:
            return
        policy = person.published.hash if person.published else None
        config = self.session.offer(files, policy, clock.to_ms(clock.now()))
        await self.send(reply(self.session.uid, config=config))
        metrics.pushes.inc()

    async def drop(self) -> None:
        """Close: the device was removed."""
        await self._close(WSCloseCode.POLICY_VIOLATION, b"device removed")

    async def send(self, message: opamp.ServerToAgent) -> None:
        """Send one message, or cut the connection of a device that does not read."""
        if self._socket.closed or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > UNREAD_BYTES:
            metrics.dropped.inc()
            self._transport.abort()
            return
        try:
            await self._socket.send_bytes(opamp.to_frame(message))
        except ConnectionError:
            self._transport.abort()

    async def _close(self, code: WSCloseCode, reason: bytes) -> None:
        if not self._socket.closed:
            task = asyncio.create_task(self._socket.close(code=code, message=reason, drain=False))
            _closing.add(task)
            task.add_done_callback(_closing.discard)


_closing: set[asyncio.Task[Any]] = set()


class Sockets:
    """Serves `GET /v1/opamp` after the device was recognised."""

    def __init__(self, hub: Hub, handler: Handler) -> None:
        self._hub, self._handler = hub, handler
        self._rate = Rate(MESSAGES_PER_SECOND, MESSAGE_BURST)
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request, device: Device) -> web.WebSocketResponse:
        """Upgrade, and stay until one side closes."""
        response = web.WebSocketResponse(
            compress=False, heartbeat=PING_SECONDS, max_msg_size=opamp.MAX_MESSAGE, autoping=True, timeout=2
        )
        await response.prepare(request)
        assert request.transport is not None  # noqa: S101 - prepare() has just written to it
        socket = Socket(response, request.transport, device)
        self._open.add(response)
        metrics.connections.inc()
        try:
            await self._talk(response, socket)
        except (DatabaseDownError, OverloadedError):
            await response.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"try again later")
        finally:
            metrics.connections.dec()
            self._open.discard(response)
            self._hub.leave(device.employee, socket)
        return response

    async def close(self) -> None:
        """Ask every device to come back to another process."""
        closing = [socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart", drain=False) for socket in self._open]
        await asyncio.gather(*closing, return_exceptions=True)

    async def _talk(self, response: web.WebSocketResponse, socket: Socket) -> None:
        joined = False
        while (message := await self._next(response, first=not joined)) is not None:
            answer = await self._handler.receive(socket.session, message)
            if answer.HasField("error_response"):
                await socket.send(answer)
            elif not joined:
                joined = True
                await self._hub.join(socket.session.device.employee, socket)
                if answer.flags or answer.HasField("custom_message"):
                    await socket.send(answer)
            else:
                await socket.send(answer)
            if socket.session.gone:
                await response.close()

    async def _next(self, response: web.WebSocketResponse, *, first: bool) -> opamp.AgentToServer | None:
        """The next message, or None when the connection ended or had to be ended."""
        try:
            received = await response.receive(timeout=FIRST_MESSAGE_SECONDS if first else None)
        except TimeoutError:
            await response.close(code=WSCloseCode.POLICY_VIOLATION, message=b"no message came")
            return None
        if received.type is not WSMsgType.BINARY:
            await response.close(code=WSCloseCode.UNSUPPORTED_DATA)
            return None
        if not self._rate.take(id(response), asyncio.get_running_loop().time()):
            await response.close(code=WSCloseCode.POLICY_VIOLATION, message=b"too many messages")
            return None
        try:
            return opamp.agent_message(received.data, framed=True)
        except opamp.FramingError:
            await response.send_bytes(opamp.to_frame(bad_request(b"", "not an OpAMP message")))
            await response.close(code=WSCloseCode.INVALID_TEXT)
            return None
