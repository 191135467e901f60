"""Made-up data for the officer's first page."""

from types import SimpleNamespace as Of
from typing import Any

from tests.templates.samples import at


def _line(name: str, state: str = "nothing", **more: Any) -> Of:
    values = {
        "name": name,
        "text": "",
        "state": state,
        "found": 0,
        "since": None,
        "on": None,
        "at": at(9),
        "url": "",
        "link": "",
    }
    return Of(**values | {"other": ""} | more)


def red() -> dict[str, Any]:
    """Something found, something nobody looked at, something not known yet."""
    lines = [
        _line(
            "What the daily check found",
            "red",
            text="1,204 items of the last seven days do not agree.",
            since=at(2),
            url="/officer/reconciliation",
            link="To the daily check",
        ),
        _line(
            "The log",
            "silent",
            text="Nobody has looked, so nobody knows: The log.",
            since=None,
            at=None,
            other="Tell whoever runs Daylight here.",
        ),
        _line("Stores that cannot be reached"),
        _line(
            "Days of which a device has not said what it sent",
            "calm",
            text="Of a few days, fewer than 10, a device has not said what it sent.",
            found=None,
            since=at(2),
            url="/officer/reconciliation",
            link="To the daily check",
        ),
    ]
    return {"red": lines[:2], "calm": lines[3:], "all": lines}


def nothing() -> dict[str, Any]:
    """All was looked at, and nothing found."""
    return {"red": [], "calm": [], "all": [_line("The log"), _line("Stores that cannot be reached")]}


def _aged(kind: str, state: str = "good", **more: Any) -> Of:
    values = {
        "kind": kind,
        "state": state,
        "until": at(9),
        "ended": at(9, 1),
        "told": 12_408,
        "remaining": 0,
        "physical": at(9).date(),
        "entry": 40_112,
        "pending": None,
    }
    return Of(**values | more)


def retention() -> dict[str, Any]:
    """Everything was deleted in time, of some kind that of few people."""
    return {"red": 0, "lines": [_aged("key"), _aged("screenshot", told=None)]}


def retention_red() -> dict[str, Any]:
    """Something is left, something is overdue and fails, something never ran."""
    never = {"until": None, "ended": None, "told": None, "physical": None, "entry": None}
    lines = [
        _aged("key", "red", remaining=1204),
        _aged("click", "red", pending=at(8)),
        _aged("prompt", pending=at(9)),
        _aged("window", "never", **never),
        _aged("pointer", "red", **never),
    ]
    return {"red": 3, "lines": lines}
