"""A device's signed word about one finished day: how much it has sent, and which ids, without naming them.

The server must account for every one of them: stored, refused or erased. A day is that of UTC on the server's clock.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from wire.codec import DocumentError, Moment
from wire.documents import HASH_BYTES, Kind

CONTENT_TYPE = "application/vnd.daylight.tally+json"
MAX_BODY = 256 << 10
MAX_UNSURE = 1_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def ids_hash(ids: Iterable[UUID]) -> bytes:
    """SHA-256 over the 16 bytes of each id, sorted (32 bytes): the same for the same set, however it was sent."""
    return hashlib.sha256(b"".join(sorted(one.bytes for one in set(ids)))).digest()


NOTHING = ids_hash(())


@dataclass(frozen=True)
class Sent:
    """What was sent of one kind in one context. `ids`: their hash."""

    kind: Kind
    context: str
    n: int
    ids: bytes

    def __post_init__(self) -> None:
        _require(self.n >= 1, "what was not sent is not listed")
        _require(len(self.ids) == HASH_BYTES, "a hash has 32 bytes")


@dataclass(frozen=True)
class Tally:
    """Everything sent and answered on `day` (ISO, UTC), numbered `first` to `last` (both 0 when there was nothing).

    `ids`: the hash over all of it. `unsure`: ids that were sent, too, but destroyed before an answer came: the server
    may know them or not. Tallies of successive days hold numbers that only grow.
    """

    TYPE: ClassVar[str] = "application/vnd.daylight.tally.v1+json"
    device: UUID
    day: str
    first: int
    last: int
    n: int
    ids: bytes
    sent: tuple[Sent, ...]
    unsure: tuple[UUID, ...]
    at: Moment

    def __post_init__(self) -> None:
        slots = [(one.kind, one.context) for one in self.sent]
        bounds = (
            (_is_day(self.day), "a day is written 2026-11-29"),
            (self.n == sum(one.n for one in self.sent), "the parts do not add up"),
            (slots == sorted(set(slots)), "kinds and contexts stand once each, in order"),
            (len(self.ids) == HASH_BYTES, "a hash has 32 bytes"),
            (
                0 <= self.first <= self.last and (self.last > 0) is (self.n > 0),
                "numbers without items, or none for them",
            ),
            (self.n <= self.last - self.first + 1 if self.n else self.ids == NOTHING, "more items than numbers"),
            (list(self.unsure) == sorted(set(self.unsure)), "ids stand once each, in order"),
            (len(self.unsure) <= MAX_UNSURE, "too many ids"),
        )
        for holds, sentence in bounds:
            _require(holds, sentence)


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _require(holds: bool, sentence: str) -> None:  # noqa: FBT001
    if not holds:
        raise DocumentError(sentence)
