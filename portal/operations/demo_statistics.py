"""The demo's past releases, each made by the worker's own job as on the day on which it was due."""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from portal.core.clock import from_ms
from portal.core.config import Settings
from portal.operations.demo_calendar import working_days
from portal.operations.publish import as_owner
from portal.releases.jobs import releaser
from portal.releases.periods import DAY, WEEK, monday, periods

UTC_ZONE: Final = ZoneInfo("UTC")


def publish_past(settings: Settings, until: int, days: int) -> int:
    """Release every whole week of the past `days` working days; how many are new. Nothing happens a second time."""
    return publish_since(settings, working_days(until, UTC_ZONE, days)[0], until)


def publish_since(settings: Settings, first: date, until: int) -> int:
    """Release every week that begins on `first` or later and was due at `until` (Unix milliseconds)."""
    start = monday(first + WEEK - DAY)
    job, made = releaser(settings.smallest_group, start), 0
    for period in periods(start, from_ms(until)):
        with as_owner(settings) as session:
            made += job(session, period.due)
    return made
