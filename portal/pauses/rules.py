"""What is paused when: pure decisions over the pauses of one person. All times are Unix milliseconds, half-open.

A weekly pause is a stretch of wall-clock time in the person's own zone. On the days on which clocks change it covers
every moment whose local time lies in that stretch; where the local time does not exist or exists twice, the longer
reading counts, because the stricter one wins.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from wire.documents import Kind, PauseSpan

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MINUTE_MS = 60_000
DAY_MS = 86_400_000
DAYS_PER_WEEK = 7
HORIZON_MS = 8 * DAY_MS
"""How far ahead a directive tells a device about pauses: more than a week, so that every weekly pause is in it."""

FUTURE = 1 << 62
"""Stands for "no end" where ends are compared."""

Scope = tuple[tuple[Kind, ...] | None, tuple[str, ...] | None, UUID | None]


@dataclass(frozen=True)
class Weekly:
    """ISO weekday (1 Monday), minute of that day and length in minutes, all on the wall clock of `zone`."""

    weekday: int
    from_minute: int
    minutes: int
    zone: str


@dataclass(frozen=True)
class Pause:
    """One pause as asked for. None: no end, all kinds, all contexts, all devices; `ended`: when it was taken back."""

    id: UUID
    number: int
    starts: int
    ends: int | None
    kinds: frozenset[Kind] | None = None
    contexts: frozenset[str] | None = None
    device: UUID | None = None
    weekly: Weekly | None = None
    ended: int | None = None
    ended_number: int | None = None

    def over(self) -> int:
        """When it is over for good, FUTURE if never."""
        return min(FUTURE if end is None else end for end in (self.ends, self.ended))


class Row(Protocol):
    """The columns of a row of the table `pause` that matter here."""

    id: UUID
    number: int
    device_id: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    kinds: list[str] | None
    contexts: list[str] | None
    weekday: int | None
    from_minute: int | None
    minutes: int | None
    ended_at: datetime | None
    ended_number: int | None


def of_row(row: Row, zone: str) -> Pause:
    """The pause in a row of the table; `zone`: the person's time zone. Raises ValueError for a kind or zone unknown."""
    weekly = None
    if row.weekday is not None and row.from_minute is not None and row.minutes is not None:
        weekly = Weekly(row.weekday, row.from_minute, row.minutes, known_zone(zone).key)
    return Pause(
        id=row.id,
        number=row.number,
        starts=_ms(row.starts_at),
        ends=None if row.ends_at is None else _ms(row.ends_at),
        kinds=None if row.kinds is None else frozenset(Kind(kind) for kind in row.kinds),
        contexts=None if row.contexts is None else frozenset(row.contexts),
        device=row.device_id,
        weekly=weekly,
        ended=None if row.ended_at is None else _ms(row.ended_at),
        ended_number=row.ended_number,
    )


def of_any_row(row: Row, zone: str) -> Pause:
    """As `of_row`; what cannot be read pauses everything while it lasts: the stricter reading."""
    try:
        return of_row(row, zone)
    except ValueError:
        ends, ended = (None if moment is None else _ms(moment) for moment in (row.ends_at, row.ended_at))
        number = row.ended_number
        return Pause(
            row.id, row.number, _ms(row.starts_at), ends, device=row.device_id, ended=ended, ended_number=number
        )


def known_zone(name: str) -> ZoneInfo:
    """The time zone of this name. Raises ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError("no such time zone") from error


def of_everything(pauses: Iterable[Pause]) -> list[Pause]:
    """Those of every kind, in every context, on every device."""
    return [pause for pause in pauses if pause.kinds is None and pause.contexts is None and pause.device is None]


def spans(pauses: Iterable[Pause], frm: int, until: int) -> tuple[PauseSpan, ...]:
    """The stretches that touch [frm, until), whole (not cut at its borders), by start; weekly pauses one per week."""
    begun = (pause for pause in pauses if pause.starts < until)
    found = [_span(pause, *stretch) for pause in begun for stretch in _stretches(pause, frm, until)]
    return tuple(sorted(found, key=lambda span: (span.starts, span.pause)))


def active(pauses: Iterable[Pause], at: int) -> tuple[PauseSpan, ...]:
    """The stretches that hold at the moment `at`."""
    return spans(pauses, at, at + 1)


def hits(span: PauseSpan, kind: Kind, context: str, device: UUID | None) -> bool:
    """Whether `span` pauses this kind in this context on this device; `device` None asks for pauses of all devices."""
    return (
        (span.kinds is None or kind in span.kinds)
        and (span.contexts is None or context in span.contexts)
        and (span.device is None or span.device == device)
    )


def overlaps(span: PauseSpan, start: int, end: int) -> bool:
    """Whether something captured in [start, end) touches the span; what has no length counts as its one moment."""
    return start < (FUTURE if span.ends is None else span.ends) and max(end, start + 1) > span.starts


def left(
    permitted: Mapping[Kind, Sequence[str]], pauses: Iterable[Pause], device: UUID | None, at: int
) -> dict[Kind, tuple[str, ...]]:
    """Of the `permitted` kinds and contexts those that no pause holds on `device` at `at`; kinds with none are gone."""
    now = active(pauses, at)
    rest = {
        kind: tuple(name for name in contexts if not any(hits(span, kind, name, device) for span in now))
        for kind, contexts in permitted.items()
    }
    return {kind: contexts for kind, contexts in rest.items() if contexts}


def next_change(pauses: Iterable[Pause], after: int) -> int | None:
    """The next moment later than `after`, within HORIZON_MS, at which a pause starts or ends; None if there is none."""
    limit = after + HORIZON_MS
    edges = (edge for span in spans(pauses, after, limit) for edge in (span.starts, span.ends) if edge is not None)
    return min((edge for edge in edges if after < edge <= limit), default=None)


def joined(stretches: Iterable[PauseSpan]) -> dict[Scope, tuple[tuple[int, int | None], ...]]:
    """Scope (kinds, contexts, device) → its stretches, those that overlap or touch joined into one."""
    merged: dict[Scope, list[tuple[int, int]]] = {}
    for span in sorted(stretches, key=lambda span: span.starts):
        known = merged.setdefault((span.kinds, span.contexts, span.device), [])
        end = FUTURE if span.ends is None else span.ends
        if known and span.starts <= known[-1][1]:
            known[-1] = (known[-1][0], max(known[-1][1], end))
        else:
            known.append((span.starts, end))
    return {
        scope: tuple((start, None if end == FUTURE else end) for start, end in pairs) for scope, pairs in merged.items()
    }


def _span(pause: Pause, starts: int, ends: int) -> PauseSpan:
    return PauseSpan(
        pause=pause.id,
        starts=starts,
        ends=None if ends == FUTURE else ends,
        kinds=None if pause.kinds is None else tuple(sorted(pause.kinds)),
        contexts=None if pause.contexts is None else tuple(sorted(pause.contexts)),
        device=pause.device,
    )


def _stretches(pause: Pause, frm: int, until: int) -> Iterator[tuple[int, int]]:
    first, last = pause.starts, pause.over()
    parts = [(first, last)] if pause.weekly is None else _weeks(pause.weekly, max(frm, first), min(until, last))
    for start, end in parts:
        begins, stops = max(start, first), min(end, last)
        if begins < stops and begins < until and stops > frm:
            yield begins, stops


def _weeks(weekly: Weekly, frm: int, until: int) -> Iterator[tuple[int, int]]:
    """Each week's stretch that may touch [frm, until)."""
    if frm >= until:
        return
    zone = ZoneInfo(weekly.zone)
    day = _local(frm - weekly.minutes * MINUTE_MS - DAY_MS, zone)
    day += timedelta(days=(weekly.weekday - day.isoweekday()) % DAYS_PER_WEEK)
    while _readings(day, 0, zone)[0] < until + DAY_MS:
        earliest, _ = _readings(day, weekly.from_minute, zone)
        _, latest = _readings(day, weekly.from_minute + weekly.minutes, zone)
        yield earliest, latest
        day += timedelta(days=DAYS_PER_WEEK)


def _readings(day: date, minute: int, zone: ZoneInfo) -> tuple[int, int]:
    """The earliest and the latest moment that a clock in `zone` may mean by this minute, counted from midnight."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    first, second = _ms(wall.replace(fold=0)), _ms(wall.replace(fold=1))
    return min(first, second), max(first, second)


def _local(milliseconds: int, zone: ZoneInfo) -> date:
    return (EPOCH + timedelta(milliseconds=milliseconds)).astimezone(zone).date()


def _ms(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND
