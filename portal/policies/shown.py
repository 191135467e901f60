"""A policy's difference as `policies/_difference.html` draws it: for the officer, the council and everybody."""

from datetime import datetime
from typing import Any, Final

from portal.core.clock import from_ms
from wire import difference
from wire.difference import Line
from wire.precedence import Change
from wire.sentences import YEAR_10000_MS

ALL_STRETCHES: Final = 1000


def shown_difference(change: Change, in_language: str) -> dict[str, Any]:
    """Lines in the order in which they are signed, how many of them ask for more or less, and whether it widens."""
    found = [
        {
            "effect": str(line.effect),
            "text": difference.text(line, in_language),
            "moments": moments(line),
            "whole": whole(line),
        }
        for line in difference.lines(*change)
    ]
    return {
        "lines": found,
        "more": sum(line["effect"] == "more" for line in found),
        "less": sum(line["effect"] == "less" for line in found),
        "replaces": change.old.version if change.old else None,
        "widens": change.wider,
        "hash": difference.digest(*change),
    }


def moments(line: Line) -> list[datetime]:
    """The moments that a line names in UTC, as it is signed, new first: pages tell them in the reader's time."""
    if not line.code.startswith(("begins.", "expires.")):
        return []
    given = [line.parameters[name] for name in ("new", "old") if name in line.parameters]
    return [from_ms(value) for value in given if isinstance(value, int) and 0 <= value < YEAR_10000_MS]


def whole(line: Line) -> bool:
    """Whether a new kind is captured in every stretch, which the signed text calls 1000 of 1000."""
    return line.code.startswith("rule.added") and line.parameters.get("sampling") == ALL_STRETCHES
