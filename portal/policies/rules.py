"""Which published policy holds for a person: the one answer that gateway, enrolment, pages and demo share. Pure.

A policy in rings holds for part of its audience at first. Who is in which ring follows from the policy's hash and the
person's id alone, so that nobody has to remember it and nobody can look it up.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Protocol, TypeVar
from uuid import UUID

from wire.difference import Effect, lines
from wire.policy import Audience, Policy, widens
from wire.precedence import AXES, Change, instead, specific

MOVE_NOTICE_MS: Final = 24 * 3_600_000
"""So long after a move nothing wider holds. No setting: gateway and pages must agree on it."""
ALL: Final = 100
AT_ONCE: Final = (ALL,)
"""One ring of everybody: a policy that is not held back."""

People = tuple[frozenset[str] | None, ...]
KEPT: Final = 256
"""Audiences kept read."""
MOST_RINGS: Final = 10
PLACES: Final = 10_000

MOST_REFUSALS: Final = 50
"""A gate that lets more devices refuse would be none."""


class RingsError(ValueError):
    """These rings, or this gate, cannot be: `why` is the reason of `words.REASONS`, `field` the one it is about."""

    def __init__(self, why: str, field: str = "rings") -> None:
        super().__init__(why)
        self.why, self.field = why, field


@dataclass(frozen=True)
class Gate:
    """What must hold before the next ring, in percent: see models.Rollout."""

    most_failed: int = 5
    least_applied: int = 80


USUAL_GATE: Final = Gate()


@dataclass(frozen=True)
class Workplace:
    """What of a person decides which policy is for them."""

    site: str | None
    department: str | None
    country: str | None


@dataclass(frozen=True)
class Move:
    """Where somebody worked before a move, and until when (Unix ms) what is wider since then waits: they are told."""

    place: Workplace
    until: int


class Entry(Protocol):
    """A published policy. `reached`: for how many of 100 people of its audience it holds by now."""

    @property
    def policy(self) -> Policy:
        """Its content."""

    @property
    def hash(self) -> str:
        """The hash of its content."""

    @property
    def reached(self) -> int:
        """In percent."""


E = TypeVar("E", bound=Entry)


def in_force(published: Iterable[E], workplace: Workplace, person: UUID | None, now: int) -> E | None:
    """What holds for the person at `now`: the most specific audience, of those the newest that has reached them.

    Rings hold back only what asks for more than the person has: whatever does not holds at once, for everybody. What
    only narrows a policy that is held back is held back with it, where it still asks for more. `person` None: somebody
    whom only the last ring reaches.
    """
    chosen: E | None = None
    held: E | None = None
    mine = [one for one in lasting(published, now) if one.policy.not_before <= now]
    for one in sorted((one for one in mine if is_for(one.policy.audience, workplace)), key=_rank):
        free = reaches(one, person) and not (held and _follows(held.policy, one.policy))
        if free or not (chosen is None or asks_more(chosen.policy, one.policy)):
            chosen = one
        elif not reaches(one, person):
            held = one
    return chosen


def holding(
    published: Iterable[E], workplace: Workplace, moves: Iterable[Move], person: UUID | None, now: int
) -> E | None:
    """The same for somebody who moved: what is wider at the new place holds only once they were told in time.

    Until then the policy of the place before goes on. What is no wider holds at once. `moves`: oldest first.
    """
    every = tuple(published)
    places = [*(move.place for move in moves if now < move.until), workplace]
    chosen = in_force(every, places[0], person, now)
    for place in places[1:]:
        there = in_force(every, place, person, now)
        if there is None or not (chosen is None or asks_more_whenever(chosen.policy, there.policy)):
            chosen = there
    return chosen


def lasting(published: Iterable[E], now: int) -> list[E]:
    """Those that hold at `now` or can hold later.

    A newer one of the same people, once it has begun and has reached all of them, ends the older ones for good: when it
    is over nothing that it narrowed comes back.
    """
    known = list(published)
    newest: dict[People, int] = {}
    held: dict[People, Policy] = {}
    for one in sorted(known, key=lambda one: one.policy.version):
        people = people_of(one.policy.audience)
        if one.policy.not_before > now:
            continue
        if one.reached < ALL:
            held[people] = one.policy
        elif people not in held or not _follows(held[people], one.policy):
            newest[people] = one.policy.version
    return [
        one
        for one in known
        if now < one.policy.expires and one.policy.version >= newest.get(people_of(one.policy.audience), 0)
    ]


@lru_cache(KEPT)
def people_of(audience: Audience) -> People:
    """The audience, equal for equal people in whatever order they are named."""
    axes = (getattr(audience, axis) for axis in AXES)
    return tuple(None if axis is None else frozenset(axis) for axis in axes)


def _follows(held: Policy, one: Policy) -> bool:
    return one.version > held.version and not asks_more(held, one)


def asks_more(old: Policy, new: Policy) -> bool:
    """Whether `new` asks more than `old` of somebody whom both are for. Whom else they are for does not matter."""
    return widens(old, replace(new, audience=old.audience))


def asks_more_whenever(old: Policy, new: Policy) -> bool:
    """The same, and from when to when they hold does not matter either."""
    return asks_more(old, replace(new, not_before=old.not_before, expires=old.expires))


def _rank(entry: Entry) -> tuple[int, int]:
    return specific(entry.policy.audience), entry.policy.version


def reaches(entry: Entry, person: UUID | None) -> bool:
    """Whether a ring with the person in it has the policy."""
    if entry.reached >= ALL:
        return True
    return person is not None and place(entry.hash, person) < entry.reached * PLACES // ALL


def place(policy_hash: str, person: UUID) -> int:
    """Where the person stands among PLACES in the order in which this policy goes out, as the database computes it."""
    digest = hashlib.sha256(f"{policy_hash}{person}".encode()).digest()
    return int.from_bytes(digest[:4]) % PLACES


def is_for(audience: Audience, workplace: Workplace) -> bool:
    """Whether the audience holds a person with this workplace."""
    axes = (
        (audience.sites, workplace.site),
        (audience.departments, workplace.department),
        (audience.countries, workplace.country),
    )
    return all(allowed is None or value in allowed for allowed, value in axes)


def rings_of(text: str) -> tuple[int, ...]:
    """Rings from text such as "1, 10, 100". Raises RingsError."""
    parts = [part.strip().removesuffix("%").strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if not parts:
        return AT_ONCE
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):  # noqa: PLR2004 - 100
        raise RingsError("rings_numbers")
    rings = tuple(int(part) for part in parts)
    if len(rings) > MOST_RINGS or rings[0] < 1 or rings[-1] != ALL or list(rings) != sorted(set(rings)):
        raise RingsError("rings_order")
    return rings


def gate_from(most_failed: str, least_applied: str) -> Gate:
    """The gate from two numbers in a form, the usual ones where nothing stands. Raises RingsError."""
    return Gate(
        _percent(most_failed, USUAL_GATE.most_failed, range(MOST_REFUSALS + 1), "most_failed"),
        _percent(least_applied, USUAL_GATE.least_applied, range(1, ALL + 1), "least_applied"),
    )


def _percent(text: str, usual: int, allowed: range, field: str) -> int:
    text = text.strip().removesuffix("%").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) in allowed):  # noqa: PLR2004 - 100
        raise RingsError(field, field)
    return int(text)


def written(rings: Iterable[int]) -> str:
    """Rings as text."""
    return ", ".join(str(ring) for ring in rings)


def check_rings(rings: Sequence[int], change: Change) -> None:
    """Raise RingsError where rings would keep from people what protects them, or hold back nothing."""
    if tuple(rings) == AT_ONCE:
        return
    if not change.wider:
        raise RingsError("rings_narrowing")
    steps = [(change.old, change.new)] + [(other, instead(change, other)) for other in change.beside]
    if any(line.effect is Effect.LESS for old, new in steps if old and new for line in lines(old, new)):
        raise RingsError("rings_mixed")
