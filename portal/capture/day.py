"""A person's day as the page draws it: lanes by kind over the hours, rows under them. Pure: plain values in and out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.capture.models import Upload
from portal.core.clock import to_utc
from wire.documents import Kind

SHOWN_KINDS = (Kind.KEY, Kind.POINTER, Kind.CLICK, Kind.SCREENSHOT, Kind.WINDOW, Kind.PROMPT)
JOINED_GAP = timedelta(seconds=90)
"""What lies closer together than this is one bar of a lane."""
NARROWEST = 0.002
OFFICE_HOURS = (8, 18)
TICKS = 6
HOURS_PER_DAY = 24

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Bar:
    """A bar of a lane: place and width as fractions of the shown span, and what it stands for."""

    start: float
    width: float
    begins: datetime
    ends: datetime
    items: int


@dataclass(frozen=True)
class Day:
    """What `day_lanes` draws, and where the whole day is."""

    date: date
    lanes: list[tuple[Kind, list[Bar]]]
    pauses: list[Bar]
    refused: list[tuple[float, datetime, int]]
    ticks: list[tuple[float, datetime]]
    now: float | None
    items: int
    url: str


@dataclass(frozen=True)
class Shown:
    """The stretch of the day that is drawn, in UTC."""

    starts: datetime
    ends: datetime

    def place(self, moment: datetime) -> float:
        """Where the moment lies, 0 to 1."""
        return min(max((moment - self.starts) / (self.ends - self.starts), 0.0), 1.0)

    def bar(self, begins: datetime, ends: datetime, items: int) -> Bar:
        """The bar of a stretch, never too narrow to be seen."""
        start = self.place(begins)
        return Bar(start, max(self.place(ends) - start, NARROWEST), begins, ends, items)


def local_midnights(day: date, zone: ZoneInfo) -> Stretch:
    """The day's half-open bounds in UTC; 23 or 25 hours apart when the clocks change."""
    return to_utc(datetime.combine(day, time()), zone), to_utc(datetime.combine(day + timedelta(days=1), time()), zone)


def shown(day: date, zone: ZoneInfo, moments: Iterable[datetime]) -> Shown:
    """Office hours, widened to whole hours that hold every moment."""
    starts, ends = local_midnights(day, zone)
    hours = [moment.astimezone(zone).hour for moment in moments if starts <= moment < ends]
    first = min([OFFICE_HOURS[0], *hours])
    last = max([OFFICE_HOURS[1], *(hour + 1 for hour in hours)])
    begins = to_utc(datetime.combine(day, time(first)), zone)
    closes = ends if last >= HOURS_PER_DAY else to_utc(datetime.combine(day, time(last)), zone)
    return Shown(begins, closes)


def joined(stretches: Iterable[Stretch]) -> list[tuple[datetime, datetime, int]]:
    """Stretches in order of time, neighbours joined: (begins, ends, how many)."""
    bars: list[tuple[datetime, datetime, int]] = []
    for begins, ends in stretches:
        if bars and begins - bars[-1][1] <= JOINED_GAP:
            bars[-1] = (bars[-1][0], max(bars[-1][1], ends), bars[-1][2] + 1)
        else:
            bars.append((begins, ends, 1))
    return bars


def ticks(span: Shown) -> list[tuple[float, datetime]]:
    """Whole hours along the axis, at most seven."""
    hours = round((span.ends - span.starts) / timedelta(hours=1))
    step = timedelta(hours=max(1, -(-hours // TICKS)))
    marks = [span.starts + step * count for count in range(TICKS + 2)]
    return [(span.place(mark), mark) for mark in marks if mark <= span.ends]


def draw(
    day: date,
    span: Shown,
    captured: Iterable[tuple[str, datetime, datetime, int]],
    pauses: Iterable[Stretch],
    refused: Sequence[Upload],
    now: datetime,
    url: str,
) -> Day:
    """The picture of a day. `captured`: (kind, start, end, items) in order of time; `pauses`: of everything."""
    by_kind: dict[str, list[Bar]] = {}
    for kind, begins, ends, items in captured:
        by_kind.setdefault(kind, []).append(span.bar(begins, ends, items))
    lanes = [
        (kind, by_kind.get(kind, []))
        for kind in SHOWN_KINDS
        if kind in by_kind or kind in (Kind.KEY, Kind.POINTER, Kind.SCREENSHOT, Kind.PROMPT)
    ]
    visible = [(max(begins, span.starts), min(ends, span.ends)) for begins, ends in pauses]
    return Day(
        date=day,
        lanes=lanes,
        pauses=[span.bar(begins, ends, 0) for begins, ends in visible if begins < ends],
        refused=marks(span, refused),
        ticks=ticks(span),
        now=span.place(now) if span.starts <= now < span.ends else None,
        items=sum(bar.items for bars in by_kind.values() for bar in bars),
        url=url,
    )


def marks(span: Shown, refused: Sequence[Upload]) -> list[tuple[float, datetime, int]]:
    """Refused uploads, those within the same minutes as one mark: (place, first moment, how many)."""
    moments = sorted(upload.started_at or upload.received_at for upload in refused)
    bars = joined((moment, moment) for moment in moments)
    return [(span.place(begins), begins, count) for begins, _, count in bars]


class Row(NamedTuple):
    """One row of the list under the lanes; which fields count depends on `type`: item, pause, part, refused or more."""

    type: str
    start: datetime
    end: datetime | None
    context: str = ""
    kind: str = ""
    counts: dict[str, int] | None = None
    sensitivity: int = 1
    categories: tuple[str, ...] = ()
    open_url: str = ""
    delete_url: str = ""
    refused: int = 0
    more: bool = False
    reason: str = ""
    id: str = ""
    kinds: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    device: str = ""


def pause_rows(
    pauses: Iterable[tuple[datetime, datetime | None]], refused: Sequence[Upload], *, more: bool = False
) -> list[Row]:
    """A row for each pause, with how many uploads were refused in it; `more`: there are others than these."""
    counted = [(begins, ends, sum(_within(upload, begins, ends) for upload in refused)) for begins, ends in pauses]
    return [Row("pause", begins, ends, refused=count, more=more) for begins, ends, count in counted]


def _within(upload: Upload, begins: datetime, ends: datetime | None) -> bool:
    moment = upload.started_at or upload.received_at
    return begins <= moment and (ends is None or moment < ends)
