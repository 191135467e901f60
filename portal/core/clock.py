"""The one clock. Code that decides takes `now` as an argument; only the edges call this."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
"""Whole milliseconds there and back: a float of seconds would lose one now and then."""

FIRST_YEAR, LAST_YEAR = 2000, 2199


def now() -> datetime:
    """The current time, UTC, aware."""
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Unix milliseconds of an aware datetime, as on the wire."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The aware datetime of Unix milliseconds."""
    return EPOCH + milliseconds * MILLISECOND


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a wall-clock time without zone; of two the earlier one (PEP 495, fold 0)."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def is_ours(moment: datetime | date) -> bool:
    """Whether it is of a year that data can be from: with those, times in any zone can be computed."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment in a person's own time zone."""
    return moment.astimezone(zone).date()


def read_day(text: str) -> date:
    """A calendar day of an address or a form, YYYY-MM-DD. Raises ValueError, also for years no data can be from."""
    day = date.fromisoformat(text)
    if not is_ours(day):
        raise ValueError("not a year of ours")
    return day
