"""How few people a published number may stand for: the works council's signature changes it, never below a floor."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from wire import codec, documents, dsse
from wire.codec import Moment
from wire.documents import Trust

FLOOR: Final = 8
"""Nobody may go below it, with whatever signature: smaller groups are people (BAG, 1 ABR 6/94)."""
MOST: Final = 1_000
LONGEST_REASON: Final = 500
QUARTERS: Final = (1, 4, 7, 10)


@dataclass(frozen=True)
class SmallestGroup:
    """From the quarter on that begins on `starts` (a day, ISO 8601), a number stands for `people` people at least.

    `number` grows with each such document; `replaces` is what held before; everybody reads `reason`, one line.
    """

    TYPE: ClassVar[str] = "application/vnd.daylight.smallest-group.v1+json"
    number: int
    people: int
    replaces: int
    starts: str
    reason: str
    issued: Moment

    def __post_init__(self) -> None:
        known = FLOOR <= self.people <= MOST and FLOOR <= self.replaces <= MOST and self.people != self.replaces
        told = 1 <= len(self.reason) <= LONGEST_REASON and self.reason.isprintable()
        if not (self.number >= 1 and known and told and _begins_a_quarter(self.starts)):
            raise codec.DocumentError("a smallest group is another number than before, from 8 on, from a quarter on")


def open_grouping(envelope: bytes, trust: Trust) -> tuple[SmallestGroup, frozenset[str]]:
    """The document and the ids of the central council's keys that signed it. Raises SignatureError or DocumentError."""
    return documents.open_signed(SmallestGroup, envelope, trust.council())


def open_agreed(envelope: bytes, trust: Trust) -> SmallestGroup:
    """The document, if as many of these keys signed it as the trust document asks for. Raises the same."""
    group, signers = open_grouping(envelope, trust)
    if not trust.enough(signers):
        raise dsse.SignatureError("more keys of the works council have to sign it")
    return group


def _begins_a_quarter(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day.day == 1 and day.month in QUARTERS
