"""What the demo's people did, minute by minute, and under which leases: planned before a byte of it is written.

Nothing lies outside what was permitted, but for a few late or careless uploads that the gateway's rules then refuse.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final
from uuid import UUID

from gateway.permits import Permit, Permitted
from portal.operations.demo_calendar import DAY_MS, HOUR_MS, MINUTE_MS, STAR, Shift, draw_for, name_id, pauses, shifts
from portal.operations.demo_company import Colleague
from portal.operations.demo_people import PEOPLE
from portal.operations.demo_texts import VARIANTS
from portal.pauses import rules
from wire.documents import Kind, PauseSpan
from wire.policy import Policy

MOST: Final = 100_000
"""Items that a demo's past holds at most, refused ones included."""

LONGEST_MS: Final = MINUTE_MS
LEASE_TAIL_MS: Final = 90_000
"""How long a lease outlives the pause that it did not know of: devices renew each 40 s, for 120 s."""

LATE_MS: Final = 25_000
OLD_SHARE, EXPIRED_SHARE = 0.004, 0.002
ENGINEER: Final = {"vscode": 5, "terminal": 3, "jira": 2, "browser-wiki": 1, "outlook": 2, "teams": 2, "chat": 2}
OFFICE: Final = {"outlook": 4, "teams": 3, "sheets": 3, "browser-wiki": 1, "jira": 1, "chat": 1.5}
CALLERS: Final = frozenset(person.user for person in PEOPLE)


@dataclass(frozen=True, slots=True)
class Employed:
    """A colleague with a row in the database: id, devices for the history, key id and raw public key."""

    id: UUID
    who: Colleague
    devices: tuple[UUID, ...]
    key: UUID
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Planned:
    """One segment to come. `at`: when it is uploaded; `number`: which of the prepared contents it has."""

    segment: UUID
    person: UUID
    device: UUID
    seq: int
    kind: Kind
    context: str
    german: bool
    number: int
    start: int
    at: int
    lease: UUID


@dataclass(frozen=True, slots=True)
class Style:
    """How much of a person's day is told: visits to apps a day, minutes of each, share of visits with a picture."""

    visits: tuple[int, int]
    minutes: tuple[int, int]
    pictures: float


STYLES: Final = {"star": Style((9, 13), (2, 9), 0.4), "caller": Style((3, 6), (1, 5), 0.2)}
EVERYBODY: Final = Style((1, 4), (1, 2), 0.06)


@dataclass(frozen=True, slots=True)
class Story:
    """One person's past."""

    pauses: tuple[rules.Pause, ...]
    leases: tuple[Permit, ...]
    items: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for everybody: the policy in force with its hash, the last moment, the number of working days."""

    policy: Policy
    policy_hash: str
    until: int
    days: int


def story(one: Employed, frame: Frame) -> Story:
    """Plan the person's past. The same arguments give the same ids, times and contents."""
    worked = shifts(one.who, frame.until, frame.days)
    paused = pauses(one.who, worked)
    spans = rules.spans(paused, worked[0].begins - DAY_MS, frame.until) if worked else ()
    leases = [lease for shift in worked for lease in _leases(one, shift, paused, spans, frame)]
    draw = draw_for("work", one.who.subject)
    drafts = [draft for shift in worked for draft in _day(one, shift, spans, frame, draw)]
    drafts += [draft for span in spans for draft in _late(one, span, draw)]
    placed = (_under(draft, leases, draw) for draft in sorted(drafts, key=lambda draft: draft.start))
    fitting = [draft for draft in placed if draft is not None and _in_time(draft, frame)]
    return Story(tuple(paused), tuple(leases), tuple(_numbered(one, fitting, frame.until)))


def _leases(
    one: Employed, shift: Shift, paused: Sequence[rules.Pause], spans: Sequence[PauseSpan], frame: Frame
) -> Iterator[Permit]:
    """The leases of one day: a new one at each edge of a pause, as the gateway would give them."""
    begins, ends = shift.begins - 5 * MINUTE_MS, shift.ends + 5 * MINUTE_MS
    edges = {edge for span in spans for edge in (span.starts, span.ends) if edge is not None and begins < edge < ends}
    marks = [begins, *sorted(edges), ends]
    for start, end in pairwise(marks):
        permitted = rules.left(frame.policy.permitted(), paused, None, start)
        if permitted:
            yield _lease(one, start, end, permitted, frame)


def _lease(one: Employed, start: int, end: int, permitted: Permitted, frame: Frame) -> Permit:
    return Permit(
        id=name_id("lease", one.who.subject, start),
        employee=one.id,
        devices=frozenset(one.devices),
        policy=frame.policy_hash,
        directive=0,
        key=one.key,
        permitted=permitted,
        started=start,
        until=end + LEASE_TAIL_MS,
    )


def _day(
    one: Employed, shift: Shift, spans: Sequence[PauseSpan], frame: Frame, draw: random.Random
) -> Iterator[Planned]:
    """One working day: visits to apps, each some minutes long."""
    caller = STYLES["caller"] if one.who.subject in CALLERS else EVERYBODY
    style = STYLES["star"] if one.who.subject == STAR else caller
    wishes = ENGINEER if one.who.department in {"Engineering", "Product"} else OFFICE
    for _ in range(draw.randint(*style.visits)):
        context = draw.choices(tuple(wishes), tuple(wishes.values()))[0]
        german = draw.random() < one.who.german
        begins = draw.randrange(shift.begins, max(shift.ends - 5 * MINUTE_MS, shift.begins + 1))
        device = draw.choice(one.devices)
        for kind, start in _visit(context, begins, style, draw):
            draft = _draft(one, device, kind, context, start, draw, german=german)
            if context in frame.policy.permitted().get(kind, ()) and not _paused(draft, spans):
                yield draft


def _visit(context: str, begins: int, style: Style, draw: random.Random) -> Iterator[tuple[Kind, int]]:
    """What one visit to an app leaves behind, and when."""
    yield Kind.WINDOW, begins
    if draw.random() < style.pictures:
        yield Kind.SCREENSHOT, begins + draw.randint(2_000, 30_000)
    if context == "chat":
        yield Kind.PROMPT, begins + draw.randint(5_000, 20_000)
    for minute in range(draw.randint(*style.minutes)):
        at = begins + minute * (MINUTE_MS + 500)
        if draw.random() < 0.8:  # noqa: PLR2004 - mostly
            yield Kind.KEY, at + draw.randint(500, 9_000)
        if draw.random() < 0.6:  # noqa: PLR2004 - often
            yield Kind.POINTER, at + draw.randint(0, 3_000)
        if draw.random() < 0.35:  # noqa: PLR2004 - now and then
            yield Kind.CLICK, at + draw.randint(1_000, 20_000)


def _draft(
    one: Employed, device: UUID, kind: Kind, context: str, start: int, draw: random.Random, *, german: bool
) -> Planned:
    nobody = UUID(int=0)
    number = draw.randrange(VARIANTS[kind])
    return Planned(nobody, one.id, device, 0, kind, context, german, number, start, 0, nobody)


def _late(one: Employed, span: PauseSpan, draw: random.Random) -> Iterator[Planned]:
    """What a device that had not heard of the pause yet sent from inside it: refused by the rules."""
    whole = span.kinds is None and span.contexts is None
    for _ in range(draw.choice((1, 1, 2, 3)) if whole and span.ends is not None else 0):
        kind = draw.choice((Kind.KEY, Kind.POINTER, Kind.CLICK))
        start = span.starts + draw.randint(0, LATE_MS)
        yield _draft(one, one.devices[0], kind, "outlook", start, draw, german=False)


def _paused(draft: Planned, spans: Sequence[PauseSpan]) -> bool:
    return any(
        rules.overlaps(span, draft.start, draft.start + LONGEST_MS)
        and rules.hits(span, draft.kind, draft.context, draft.device)
        for span in spans
    )


def _under(draft: Planned, leases: Sequence[Permit], draw: random.Random) -> Planned | None:
    """The draft with the lease under which it was captured, None if there was none; a few are sent far too late."""
    for lease in leases:
        inside = lease.started <= draft.start and draft.start + LONGEST_MS <= lease.until
        if inside and draft.context in lease.permitted.get(draft.kind, ()):
            chance = draw.random()
            late = 26 * HOUR_MS if chance < OLD_SHARE else 0
            if OLD_SHARE <= chance < OLD_SHARE + EXPIRED_SHARE:
                draft = replace(draft, start=lease.until + 10_000)
            return replace(draft, lease=lease.id, at=draft.start + late)
    return None


def _in_time(draft: Planned, frame: Frame) -> bool:
    """Whether the policy was in force and still keeps it, and whether it is all over by the story's end."""
    rule = frame.policy.rule(draft.kind)
    oldest = frame.until - (rule.retention_days if rule else 0) * DAY_MS
    return max(oldest, frame.policy.not_before) <= draft.start <= draft.at <= frame.until - LONGEST_MS


def _numbered(one: Employed, fitting: Sequence[Planned], until: int) -> Iterator[Planned]:
    """In order of time each device counts its segments; uploads arrive at the end of their hour."""
    counts = dict.fromkeys(one.devices, 0)
    for at, draft in enumerate(sorted(fitting, key=lambda draft: draft.start)):
        counts[draft.device] += 1
        arrives = min((draft.at + LONGEST_MS) // HOUR_MS * HOUR_MS + HOUR_MS, until)
        segment = name_id("segment", one.who.subject, at)
        yield replace(draft, segment=segment, seq=counts[draft.device], at=arrives)


def within(stories: Mapping[UUID, Story], most: int = MOST) -> dict[UUID, Story]:
    """The stories, of which those that come too late for `most` items in all are told without any."""
    found, left = {}, most
    for person, told in stories.items():
        found[person] = told if len(told.items) <= left else replace(told, items=())
        left -= len(found[person].items)
    return found


def batches(stories: Mapping[UUID, Story], most: int) -> list[list[Planned]]:
    """All uploads in the order in which they arrive: each batch has one moment, and at most `most` of them."""
    by_moment: dict[int, list[Planned]] = {}
    for told in stories.values():
        for item in told.items:
            by_moment.setdefault(item.at, []).append(item)
    return [items[cut : cut + most] for _, items in sorted(by_moment.items()) for cut in range(0, len(items), most)]
