"""A WebSocket (RFC 6455) on the bare transport: frames in and out, and nothing kept between them.

aiohttp answers the HTTP request and parses the frames; its request, handler, task and buffers, which it would keep for
as long as the connection lives, are let go at the upgrade. That is two thirds of the memory of a connection.
"""

import asyncio
import base64
import hashlib
from http import HTTPStatus
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.http_websocket import WS_KEY, WebSocketError, WSMessage

from gateway import metrics

UNREAD_BYTES = 256 << 10
CLOSE_SECONDS = 2
_FINAL, _BINARY, _CLOSE, _PING, _PONG = 0x80, 2, 8, 9, 10
_SHORT, _MEDIUM = 126, 127


class Inbox(WebSocketDataQueue):
    """Where aiohttp's parser leaves what it reads: handed on at once."""

    __slots__ = ("_owner",)

    def __init__(self, owner: "WebSocket") -> None:  # not its base's, whose buffers nothing would go through
        self._owner = owner

    def feed_data(self, data: Any, size: int) -> None:  # noqa: ARG002 - the parser's interface
        self._owner.heard(data)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:  # noqa: ARG002
        self._owner.close(exc.code if isinstance(exc, WebSocketError) else WSCloseCode.PROTOCOL_ERROR)


class WebSocket(asyncio.Protocol):
    """One connection. Subclasses say `may_send`, and are told by `received` and `ended`.

    Never waits for a slow reader: it is cut off.
    """

    __slots__ = ("_reader", "_transport", "closing", "lost", "quiet_since")

    def __init__(self, most: int, loop: asyncio.AbstractEventLoop) -> None:
        self._reader: WebSocketReader = WebSocketReader(Inbox(self), most, compress=False, decode_text=False)
        self._transport: asyncio.Transport | None = None
        self.closing = self.lost = False
        self.quiet_since = loop.time()

    def may_send(self) -> bool:
        """Whether the other side may send one more message, ping or pong now; counts it."""
        raise NotImplementedError

    def received(self, data: bytes) -> None:
        """A binary message came."""
        raise NotImplementedError

    def ended(self) -> None:
        """The connection is gone."""
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        self.quiet_since = asyncio.get_running_loop().time()
        self._reader.feed_data(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self.closing = self.lost = True
        self._transport = None
        self.ended()

    def taken_over(self, transport: asyncio.Transport, already: bytes) -> None:
        """The transport is this connection's now; `already`: what came behind the request."""
        self._transport = transport
        transport.set_write_buffer_limits(high=4 * UNREAD_BYTES)
        if already:
            self.data_received(already)

    def heard(self, message: WSMessage) -> None:
        """One frame or whole message, by the parser."""
        if message.type is WSMsgType.CLOSE:
            if not self.closing:
                self._write(_CLOSE, int(message.data or WSCloseCode.OK).to_bytes(2, "big"))
            self.closing = True
            if self._transport is not None:
                self._transport.close()
        elif self.closing or not self.may_send() or message.type is WSMsgType.PONG:
            return
        elif message.type is WSMsgType.BINARY:
            self.received(message.data)
        elif message.type is WSMsgType.PING:
            self._write(_PONG, bytes(message.data))
        else:
            self.close(WSCloseCode.UNSUPPORTED_DATA)

    def send(self, data: bytes) -> None:
        """Send one binary message."""
        if not self.closing:
            self._write(_BINARY, data)

    def ping(self) -> None:
        """Ask for a sign of life."""
        if not self.closing:
            self._write(_PING, b"")

    def close(self, code: int, reason: bytes = b"") -> None:
        """Say why, hear no more, and end when the other side has closed or has had its time."""
        if self.closing:
            return
        self.closing = True
        self._write(_CLOSE, code.to_bytes(2, "big") + reason)
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        """End now."""
        if self._transport is not None:
            self._transport.abort()

    def listen(self, *, more: bool) -> None:
        """Read on, or leave what comes with the sender."""
        if self._transport is not None:
            (self._transport.resume_reading if more else self._transport.pause_reading)()

    def _write(self, opcode: int, payload: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > UNREAD_BYTES:
            metrics.dropped.inc()
            self.closing = True
            transport.abort()
            return
        transport.write(_head(opcode, len(payload)) + payload)


class _Behind:
    """Takes what came behind the request that asked for the upgrade."""

    def __init__(self) -> None:
        self.data = b""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.data += data
        return False, b""

    def feed_eof(self) -> None:
        """Nothing more comes this way."""


def take_over(request: web.Request, socket: WebSocket) -> web.Response:
    """Upgrade a request that `can_prepare` found sound. What is returned ends aiohttp's part and is never sent."""
    protocol, transport = request.protocol, request.transport
    if transport is not None and not transport.is_closing():
        transport.write(_accepted(request.headers["Sec-WebSocket-Key"]))
        behind: Any = _Behind()
        protocol.set_parser(behind)
        # Without a transport aiohttp takes the connection for lost and forgets it, but does not close it.
        protocol.transport = None
        protocol.connection_lost(None)
        transport.set_protocol(socket)
        socket.taken_over(transport, behind.data)
    else:
        socket.connection_lost(None)
    return web.Response()


def _accepted(key: str) -> bytes:
    accept = base64.b64encode(hashlib.sha1(key.encode() + WS_KEY).digest())  # noqa: S324 - RFC 6455 wants it
    status = HTTPStatus.SWITCHING_PROTOCOLS
    return (
        b"HTTP/1.1 %d %b\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: %b\r\n"
        b"Server: Daylight\r\n\r\n" % (status, status.phrase.encode(), accept)
    )


def _head(opcode: int, size: int) -> bytes:
    if size < _SHORT:
        return bytes((_FINAL | opcode, size))
    if size < 1 << 16:
        return bytes((_FINAL | opcode, _SHORT)) + size.to_bytes(2, "big")
    return bytes((_FINAL | opcode, _MEDIUM)) + size.to_bytes(8, "big")
