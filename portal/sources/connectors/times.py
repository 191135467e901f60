"""Days and dates as stores know them."""

from datetime import UTC, date, datetime, time, timedelta

from portal.sources.connectors.base import Layout, Reason, RefusedError


def whole_day(moment: datetime | None, column: str) -> date | None:
    """The day that starts at a moment (UTC). Raises RefusedError within a day: its rows could not be told apart."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    if utc.timetz() != time(tzinfo=UTC):
        raise RefusedError(Reason.PART_OF_A_DAY, column)
    return utc.date()


def physical_by(layout: Layout, logical_at: datetime) -> datetime | None:
    """When the bytes are gone, too; None when nobody described it."""
    return None if layout.physical_days is None else logical_at + timedelta(days=layout.physical_days)
