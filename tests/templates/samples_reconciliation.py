"""Made-up data for the check of a day and for the desks that see what did not agree."""

from types import SimpleNamespace as Of
from typing import Any
from uuid import UUID

from portal.reconciliation.settling import words
from tests.templates.samples import TODAY, at
from tests.templates.samples_data import HOSTILE, MARKS


def _row(kind: str, context: str, *numbers: int) -> Of:
    return Of(kind=kind, context=context, url=f"/data/2026-11-21?kind={kind}" if kind else "", numbers=list(numbers))


NUMBER = UUID(int=7)
ANSWER = ("A pause, a stop or a policy reached a device too late", HOSTILE, TODAY)


def _case(**more: Any) -> Of:
    values = {"id": NUMBER, "number": 7, "state": "answered", "tone": "good", "age": None, "answers": []}
    return Of(**values | {"disputed_on": None, "mine": False, "disputable": False} | more)


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
                cases=[7, 12],
            ),
            Of(
                what="Rows in another store that the catalogue does not describe",
                kind="",
                context="lake: main.copy",
                device="",
                items=2,
                links=[],
                more=0,
                cases=[],
            ),
        ],
        "may_dispute": True,
        "cases": [
            _case(answers=[ANSWER], disputable=True),
            _case(
                number=12,
                state="answered, and disputed",
                tone="danger",
                age=41,
                answers=[ANSWER],
                mine=True,
                disputed_on=TODAY,
            ),
            _case(number=13, state="waits for an answer", tone="danger", age=0),
            _case(number=14, answers=[ANSWER, ANSWER], disputed_on=TODAY),
        ],
        "sent": [_row("key", "Visual Studio Code", 1412, 1400, 9, 0), _row("", "", 0, 0, 0, 3)],
        "held": [_row("key", "Visual Studio Code", 1400, 1377, 1400), _row("microphone", "Outlook", 1, 0, 1)],
    }
    return values | more


def unknown() -> dict[str, Any]:
    """An amber day: two devices have not said what they sent."""
    return check(mark=MARKS[2], state="amber", missing=["ThinkPad", "Desk PC"], found=[], cases=[], sent=[])


def never() -> dict[str, Any]:
    """A day that was not checked."""
    return check(mark=None, state="", found=[], cases=[], checked_at=None)


def gone() -> dict[str, Any]:
    """A day that cannot be known any more."""
    return check(mark=MARKS[2], state="gone", gone=["ThinkPad"], found=[], cases=[])


def _line(**more: Any) -> dict[str, Any]:
    values = {"id": NUMBER, "number": 7, "what": "Sent by a device, and not here", "kind": "key", "device": "Linux"}
    values |= {"count": 1204, "day": TODAY, "found_on": TODAY, "state": "waits for an answer", "tone": "danger"}
    return values | {"waits": True, "disputed": False, "age": 41} | more


def officer(**more: Any) -> dict[str, Any]:
    """One that waits for long, one since today, one that is answered."""
    lines = [
        _line(),
        _line(number=12, kind="other", device="Windows", count=1, age=0),
        _line(number=3, kind="", state="answered", tone="good", waits=False, age=None),
    ]
    return {"lines": lines, "count": 2, "oldest": 41, "page": 1, "newer": "", "older": "?page=2"} | more


def one(**more: Any) -> dict[str, Any]:
    """One that somebody disputed."""
    found = Of(number=1, step="found", cause=None, words=None, on_day=TODAY.replace(day=1))
    said = Of(number=2, step="answered", cause="late", words=HOSTILE, on_day=TODAY.replace(day=2))
    disputed = Of(number=3, step="disputed", cause=None, words=None, on_day=TODAY.replace(day=3))
    return {
        "one": _line(state="answered, and disputed", disputed=True),
        "steps": [found, said, disputed],
        "causes": words.CAUSE,
        "typed": {"cause": "late", "words": HOSTILE},
        "errors": {"cause": "", "words": "Between 10 and 4000 characters, please."},
        "most": 4000,
    } | more


def answered() -> dict[str, Any]:
    """One that is answered."""
    return one(one=_line(state="answered", tone="good", waits=False, age=None))


def council() -> dict[str, Any]:
    """One day with a suppressed number, one with findings."""
    states = [Of(what="Everything agrees", count=1841), Of(what="Not known yet", count=112)]
    few, many = Of(what="Does not agree", count=None), Of(what="Does not agree", count=24)
    found = [Of(what="Sent by a device, and not here", count=14)]
    stands = [
        Of(state="waits for an answer", cases=3, people=41, age=12),
        Of(state="answered", cases=14, people=120, age=None),
        Of(state="answered, and disputed", cases=None, people=None, age=None),
    ]
    days = [(TODAY, 12, [*states, few], []), (TODAY.replace(day=3), 10, [*states, many], found)]
    return {"days": days, "stands": stands, "least": 10}
