"""Issue, count, take back: what the ballot does. It is told nobody's name and keeps no time.

What is handed in lies in the box until the daily count: at that moment nothing is written into the database, and
nothing is asked of it (ballot.memory). No line about a single call is ever logged.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from ballot import keys, memory, statements
from ballot.box import Box, Key, Mark
from ballot.errors import BallotError, Slug
from ballot.keys import Keys
from ballot.memory import Petitions, Running
from ballot.statements import ENDED
from portal.core import clock
from portal.core.db import Database
from wire import blind
from wire.token import nullifier

LOGIN: Final = "ballot"
ELIGIBLE_BYTES: Final = 32
NAMED, SPENT = b"named", b"spent"
"""Instead of the hash of a blinded message: signed with the name, without ever having had a token, or for one."""
CHANCE: Final = secrets.SystemRandom()


@dataclass(frozen=True)
class Token:
    """What a browser hands in: which petition, the signed message, the signature."""

    petition: UUID
    prepared: bytes
    signature: bytes


@dataclass(frozen=True)
class Held:
    """A token that is a good one, and what is known of it while nobody else may change that."""

    key: Key
    mark: Mark | None


class Ballot:
    """All of it; safe to use from several threads."""

    def __init__(self, database: Database, own: Keys, box: Box) -> None:
        """Read what is known. Raises SQLAlchemyError."""
        self._database, self._keys, self._box = database, own, box
        with database.transaction(LOGIN) as session:
            self._petitions: Petitions = memory.petitions(session)
            self._tokens = memory.tokens(session)

    def issue(self, petition: UUID, eligible: bytes, blinded: bytes, today: date) -> bytes:
        """Sign a blinded message, once for each who is eligible; for the same message again and again.

        The portal asks only while the name is not on the petition, so a reservation for the name ends here.
        Raises BallotError: unknown, ended, malformed, spent, or issued when another message was signed for this one.
        """
        digest = hashlib.sha256(blinded).digest()
        who = {"petition": petition, "eligible": eligible, "hash": digest}
        with self._database.transaction(LOGIN) as session:
            signature = self._signed(petition, _sealed(session, petition, today), blinded)
            session.execute(statements.ISSUE, who)
            session.execute(statements.INSTEAD, who | {"named": NAMED})
            first = session.execute(statements.ISSUED, who).scalar_one()
        if first != digest:
            raise BallotError(Slug.SPENT if first == SPENT else Slug.ISSUED)
        return signature

    def _signed(self, petition: UUID, sealed: bytes | None, blinded: bytes) -> bytes:
        """The blind signature, made before anything is noted: what cannot be signed costs nobody the token."""
        if sealed is None:
            raise BallotError(Slug.UNKNOWN)
        try:
            return blind.blind_sign(self._keys.private(petition, sealed), blinded)
        except blind.BlindError as error:
            raise BallotError(Slug.MALFORMED) from error

    def hand_in(self, token: Token, *, again: bool = False) -> None:
        """Count a signature. `again`: its holder signs anew after taking it back; a copy of it does not say so.

        Raises BallotError: unknown, ended, forged, used, spent, taken_back.
        """
        with self._held(token) as held:
            if held.mark is Mark.VOTE:
                raise BallotError(Slug.USED)
            if held.mark is Mark.SPENT:
                raise BallotError(Slug.SPENT)
            if held.mark is Mark.VOID and not again:
                raise BallotError(Slug.TAKEN_BACK)
            self._box.put(held.key, Mark.VOTE)

    def take_back(self, token: Token) -> None:
        """Take a signature back, which only its holder can, also one that is still on its way: a copy counts no more.

        Raises BallotError: also spent, when it was given up for a signature with the name.
        """
        with self._held(token) as held:
            if held.mark is Mark.SPENT:
                raise BallotError(Slug.SPENT)
            if held.mark is not Mark.VOID:
                self._box.put(held.key, Mark.VOID)

    def is_counted(self, token: Token) -> bool:
        """Whether this token was handed in: another browser with the same recovery code asks. Raises BallotError."""
        with self._held(token) as held:
            return held.mark is Mark.VOTE

    def give_up(self, token: Token) -> bytes:
        """The token never counts any more; a ticket for a signature with the name, the same one again for the same.

        The portal gets the ticket and never the token. Raises BallotError: also used, while it counts.
        """
        with self._held(token) as held:
            if held.mark is Mark.VOTE:
                raise BallotError(Slug.USED)
            if held.mark is not Mark.SPENT:
                self._box.put(held.key, Mark.SPENT)
        number = self._keys.ticket(b"number", held.key)
        return number + self._keys.ticket(b"proof", (token.petition, number))

    def reserve(self, petition: UUID, eligible: bytes, ticket: bytes, today: date) -> None:
        """Somebody signs with the name, so there must be no token to sign with besides: one person, one signature.

        A token that was issued was given up, and its ticket is good once. Raises BallotError: unknown, ended, issued
        without a good ticket.
        """
        who = {"petition": petition, "eligible": eligible}
        with self._database.transaction(LOGIN) as session:
            _sealed(session, petition, today)
            session.execute(statements.ISSUE, who | {"hash": NAMED})
            if session.execute(statements.ISSUED, who).scalar_one() in {NAMED, SPENT}:
                return
            self._take(petition, ticket)
            session.execute(statements.SPEND, who | {"spent": SPENT})

    def _take(self, petition: UUID, ticket: bytes) -> None:
        """Use a ticket up. It waits in the box, too: beside the pseudonym in the database it would lead to it.

        Killed before the commit that follows, it is used up for nothing: one signature fewer, never one more.
        """
        key = (petition, ticket[:32])
        if not hmac.compare_digest(self._keys.ticket(b"proof", key), ticket[32:]):
            raise BallotError(Slug.ISSUED)
        with self._box.turn:
            if self._mark(key) is not None:
                raise BallotError(Slug.ISSUED)
            self._box.put(key, Mark.SPENT)

    def empty_when_due(self) -> None:
        """Empty the box once a day, also when the ballot was not there at midnight."""
        with self._box.turn:
            today = clock.now().date()
            with self._database.transaction(LOGIN) as session:
                due = session.execute(statements.DUE, {"today": today}).scalar_one()
            if due:
                self.empty(today)

    def empty(self, today: date) -> None:
        """All that was handed in since the last time, in one transaction and in an order left to chance.

        Emptied again after a crash, it is the same: each token has one row. What belongs to a petition that has ended
        goes nowhere.
        """
        with self._box.turn:
            entries = self._box.entries()
            CHANCE.shuffle(entries)
            among = {"petitions": list({key[0] for key, _ in entries}), "ended": list(ENDED)}
            with self._database.transaction(LOGIN) as session:
                running = set(session.execute(statements.RUNNING, among).scalars())
                rows = [_row(key, mark, today) for key, mark in entries if key[0] in running]
                if rows:
                    session.execute(statements.COUNT, rows)
                session.execute(statements.EMPTIED, {"today": today})
                tokens = memory.tokens(session)
            self._tokens = tokens
            self._box.clear([key for key, _ in entries])

    def make_key(self, today: date) -> bool:
        """Make the key of one petition that has none. False when all have theirs."""
        with self._database.transaction(LOGIN) as session:
            found = session.execute(statements.KEYLESS, {"ended": list(ENDED), "today": today}).scalar_one_or_none()
        if found is None:
            return False
        public, sealed = self._keys.make(found)
        row = {"petition": found, "public": public, "sealed": sealed, "today": today}
        with self._database.transaction(LOGIN) as session:
            session.execute(statements.KEEP_KEY, row)
            self._petitions = memory.petitions(session)  # before anybody can have a token
        return True

    def learn(self) -> None:
        """Hear which petitions run: by the clock, whatever is handed in."""
        with self._database.transaction(LOGIN) as session:
            self._petitions = memory.petitions(session)

    def tidy(self) -> None:
        """Destroy keys and rows of petitions that have ended; the last count stands in the petition."""
        with self._database.transaction(LOGIN) as session:
            for statement in statements.TIDY:
                session.execute(statement, {"ended": list(ENDED)})

    @contextmanager
    def _held(self, token: Token) -> Iterator[Held]:
        """The token once it is proved, and nobody else's turn. Raises BallotError: unknown, ended, forged."""
        running = self._running(token.petition)
        if not blind.verifies(keys.public(running.public), token.prepared, token.signature):
            raise BallotError(Slug.FORGED)
        key = (token.petition, nullifier(token.petition, token.prepared))
        with self._box.turn:
            self._running(token.petition)  # its last day may have been emptied while we waited
            yield Held(key, self._mark(key))

    def _running(self, petition: UUID) -> Running:
        """The petition, which can be signed without a name today. Raises BallotError: unknown, ended."""
        if petition not in self._petitions:
            raise BallotError(Slug.UNKNOWN)
        running = self._petitions[petition]
        if running is None or clock.now().date() > running.ends_on:
            raise BallotError(Slug.ENDED)
        return running

    def _mark(self, key: Key) -> Mark | None:
        """What is known of a token: in the box, or else of the table."""
        inside = self._box.get(key)
        return self._tokens.get(key) if inside is None else inside


def _row(key: Key, mark: Mark, today: date) -> dict[str, Any]:
    on_day = today if mark is Mark.VOTE else None
    return {"petition": key[0], "nullifier": key[1], "on_day": on_day, "void": mark is Mark.VOID}


def _sealed(session: Session, petition: UUID, today: date) -> bytes | None:
    """The private key, sealed, of a petition that can be signed today; None while it is still to be made.

    Raises BallotError: unknown, ended.
    """
    rows: Sequence[Any] = session.execute(statements.PETITION, {"petition": petition}).all()
    if not rows:
        raise BallotError(Slug.UNKNOWN)
    state, ends_on, public, sealed = rows[0]
    if state in ENDED or today > ends_on or (public is not None and sealed is None):
        raise BallotError(Slug.ENDED)
    return None if sealed is None else bytes(sealed)
