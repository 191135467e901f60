"""Made-up data for the pages of exports."""

from datetime import datetime
from typing import Any

from tests.templates.samples import at

STATES = ("waiting", "running", "ready", "failed", "cancelled", "expired")
ID = "22222222-2222-4222-8222-222222222222"


def one(status: str = "ready", **more: Any) -> dict[str, Any]:
    """An export that stands as `status` says."""
    values: dict[str, Any] = {
        "id": ID,
        "asked_at": at(14, 10),
        "starts": None,
        "ends": None,
        "kinds": [],
        "with_stores": True,
        "status": status,
        "open": status in {"waiting", "running"},
        "done": 196,
        "total": 412,
        "problems": 2 if status == "ready" else 0,
        "size": "46.1 MB",
        "until": datetime(2026, 11, 28, 13, 10, tzinfo=at(9).tzinfo) if status == "ready" else None,
        "deadline": datetime(2026, 11, 22, 13, 10, tzinfo=at(9).tzinfo),
        "downloaded_at": at(14, 30) if status == "ready" else None,
        "trouble": "It was not finished within 24 hours. Order it again." if status == "failed" else "",
        "stores": _stores() if status == "running" else [],
    }
    return values | more


def _stores() -> list[dict[str, Any]]:
    rows = (
        ("CRM: contacts", "done", 83, None, None),
        ("Data lake: clicks_by_day", "running", 1200, 5000, None),
        ("Old warehouse", "waiting", 0, None, at(9)),
        ("Archive", "missing", 0, None, at(9)),
        ("Tickets", "waiting", 0, None, None),
    )
    names = ("name", "status", "rows", "total", "pending_since")
    view = {"name": "Totals", "status": "missing", "rows": 0, "total": None, "pending_since": None}
    told = [dict(zip(names, row, strict=True)) | {"why": ""} for row in rows]
    return [*told, view | {"why": "It does not say when a row was made, so a time range cannot be chosen there."}]


def exports(**more: Any) -> dict[str, Any]:
    """The form, and an export of each sort."""
    form = {"scope": "everything", "from": "", "to": "", "kinds": ["key", "prompt"], "stores": True, "request": ""}
    listed = [one(status) for status in STATES] + [one("ready", kinds=["key"], starts=at(8), ends=at(12))]
    values = {"exports": listed, "running": ID, "form": form, "wrong": ()}
    return values | {"page": 2, "newer": "/exports", "older": "/exports?page=3"} | more


def wrong() -> dict[str, Any]:
    """A form that says too little."""
    told = exports(running=None, exports=[], wrong=("from", "to", "kind"))
    return told | {"form": told["form"] | {"scope": "range", "request": ID}}


def export(status: str, **more: Any) -> dict[str, Any]:
    """The page of one export."""
    return {"export": one(status, **more), "fragment": False}


def trouble() -> dict[str, Any]:
    """One that is being made and does not go on."""
    return export("running", trouble="The server's disk is full. Daylight tries again by itself.")
