"""What this device says of itself, signed. The server says when it has kept a word; until then it is said again.

A word may be lost after it was sent: the server may end before it has written it down. The same envelope again changes
nothing there.
"""

import hashlib
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import store
from collector.permission import Permission
from collector.spool import Sequence
from collector.state import StateDir
from wire import documents
from wire.documents import Report, ReportKind

MOST_UNHEARD: Final = 60
"""So many words wait at most, the newest: the server takes 100 messages at once."""


class Reports:
    """Signs with the device's key, and keeps what the server has not confirmed: digest → the word and its envelope."""

    def __init__(self, state: StateDir, permission: Permission, sequence: Sequence, key: Ed25519PrivateKey) -> None:
        self._state, self._permission, self._sequence, self._key = state, permission, sequence, key
        self._told = store.told(state)
        self._unheard: dict[bytes, tuple[Report, bytes]] = {}

    @property
    def unheard(self) -> tuple[bytes, ...]:
        """What to say at each connection, oldest first, and the latest pause and resume here, known or not."""
        return (*(envelope for _, envelope in self._unheard.values()), *self._told)

    def say(self, what: ReportKind, detail: str = "") -> bytes:
        """The signed word, which stays unheard until it is confirmed."""
        report = self._word(what, detail)
        envelope = documents.sign(report, [self._key])
        self._unheard[hashlib.sha256(envelope).digest()] = report, envelope
        if len(self._unheard) > MOST_UNHEARD:
            del self._unheard[next(iter(self._unheard))]
        return envelope

    def still(self, what: ReportKind, detail: str = "") -> None:
        """Says at the next connection that this holds, unless that waits to be said anyway."""
        now = self._word(what, detail)
        if all(replace(now, at=said.at, last_seq=said.last_seq) != said for said, _ in self._unheard.values()):
            self.say(what, detail)

    def say_here(self, what: ReportKind, detail: str) -> bytes:
        """The signed word on a local pause or its end, kept on disk: it may have happened offline."""
        envelope = documents.sign(self._word(what, detail), [self._key])
        self._told = [*self._told[-1:], envelope] if what is ReportKind.RESUMED_HERE else [envelope]
        store.keep_told(self._state, self._told)
        return envelope

    def heard(self, digest: bytes) -> None:
        """The server has kept the envelope with this SHA-256, and those before it, which it took in before."""
        if digest in self._unheard:
            for older in list(self._unheard):
                del self._unheard[older]
                if older == digest:
                    return

    def _word(self, what: ReportKind, detail: str) -> Report:
        directive, now = self._permission.directive, self._permission.server_now()
        return Report(
            device=self._permission.device,
            what=what,
            directive=directive.number if directive else 0,
            policy=self._permission.policy_hash,
            last_seq=self._sequence.last,
            at=self._permission.clock.wall_ms() if now is None else now,
            detail=detail,
        )
