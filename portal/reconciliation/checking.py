"""The check of one person's day: gather what is known, let the rules decide."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.agents.models import Device, LeaseSpan
from portal.capture.models import Segment
from portal.capture.rules import STOP_SLACK_MS, Facts, Grant, Halted
from portal.core.clock import to_ms
from portal.pauses import rules as pausing
from portal.pauses.models import Pause, PauseSource
from portal.policies.queries import read
from portal.reconciliation import queries, rules
from portal.reconciliation.models import TallyRow
from portal.reconciliation.queries import Span
from portal.reconciliation.rules import Item, Known, Mismatch, Slot, What
from portal.stops.models import StopRow
from wire import codec, documents, dsse
from wire.documents import LONGEST_LEASE_S, Kind
from wire.policy import Policy
from wire.segment import Header
from wire.tally import Tally

ANY_AGE = 1 << 50
AWAY = timedelta(seconds=LONGEST_LEASE_S + 60)
"""How long after it was last seen a device may still hold a lease: the longest there is, and a minute of silence."""
VIEW = "(employee_id = ( SELECT actor_id() AS actor_id))"
_VIEW = text(
    "SELECT count(*) = 1 AND bool_and(qual = :rule AND permissive = 'PERMISSIVE') FROM pg_policies "
    "WHERE schemaname = 'public' AND tablename = 'segment' AND roles && '{web_employee,public}'::name[]"
)


@dataclass
class Result:
    """What came of a check, for the page: `sent`, `held`: slot → what → how many.

    `missing`: devices that have not said what they sent; `gone`: those that were removed and never will.
    """

    mismatches: list[Mismatch] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    sent: dict[Slot, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    held: dict[Slot, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def figures(self) -> dict[str, object]:
        """As the table keeps it."""
        return {
            "sent": _rows(self.sent),
            "held": _rows(self.held),
            "missing": [str(device) for device in self.missing],
            "gone": [str(device) for device in self.gone],
        }


def check(session: Session, over: Span) -> Result:
    """What agrees and what does not, read in one go as the worker."""
    result = Result()
    found = queries.segments(session, over)
    shown = queries.shown_ids(session, over.person, over.day)
    _sent(session, over, {segment.device_id for segment, _ in found}, result)
    _held(session, over, found, shown, result)
    if not session.scalar(_VIEW, {"rule": VIEW}):
        result.mismatches.append(Mismatch(What.VIEW_CHANGED, 1))
    return result


def _rows(counts: Mapping[Slot, Counter[str]]) -> list[dict[str, object]]:
    return [{"kind": kind, "context": context, **counts[kind, context]} for kind, context in sorted(counts)]


def _sent(session: Session, over: Span, active: set[UUID], result: Result) -> None:
    by_device: dict[UUID, list[TallyRow]] = defaultdict(list)
    for row in queries.tallies(session, over):
        by_device[row.device_id].append(row)
    leased = {
        device
        for lease in queries.leases(session, over)
        if lease.started_at < over.closes and lease.valid_until > over.opens
        for device in lease.devices
    }
    for device in queries.devices(session, over):
        rows = by_device.get(device.id, [])
        today = [row for row in rows if row.day == over.day]
        seen = device.last_seen_at is not None and device.last_seen_at >= over.opens - AWAY
        if today:
            _one_device(session, over, device, rows, result)
        elif device.id in active or (seen and device.id in leased):
            (result.missing if device.removed_at is None else result.gone).append(device.id)


def _one_device(session: Session, over: Span, device: Device, rows: Sequence[TallyRow], result: Result) -> None:
    told = _opened(device, [row for row in rows if row.day == over.day and not row.refused])
    if any(row.refused for row in rows if row.day == over.day):
        result.mismatches.append(Mismatch(What.TALLY_TWICE, 1, device.id))
    if told is None or told.day != over.day.isoformat():
        result.mismatches.append(Mismatch(What.TALLY_FORGED, 1, device.id))
        return
    earlier = (_opened(device, [row]) for row in rows if row.day < over.day and not row.refused)
    before = next((tally.last for tally in earlier if tally is not None and tally.n), 0)
    known = queries.known(session, device.id, over, told.first, told.last) if told.n else []
    strays = queries.strays(session, device.id, over, before, (told.first, told.last or before))
    claimed, there = queries.there(session, over, known)
    result.mismatches += rules.sent(device.id, told, known, strays)
    result.mismatches += rules.lost({one: (device.id, slot) for one, slot in claimed.items()}, there)
    _count_sent(told, known, result)


def _count_sent(told: Tally, known: Sequence[Known], result: Result) -> None:
    for part in told.sent:
        result.sent[part.kind.value, part.context]["sent"] += part.n
    for one in known:
        result.sent[one.slot][one.outcome] += 1


def _opened(device: Device, rows: Sequence[TallyRow]) -> Tally | None:
    """The tally in the row, if this very device signed it."""
    if not rows or device.public_key is None:
        return None
    keys = {dsse.key_id(device.public_key): device.public_key}
    try:
        told, _ = documents.open_signed(Tally, rows[0].envelope.encode(), keys)
    except (dsse.SignatureError, codec.DocumentError):
        return None
    return told if told.device == device.id else None


def _held(
    session: Session, over: Span, found: Sequence[tuple[Segment, bool]], shown: set[UUID], result: Result
) -> None:
    facts = _Facts(session, over)
    items = [facts.item(segment, known=known) for segment, known in found]
    wrong = rules.permitted(items)
    places = {item.id: (item.device, (item.kind, item.context)) for item in items}
    result.mismatches += wrong + rules.shown(places, queries.stored_ids(session, over), shown)
    on_it = Counter((segment.kind, segment.context) for segment, _ in found if segment.local_day == over.day)
    result.mismatches += rules.unlisted(queries.rollup(session, over.person, over.day), on_it)
    bad = {one for mismatch in wrong for one in mismatch.ids if mismatch.what is not What.UNSENT}
    for one, (_, slot) in places.items():
        result.held[slot].update(stored=1, permitted=one not in bad, shown=one in shown)


class _Facts:
    """What held on the day, to judge each of its items by."""

    def __init__(self, session: Session, over: Span) -> None:
        self._over = over
        self._grants = {row.id: _grant(row) for row in queries.leases(session, over)}
        self._policies: dict[str, Policy] = {row.hash: read(row) for row in queries.policies(session)}
        self._stops = queries.stops(session, over)
        self._pauses = queries.pauses(session, over)
        self._by_zone: dict[str, list[tuple[Pause, pausing.Pause]]] = {}

    def item(self, segment: Segment, *, known: bool) -> Item:
        """The item with its header and what held then."""
        header = _header(segment)
        facts = None if header is None else self._facts(segment)
        return Item(segment.id, segment.device_id, segment.kind, segment.context, known, header, facts)

    def _facts(self, segment: Segment) -> Facts:
        zone = self._over.zone if segment.zone is None else rules.zone_of(segment.zone).key
        return Facts(
            now=to_ms(segment.received_at),
            max_age_ms=ANY_AGE,
            device=segment.device_id,
            employee=self._over.person,
            zone=zone,
            body_size=0,
            lease=self._grants.get(segment.lease_id),
            policy=self._policies.get(segment.policy),
            pauses=[pause for row, pause in self._pauses_in(zone) if _could_know(row, segment)],
            halts=[halt for row, whom in self._stops for halt in _halted(row, whom, segment)],
        )

    def _pauses_in(self, zone: str) -> list[tuple[Pause, pausing.Pause]]:
        """The pauses as they held where the person then was: weekly ones go by the clock on the wall."""
        if zone not in self._by_zone:
            self._by_zone[zone] = [(row, pausing.of_any_row(row, zone)) for row in self._pauses]
        return self._by_zone[zone]


def _could_know(row: Pause, segment: Segment) -> bool:
    """A pause asked for on the page does not reach back to what was stored before it was asked for."""
    return row.source is not PauseSource.PAGE or row.asked_at <= segment.received_at


def _halted(row: StopRow, whom: Mapping[UUID, datetime] | None, segment: Segment) -> list[Halted]:
    """The stop as it holds for the item's device; what came in as it was asked for was let in before it held."""
    since = row.asked_at if whom is None else whom.get(segment.device_id)
    if since is None or to_ms(segment.received_at) < to_ms(since) + STOP_SLACK_MS:
        return []
    return [Halted(row.id, to_ms(since), None if row.resumed_at is None else to_ms(row.resumed_at))]


def _grant(row: LeaseSpan) -> Grant:
    bounds = to_ms(row.started_at), to_ms(row.valid_until)
    return Grant(row.id, frozenset(row.devices), row.policy, row.key_id, row.permitted, *bounds)


def _header(segment: Segment) -> Header | None:
    try:
        return Header(
            segment=segment.id,
            device=segment.device_id,
            employee=segment.employee_id,
            seq=segment.seq,
            kind=Kind(segment.kind),
            context=segment.context,
            start=to_ms(segment.started_at),
            end=to_ms(segment.ended_at),
            counts=segment.counts,
            sensitivity=segment.sensitivity,
            categories=tuple(segment.categories),
            policy=segment.policy,
            policy_version=segment.policy_version,
            lease=segment.lease_id,
            key=segment.key_id,
            size=segment.size,
        )
    except (ValueError, codec.DocumentError):
        return None
