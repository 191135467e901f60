"""Whether an uploaded segment may be stored: one pure decision, the same for live uploads and for demo data.

All times are Unix milliseconds of the server's clock, half-open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.capture import volumes
from portal.pauses import rules as pauses
from wire.content import COUNTED
from wire.documents import Kind
from wire.policy import Hours, Policy
from wire.segment import LONGEST_MS, Header

AHEAD_MS = 30_000
"""How far a device's clock may run ahead of the server's."""

STOP_SLACK_MS = 5_000
"""A device's clock lags by the delivery time of its lease: a *stopped* may seem to come before the pause it follows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Refusal(StrEnum):
    """Why an upload was not stored: the slug that the device is told and the person is shown."""

    BAD_HEADER = "bad_header"
    WRONG_PERSON = "wrong_person"
    WRONG_DEVICE = "wrong_device"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    NO_LEASE = "no_lease"
    OUTSIDE_LEASE = "outside_lease"
    PAUSED = "paused"
    STOPPED_FOR_ALL = "stopped_for_all"
    AFTER_STOP = "after_stop"
    NOT_IN_POLICY = "not_in_policy"
    WRONG_POLICY = "wrong_policy"
    WRONG_KEY = "wrong_key"
    CONFLICT = "conflict"
    SEQUENCE_USED = "sequence_used"
    TOO_MUCH = "too_much"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True)
class Grant:
    """A lease with its renewals, as remembered: who could capture what from `started` until `until`."""

    id: UUID
    devices: frozenset[UUID]
    policy: str
    key: UUID
    permitted: Mapping[str, Sequence[str]]
    started: int
    until: int


@dataclass(frozen=True)
class Stopped:
    """A device's signed word that, as of directive `directive`, nothing later than number `last_seq` was captured.

    `detail`: `stop=<id>` where it answers a stop for all.
    """

    last_seq: int
    directive: int
    at: int
    detail: str = ""


@dataclass(frozen=True)
class Halted:
    """A stop for all that concerns the person, half-open; `ends` None: it is in force."""

    id: UUID
    starts: int
    ends: int | None


@dataclass(frozen=True)
class Grave:
    """A range that was erased, half-open, narrowed as the erasure was; None: all."""

    starts: int
    ends: int
    kinds: Sequence[str] | None = None
    contexts: Sequence[str] | None = None
    sensitivities: Sequence[int] | None = None
    segments: Sequence[UUID] | None = None


@dataclass(frozen=True)
class Facts:
    """What the server knows when it decides. `lease`, `policy`: those the header names, if they are this person's."""

    now: int
    max_age_ms: int
    device: UUID
    employee: UUID
    zone: str
    body_size: int
    lease: Grant | None
    policy: Policy | None
    pauses: Sequence[pauses.Pause]
    stops: Sequence[Stopped] = ()
    halts: Sequence[Halted] = ()
    sequence_used: bool = False


def decide(header: Header, facts: Facts) -> Refusal | None:
    """None: store it. Otherwise the first reason against it, the simplest first."""
    return (
        _identity(header, facts)
        or _shape(header, facts)
        or _leased(header, facts)
        or _paused(header, facts)
        or _halted(header, facts)
        or _in_policy(header, facts)
        or (Refusal.SEQUENCE_USED if facts.sequence_used else None)
    )


def buried(header: Header, graves: Sequence[Grave]) -> bool:
    """Whether what the header tells of was erased before it came: it is not stored, and leaves no trace but its id."""
    return any(
        grave.starts <= header.start < grave.ends
        and (grave.kinds is None or header.kind in grave.kinds)
        and (grave.contexts is None or header.context in grave.contexts)
        and (grave.sensitivities is None or header.sensitivity in grave.sensitivities)
        and (grave.segments is None or header.segment in grave.segments)
        for grave in graves
    )


def local_day(milliseconds: int, zone: str) -> date:
    """The person's own calendar day at a moment. Raises ValueError for an unknown zone."""
    return _local(milliseconds, zone).date()


def _identity(header: Header, facts: Facts) -> Refusal | None:
    if header.employee != facts.employee:
        return Refusal.WRONG_PERSON
    return Refusal.WRONG_DEVICE if header.device != facts.device else None


def _shape(header: Header, facts: Facts) -> Refusal | None:
    if header.counts.keys() != COUNTED[header.kind]:
        return Refusal.BAD_HEADER
    if header.start < facts.now - facts.max_age_ms:
        return Refusal.TOO_OLD
    if header.end > facts.now + AHEAD_MS:
        return Refusal.IN_FUTURE
    if header.end - header.start > LONGEST_MS:
        return Refusal.TOO_LONG
    return None if volumes.fits(header.kind, header.size, facts.body_size) else Refusal.TOO_LARGE


def _leased(header: Header, facts: Facts) -> Refusal | None:
    lease = facts.lease
    if lease is None or lease.id != header.lease or header.device not in lease.devices:
        return Refusal.NO_LEASE
    if not lease.started <= header.start <= header.end <= lease.until:
        return Refusal.OUTSIDE_LEASE
    if header.key != lease.key:
        return Refusal.WRONG_KEY
    known = facts.policy is not None and facts.policy.version == header.policy_version
    return Refusal.WRONG_POLICY if header.policy != lease.policy or not known else None


def _paused(header: Header, facts: Facts) -> Refusal | None:
    nearby = pauses.spans(facts.pauses, header.start, max(header.end, header.start + 1))
    if any(pauses.hits(span, header.kind, header.context, header.device) for span in nearby):
        return Refusal.PAUSED
    late = any(_bounds(stop, header, facts.pauses) for stop in facts.stops if header.seq > stop.last_seq)
    return Refusal.AFTER_STOP if late else None


def _halted(header: Header, facts: Facts) -> Refusal | None:
    """What lies inside a stop for all, and what was numbered after the device said that it had stopped for it."""
    ends = max(header.end, header.start + 1)
    begun = [halt for halt in facts.halts if halt.ends is None or header.start < halt.ends]
    if any(halt.starts < ends for halt in begun):
        return Refusal.STOPPED_FOR_ALL
    answers = {f"stop={halt.id}" for halt in begun}
    said = any(header.seq > stop.last_seq for stop in facts.stops if stop.detail in answers)
    return Refusal.AFTER_STOP if said else None


def _bounds(stop: Stopped, header: Header, asked: Sequence[pauses.Pause]) -> bool:
    """Whether `stop` belongs to a pause of this header's scope that had not ended when the header says it began.

    Such a segment has a number from after the stop and a time from before the resume: one of the two is a lie.
    """
    carried = [pause for pause in asked if pause.device is not None or _carried(pause, stop.directive)]
    return any(
        pauses.hits(span, header.kind, header.context, header.device)
        and (span.ends is None or header.start < span.ends)
        for span in pauses.spans(carried, stop.at, stop.at + STOP_SLACK_MS)
    )


def _carried(pause: pauses.Pause, directive: int) -> bool:
    return pause.number <= directive and (pause.ended_number is None or directive < pause.ended_number)


def _in_policy(header: Header, facts: Facts) -> Refusal | None:
    policy, lease = facts.policy, facts.lease
    if policy is None or lease is None:
        return Refusal.WRONG_POLICY
    inside = (
        header.context in policy.permitted().get(header.kind, ())
        and header.sensitivity <= policy.max_sensitivity
        and policy.not_before <= header.start
        and header.end <= policy.expires
        and (policy.hours is None or _in_hours(policy.hours, header, facts.zone))
    )
    if not inside:
        return Refusal.NOT_IN_POLICY
    return None if _permits(lease, header.kind, header.context) else Refusal.OUTSIDE_LEASE


def _permits(lease: Grant, kind: Kind, context: str) -> bool:
    return context in lease.permitted.get(kind.value, ())


def _in_hours(hours: Hours, header: Header, zone: str) -> bool:
    """Whether the whole segment lies in the hours; the last moment counts, since the end is exclusive."""
    moments = (_local(header.start, zone), _local(max(header.start, header.end - 1), zone))
    return all(
        moment.isoweekday() in hours.weekdays
        and hours.from_minute <= moment.hour * 60 + moment.minute < hours.to_minute
        for moment in moments
    )


def _local(milliseconds: int, zone: str) -> datetime:
    return (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(ZoneInfo(zone))
