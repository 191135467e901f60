"""OpAMP over WebSocket: one connection a device, pushed to at once."""

import asyncio
from collections import deque
from uuid import UUID

import structlog
from aiohttp import WSCloseCode, web

from gateway import metrics
from gateway.batches import OverloadedError
from gateway.database import DatabaseDownError
from gateway.devices import Device
from gateway.hub import Hub
from gateway.limits import Bucket
from gateway.opamp import Handler, Session, refused, reply, says_more, unavailable
from gateway.people import Order, Person
from gateway.websocket import WebSocket, take_over
from portal.core import clock
from wire import opamp

log = structlog.get_logger(__name__)

FIRST_MESSAGE_SECONDS = 15
PING_SECONDS = 45
GONE_SECONDS = 70
"""So long without a byte, a ping included: the device is gone."""

LOOK_SECONDS = 5
MESSAGES_PER_SECOND = 20
MESSAGE_BURST = 100
WAITING = 8
PER_DEVICE = 4
"""So many connections one device may hold: it needs one, and another while it notices that the old one is dead."""


class Line(WebSocket):
    """One device's WebSocket. `waiting`: messages to be taken in, None without any; `asked`: when the last one came."""

    __slots__ = ("_bucket", "_sockets", "asked", "device", "joined", "session", "waiting")

    def __init__(self, device: Device, sockets: "Sockets") -> None:
        loop = asyncio.get_running_loop()
        super().__init__(opamp.MAX_MESSAGE, loop)
        self._sockets = sockets
        self.asked = loop.time()
        self._bucket = Bucket(MESSAGE_BURST, self.asked)
        self.device: UUID = device.id
        self.session = Session(device)
        self.joined = False
        self.waiting: deque[bytes] | None = None

    def may_send(self) -> bool:
        if self._bucket.take(MESSAGES_PER_SECOND, MESSAGE_BURST, self.quiet_since):
            return True
        self.waiting = self.waiting and deque()
        self.close(WSCloseCode.POLICY_VIOLATION, b"too many messages")
        return False

    def received(self, data: bytes) -> None:
        self.asked = self.quiet_since
        if self.waiting is None:
            self.waiting = deque((data,))
            self._sockets.work_on(self)
        else:
            self.waiting.append(data)
            if len(self.waiting) == WAITING:
                self.listen(more=False)

    def ended(self) -> None:
        self._sockets.ended(self)

    def push(self, person: Person) -> None:
        """Send the person's configuration as it is now; to a stock client only if it lacks it."""
        files = person.files(self.device)
        if not self.session.uid or not files or self.closing:
            return
        now = clock.to_ms(clock.now())
        if self.session.device.public_key is None and not self.session.lacks(opamp.config_hash(files), now):
            return
        policy = person.published.hash if person.published else None
        config = self.session.offer(files, policy, now)
        self.tell(reply(self.session.uid, config=config))
        metrics.pushes.inc()

    def share(self, order: Order, person: Person) -> None:
        """Send what everybody gets, whose bytes are the same but for the uid in front."""
        facts = person.facts
        if self.session.uid and not self.closing and facts is not None and self.device in facts.collectors:
            self.session.offered(order.config_hash, person.published.hash if person.published else None)
            self.send(opamp.addressed(self.session.uid, order.tail))
            metrics.pushes.inc()

    def drop(self) -> None:
        """Close: the device was removed."""
        self.close(WSCloseCode.POLICY_VIOLATION, b"device removed")

    def replaced(self) -> None:
        """Close: the device has opened newer connections."""
        self.close(WSCloseCode.POLICY_VIOLATION, b"replaced by newer connections of this device")

    def tell(self, message: opamp.ServerToAgent) -> None:
        """Send one message."""
        self.send(opamp.to_frame(message))

    def look(self, now: float) -> None:
        """End what is silent too long: one that never said hello, and one that does not answer a ping."""
        if not self.joined and self.waiting is None and now - self.asked > FIRST_MESSAGE_SECONDS:
            self.close(WSCloseCode.POLICY_VIOLATION, b"no message came")
        elif now - self.quiet_since > GONE_SECONDS:
            self.abort()
        elif now - self.quiet_since > PING_SECONDS:
            self.ping()


class Sockets:
    """Serves `GET /v1/opamp` after the device was recognised."""

    def __init__(self, hub: Hub, handler: Handler) -> None:
        self._hub, self._handler = hub, handler
        self._open: dict[UUID, tuple[Line, ...]] = {}
        self._count = 0
        self._working: set[asyncio.Task[None]] = set()
        self._looking = asyncio.create_task(self._look(), name="silent")

    def serve(self, request: web.Request, device: Device) -> web.Response:
        """Upgrade. The connection lives on without the request; the oldest of too many of a device ends."""
        line = Line(device, self)
        older = self._open.get(device.id, ())
        for one in older[: 1 - PER_DEVICE]:
            one.replaced()
        self._open[device.id] = (*older, line)
        self._counted(1)
        return take_over(request, line)

    def work_on(self, line: Line) -> None:
        """Take in the messages that wait, one after the other."""
        task = asyncio.create_task(self._work(line))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def ended(self, line: Line) -> None:
        """The connection is gone."""
        lines = self._open.pop(line.device, ())
        left = tuple(one for one in lines if one is not line)
        if left:
            self._open[line.device] = left
        self._counted(len(left) - len(lines))
        self._hub.leave(line.session.device.employee, line)

    async def close(self) -> None:
        """Ask every device to come back to another process."""
        self._looking.cancel()
        for line in self._lines():
            line.close(WSCloseCode.GOING_AWAY, b"restart")
        await asyncio.gather(self._looking, *self._working, return_exceptions=True)

    def _lines(self) -> list[Line]:
        return [line for lines in self._open.values() for line in lines]

    def _counted(self, more: int) -> None:
        self._count += more
        metrics.connections.set(self._count)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for count, line in enumerate(self._lines(), 1):
                line.look(asyncio.get_running_loop().time())
                if count % 1000 == 0:
                    await asyncio.sleep(0)

    async def _work(self, line: Line) -> None:
        try:
            while line.waiting:
                await self._take_in(line, line.waiting.popleft())
        except (DatabaseDownError, OverloadedError):
            line.tell(unavailable(line.session.uid))
            line.close(WSCloseCode.TRY_AGAIN_LATER, b"try again later")
        except Exception:
            log.exception("message_failed")
            line.close(WSCloseCode.INTERNAL_ERROR)
        finally:
            line.waiting = None
            line.listen(more=True)

    async def _take_in(self, line: Line, data: bytes) -> None:
        try:
            message = opamp.agent_message(data, framed=True)
        except opamp.FramingError:
            line.tell(refused(b"", "not an OpAMP message"))
            line.close(WSCloseCode.INVALID_TEXT)
            return
        answer = await self._handler.receive(line.session, message)
        if line.joined or answer.HasField("error_response"):
            line.tell(answer)
        else:
            await self._join(line)
            if not line.session.offers or says_more(answer):  # else the configuration was the answer
                line.tell(answer)
        if line.session.gone:
            line.close(WSCloseCode.OK)

    async def _join(self, line: Line) -> None:
        if line.lost:
            return
        line.joined = True
        await self._hub.join(line.session.device.employee, line)
