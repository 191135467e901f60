"""When the demo's people worked in the past weeks, and when they paused: drawn from a seed, the same each time.

All times are Unix milliseconds. The story ends at `until`, the moment at which the database was made.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.core.clock import from_ms, to_ms, to_utc
from portal.operations.demo_company import SEED, Colleague
from portal.pauses.rules import Pause, Weekly
from wire.documents import Kind

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
WORKING_DAYS: Final = 30
WEEKEND: Final = 6
STAR: Final = "amira"
"""Whose history is told in full: no day off, and today included whatever day and hour it is."""

OFF_SHARE: Final = 0.08
TODAY_HOURS: Final = 5
SHORTEST_SHIFT: Final = HOUR_MS


@dataclass(frozen=True)
class Shift:
    """A stretch of work on the person's own calendar day."""

    day: date
    begins: int
    ends: int


def draw_for(*parts: object) -> random.Random:
    """A source of chance of its own for each purpose, so that one more draw here changes nothing there."""
    return random.Random("|".join(map(str, (SEED, *parts))))  # noqa: S311 - invented work, not secrets


def name_id(*parts: object) -> UUID:
    """The same id each time for what `parts` name."""
    return UUID(bytes=hashlib.sha256("|".join(map(str, (SEED, *parts))).encode()).digest()[:16], version=4)


def working_days(until: int, zone: ZoneInfo, count: int) -> list[date]:
    """The last `count` days from Monday to Friday, oldest first; today counts once it has begun to be worked."""
    moment = from_ms(until).astimezone(zone)
    day = moment.date() if moment.hour >= 10 else moment.date() - timedelta(days=1)  # noqa: PLR2004 - in the morning
    days: list[date] = []
    while len(days) < count:
        if day.isoweekday() < WEEKEND:
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]


def shifts(who: Colleague, until: int, count: int = WORKING_DAYS) -> list[Shift]:
    """The person's working times, oldest first, none after `until`."""
    zone, draw = ZoneInfo(who.site.timezone), draw_for("shifts", who.subject)
    found = []
    for day in working_days(until, zone, count):
        begins = _at(day, draw.randint(7 * 60 + 40, 9 * 60 + 30), zone)
        ends = min(begins + draw.randint(7 * 60, 9 * 60) * MINUTE_MS, until)
        if ends - begins >= SHORTEST_SHIFT and (who.subject == STAR or draw.random() >= OFF_SHARE):
            found.append(Shift(day, begins, ends))
    return [*found, *_today(found, until, zone)] if who.subject == STAR else found


def _today(known: Sequence[Shift], until: int, zone: ZoneInfo) -> Iterator[Shift]:
    """The last hours before `until`, if the day has no work yet: a demo may be started at night or on a Sunday."""
    day = from_ms(until).astimezone(zone).date()
    if any(shift.day == day for shift in known):
        return
    begins = max(_at(day, 1, zone), until - TODAY_HOURS * HOUR_MS)
    if begins < until - MINUTE_MS:
        yield Shift(day, begins, until)


def _at(day: date, minute: int, zone: ZoneInfo) -> int:
    return to_ms(to_utc(datetime.combine(day, time(minute // 60, minute % 60)), zone))


def pauses(who: Colleague, worked: Sequence[Shift]) -> list[Pause]:
    """Everything the person ever paused, numbered as the directives that carried it."""
    draw = draw_for("pauses", who.subject)
    drafts = [pause for pause in _drafts(who, worked, draw) if pause.ended is None or pause.ended > pause.starts]
    drafts.sort(key=lambda pause: pause.starts)
    named = [replace(pause, id=name_id("pause", who.subject, at)) for at, pause in enumerate(drafts)]
    return _numbered(named)


def _drafts(who: Colleague, worked: Sequence[Shift], draw: random.Random) -> list[Pause]:
    if not worked:
        return []
    match who.subject:
        case "amira":
            return [*_full_story(worked), *_sometimes(worked[::7], draw), *_today_pause(worked[-1])]
        case "ben":
            return [_weekly(worked[0].begins, 5, 15 * 60, 120, who)]
        case "hana":
            return [_pause(worked[len(worked) // 2].begins, None, contexts=frozenset({"chat"}))]
        case "clara":
            return [_pause(worked[len(worked) // 2].begins, None, kinds=frozenset({Kind.SCREENSHOT}))]
    return [*_sometimes(draw.sample(worked, min(len(worked), draw.choice((0, 0, 1, 2)))), draw), *_habits(who, worked)]


def _full_story(worked: Sequence[Shift]) -> Iterator[Pause]:
    """Each way of pausing once, all of them over."""
    third, half, late = (worked[len(worked) * share // 12] for share in (4, 6, 9))
    no_pictures, no_assistant = frozenset({Kind.SCREENSHOT}), frozenset({"chat"})
    yield _pause(third.begins + HOUR_MS, third.ends, contexts=no_assistant)
    yield _pause(half.begins, half.begins + 2 * DAY_MS, kinds=no_pictures)
    weekly = Weekly(3, 12 * 60, 60, "Europe/Berlin")
    yield replace(_pause(worked[0].begins, None), weekly=weekly, ended=late.begins)


def _today_pause(today: Shift) -> Iterator[Pause]:
    begins = today.begins + (today.ends - today.begins) // 2
    if today.ends - begins > HOUR_MS:
        yield _pause(begins, begins + 30 * MINUTE_MS)


def _sometimes(days: Sequence[Shift], draw: random.Random) -> Iterator[Pause]:
    """A break now and then: the whole recording for half an hour, an hour, or the rest of the day."""
    for shift in days:
        begins = shift.begins + draw.randrange(max(shift.ends - shift.begins - HOUR_MS, 1))
        length = draw.choice((30 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 8 * HOUR_MS))
        yield _pause(begins, min(begins + length, shift.ends + MINUTE_MS))


def _habits(who: Colleague, worked: Sequence[Shift]) -> Iterator[Pause]:
    """What lasts: a weekly pause, an opt-out, a kind or an app left out. Some are over, some are not."""
    draw = draw_for("habits", who.subject)
    begins = draw.choice(worked).begins + draw.randrange(2 * HOUR_MS)
    ended = draw.choice(worked).begins if draw.random() < 0.5 else None  # noqa: PLR2004 - one in two
    habit = draw.choices(("none", "weekly", "opt_out", "kind", "context"), (55, 20, 8, 11, 6))[0]
    match habit:
        case "weekly":
            weekly = _weekly(begins, draw.randint(1, 5), draw.randint(9, 16) * 60, draw.choice((30, 60, 120)), who)
            yield replace(weekly, ended=ended)
        case "opt_out":
            yield replace(_pause(begins, None), ended=ended)
        case "kind":
            yield replace(
                _pause(begins, None, kinds=frozenset({draw.choice((Kind.SCREENSHOT, Kind.KEY))})), ended=ended
            )
        case "context":
            yield replace(_pause(begins, None, contexts=frozenset({draw.choice(("chat", "outlook"))})), ended=ended)


def _pause(
    starts: int, ends: int | None, *, kinds: frozenset[Kind] | None = None, contexts: frozenset[str] | None = None
) -> Pause:
    return Pause(UUID(int=0), 0, starts, ends, kinds=kinds, contexts=contexts)


def _weekly(starts: int, weekday: int, from_minute: int, minutes: int, who: Colleague) -> Pause:
    return replace(_pause(starts, None), weekly=Weekly(weekday, from_minute, minutes, who.site.timezone))


def _numbered(asked: Sequence[Pause]) -> list[Pause]:
    """Each asking and each taking back has the next directive number."""
    acts = [(pause.starts, at, False) for at, pause in enumerate(asked)]
    acts += [(pause.ended, at, True) for at, pause in enumerate(asked) if pause.ended is not None]
    found = list(asked)
    for number, (_, at, is_end) in enumerate(sorted(acts), 1):
        found[at] = replace(found[at], ended_number=number) if is_end else replace(found[at], number=number)
    return found
