"""The agent's way to the gateway: OpAMP over WebSocket or held HTTP polls, and the upload of segments.

Whatever goes wrong here only delays: permission runs out by itself. Retries back off with jitter.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import random
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from gettext import gettext
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from collector.agent import Agent
from collector.state import StateError
from wire import documents, opamp
from wire.documents import DeviceRequest

log = logging.getLogger("collector")
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
HOLD_S = 20
PING_S = 20.0
LONGEST_ANSWER = 4 << 20
TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PROBLEMS = (aiohttp.ClientError, TimeoutError, OSError, opamp.FramingError)
FORBIDDEN, UNAUTHORIZED = 403, 401


class Backoff:
    """Waiting times that double up to half a minute, each drawn at random between half and the whole."""

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self._tries = 0

    def next(self) -> float:
        """Seconds to wait before the next try."""
        longest: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self._tries, 10))
        self._tries += 1
        return longest * (1 + self._draw()) / 2

    def reset(self) -> None:
        """It worked."""
        self._tries = 0


class Gateway:
    """Signed requests of one device.

    `_offset`: the time that the latest refusal named, by the boot clock. It signs requests and decides nothing else: a
    request with a wrong time is refused, a lease with a wrong time would permit.
    """

    def __init__(self, agent: Agent, http: aiohttp.ClientSession) -> None:
        self.agent, self.http = agent, http
        self._offset: int | None = None

    def url(self, path: str) -> str:
        """The address of a path at the gateway."""
        return self.agent.identity.server.rstrip("/") + path

    def authorization(self, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        """The header that signs one request."""
        request = DeviceRequest(
            device=self.agent.identity.device,
            method=method,
            path=path,
            body_sha256=hashlib.sha256(body).digest(),
            at=self._now(),
            nonce=os.urandom(16),
        )
        return {"Authorization": documents.request_header(request, self.agent.identity.key)}

    def _now(self) -> int:
        """What time it is at the server: by its latest refusal, by the leases, or else by the wall clock."""
        if self._offset is not None:
            return self.agent.clock.boot_ms() + self._offset
        now = self.agent.permission.server_now()
        return self.agent.clock.wall_ms() if now is None else now

    async def post(
        self, path: str, body: bytes, content_type: str, prefer: str | None = None
    ) -> tuple[int, bytes, Any]:
        """One signed POST: status, body, headers. Learns the time and whether this device was removed."""
        headers = self.authorization("POST", path, body) | {"Content-Type": content_type}
        headers |= {"Prefer": prefer} if prefer else {}
        async with self.http.post(self.url(path), data=body, headers=headers, timeout=TIMEOUT) as response:
            data = await whole(response, LONGEST_ANSWER)
            self.learn(response.status, response.headers.get("Date"))
            if response.status == FORBIDDEN and b'"device_removed"' in data:
                self.agent.remove()
            return response.status, data, response.headers

    def learn(self, status: int, date: str | None) -> None:
        """After a refusal for its time: the server's Date sets the next one right."""
        if status == UNAUTHORIZED and date:
            with contextlib.suppress(ValueError):
                self._offset = int(parsedate_to_datetime(date).timestamp() * 1000) - self.agent.clock.boot_ms()
                self.agent.permission.drop_lease()


async def websocket(gateway: Gateway, backoff: Backoff) -> None:
    """One OpAMP WebSocket connection, until it breaks."""
    agent, path = gateway.agent, gateway.agent.identity.opamp
    try:
        async with gateway.http.ws_connect(
            gateway.url(path),
            headers=gateway.authorization("GET", path),
            heartbeat=PING_S,
            max_msg_size=opamp.MAX_MESSAGE,
            compress=0,
        ) as socket:
            agent.connected = True
            await socket.send_bytes(opamp.to_frame(agent.hello()))
            sender = asyncio.create_task(_send_all(agent, lambda m: socket.send_bytes(opamp.to_frame(m))))
            try:
                async for frame in socket:
                    if frame.type is not aiohttp.WSMsgType.BINARY:
                        break
                    agent.receive(opamp.server_message(frame.data, framed=True))
                    backoff.reset()
            finally:
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)
    except aiohttp.WSServerHandshakeError as error:
        gateway.learn(error.status, error.headers.get("Date") if error.headers else None)
        if error.status == FORBIDDEN:
            await _exchange(gateway, agent.hello())
        raise
    finally:
        agent.connected = False


async def polling(gateway: Gateway, backoff: Backoff) -> None:
    """OpAMP over plain HTTP: a poll is held open for news while reports go by others, until one fails."""
    agent = gateway.agent
    await _exchange(gateway, agent.hello())
    agent.connected = True
    sender = asyncio.create_task(_send_all(agent, lambda message: _exchange(gateway, message)))
    try:
        while not sender.done():
            await _exchange(gateway, agent.poll(), f"wait={HOLD_S}")
            backoff.reset()
        await sender
    finally:
        agent.connected = False
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


async def _exchange(gateway: Gateway, message: opamp.AgentToServer, prefer: str | None = None) -> None:
    body = bytes(message.SerializeToString())
    path = gateway.agent.identity.opamp
    status, data, _ = await gateway.post(path, body, opamp.CONTENT_TYPE, prefer)
    if status != 200:  # noqa: PLR2004 - OK
        raise aiohttp.ClientError(f"the gateway answered {status}")
    gateway.agent.receive(opamp.server_message(data, framed=False))


async def _send_all(agent: Agent, send: Callable[[opamp.AgentToServer], Awaitable[None]]) -> None:
    while True:
        await agent.news.wait()
        agent.news.clear()
        while agent.outbox:
            await send(agent.outbox[0])
            agent.outbox.popleft()


async def stay_connected(gateway: Gateway, *, http_only: bool) -> None:
    """Connects again and again until the device is removed."""
    backoff = Backoff()
    while not gateway.agent.removed.is_set():
        try:
            await (polling if http_only else websocket)(gateway, backoff)
            reason = "closed"
        except PROBLEMS as error:
            reason = type(error).__name__
        if not gateway.agent.removed.is_set():
            wait = backoff.next()
            log.info("collector.disconnected reason=%s wait=%.1f", reason, wait)
            await asyncio.sleep(wait)


async def whole(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, in however many pieces it comes. Raises ClientError when it is longer than `most` bytes."""
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > most:
            raise aiohttp.ClientPayloadError("the answer is too long")
        parts.append(part)
    return b"".join(parts)


async def _stay_here(_session: object, _context: object, sent: aiohttp.TraceRequestRedirectParams) -> None:
    sent.response.close()
    raise aiohttp.ClientError("the server sends us elsewhere")


def new_session() -> aiohttp.ClientSession:
    """An HTTP client with the system's certificates, as aiohttp reads them; no redirect to elsewhere, no cookie."""
    followed = aiohttp.TraceConfig()
    followed.on_request_redirect.append(_stay_here)
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[followed])


def check_server(url: str) -> str:
    """The server's address, if it may be used: HTTPS, or plain HTTP on this machine. Raises StateError."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return url.rstrip("/")
    raise StateError(gettext("the server's address starts with https:// (plain http:// works on this machine only)."))
