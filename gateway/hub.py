"""Everybody who has a device here: their facts, their leases, and what is pushed to their devices when.

There is one way to change what devices know: a person is refreshed, that is, read anew, their leases written, signed
and sent. Connecting, a notification, the clock and a renewal only ask for it, each batch together.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import broadcasts, metrics, permits, stops, store
from gateway.database import DatabaseDownError, Link
from gateway.lanes import Lane, Lanes
from gateway.people import Connected, Person
from gateway.permits import Facts, Permit
from gateway.stops import Halt, Orders
from gateway.timetable import Timetable
from portal.core import clock
from portal.policies.rules import holding, in_force
from wire import documents, dsse
from wire.documents import Signer, Trust

log = structlog.get_logger(__name__)

PER_BATCH = {Lane.ASKED: 128, Lane.USUAL: 256}
BREATH = 8
"""People signed and sent for in one go, before the loop looks after others: about 2 ms."""

LINGER_MS = 60_000
RETRY_MS = 2_000
JITTER_MS = 4_000
SETTLE_MS = 2_000
"""After a pause was told, its empty lease follows within three times as long."""

HALTED_MS = 2
"""For each person here, so much later: the leases that permit nothing wait until the answers to a stop are in."""

GRID_MS = 250
"""Renewals come together on these moments, so that few round trips do for many."""


Failed = dict[UUID, Exception]
"""Person → why they could not be refreshed."""


class Hub:
    """The people with devices here, and the clock that renews their leases. `organisation`: as it was read last."""

    def __init__(self, links: dict[Lane, Link], signer: Ed25519PrivateKey) -> None:
        self._links, self._signer = links, signer
        self._people: dict[UUID, Person] = {}
        self.organisation = store.Organisation(None, ())
        self._orders = Orders()
        self._announced = 0
        self._timetable = Timetable()
        self._lanes = Lanes(self._refresh, self._failed, PER_BATCH)
        self._clock = asyncio.create_task(self._watch_clock(), name="clock")

    def __iter__(self) -> Iterator[UUID]:
        return iter(list(self._people))

    def __contains__(self, employee: UUID) -> bool:
        return employee in self._people

    async def reload_organisation(self) -> None:
        """Read trust document, policies and stops; tell what is taken away. Raises DatabaseDownError."""
        now = clock.to_ms(clock.now())
        link = self._links[Lane.ASKED]
        found = await link.read(lambda connection: store.load_organisation(connection, now))
        orders = await link.read(lambda connection: stops.load(connection, self._signer))
        self.organisation = found
        self._obey(orders)
        self._announced = 0
        self._announce()
        if found.trust is not None and not _may_sign(found.trust, self._signer):
            log.error("lease_key_not_trusted", consequence="devices refuse every lease and directive")

    async def reload_stops(self) -> None:
        """Read the stops for all; a new one is with all whom it concerns then. Raises DatabaseDownError."""
        link = self._links[Lane.ASKED]
        self._obey(await link.read(lambda connection: stops.load(connection, self._signer)))

    def _obey(self, orders: Orders) -> None:
        before, self._orders = self._orders, orders
        begun = self._orders.new_since(before)
        if begun:
            self._halt(begun)
        if self._orders.fewer_than(before):
            self.refresh_soon(self)

    async def note_stops(self) -> None:
        """Remember of each new stop whom it concerns. Raises DatabaseDownError."""
        new = [halt for halt in self._orders.open if not halt.kept]
        if new:
            await self._links[Lane.USUAL].run(lambda connection: stops.note(connection, new))
            await self.reload_stops()

    async def join(self, employee: UUID, connection: Connected) -> Person:
        """Add a connection; when this returns, the person is fresh and the connection has been pushed to."""
        person = self._people.setdefault(employee, Person())
        person.connections += (connection,)
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
            person.connections = tuple(one for one in person.connections if one is not connection)
            person.used = clock.to_ms(clock.now())

    def find(self, employee: UUID) -> Person | None:
        """The person, if one of their devices was here within the last minute."""
        return self._people.get(employee)

    async def refresh(self, employee: UUID) -> None:
        """Read the person anew, renew the leases, push. Raises DatabaseDownError and OverloadedError."""
        await self._lanes.wait(employee, Lane.USUAL)

    def refresh_soon(self, people: Iterable[UUID], lane: Lane = Lane.USUAL) -> None:
        """The same without waiting, for those who have a device here; tried again while the database is down."""
        for employee in people:
            if employee in self._people:
                self._lanes.ask(employee, lane)

    async def close(self) -> None:
        """Stop the clock, finish what was begun."""
        self._clock.cancel()
        await self._lanes.close()
        await asyncio.gather(self._clock, return_exceptions=True)

    def _failed(self, failed: Failed) -> None:
        """Soon again where the database is down; whoever fails alone comes with the renewals and holds no lease."""
        odd = [error for error in failed.values() if not isinstance(error, DatabaseDownError)]
        if odd:
            log.error("refresh_failed", people=len(odd), consequence="no leases for them", exc_info=odd[0])
        now = clock.to_ms(clock.now())
        for employee, error in failed.items():
            self._schedule(employee, now + (RETRY_MS if isinstance(error, DatabaseDownError) else permits.RENEW_MS))

    async def _refresh(self, lane: Lane, batch: list[UUID]) -> Failed:
        link = self._links[lane]
        people = {employee: self._people[employee] for employee in batch if employee in self._people}
        asked = clock.to_ms(clock.now())
        facts = await link.read(lambda connection: store.load_facts(connection, list(people), asked))
        now = clock.to_ms(clock.now())
        failed: Failed = {}
        for employee, person in people.items():
            _attempt(employee, person, lambda one: self._plan(one, facts.get(employee), now), failed)  # noqa: B023 - at once
        sound = {employee: person for employee, person in people.items() if employee not in failed}
        stopping = {employee: person for employee, person in sound.items() if person.only_stops()}
        others = {employee: person for employee, person in sound.items() if employee not in stopping}
        await _each(stopping, lambda person: self._tell_stop(person, now), failed)
        await link.statement(lambda connection: store.write_permits(connection, _held(others.values())))
        await _each(others, lambda person: self._tell(person, now), failed)
        for employee in sound.keys() - failed.keys():
            self._schedule(employee, spread(sound[employee].due, now))
        return failed

    def _plan(self, person: Person, facts: Facts | None, now: int) -> None:
        """Take new facts in, and decide on the leases that follow."""
        person.facts = facts
        if facts is None:
            person.published, person.held, person.news = None, [], None
            return
        person.succession = self.organisation.succession
        policies = self.organisation.policies
        there = in_force(policies, facts.workplace, facts.employee, now)
        person.published = there
        if facts.moves:
            person.published = holding(policies, facts.workplace, facts.moves, facts.employee, now)
        person.halted = self._orders.halts(facts.workplace)
        person.orders = self._orders.files(facts.workplace, facts.answered, now)
        within = there.policy if there and facts.moves else None
        person.held = permits.permits(facts, person.published, person.held, now, halted=person.halted, within=within)
        wanted = permits.directive(facts, now)
        person.news = None if permits.says_the_same(wanted, person.directive) else wanted

    def _halt(self, begun: tuple[Halt, ...]) -> None:
        """Send a stop for all. Leases that permit nothing follow when the answers are in."""
        later = clock.to_ms(clock.now()) + SETTLE_MS + HALTED_MS * len(self._people)
        unread = [employee for employee, person in self._people.items() if person.facts is None]
        for employee in unread:
            self._lanes.ask(employee, Lane.ASKED)
        told = broadcasts.send(broadcasts.of_stops(self._people.values(), begun))
        for count, employee in enumerate(told, 1):
            self._schedule(employee, (later + HALTED_MS * count) // GRID_MS * GRID_MS)

    def _announce(self) -> None:
        """Tell at once what is taken away by policies that have begun since this was last asked."""
        since, self._announced = self._announced, clock.to_ms(clock.now())
        found, now = self.organisation, self._announced
        if any(since < one.policy.not_before <= now for one in found.policies):
            broadcasts.send(broadcasts.of_policies(self._people.values(), found, now))

    def _tell_stop(self, person: Person, now: int) -> None:
        """The directive alone: a device without a lease captures nothing. One that permits nothing follows soon."""
        self._sign_directive(person)
        person.envelopes, person.held = {}, []
        person.due = now + SETTLE_MS
        self._push(person)

    def _tell(self, person: Person, now: int) -> None:
        self._sign(person, now)
        self._push(person)

    def _sign_directive(self, person: Person) -> None:
        if person.news is not None:
            person.directive, person.news = person.news, None
            person.directive_envelope = documents.sign(person.directive, [self._signer])

    def _sign(self, person: Person, now: int) -> None:
        """Sign what the facts ask for. Leases are in the database by now."""
        person.envelopes = {}
        person.due = now + permits.RENEW_MS
        if person.facts is None:
            return
        self._sign_directive(person)
        for permit in person.held:
            envelope = documents.sign(permits.lease(permit, now), [self._signer])
            person.envelopes |= dict.fromkeys(permit.devices, envelope)
        metrics.leases.inc(len(person.held))
        person.due = permits.due(person.facts, self.organisation.policies, person.published, now)

    def _push(self, person: Person) -> None:
        for connection in person.connections:
            if person.knows(connection.device):
                connection.push(person)
            else:
                connection.drop()

    def _schedule(self, employee: UUID, due: int) -> None:
        person = self._people.get(employee)
        if person is None:
            return
        person.due = due
        self._timetable.put(due, employee)

    async def _watch_clock(self) -> None:
        while True:
            try:
                self._announce()
            except Exception:
                log.exception("announce_failed", consequence="each person is told in turn")
            self.refresh_soon(self._take_due(clock.to_ms(clock.now())))
            await self._timetable.wait()

    def _take_due(self, now: int) -> list[UUID]:
        found = []
        for due, employee in self._timetable.take(now):
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


async def _each(people: dict[UUID, Person], step: Callable[[Person], None], failed: Failed) -> None:
    for count, (employee, person) in enumerate(people.items(), 1):
        _attempt(employee, person, step, failed)
        if count % BREATH == 0:
            await asyncio.sleep(0)


def _attempt(employee: UUID, person: Person, step: Callable[[Person], None], failed: Failed) -> None:
    """One person's odd data is nobody else's matter, and permits nothing."""
    try:
        step(person)
    except Exception as error:  # noqa: BLE001 - noted; who waits for the person gets it
        person.doubt()
        failed[employee] = error


def _held(people: Iterable[Person]) -> list[Permit]:
    return [permit for person in people for permit in person.held]


def spread(due: int, now: int) -> int:
    """A renewal a little early, a settling a little later: not all at the same moment, but many together."""
    if due == now + permits.RENEW_MS:
        return (due - random.randrange(JITTER_MS)) // GRID_MS * GRID_MS  # noqa: S311 - no secret
    return (due + random.randrange(2 * SETTLE_MS)) // GRID_MS * GRID_MS if due == now + SETTLE_MS else due  # noqa: S311
