"""Cutting what was captured into segments: one kind, one context, at most a minute, under one lease and one policy.

A segment ends with its last item, so that it never reaches into a pause. Closed key segments are held back until as
many keys of the same context followed as an identifier can have, or nothing was typed there for a while: an identifier
may cross borders, also several.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from collector import redaction
from collector.redaction import KeyEvent
from wire.documents import Kind
from wire.segment import LONGEST_MS

MAX_ITEMS = 5_000
REACH = 300
"""Keys before and after a key among which an identifier is looked for."""

HOLD_MS = 20_000
Slot = tuple[Kind, str]


@dataclass(frozen=True)
class Terms:
    """Under what a segment is captured: taken from lease and policy when it opens. Times: server ms."""

    policy: str
    policy_version: int
    lease: UUID
    lease_ends: int
    key: UUID
    public_key: bytes
    redaction: frozenset[str]
    max_sensitivity: int


@dataclass
class Segment:
    """A stretch being captured, or closed. `items`: (server ms, what the kind's data holds for it)."""

    kind: Kind
    context: str
    terms: Terms
    start: int
    title: str = ""
    screen: tuple[int, int] = (0, 0)
    items: list[tuple[int, Any]] = field(default_factory=list)
    blob: bytes = b""
    found: frozenset[str] = frozenset()
    sampled: bool = True

    @property
    def end(self) -> int:
        """Just after the last item: half-open."""
        return min(self.items[-1][0] + 1, self.start + LONGEST_MS)


@dataclass
class _Chain:
    """The keys of one context: the tail of what was sealed, and the closed segments that still wait, oldest first."""

    tail: list[KeyEvent] = field(default_factory=list)
    held: deque[Segment] = field(default_factory=deque)
    closed_at: int = 0

    def following(self) -> list[KeyEvent]:
        """The keys that wait behind the oldest segment."""
        return [item for later in islice(self.held, 1, None) for _, item in later.items]


class Segmenter:
    """Takes items, gives closed segments to `give`, in an order in which they may be numbered.

    `longest_ms`: of a segment. Closed keys wait as long for the next key, but no longer than HOLD_MS.
    """

    def __init__(self, give: Callable[[Segment], None], longest_ms: int = LONGEST_MS) -> None:
        if not 0 < longest_ms <= LONGEST_MS:
            raise ValueError("a segment lasts at most a minute")
        self._give = give
        self._longest = longest_ms
        self._hold = min(longest_ms, HOLD_MS)
        self._open: dict[Slot, Segment] = {}
        self._chains: dict[str, _Chain] = {}

    def add(self, fresh: Segment, at: int, item: Any) -> None:
        """Adds an item at server time `at` to the open segment of its kind and context, or to `fresh`, a new one."""
        slot = fresh.kind, fresh.context
        current = self._open.get(slot)
        if current is not None and (not self._fits(current, fresh, at)):
            self._close(slot, at)
            current = None
        if current is None:
            current = self._open[slot] = fresh
        current.items.append((max(at, current.start), item))

    def single(self, segment: Segment, at: int, item: Any) -> None:
        """A segment of one item, such as a screenshot, closed at once."""
        segment.items.append((at, item))
        self._give(segment)

    def sampled(self, slot: Slot) -> bool | None:
        """Whether the open segment of the slot is one of those kept; None if none is open."""
        current = self._open.get(slot)
        return None if current is None else current.sampled

    def due(self, now: int) -> None:
        """Closes what has lasted long enough, and lets go of keys that nothing followed."""
        for slot, current in list(self._open.items()):
            if now >= self._limit(current):
                self._close(slot, now)
        for context, chain in self._chains.items():
            if now - chain.closed_at >= self._hold and (Kind.KEY, context) not in self._open:
                self._release(chain)

    def leave(self, context: str | None, now: int) -> None:
        """Closes the segments of every context but this one: the person went elsewhere."""
        for slot in [slot for slot in self._open if slot[1] != context]:
            self._close(slot, now)

    def flush(self, now: int) -> None:
        """Closes and lets go of everything: a pause begins, the lease is over, the collector ends."""
        for slot in list(self._open):
            self._close(slot, now)
        for chain in self._chains.values():
            self._release(chain)

    def discard(self) -> None:
        """Throws everything unsealed away."""
        self._open.clear()
        self._chains.clear()

    def _fits(self, current: Segment, fresh: Segment, at: int) -> bool:
        same = (current.terms.policy, current.terms.key) == (fresh.terms.policy, fresh.terms.key)
        room = len(current.items) < MAX_ITEMS and current.screen == fresh.screen
        return same and room and current.start <= at < self._limit(current)

    def _limit(self, current: Segment) -> int:
        return min(current.start + self._longest, current.terms.lease_ends)

    def _close(self, slot: Slot, now: int) -> None:
        closed = self._open.pop(slot)
        if not closed.sampled:
            return
        if closed.kind is not Kind.KEY:
            self._give(closed)
            return
        chain = self._chains.setdefault(closed.context, _Chain())
        chain.held.append(closed)
        chain.closed_at = now
        self._release(chain, behind=REACH)

    def _release(self, chain: _Chain, behind: int = 0) -> None:
        """Lets go of the segments behind which at least so many keys wait."""
        while chain.held and len(after := chain.following()) >= behind:
            held = chain.held.popleft()
            own = [item for _, item in held.items]
            found = redaction.masks([*chain.tail, *own, *after], held.terms.redaction)
            first = len(chain.tail)
            inside = {at - first: names for at, names in found.items() if first <= at < first + len(own)}
            marked = redaction.mark(own, inside)
            held.items = [(event.at, event) for event in marked]
            held.found = frozenset(name for names in inside.values() for name in names)
            chain.tail = [*chain.tail, *own][-REACH:]
            self._give(held)


def key_rows(segment: Segment) -> Iterator[list[Any]]:
    """The rows of a closed key segment as in wire.content."""
    return ([at - segment.start, event.name, event.text] for at, event in segment.items)
