"""The one clock. Code that decides takes `now` as an argument; only the edges call this."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, UTC, aware."""
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Unix milliseconds of an aware datetime, as on the wire."""
    return int(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """The aware datetime of Unix milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
