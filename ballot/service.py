"""Issue, count, take back: what the ballot does, each in one transaction. It is told nobody's name and keeps no time.

No line about a single call is ever logged, and no statement here may fail on a value: PostgreSQL would quote it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from ballot import keys
from ballot.errors import BallotError, Slug
from ballot.keys import Keys
from portal.core.db import Database
from wire import blind
from wire.token import nullifier

LOGIN: Final = "ballot"
ENDED: Final = ("closed", "rejected", "withdrawn")
ELIGIBLE_BYTES: Final = 32
NAMED, SPENT = b"named", b"spent"
"""Instead of the hash of a blinded message: signed with the name, without ever having had a token, or for one."""

_PETITION = text(
    "SELECT p.state, p.ends_on, k.public_key, k.sealed_private FROM petition p "
    "LEFT JOIN ballot_key k ON k.petition_id = p.id WHERE p.id = :petition"
)
_ISSUE = text(
    "INSERT INTO ballot_issue (petition_id, eligible, blinded_hash) VALUES (:petition, :eligible, :hash) "
    "ON CONFLICT DO NOTHING"
)
_ISSUED = text("SELECT blinded_hash FROM ballot_issue WHERE petition_id = :petition AND eligible = :eligible")
_COUNT = text(
    "INSERT INTO ballot_vote (petition_id, nullifier, on_day) VALUES (:petition, :nullifier, :today) "
    "ON CONFLICT DO NOTHING"
)
_TAKE_BACK = text(
    "DELETE FROM ballot_vote WHERE petition_id = :petition AND nullifier = :nullifier AND on_day IS NOT NULL"
)
_THERE = text("SELECT on_day FROM ballot_vote WHERE petition_id = :petition AND nullifier = :nullifier")
_SPEND = text("UPDATE ballot_issue SET blinded_hash = :spent WHERE petition_id = :petition AND eligible = :eligible")
_INSTEAD = text(
    "UPDATE ballot_issue SET blinded_hash = :hash "
    "WHERE petition_id = :petition AND eligible = :eligible AND blinded_hash = :named"
)
_KEYLESS = text(
    "SELECT p.id FROM petition p WHERE p.state <> ALL (:ended) AND p.ends_on >= :today "
    "AND NOT EXISTS (SELECT FROM ballot_key k WHERE k.petition_id = p.id) LIMIT 1"
)
_KEEP_KEY = text(
    "INSERT INTO ballot_key (petition_id, public_key, sealed_private) VALUES (:petition, :public, :sealed) "
    "ON CONFLICT DO NOTHING"
)
_OVER = "SELECT id FROM petition WHERE state = ANY (:ended)"
_TIDY = (
    text(f"UPDATE ballot_key SET sealed_private = NULL WHERE sealed_private IS NOT NULL AND petition_id IN ({_OVER})"),
    text(f"DELETE FROM ballot_issue WHERE petition_id IN ({_OVER})"),
    text(f"DELETE FROM ballot_vote WHERE petition_id IN ({_OVER})"),
)


@dataclass(frozen=True)
class Token:
    """What a browser hands in: which petition, the signed message, the signature."""

    petition: UUID
    prepared: bytes
    signature: bytes


@dataclass(frozen=True)
class Running:
    """A petition that can be signed today, with its keys."""

    public: bytes
    sealed: bytes


class Ballot:
    """All of it; safe to use from several threads."""

    def __init__(self, database: Database, own: Keys) -> None:
        self._database, self._keys = database, own

    def issue(self, petition: UUID, eligible: bytes, blinded: bytes, today: date) -> bytes:
        """Sign a blinded message, once for each who is eligible; for the same message again and again.

        The portal asks only while the name is not on the petition, so a reservation for the name ends here.
        Raises BallotError: unknown, ended, malformed, spent, or issued when another message was signed for this one.
        """
        digest = hashlib.sha256(blinded).digest()
        who = {"petition": petition, "eligible": eligible, "hash": digest}
        with self._database.transaction(LOGIN) as session:
            running = _running(session, petition, today)
            signature = self._signed(petition, running, blinded)
            session.execute(_ISSUE, who)
            session.execute(_INSTEAD, who | {"named": NAMED})
            first = session.execute(_ISSUED, who).scalar_one()
        if first != digest:
            raise BallotError(Slug.SPENT if first == SPENT else Slug.ISSUED)
        return signature

    def _signed(self, petition: UUID, running: Running, blinded: bytes) -> bytes:
        """The blind signature, made before anything is noted: what cannot be signed costs nobody the token."""
        try:
            return blind.blind_sign(self._keys.private(petition, running.sealed), blinded)
        except blind.BlindError as error:
            raise BallotError(Slug.MALFORMED) from error

    def hand_in(self, token: Token, today: date) -> None:
        """Count a signature. Raises BallotError: unknown, ended, forged, or used when it was counted before."""
        with self._database.transaction(LOGIN) as session:
            values = self._proved(session, token, today) | {"today": today}
            if not _changed(session.execute(_COUNT, values)):
                day = session.execute(_THERE, values).scalar_one_or_none()
                raise BallotError(Slug.USED if day else Slug.SPENT)

    def take_back(self, token: Token, today: date) -> None:
        """Take a signature back, which only its holder can. Raises BallotError: also not_there."""
        with self._database.transaction(LOGIN) as session:
            if not _changed(session.execute(_TAKE_BACK, self._proved(session, token, today))):
                raise BallotError(Slug.NOT_THERE)

    def is_counted(self, token: Token, today: date) -> bool:
        """Whether this token was handed in: another browser with the same recovery code asks. Raises BallotError."""
        with self._database.transaction(LOGIN) as session:
            return session.execute(_THERE, self._proved(session, token, today)).scalar_one_or_none() is not None

    def reserve(self, petition: UUID, eligible: bytes, token: Token | None, today: date) -> None:
        """Somebody signs with the name, so there must be no token to sign with besides: one person, one signature.

        A token that was issued is given for it and never counts. Raises BallotError: unknown, ended, issued without the
        token, forged, or used when it was handed in.
        """
        who = {"petition": petition, "eligible": eligible}
        with self._database.transaction(LOGIN) as session:
            _signable(session, petition, today)
            session.execute(_ISSUE, who | {"hash": NAMED})
            if session.execute(_ISSUED, who).scalar_one() in {NAMED, SPENT}:
                return
            if token is None or token.petition != petition:
                raise BallotError(Slug.ISSUED)
            values = self._proved(session, token, today) | {"today": None}
            if not _changed(session.execute(_COUNT, values)):
                raise BallotError(Slug.USED)
            session.execute(_SPEND, who | {"spent": SPENT})

    def make_key(self, today: date) -> bool:
        """Make the key of one petition that has none. False when all have theirs."""
        with self._database.transaction(LOGIN) as session:
            found = session.execute(_KEYLESS, {"ended": list(ENDED), "today": today}).scalar_one_or_none()
        if found is None:
            return False
        public, sealed = self._keys.make(found)
        with self._database.transaction(LOGIN) as session:
            session.execute(_KEEP_KEY, {"petition": found, "public": public, "sealed": sealed})
        return True

    def tidy(self) -> None:
        """Destroy keys and rows of petitions that have ended; the last count stands in the petition."""
        with self._database.transaction(LOGIN) as session:
            for statement in _TIDY:
                session.execute(statement, {"ended": list(ENDED)})

    @staticmethod
    def _proved(session: Session, token: Token, today: date) -> dict[str, Any]:
        running = _running(session, token.petition, today)
        if not blind.verifies(keys.public(running.public), token.prepared, token.signature):
            raise BallotError(Slug.FORGED)
        return {"petition": token.petition, "nullifier": nullifier(token.petition, token.prepared)}


def _running(session: Session, petition: UUID, today: date) -> Running:
    """The petition, which can be signed without a name today. Raises BallotError: unknown, ended."""
    running = _signable(session, petition, today)
    if running is None:
        raise BallotError(Slug.UNKNOWN)
    return running


def _signable(session: Session, petition: UUID, today: date) -> Running | None:
    """The same; None while its key is still to be made. Raises BallotError: unknown, ended."""
    rows: Sequence[Any] = session.execute(_PETITION, {"petition": petition}).all()
    if not rows:
        raise BallotError(Slug.UNKNOWN)
    state, ends_on, public, sealed = rows[0]
    if state in ENDED or today > ends_on or (public is not None and sealed is None):
        raise BallotError(Slug.ENDED)
    return None if public is None else Running(public, sealed)


def _changed(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
