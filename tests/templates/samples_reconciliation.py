"""Made-up data for the check of a day and for the desks that see what did not agree."""

from types import SimpleNamespace as Of
from typing import Any

from tests.templates.samples import TODAY, at
from tests.templates.samples_data import HOSTILE, MARKS


def _row(kind: str, context: str, *numbers: int) -> Of:
    return Of(kind=kind, context=context, numbers=list(numbers))


def check(**more: Any) -> dict[str, Any]:
    """A red day."""
    values = {
        "on": TODAY,
        "mark": MARKS[0],
        "state": "red",
        "checked_at": at(9),
        "missing": [],
        "gone": [],
        "found": [
            Of(
                what="Stored, captured during a pause",
                kind="key",
                context=HOSTILE,
                device="ThinkPad",
                items=23,
                links=[(f"/data/2026-11-21/{number}", str(number)) for number in range(1, 21)],
                more=3,
            ),
            Of(
                what="Rows in another store that the catalogue does not describe",
                kind="",
                context="lake: main.copy",
                device="",
                items=2,
                links=[],
                more=0,
            ),
        ],
        "sent": [_row("key", "Visual Studio Code", 1412, 1400, 9, 0), _row("", "", 0, 0, 0, 3)],
        "held": [_row("key", "Visual Studio Code", 1400, 1377, 1400), _row("microphone", "Outlook", 1, 0, 1)],
    }
    return values | more


def unknown() -> dict[str, Any]:
    """An amber day: two devices have not said what they sent."""
    return check(mark=MARKS[2], state="amber", missing=["ThinkPad", "Desk PC"], found=[], sent=[])


def gone() -> dict[str, Any]:
    """A day that cannot be known any more."""
    return check(mark=MARKS[2], state="gone", gone=["ThinkPad"], found=[])


def officer() -> dict[str, Any]:
    """Two days."""
    line = Of(what="Sent by a device, and not here", kind="key", device="Linux", count=1204)
    other = Of(what="A daily count that the device did not sign", kind="", device="Windows", count=1)
    return {"days": [(TODAY, [line, other]), (TODAY.replace(day=3), [line])]}


def council() -> dict[str, Any]:
    """One day with a suppressed number, one with findings."""
    states = [Of(what="Everything agrees", count=1841), Of(what="Not known yet", count=112)]
    few, many = Of(what="Does not agree", count=None), Of(what="Does not agree", count=24)
    found = [Of(what="Sent by a device, and not here", count=14)]
    return {"days": [(TODAY, 12, [*states, few], []), (TODAY.replace(day=3), 10, [*states, many], found)]}
