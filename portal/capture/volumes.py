"""How much may be stored: bounds that no honest device reaches, so that one which lies cannot fill the disk."""

from collections.abc import Mapping
from typing import Final

from wire.documents import Kind
from wire.policy import Policy
from wire.segment import MAX_BODY

LARGEST: Final[Mapping[Kind, int]] = {
    Kind.POINTER: 256 << 10,
    Kind.CLICK: 256 << 10,
    Kind.KEY: 256 << 10,
    Kind.WINDOW: 256 << 10,
    Kind.PROMPT: MAX_BODY,
    Kind.SCREENSHOT: MAX_BODY,
}
"""Bytes of one sealed segment. 5,000 rows, which is what a collector puts in one, take less than 200 KiB."""

SEALED: Final = 1024
"""What the seal and the form of compressed data add at most, beside a 128th of what does not get any smaller."""

ROW: Final = 2048
"""What a stored segment takes beside its content: its header, and its rows in tables and indexes."""

DAY: Final = 256 << 20
"""For one device and day, screenshots aside. A collector keeps no more than this unsent. At 30 points of the pointer
a second and 500 keys a minute, day and night, it is 70 MiB."""

LONGEST_DAY_S: Final = 25 * 3600
"""The day on which clocks are put back."""

LINES: Final = 10_000
"""So many of a person's refusals of the last days are listed one by one: twenty busy days' segments."""


def fits(kind: Kind, size: int, sealed: int) -> bool:
    """Whether a sealed body of so many bytes is one of this kind, and of content of the `size` that its header names.

    The bytes of a day are summed up by that size: a smaller one would make room that there is not.
    """
    return sealed <= min(LARGEST[kind], size + size // 128 + SEALED)


def charged(size: int) -> int:
    """What a segment counts for, by the size of its content."""
    return size + ROW


def of_day(kind: Kind, policy: Policy, devices: int) -> int:
    """Bytes that so many devices of one person may have stored of a day: of all screenshots, or of all else.

    A screenshot as large as may be, at each interval of the policy, always fits.
    """
    rule = policy.rule(kind)
    if kind is not Kind.SCREENSHOT or rule is None:
        return DAY * devices
    return (LONGEST_DAY_S // max(rule.interval_s, 1) + 1) * charged(MAX_BODY) * devices
