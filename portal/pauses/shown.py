"""Pauses as the page lists them: plain values in the person's own words."""

from dataclasses import dataclass
from datetime import datetime, time

from flask_babel import format_time

from portal.core.clock import from_ms, to_ms
from portal.pauses import rules
from portal.pauses.forms import WEEKDAYS

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True)
class Week:
    """When a weekly pause holds, in words. `whole_day`: midnight to midnight; `next_day`: it ends the day after."""

    weekday: str
    from_time: str
    to_time: str
    whole_day: bool
    next_day: bool


@dataclass(frozen=True)
class Listed:
    """One pause of the list; `kinds`, `contexts` empty and `device` '' mean all."""

    id: str
    opt_out: bool
    starts: datetime
    ends: datetime | None
    kinds: tuple[str, ...]
    contexts: tuple[str, ...]
    device: str
    weekly: Week | None
    active: bool


def listed(asked: list[rules.Pause], labels: dict[str, str], one_device: str, now: datetime) -> list[Listed]:
    """The pauses, newest first; `one_device`: what to call a device that the pause is limited to."""
    holding = {span.pause for span in rules.active(asked, to_ms(now))}
    return [
        Listed(
            id=str(pause.id),
            opt_out=pause.ends is None and pause.weekly is None,
            starts=from_ms(pause.starts),
            ends=None if pause.ends is None else from_ms(pause.ends),
            kinds=tuple(sorted(pause.kinds or ())),
            contexts=tuple(labels.get(context, context) for context in sorted(pause.contexts or ())),
            device=one_device if pause.device else "",
            weekly=_week(pause.weekly) if pause.weekly else None,
            active=pause.id in holding,
        )
        for pause in reversed(asked)
    ]


def _week(weekly: rules.Weekly) -> Week:
    ends = weekly.from_minute + weekly.minutes
    return Week(
        weekday=str(dict(WEEKDAYS)[weekly.weekday]),
        from_time=_clock(weekly.from_minute),
        to_time=_clock(ends % MINUTES_PER_DAY),
        whole_day=weekly.minutes == ends == MINUTES_PER_DAY,
        next_day=ends > MINUTES_PER_DAY,
    )


def _clock(minute: int) -> str:
    return str(format_time(time(minute // 60, minute % 60), "short", rebase=False))
