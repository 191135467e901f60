"""Stop for all, and end a stop. The log's entry is written by the table itself: no desk can stop without it."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.core.clock import from_ms, to_ms
from portal.core.db import lock
from portal.core.notify import notify
from portal.stops import queries
from portal.stops.models import StopRow
from portal.stops.rules import Refused, SignaturesRefusedError, covers, document, gathered
from wire.documents import Signer, Trust
from wire.policy import Audience
from wire.stopping import Resume

TURN: Final = UUID("6f1d2f5c-6a1b-4a53-9d0e-3c1b7a2f8e44")
"""Two desks that stop in the same moment take turns, so that the second sees the first's."""


def begin(session: Session, audience: Audience, reason: str, now: datetime) -> tuple[StopRow, bool]:
    """Stop everybody in the audience from `now` on; False: a stop in force covers them already: that one."""
    lock(session, TURN)
    for known in queries.open_stops(session):
        if covers(known.audience, audience):
            return known, False
    values = {"id": uuid4(), "reason": reason, "asked_at": from_ms(to_ms(now))}
    values |= {axis: list(places) for axis, places in vars(audience).items() if places is not None}
    row = session.scalars(insert(StopRow).values(values).returning(StopRow)).one()
    notify(session, "stop", row.id)
    return row, True


def sign_end(session: Session, row: StopRow, given: bytes, trust: Trust, now: datetime) -> frozenset[Signer]:
    """Take signatures for the end of the stop; with officer's and council's it is over. Raises SignaturesRefusedError.

    For whom there are signatures now. `row` was read to be changed, `trust` is held. The database says when it ended.
    """
    if row.resumed_at is not None:
        raise SignaturesRefusedError(Refused.OVER)
    known = None if row.resume_envelope is None else row.resume_envelope.encode()
    whole, signers = gathered(end_of(row), known, given, trust)
    row.resume_envelope = whole.decode()
    if signers >= {Signer.OFFICER, Signer.COUNCIL}:
        row.resumed_at = max(from_ms(to_ms(now)), row.asked_at)
        notify(session, "stop", row.id)
    session.flush()
    return signers


def end_of(row: StopRow) -> Resume:
    """The document that ends this stop."""
    return document(row.id, row.number, to_ms(row.asked_at), row.audience)
