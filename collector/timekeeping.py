"""The server's time by the boot clock. Leases only move it on; back it goes by a fresh answer to an own question.

A lease says that it was `issued` or later when it came: whoever holds one back, or sends it again, cannot make it
younger. An answer to a question also says that it was no later than `at` when the question was asked. So what came of a
server whose clock was wrong, or of a boot clock that jumped or runs too fast, is found out and put right.

The server alone cannot turn time back: this machine's own clock must not say that it is later. So no online key makes a
policy or a pause begin or end anew. That clock can only refuse; it permits nothing. By it, too, a boot's first lease
may be of long before, which nothing else here tells: the server is asked, and the next one counts.
"""

import os
from dataclasses import dataclass
from uuid import UUID

from collector.clock import Clock
from wire import codec, documents
from wire.documents import NONCE_BYTES, Lease, Signer, Trust
from wire.servertime import ServerTime

SKEW_MS = 30_000
"""By so much a lease may be older than the latest one seen."""

LATE_MS = 10_000
"""A lease older than this on arrival, by the time known here, was held back, or that time is wrong: worth asking."""

WALL_MS = 300_000
"""So far ahead of the server's this machine's own clock may be: time still goes back, a boot's first lease counts."""

ANSWER_MS = 10_000
"""An answer counts so long after its question: by so much less may the time be wrong afterwards."""


@dataclass(frozen=True)
class Seen:
    """What is kept of time: the latest lease's moment, and the best known offset of server time to a boot's clock."""

    issued: int
    boot: str
    offset: int


@dataclass(frozen=True)
class Question:
    """What was asked, and when by the boot clock."""

    nonce: bytes
    asked: int


class TimeKeeper:
    """`seen`: what is kept of time. `doubtful`: the latest lease does not fit it, so the server should be asked.

    `unsure`: a lease alone tells the time, and it may be one of before: none counts until the server has answered.
    `ahead`: by how many ms this machine's own clock was ahead when it did not let time go back, else 0.
    """

    def __init__(self, clock: Clock, device: UUID) -> None:
        self._clock, self._device = clock, device
        self.seen: Seen | None = None
        self.doubtful = False
        self.unsure = False
        self.ahead = 0
        self._question: Question | None = None

    @property
    def kept(self) -> Seen | None:
        """What a restart may rely on."""
        return None if self.unsure else self.seen

    def now(self) -> int | None:
        """The server's time (ms); None while nothing in this boot has told it."""
        if self.seen is None or self.seen.boot != self._clock.boot_id():
            return None
        return self._clock.boot_ms() + self.seen.offset

    def learn(self, lease: Lease) -> None:
        """Takes a verified lease. Raises DocumentError for one older than what was seen before."""
        now = self.now()
        self.doubtful = True
        if self.seen is not None and lease.issued < self.seen.issued - SKEW_MS:
            raise codec.DocumentError("the lease is older than one already seen")
        self.unsure |= now is None and lease.issued < self._clock.wall_ms() - WALL_MS
        self.doubtful = self.unsure or (now is not None and lease.issued < now - LATE_MS)
        boot, offset, issued = self._clock.boot_id(), lease.issued - self._clock.boot_ms(), lease.issued
        if self.seen is not None:
            issued = max(issued, self.seen.issued)
            offset = max(offset, self.seen.offset) if self.seen.boot == boot else offset
        self.seen = Seen(issued, boot, offset)

    def ask(self) -> bytes | None:
        """The nonce of a new question while there is doubt; None where there is none, or a question is on its way."""
        now, asked = self._clock.boot_ms(), self._question
        if not self.doubtful or (asked is not None and 0 <= now - asked.asked < ANSWER_MS):
            return None
        self._question = Question(os.urandom(NONCE_BYTES), now)
        return self._question.nonce

    def answered(self, envelope: bytes, trust: Trust) -> int:
        """Takes the answer to the question that is open; by how many ms the time known here was too late.

        Raises SignatureError or DocumentError; then nothing has changed.
        """
        told, _ = documents.open_signed(ServerTime, envelope, trust.keys_of(Signer.LEASE))
        question, arrived = self._question, self._clock.boot_ms()
        if question is None or (told.device, told.nonce) != (self._device, question.nonce):
            raise codec.DocumentError("the time answers another question")
        if not 0 <= arrived - question.asked < ANSWER_MS:
            raise codec.DocumentError("the time was too long on its way")
        before, seen = self.now(), self._within(told.at, question.asked, arrived)
        earlier = self.seen is not None and (seen.issued < self.seen.issued or (before or 0) > arrived + seen.offset)
        ahead = self._clock.wall_ms() - told.at
        self.ahead = ahead if earlier and ahead > WALL_MS else 0
        if self.ahead:
            raise codec.DocumentError("by this machine's own clock it is later")
        self.seen, self._question, self.doubtful, self.unsure = seen, None, False, False
        return 0 if before is None else max(before - arrived - seen.offset, 0)

    def _within(self, at: int, asked: int, arrived: int) -> Seen:
        """It was `at` between two moments of the boot clock: what is known already stays as far as that allows it."""
        least, most = at - arrived, at - asked
        boot = self._clock.boot_id()
        if self.seen is None:
            return Seen(at, boot, least)
        offset = self.seen.offset if self.seen.boot == boot else least
        return Seen(min(self.seen.issued, arrived + most), boot, min(max(offset, least), most))
