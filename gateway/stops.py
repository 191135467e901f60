"""Stops for all as this process knows them: whom they concern, and the documents that those devices get."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.database import Connection
from portal.core.clock import to_ms
from portal.policies.rules import Workplace, is_for
from wire import codec, documents, dsse
from wire.documents import Stop, Trust
from wire.stopping import audience_of, open_resume, resume_of

log = structlog.get_logger(__name__)

FRESH_MS = 600_000
"""So long the end of a stop is told to everybody; afterwards to those whose devices have said that they stopped."""

_ALL = """
SELECT id, number, asked_at, sites, departments, countries, envelope IS NOT NULL, resume_envelope, resumed_at
  FROM stop ORDER BY number
"""
_TRUSTS = "SELECT published_at, envelope FROM trust_document ORDER BY version"
_KEEP = "UPDATE stop SET envelope = %s WHERE id = %s AND envelope IS NULL"
_NOTE = "SELECT stop_note(%s)"


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop, signed: one and the same document for everybody. `kept`: the database has it."""

    stop: Stop
    envelope: bytes
    kept: bool

    @property
    def name(self) -> str:
        """Its name in a device's configuration."""
        return f"stop-{self.stop.number}"

    def concerns(self, workplace: Workplace) -> bool:
        """Whether it is for people who work there."""
        return is_for(audience_of(self.stop), workplace)


@dataclass(frozen=True, slots=True)
class Ended:
    """A stop that officer and council have ended, at `at` (Unix ms), with their document."""

    halt: Halt
    envelope: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Orders:
    """All stops: those in force and those ended."""

    open: tuple[Halt, ...] = ()
    ended: tuple[Ended, ...] = ()

    def halts(self, workplace: Workplace) -> bool:
        """Whether people who work there are not recorded now."""
        return any(halt.concerns(workplace) for halt in self.open)

    def files(self, workplace: Workplace, answered: Collection[UUID], now: int) -> dict[str, bytes]:
        """What devices of a person get: the stops in force, and the end of each that they may still hold."""
        found = {halt.name: halt.envelope for halt in self.open if halt.concerns(workplace)}
        for end in self.ended:
            fresh = end.halt.concerns(workplace) and now - end.at < FRESH_MS
            if fresh or end.halt.stop.id in answered:
                found[f"resume-{end.halt.stop.number}"] = end.envelope
        return found

    def new_since(self, before: "Orders") -> tuple[Halt, ...]:
        """The stops in force that were not in force before."""
        known = {halt.stop.id for halt in before.open}
        return tuple(halt for halt in self.open if halt.stop.id not in known)

    def fewer_than(self, before: "Orders") -> bool:
        """Whether a stop has ended since."""
        return len({halt.stop.id for halt in before.open} - {halt.stop.id for halt in self.open}) > 0


async def load(connection: Connection, signer: Ed25519PrivateKey) -> Orders:
    """Read all stops; one with an end that does not verify is in force."""
    rows = await (await connection.execute(_ALL)).fetchall()
    trusts = await (await connection.execute(_TRUSTS)).fetchall()
    known = [(at, documents.read(Trust, dsse.payload_of(envelope.encode()))) for at, envelope in trusts]
    opened: list[Halt] = []
    ended: list[Ended] = []
    for stop_id, number, asked_at, *axes, kept, resume, resumed_at in rows:
        stop = Stop(stop_id, number, to_ms(asked_at), *(None if places is None else tuple(places) for places in axes))
        # Ed25519 is deterministic: each gateway makes the same bytes.
        halt = Halt(stop, documents.sign(stop, [signer]), kept)
        if resumed_at is not None and resume is not None and _ends(resume.encode(), stop, _then(known, resumed_at)):
            ended.append(Ended(halt, resume.encode(), to_ms(resumed_at)))
        else:
            opened.append(halt)
    return Orders(tuple(opened), tuple(ended))


async def note(connection: Connection, halts: Iterable[Halt]) -> None:
    """Keep the signed stops, and which devices could capture when they came."""
    for halt in halts:
        await connection.execute(_KEEP, [halt.envelope.decode(), halt.stop.id])
        await connection.execute(_NOTE, [halt.stop.id])


def _then(known: Sequence[tuple[datetime, Trust]], at: datetime) -> Trust | None:
    """The trust document by which a stop was ended then: one that came later takes back no end."""
    before = [trust for published, trust in known if published <= at] or [trust for _, trust in known[:1]]
    return before[-1] if before else None


def _ends(envelope: bytes, stop: Stop, trust: Trust | None) -> bool:
    """Whether both signed the end of this very stop: number, moment and audience, which they read, not its id alone."""
    try:
        ends = trust is not None and open_resume(envelope, trust) == resume_of(stop)
    except (dsse.SignatureError, codec.DocumentError):
        ends = False
    if not ends:
        log.error("resume_refused", stop=stop.number, consequence="the stop stays in force")
    return ends
