"""OpAMP over plain HTTP: one answer to one message, held on request until there is news."""

import asyncio
import gzip
import re
from collections import OrderedDict
from uuid import UUID

from aiohttp import web

from gateway.batches import OverloadedError
from gateway.database import DatabaseDownError
from gateway.devices import Device
from gateway.errors import device_removed, malformed, unavailable
from gateway.hub import Hub
from gateway.limits import GZIP
from gateway.opamp import UID_BYTES, Handler, Session, says_more
from gateway.people import Order, Person
from portal.core import clock
from wire import opamp

LONGEST_WAIT = 25
WORTH_PACKING = 1024
DEVICES = 50_000
"""So many devices are remembered between their requests."""

RUNS = 8
"""So many runs of the agent on one device: the device chooses their names."""


class Poll:
    """One request while it waits."""

    __slots__ = ("device", "news", "removed")

    def __init__(self, device: UUID) -> None:
        self.device = device
        self.news = asyncio.Event()
        self.removed = False

    def push(self, _person: Person) -> None:
        """Wake the request; it looks itself whether there is news for it."""
        self.news.set()

    def share(self, _order: Order, _person: Person) -> None:
        """Wake the request: it answers with everything, the order's files among it."""
        self.news.set()

    def drop(self) -> None:
        """The device was removed."""
        self.removed = True
        self.news.set()


class Sessions:
    """What each run of an agent was offered, between its requests; the longest unheard of are forgotten."""

    def __init__(self) -> None:
        self._runs: OrderedDict[UUID, OrderedDict[bytes, Session]] = OrderedDict()

    def of(self, device: Device, uid: bytes) -> Session:
        """The session of this run; a name that none can have is answered and not remembered."""
        session = self._runs.get(device.id, OrderedDict()).get(uid) or Session(device)
        session.device = device
        self.keep(session, uid)
        return session

    def keep(self, session: Session, uid: bytes) -> None:
        """Remember the session under this name, as the one heard of last."""
        if len(uid) != UID_BYTES:
            return
        device = session.device.id
        runs = self._runs.setdefault(device, OrderedDict())
        runs[uid] = session
        runs.move_to_end(uid)
        self._runs.move_to_end(device)
        if len(runs) > RUNS:
            runs.popitem(last=False)
        if len(self._runs) > DEVICES:
            self._runs.popitem(last=False)

    def rename(self, session: Session, uid: bytes) -> None:
        """The run was given another name."""
        self._runs.get(session.device.id, OrderedDict()).pop(uid, None)
        self.keep(session, session.uid)


class Polls:
    """Serves `POST /v1/opamp`."""

    def __init__(self, hub: Hub, handler: Handler) -> None:
        self._hub, self._handler = hub, handler
        self._sessions = Sessions()
        self._closing = asyncio.Event()

    async def serve(self, request: web.Request, device: Device, body: bytes) -> web.Response:
        """Take the message in, wait for news if asked to, answer."""
        try:
            message = opamp.agent_message(body, framed=False)
        except opamp.FramingError as error:
            raise malformed("This is not an OpAMP message.") from error
        uid = message.instance_uid
        session = self._sessions.of(device, uid)
        try:
            answer = await self._handler.receive(session, message)
            if not answer.HasField("error_response") and not session.gone:
                # An answer that asks for or acknowledges something does not wait.
                wait = 0 if says_more(answer) else _wait(request)
                await self._add_config(request, session, answer, wait)
        except (DatabaseDownError, OverloadedError) as error:
            raise unavailable() from error
        if session.uid != uid:
            self._sessions.rename(session, uid)
        return _encoded(request, answer.SerializeToString())

    def close(self) -> None:
        """Answer all held requests."""
        self._closing.set()

    async def _add_config(self, request: web.Request, session: Session, answer: opamp.ServerToAgent, wait: int) -> None:
        poll = Poll(session.device.id)
        employee = session.device.employee
        end = asyncio.get_running_loop().time() + wait
        person = await self._join(poll, session)
        try:
            while not self._news(session, person, answer):
                left = end - asyncio.get_running_loop().time()
                gone = request.transport is None or request.transport.is_closing()
                if left <= 0 or gone or self._closing.is_set():
                    return
                await self._wait(poll, left)
                if poll.removed:
                    raise device_removed()
        finally:
            self._hub.leave(employee, poll)

    async def _join(self, poll: Poll, session: Session) -> Person:
        """The person with fresh leases; one seen a moment ago is taken as it is if the agent has that already."""
        employee = session.device.employee
        known = self._hub.find(employee)
        now = clock.to_ms(clock.now())
        if known is not None and known.knows(poll.device) and known.due > now:
            files = known.files(poll.device)
            if not session.lacks(opamp.config_hash(files), now) or not known.may_hold(poll.device):
                known.connections += (poll,)
                return known
        person = await self._hub.join(employee, poll)
        poll.news.clear()
        if poll.removed:
            self._hub.leave(employee, poll)
            raise device_removed()
        return person

    async def _wait(self, poll: Poll, seconds: float) -> None:
        waits = [asyncio.create_task(poll.news.wait()), asyncio.create_task(self._closing.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        poll.news.clear()

    def _news(self, session: Session, person: Person, answer: opamp.ServerToAgent) -> bool:
        """Put the configuration into `answer` if the agent lacks it."""
        files = person.files(session.device.id)
        now = clock.to_ms(clock.now())
        if not files or not session.lacks(opamp.config_hash(files), now):
            return False
        policy = person.published.hash if person.published else None
        answer.remote_config.CopyFrom(session.offer(files, policy, now))
        return True


def _encoded(request: web.Request, body: bytes) -> web.Response:
    """The answer, packed when that saves something and the client takes it, as the specification asks of servers."""
    response = web.Response(body=body, content_type=opamp.CONTENT_TYPE, headers={"Vary": "Accept-Encoding"})
    if len(body) >= WORTH_PACKING and _takes_gzip(request):
        response.body = gzip.compress(body, compresslevel=1, mtime=0)
        response.headers["Content-Encoding"] = GZIP
    return response


def _takes_gzip(request: web.Request) -> bool:
    """Whether `Accept-Encoding` names gzip without forbidding it (RFC 9110, 12.5.3)."""
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == GZIP:
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def _wait(request: web.Request) -> int:
    """Seconds of `Prefer: wait=N` (RFC 7240), at most 25; 0 without it."""
    for part in request.headers.get("Prefer", "").split(","):
        name, _, value = part.partition("=")
        text = value.strip().strip('"')
        if name.strip().lower() == "wait" and text.isascii() and text.isdigit():
            return min(int(text[:4]), LONGEST_WAIT)
    return 0
