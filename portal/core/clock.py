"""The one clock. Code that decides takes `now` as an argument; only the edges call this."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The current time, UTC, aware."""
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Unix milliseconds of an aware datetime, as on the wire."""
    return int(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """The aware datetime of Unix milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a wall-clock time without zone; of two the earlier one (PEP 495, fold 0)."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment in a person's own time zone."""
    return moment.astimezone(zone).date()
