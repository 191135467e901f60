"""Made-up data for the calendar, a day and an item."""

from calendar import Calendar
from datetime import date
from types import SimpleNamespace as Of
from typing import Any

from tests.templates.samples import TODAY, at, day, rows

HOSTILE = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)>"
CONTEXTS = [("vscode", "Visual Studio Code"), ("outlook", "Outlook"), ("chat", "Chat assistant")]
MARKS = {
    0: Of(word="Does not agree", icon="error", tone="danger", link="/data/2026-11-21/check"),
    1: Of(word="Checked: everything agrees", icon="success", tone="good", link="/data/2026-11-21/check"),
    2: Of(word="Not known yet", icon="unknown", tone="warn", link="/data/2026-11-21/check"),
}
KINDS = ["key", "pointer", "click", "screenshot", "window", "prompt"]


def _cell(when: date, month: int) -> Of | None:
    if when.month != month:
        return None
    level = 0 if when.weekday() > 4 or when > TODAY else 1 + (when.day * 7) % 4
    href = f"/data/{when.isoformat()}" if level else None
    return Of(
        date=when,
        href=href,
        level=level,
        items=level * 103,
        paused=when.day % 6 == 0 and level > 0,
        today=when == TODAY,
        mark=MARKS.get(when.day % 7) if level else None,
    )


def calendar() -> dict[str, Any]:
    """Three months."""
    months = [
        Of(
            label=date(2026, month, 1).strftime("%B %Y"),
            weeks=[[_cell(when, month) for when in week] for week in Calendar().monthdatescalendar(2026, month)],
        )
        for month in (9, 10, 11)
    ]
    names = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    return {
        "months": months,
        "weekdays": names,
        "items": 8412,
        "days": 52,
        "marked": True,
        "earlier": "/data?before=1",
        "later": "",
    }


def items(**more: Any) -> dict[str, Any]:
    """The list under a day."""
    values = {
        "rows": rows(),
        "total": 412,
        "page": 1,
        "newer": "",
        "older": "/data/2026-11-21?page=2",
        "search": None,
        "delete_url": "/requests/delete?day=2026-11-21",
        "chosen_on": "2026-11-21",
        "filtered": True,
        "chosen": Of(kinds=("key",), contexts=(), sensitivities=(4,), since=at(9), until=at(10)),
    }
    return values | more


def one_day(**more: Any) -> dict[str, Any]:
    """A day with its filter."""
    values = {
        "on": TODAY,
        "day": day(),
        "mark": MARKS[0],
        "earlier": "/data/2026-11-20",
        "later": "",
        "path": "/data/2026-11-21",
        "contexts": CONTEXTS,
    }
    return values | items() | more


def nothing_found() -> dict[str, Any]:
    """A search without a result."""
    search = Of(text=HOSTILE, unread=2, searched_most=5000, problem="")
    return one_day(rows=[], total=0, older="", search=search, delete_url="")


CONTENT: dict[str, dict[str, Any]] = {
    "key": {
        "title": f"notes.md {HOSTILE}",
        "events": [[at_ms, "char", "x"] for at_ms in range(0, 50_000, 900)]
        + [[51_000, "backspace", ""], [52_000, "redacted", "█"], [53_000, "enter", ""]],
        "text": f"Dear team, the release is ready.\nMy tax number is ████. {HOSTILE}",
    },
    "pointer": {"screen": [1920, 1080], "points": [[n * 50, 200 + n * 13, 300 + (n * n) % 500] for n in range(100)]},
    "click": {"screen": [1920, 1080], "clicks": [[500, 300, 400, "left"], [4000, 1500, 700, "right"]]},
    "window": {"titles": [[0, "notes.md"], [12_000, HOSTILE]]},
    "screenshot": {"size": [960, 540]},
    "prompt": {
        "turns": [
            {"role": "user", "at": 0, "text": f"Draft a sick note for my doctor. {HOSTILE}"},
            {
                "role": "assistant",
                "at": 4000,
                "text": "Here is a draft.\n\nDear Dr Weber,\nI have been ill since Monday.",
            },
        ]
    },
}
COUNTS = {
    "key": {"keys": 412, "redacted": 3},
    "pointer": {"points": 100},
    "click": {"clicks": 2},
    "window": {"titles": 2},
    "screenshot": {"images": 1},
    "prompt": {"turns": 2},
}


def item(kind: str, **more: Any) -> dict[str, Any]:
    """One opened item of a kind."""
    header = Of(
        id="6d1f8f4e-0f53-4a3a-9f8f-8e3c1d1a7f10",
        kind=kind,
        context="Visual Studio Code",
        device="ThinkPad T14",
        start=at(14, 2),
        end=at(14, 2, 58),
        counts=COUNTS[kind],
        sensitivity=4 if kind == "prompt" else 3,
        categories=["health"] if kind == "prompt" else [],
        policy_version=7,
        legal_basis="Works agreement of 1 March 2026 (GDPR, article 6(1)(f))",
        purpose="Training of office assistants",
        lease_id="c1c9be5c-2c4f-4c30-94f0-0f9b8d0e7a11",
        size=18_204,
        store="The built-in database, sealed to you",
        seq=412,
        received_at=at(14, 3, 4),
        keep_until=date(2027, 2, 19),
        delete_fields={"item": "6d1f8f4e", "day": "2026-11-21"},
        ask_fields={"type": "rectify", "item": "6d1f8f4e"},
    )
    values = {
        "item": header,
        "content": CONTENT[kind],
        "picture": "/static/favicon.svg" if kind == "screenshot" else "",
        "problem": "",
        "beside": [Of(text=f"Your note: {HOSTILE}", tone="info", link="/requests/1", more="Request 1")],
        "path": "/data/2026-11-21",
        "earlier": "/data/2026-11-21/a",
        "later": "/data/2026-11-21/b",
    }
    return values | more
