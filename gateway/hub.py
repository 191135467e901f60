"""Everybody who has a device here: their facts, their leases, and what is pushed to their devices when.

There is one way to change what devices know: a person is refreshed, that is, read anew, their leases written, signed
and sent. Connecting, a notification, the clock and a renewal only ask for it, each batch together.
"""

import asyncio
import heapq
import random
from collections.abc import Iterable, Iterator
from typing import Protocol
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import metrics, permits, store
from gateway.batches import Batcher, OverloadedError
from gateway.database import Connection, DatabaseDownError, Link
from gateway.permits import Facts, Permit, Published
from portal.core import clock
from wire import documents, dsse
from wire.documents import Directive, Signer, Trust

log = structlog.get_logger(__name__)

PER_BATCH = 256
LINGER_MS = 60_000
RETRY_MS = 2_000
JITTER_MS = 4_000


class Connected(Protocol):
    """One device's connection or held request."""

    device: UUID

    async def push(self, person: "Person") -> None:
        """Send what the person's devices are to know now."""

    async def drop(self) -> None:
        """The device or its person was removed."""


class Person:
    """One person with a device here. `envelopes`: device → its signed lease; `used`: last moment with a connection."""

    __slots__ = (
        "connections",
        "directive",
        "directive_envelope",
        "due",
        "envelopes",
        "facts",
        "held",
        "published",
        "used",
    )

    def __init__(self) -> None:
        self.facts: Facts | None = None
        self.published: Published | None = None
        self.held: list[Permit] = []
        self.directive: Directive | None = None
        self.directive_envelope = b""
        self.envelopes: dict[UUID, bytes] = {}
        self.connections: set[Connected] = set()
        self.due = 0
        self.used = 0

    def knows(self, device: UUID) -> bool:
        """Whether the device is one of this person's, and neither was removed."""
        facts = self.facts
        return facts is not None and not facts.left and device in facts.collectors | facts.observers

    def files(self, device: UUID) -> dict[str, bytes]:
        """The complete configuration of one device; a stock OpAMP client gets the policy alone."""
        found = {"policy": self.published.envelope} if self.published else {}
        if self.facts is None or device not in self.facts.collectors:
            return found
        if self.facts.key is not None:
            found["key"] = self.facts.key.envelope
        found["directive"] = self.directive_envelope
        if device in self.envelopes:
            found["lease"] = self.envelopes[device]
        return found


class Hub:
    """The people with devices here, and the clock that renews their leases."""

    def __init__(self, link: Link, signer: Ed25519PrivateKey) -> None:
        self._link, self._signer = link, signer
        self._people: dict[UUID, Person] = {}
        self._organisation = store.Organisation(None, ())
        self._heap: list[tuple[int, UUID]] = []
        self._earlier = asyncio.Event()
        self._refreshes: Batcher[UUID, None] = Batcher("refresh", self._refresh, limit=PER_BATCH)
        self._background: set[asyncio.Task[None]] = set()
        self._clock = asyncio.create_task(self._watch_clock(), name="clock")

    @property
    def trust(self) -> bytes | None:
        """The trust document's envelope, once there is one."""
        return self._organisation.trust

    def __iter__(self) -> Iterator[UUID]:
        return iter(list(self._people))

    def __contains__(self, employee: UUID) -> bool:
        return employee in self._people

    async def reload_organisation(self) -> None:
        """Read trust document and policies. Raises DatabaseDownError."""
        now = clock.to_ms(clock.now())
        self._organisation = await self._link.read(lambda connection: store.load_organisation(connection, now))
        if self.trust is not None and not _may_sign(self.trust, self._signer):
            log.error("lease_key_not_trusted", consequence="devices refuse every lease and directive")

    async def join(self, employee: UUID, connection: Connected) -> Person:
        """Add a connection; when this returns, the person is fresh and the connection has been pushed to."""
        person = self._people.setdefault(employee, Person())
        person.connections.add(connection)
        metrics.people.set(len(self._people))
        try:
            await self.refresh(employee)
        except BaseException:
            self.leave(employee, connection)
            raise
        return person

    def leave(self, employee: UUID, connection: Connected) -> None:
        """Take a connection away; the person is forgotten a minute after the last one."""
        person = self._people.get(employee)
        if person is not None:
            person.connections.discard(connection)
            person.used = clock.to_ms(clock.now())

    def find(self, employee: UUID) -> Person | None:
        """The person, if one of their devices was here within the last minute."""
        return self._people.get(employee)

    async def refresh(self, employee: UUID, *, first: bool = False) -> None:
        """Read the person anew, renew the leases, push; `first`: before those who wait. Raises DatabaseDownError."""
        await self._refreshes.submit(employee, first=first)

    def refresh_soon(self, people: Iterable[UUID], *, first: bool = False) -> None:
        """The same without waiting, for those who have a device here; tried again while the database is down."""
        for employee in people:
            if employee in self._people:
                task = asyncio.create_task(self._try_refresh(employee, first=first))
                self._background.add(task)
                task.add_done_callback(self._background.discard)

    async def close(self) -> None:
        """Stop the clock, finish what was begun."""
        self._clock.cancel()
        await self._refreshes.close()
        await asyncio.gather(self._clock, *self._background, return_exceptions=True)

    async def _try_refresh(self, employee: UUID, *, first: bool) -> None:
        try:
            await self.refresh(employee, first=first)
        except (DatabaseDownError, OverloadedError):
            self._schedule(employee, clock.to_ms(clock.now()) + RETRY_MS)
        except Exception:
            log.exception("refresh_failed")
            self._schedule(employee, clock.to_ms(clock.now()) + RETRY_MS)

    async def _refresh(self, batch: list[UUID]) -> list[None]:
        people = {employee: self._people[employee] for employee in batch if employee in self._people}
        facts = await self._link.read(lambda connection: self._load(connection, list(people)))
        now = clock.to_ms(clock.now())
        paused: list[Person] = []
        others: list[Person] = []
        for employee, person in people.items():
            self._plan(person, facts.get(employee), now)
            (others if any(permit.permitted for permit in person.held) else paused).append(person)
        # A lease that permits nothing takes nothing from nobody: it is sent at once, and remembered after.
        await self._announce(paused, now)
        await self._link.run(lambda connection: store.write_permits(connection, _held(people.values())))
        await self._announce(others, now)
        for employee, person in people.items():
            self._schedule(employee, spread(person.due, now))
        return [None] * len(batch)

    async def _load(self, connection: Connection, people: list[UUID]) -> dict[UUID, Facts]:
        return await store.load_facts(connection, people, clock.to_ms(clock.now()))

    def _plan(self, person: Person, facts: Facts | None, now: int) -> None:
        """Take new facts in, and decide on the leases that follow."""
        person.facts = facts
        if facts is None:
            person.published, person.held = None, []
            return
        person.published = permits.in_force(self._organisation.policies, facts.workplace, now)
        person.held = permits.permits(facts, person.published, person.held, now)

    async def _announce(self, people: list[Person], now: int) -> None:
        for person in people:
            self._sign(person, now)
            await self._push(person)

    def _sign(self, person: Person, now: int) -> None:
        """Sign what the facts ask for."""
        facts = person.facts
        person.envelopes = {}
        person.due = now + permits.RENEW_MS
        if facts is None:
            return
        if facts.collectors:
            wanted = permits.directive(facts, now)
            if not permits.says_the_same(wanted, person.directive):
                person.directive = wanted
                person.directive_envelope = documents.sign(wanted, [self._signer])
        for permit in person.held:
            envelope = documents.sign(permits.lease(permit, now), [self._signer])
            person.envelopes |= dict.fromkeys(permit.devices, envelope)
        metrics.leases.inc(len(person.held))
        person.due = permits.due(facts, self._organisation.policies, person.published, now)

    async def _push(self, person: Person) -> None:
        for connection in list(person.connections):
            if person.knows(connection.device):
                await connection.push(person)
            else:
                await connection.drop()

    def _schedule(self, employee: UUID, due: int) -> None:
        person = self._people.get(employee)
        if person is None:
            return
        person.due = due
        heapq.heappush(self._heap, (due, employee))
        if self._heap[0][0] == due:
            self._earlier.set()

    async def _watch_clock(self) -> None:
        while True:
            now = clock.to_ms(clock.now())
            self.refresh_soon(self._take_due(now))
            wait = (self._heap[0][0] - now) / 1000 if self._heap else 1
            self._earlier.clear()
            try:
                async with asyncio.timeout(max(wait, 0.001)):
                    await self._earlier.wait()
            except TimeoutError:
                continue

    def _take_due(self, now: int) -> list[UUID]:
        found = []
        while self._heap and self._heap[0][0] <= now:
            due, employee = heapq.heappop(self._heap)
            person = self._people.get(employee)
            if person is None or person.due != due:
                continue
            if not person.connections and person.used < now - LINGER_MS:
                del self._people[employee]
                continue
            found.append(employee)
        metrics.people.set(len(self._people))
        return found


def _may_sign(trust: bytes, signer: Ed25519PrivateKey) -> bool:
    keys = documents.read(Trust, dsse.payload_of(trust)).keys_of(Signer.LEASE)
    return dsse.key_id(dsse.raw_public(signer)) in keys


def _held(people: Iterable[Person]) -> list[Permit]:
    return [permit for person in people for permit in person.held]


def spread(due: int, now: int) -> int:
    """A renewal a little early and each at another moment, so that they do not all come together."""
    return due - random.randrange(JITTER_MS) if due == now + permits.RENEW_MS else due  # noqa: S311 - no secret
