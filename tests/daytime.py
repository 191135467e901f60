"""A time zone in which it is early afternoon just now, so that no test depends on the hour at which it runs."""

from datetime import UTC
from typing import Final
from zoneinfo import ZoneInfo

from portal.core import clock

HOUR: Final = 14
ZONES: Final = {
    -9: "Pacific/Gambier",
    -8: "Pacific/Pitcairn",
    -7: "America/Phoenix",
    -6: "America/Costa_Rica",
    -5: "America/Bogota",
    -4: "America/Puerto_Rico",
    -3: "America/Sao_Paulo",
    -2: "America/Noronha",
    -1: "Atlantic/Cape_Verde",
    0: "Africa/Abidjan",
    1: "Africa/Lagos",
    2: "Africa/Johannesburg",
    3: "Africa/Nairobi",
    4: "Asia/Dubai",
    5: "Asia/Karachi",
    6: "Asia/Dhaka",
    7: "Asia/Bangkok",
    8: "Asia/Singapore",
    9: "Asia/Tokyo",
    10: "Australia/Brisbane",
    11: "Pacific/Noumea",
    12: "Pacific/Tarawa",
    13: "Pacific/Tongatapu",
    14: "Pacific/Kiritimati",
}
"""Hours east of Greenwich → a zone that never changes its clocks."""


def afternoon() -> ZoneInfo:
    """The zone in which it is between 14:00 and 15:00 now; nine hours pass before a day ends there."""
    return ZoneInfo(ZONES[HOUR - clock.now().astimezone(UTC).hour])
