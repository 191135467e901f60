"""What one person has stored of a day, and how many refusals are listed: counted in memory, begun from the database.

The database is asked again on a new day, and whenever an eighth of a bound was counted since: what other processes
store and what was rolled back makes a small error, and whoever keeps within an eighth costs one question a day.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.capture.volumes import LINES
from portal.core.clock import from_ms
from wire.documents import Kind

REMEMBERED = 50_000
ASK_AGAIN = 1 / 8
BACK = timedelta(days=2)
"""The days back that uploads may be of, whatever the person's zone."""


class What(StrEnum):
    """What is counted: bytes of a day, and lines of the last days."""

    IMAGES = "images"
    OTHERS = "others"
    REFUSED = "refused"
    ERASED = "erased"


class Line(StrEnum):
    """Whether a line about an upload is still written: as it is, as the last one, or not any more."""

    WRITTEN = "written"
    LAST = "last"
    NOT_WRITTEN = "not_written"


class _Person:
    """`counts`: by what and day, lines by what alone. `grown`: share of a bound that was counted since `read_on`."""

    __slots__ = ("counts", "grown", "read_on")

    def __init__(self, read_on: date) -> None:
        self.counts: Counter[tuple[What, date | None]] = Counter()
        self.grown = 0.0
        self.read_on = read_on

    def add(self, slot: tuple[What, date | None], amount: int, most: int) -> None:
        self.counts[slot] += amount
        self.grown += amount / most


class Bounds:
    """One for all batches of a process."""

    def __init__(self) -> None:
        self._people: OrderedDict[UUID, _Person] = OrderedDict()

    def unsure(self, people: Iterable[UUID], now: int) -> list[UUID]:
        """Those of whom the database has to be asked at `now` (Unix ms)."""
        return [one for one in people if not self._sure(self._people.get(one), from_ms(now).date())]

    def learn(self, people: Iterable[UUID], rows: Iterable[Sequence[Any]], now: int) -> None:
        """Take the database's answer: rows of person, what, day and amount. Nobody asks it for lines of the erased."""
        today = from_ms(now).date()
        for one in people:
            before, fresh = self._people.pop(one, None), _Person(today)
            if before is not None and before.read_on == today:
                fresh.counts[What.ERASED, None] = before.counts[What.ERASED, None]
            self._people[one] = fresh
        for person, what, day, amount in rows:
            self._people[person].counts[What(what), day] = int(amount)
        while len(self._people) > REMEMBERED:
            self._people.popitem(last=False)

    def store(self, person: UUID, kind: Kind, day: date, amount: int, most: int) -> bool:
        """Whether so many bytes more of that day fit; counted if they do."""
        slot = (What.IMAGES if kind is Kind.SCREENSHOT else What.OTHERS), day
        known = self._of(person, day)
        if known.counts[slot] + amount > most:
            return False
        known.add(slot, amount, most)
        return True

    def line(self, person: UUID, what: What, today: date) -> Line:
        """Whether one more line is written, and counts it."""
        known, slot = self._of(person, today), (what, None)
        if known.counts[slot] >= LINES:
            return Line.NOT_WRITTEN
        known.add(slot, 1, LINES)
        return Line.LAST if known.counts[slot] == LINES else Line.WRITTEN

    def _of(self, person: UUID, today: date) -> _Person:
        known = self._people.get(person)
        if known is None:
            known = self._people[person] = _Person(today)
        return known

    def _sure(self, known: _Person | None, today: date) -> bool:
        return known is not None and known.read_on == today and known.grown < ASK_AGAIN


def first_day(now: int) -> date:
    """The first day of which uploads may come at `now` (Unix ms)."""
    return from_ms(now).date() - BACK
