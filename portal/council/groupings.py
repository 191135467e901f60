"""Proposals for another smallest group: written, signed by keys of the works council, or withdrawn. Never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.clock import from_ms, to_ms
from portal.core.db import lock
from portal.policies.models import TrustDocument
from portal.policies.queries import trust
from portal.releases.grouping import next_quarter, people_in
from portal.releases.models import SmallestGroupRow
from portal.releases.queries import grouping
from wire import canonical, codec, documents, dsse
from wire.documents import Trust
from wire.grouping import SmallestGroup, open_grouping

COUNCIL: Final = "works_council"
TURN: Final = UUID("0c1e6b0e-6a37-4b7a-8f0b-5f2d0a6d1c77")


class Refused(StrEnum):
    """Why a signature was not taken."""

    NOT_THIS = "not_this"
    NOT_SIGNED = "not_signed"
    NOT_TRUSTED = "not_trusted"
    TOO_LATE = "too_late"


class SignatureRefusedError(ValueError):
    """The signature is not taken, for the reason `why`."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Told:
    """A proposal as pages show it: `signers` are the ids of the council's keys on it.

    `forged`: it says that it is signed, and is not, or nobody can read it. Then it counts for nothing.
    """

    row: SmallestGroupRow
    document: SmallestGroup | None
    signers: tuple[str, ...]
    forged: bool


def all_of(session: Session) -> list[Told]:
    """Every proposal, the newest first. Each signature is checked anew."""
    by_version = TrustDocument.version == SmallestGroupRow.trust_version
    found = select(SmallestGroupRow, TrustDocument.envelope).outerjoin(TrustDocument, by_version)
    rows = session.execute(found.order_by(SmallestGroupRow.number.desc())).all()
    return [_told(row, trust_of_then) for row, trust_of_then in rows]


def signed(told: Sequence[Told]) -> list[SmallestGroup]:
    """What the council has signed. What only says so is left out."""
    return [one.document for one in told if one.row.signed_at and not one.forged and one.document is not None]


def read(row: SmallestGroupRow) -> SmallestGroup:
    """What is proposed. Raises DocumentError."""
    return documents.read(SmallestGroup, row.document.encode())


def _told(row: SmallestGroupRow, trust_of_then: str | None) -> Told:
    try:
        document = read(row)
        signers = tuple(sorted(dsse.signers_of(row.envelope.encode()))) if row.envelope else ()
        if row.signed_at is None:
            return Told(row, document, signers, forged=False)
        found = grouping(str(row.envelope).encode(), str(trust_of_then).encode())
    except (dsse.SignatureError, codec.DocumentError):
        return Told(row, None, (), forged=True)
    as_written = (row.number, row.people, row.starts.isoformat()) == (found.number, found.people, found.starts)
    return Told(row, document, signers, forged=found != document or not as_written)


def opened(session: Session) -> SmallestGroupRow | None:
    """The proposal that waits for signatures. Whoever changes one takes turns, so that there is never a second one."""
    lock(session, TURN)
    waits = (SmallestGroupRow.signed_at.is_(None), SmallestGroupRow.withdrawn_at.is_(None))
    return session.scalars(select(SmallestGroupRow).where(*waits)).one_or_none()


def after_now(session: Session, now: datetime, otherwise: int) -> int:
    """The k that would hold from the next quarter on, if nothing more is signed."""
    return people_in(next_quarter(now), signed(all_of(session)), otherwise)


def propose(session: Session, member: UUID, people: int, replaces: int, reason: str, now: datetime) -> UUID:
    """Write down what is to be signed; its id. Raises DocumentError for a number that no signature allows."""
    number = 1 + (session.scalar(select(func.max(SmallestGroupRow.number))) or 0)
    starts, new = next_quarter(now), uuid4()
    document = SmallestGroup(number, people, replaces, starts.isoformat(), reason, to_ms(now))
    payload = canonical.encode(codec.to_value(document)).decode()
    values = {"id": new, "number": number, "people": people, "starts": starts, "document": payload}
    session.execute(insert(SmallestGroupRow).inline().values(values))
    told = {"number": number, "people": people, "replaces": replaces, "starts": str(starts)}
    record(session, "smallest_group.proposed", actor=member, employee=member, role=COUNCIL, about=new, **told)
    return new


def sign(session: Session, member: UUID, row: SmallestGroupRow, given: bytes, now: datetime) -> bool:
    """Take signatures of the central council's keys; whether there are enough now. Raises SignatureRefusedError."""
    if now.date() >= row.starts:
        raise SignatureRefusedError(Refused.TOO_LATE)
    published = trust(session, hold=True)
    if published is None:
        raise SignatureRefusedError(Refused.NOT_TRUSTED)
    known = documents.read(Trust, dsse.payload_of(published.envelope.encode()))
    row.envelope, signers = gathered(row, given, known)
    enough = known.enough(signers)
    if enough:
        row.signed_at, row.trust_version = from_ms(to_ms(now)), published.version
    session.flush()
    told = {"number": row.number, "people": row.people, "starts": str(row.starts), "keys": sorted(signers)}
    action = "smallest_group.signed" if enough else "smallest_group.signature"
    record(session, action, actor=member, employee=member, role=COUNCIL, about=row.id, **told)
    return enough


def gathered(row: SmallestGroupRow, given: bytes, known: Trust) -> tuple[str, frozenset[str]]:
    """The signatures so far with those given, each checked by the trust document in force, and whose they are."""
    try:
        if dsse.payload_of(given) != row.document.encode():
            raise SignatureRefusedError(Refused.NOT_THIS)
        if not dsse.signers_of(given):
            raise SignatureRefusedError(Refused.NOT_SIGNED)
    except dsse.SignatureError as error:
        raise SignatureRefusedError(Refused.NOT_THIS) from error
    try:
        open_grouping(given, known)
        # A key that was replaced meanwhile signs no more: only what the trust document in force knows is kept.
        kept = [dsse.only(one.encode(), known.council()) for one in (row.envelope,) if one]
        whole = dsse.joined([*(one for one in kept if dsse.signers_of(one)), given])
        return whole.decode(), open_grouping(whole, known)[1]
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise SignatureRefusedError(Refused.NOT_TRUSTED) from error


def withdraw(session: Session, member: UUID, row: SmallestGroupRow, now: datetime) -> None:
    """Take a proposal back that is not signed yet."""
    row.withdrawn_at = now
    session.flush()
    record(session, "smallest_group.withdrawn", actor=member, employee=member, role=COUNCIL, about=row.id)


def history(told: Sequence[Told]) -> list[Told]:
    """What was signed or withdrawn, and what is forged."""
    return [one for one in told if one.row.signed_at or one.row.withdrawn_at or one.forged]
