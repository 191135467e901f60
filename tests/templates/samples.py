"""Made-up data for every page, in the shapes that the docblocks of the templates define."""

from datetime import UTC, date, datetime
from types import SimpleNamespace as Of
from typing import Any
from uuid import uuid4

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of the sample day, given in Berlin time."""
    return datetime(2026, 11, 21, hour - 1, minute, second, tzinfo=UTC)


def bar(begins: datetime, ends: datetime) -> Of:
    """A bar on lanes that run from 8 to 18."""
    span = 10 * 3600
    return Of(
        start=(begins - at(8)).total_seconds() / span,
        width=(ends - begins).total_seconds() / span,
        begins=begins,
        ends=ends,
        items=7,
    )


def day() -> Of:
    """A working day with a pause and three refused uploads."""
    return Of(
        items=412,
        url="/data/2026-11-21",
        lanes=[
            ("key", [bar(at(8, 24), at(10, 12)), bar(at(10, 30), at(11, 24)), bar(at(12, 54), at(14, 18))]),
            ("pointer", [bar(at(8, 18), at(11, 36)), bar(at(12, 42), at(14, 36))]),
            ("click", [bar(at(8, 20), at(9, 10)), bar(at(10, 2), at(10, 40)), bar(at(13, 5), at(13, 50))]),
            ("screenshot", [bar(at(h, m), at(h, m, 20)) for h, m in ((8, 37), (9, 25), (10, 43), (13, 30))]),
            ("window", [bar(at(8, 20), at(11, 30)), bar(at(12, 45), at(14, 30))]),
            ("prompt", [bar(at(9, 42), at(9, 54)), bar(at(13, 48), at(14, 6))]),
        ],
        pauses=[bar(at(11, 48), at(12, 36))],
        refused=[(0.41, at(12, 6), 3)],
        ticks=[(hour / 10, at(8 + hour)) for hour in range(0, 11, 2)],
        now=0.65,
    )


def item_row(hour: int, minute: int, **more: Any) -> Of:
    """A row of the list of items."""
    values: dict[str, Any] = {
        "type": "item",
        "start": at(hour, minute),
        "end": at(hour, minute + 1),
        "context": "Visual Studio Code",
        "kind": "key",
        "counts": {"keys": 412, "redacted": 0},
        "sensitivity": 1,
        "categories": [],
        "open_url": f"/data/2026-11-21/{hour}-{minute}",
        "delete_url": "/requests/delete?item=1",
        "id": "i-1",
    }
    return Of(**(values | more))


def rows() -> list[Of]:
    """One row of each sort."""
    return [
        item_row(14, 2, end=at(14, 9)),
        item_row(13, 51, end=at(13, 51), context="Outlook", kind="screenshot", counts={"images": 1}, sensitivity=3),
        item_row(13, 20, context="Jira", kind="click", counts={"clicks": 1}, sensitivity=2),
        Of(type="pause", start=at(11, 48), end=at(12, 36), refused=3, more=True),
        Of(type="part", start=at(11, 10), end=None, kinds=["screenshot"], contexts=["Outlook"], device=""),
        Of(
            type="refused", start=at(11, 50), end=at(11, 51), context="Outlook", kind="key", reason="It lay in a pause."
        ),
        item_row(
            10, 41, context="Chat assistant", kind="prompt", counts={"turns": 2}, sensitivity=4, categories=["health"]
        ),
    ]


def device(name: str, status: str = "recording", **more: Any) -> Of:
    """A device on the home page."""
    values = {"id": name, "name": name, "status": status, "since": None, "note": "", "policy_version": 7, "pause": None}
    return Of(**(values | more))


def steps(received: float | None, stopped: float | None, stops_by: datetime | None = None) -> Of:
    """How far a pause came on a device."""
    return Of(
        asked_at=at(14, 20),
        received=received is not None,
        received_after=received,
        stopped=stopped is not None,
        stopped_after=stopped,
        waited=1.4,
        stops_by=stops_by,
    )


def state(**more: Any) -> Of:
    """Two devices recording, one off."""
    values: dict[str, Any] = {
        "status": "recording",
        "recording": 2,
        "total": 3,
        "until": None,
        "can_resume": False,
        "pending": False,
        "kinds": ["key", "pointer", "screenshot", "prompt"],
        "contexts": 14,
        "policy_version": 7,
        "resuming": False,
        "ends_in": None,
        "parts": [],
        "offer": None,
        "halt": None,
        "devices": [
            device("ThinkPad T14"),
            device("Workstation 3"),
            device("MacBook Air", "off", since=at(9, 12), note="permit expired"),
        ],
    }
    return Of(**(values | more))


def stopping() -> Of:
    """A pause on its way: one device stopped, one has received it, one cannot be reached."""
    return state(
        status="stopping",
        can_resume=True,
        until=at(14, 50),
        pending=True,
        devices=[
            device("ThinkPad T14", "paused", pause=steps(0.2, 0.4)),
            device("Workstation 3", "stopping", pause=steps(0.3, None)),
            device("MacBook Air", "unknown", pause=steps(None, None, at(14, 22))),
        ],
    )


def paused() -> Of:
    """Paused, about to end, with the offer to delete and a pause of a part."""
    return state(
        status="paused",
        can_resume=True,
        until=at(14, 50),
        ends_in=300,
        parts=[
            Of(
                id="p1",
                kinds=["screenshot"],
                contexts=["Outlook"],
                device="",
                until=None,
                steps=[("ThinkPad T14", steps(0.2, 0.4)), ("Workstation 3", steps(0.3, None))],
                delete_url="/requests/delete?last=today&kind=screenshot",
            )
        ],
        offer=Of(items=41, url="/requests/delete?day=2026-11-21"),
        devices=[device("ThinkPad T14", "paused", pause=steps(0.2, 0.4))],
    )


def erasure(status: str = "undoable", **more: Any) -> Of:
    """A deletion asked for by the person."""
    values: dict[str, Any] = {
        "id": "11111111-1111-4111-8111-111111111111",
        "asked_at": at(14, 10),
        "kinds": ["screenshot"],
        "contexts": ["Outlook"],
        "sensitivities": (),
        "chosen": 0,
        "starts": at(8),
        "ends": at(14, 10),
        "items": 12,
        "held": 3 if status == "held" else 0,
        "status": status,
        "execute_after": at(14, 20),
        "done_at": at(14, 21),
    }
    return Of(**(values | more))


def asked(state: str = "open", **more: Any) -> Of:
    """A request to HR."""
    values: dict[str, Any] = {
        "id": "22222222-2222-4222-8222-222222222222",
        "number": 12,
        "type": "erase",
        "name": "Have data deleted",
        "state": state,
        "scope": Of(starts=at(8), ends=at(14), kinds=("key",), contexts=("Outlook",), sensitivities=(3, 4), chosen=0),
        "at": at(9),
        "due_on": date(2026, 12, 21),
        "overdue": False,
        "closed_at": None,
        "live": True,
        "steps_done": 3,
        "steps_total": 7,
    }
    return Of(**(values | more))


def home(**more: Any) -> dict[str, Any]:
    """The whole home page."""
    pause_ends = "Your pause ends at 14:30. Recording starts again then."
    values = {
        "told": [Of(id=uuid4(), text=pause_ends, at=at(14, 25), tone="info", link="/requests/12")],
        "state": state(),
        "day": day(),
        "rows": rows(),
        "looks": Of(people=1, own=3),
        "requests": [asked("running"), asked("asked_back", type="access", name="Know what is held about you")],
        "erasures": [erasure(), erasure("erasing", kinds=None, contexts=None)],
    }
    return values | more


def empty_home() -> dict[str, Any]:
    """The first minute of a new person."""
    nothing = Of(items=0, url="/data/2026-11-21", lanes=[], pauses=[], refused=[], ticks=[], now=None)
    return home(
        told=[],
        state=state(status="off", recording=0, total=0, devices=[], policy_version=None),
        day=nothing,
        rows=[],
        looks=Of(people=0, own=0),
        requests=[],
        erasures=[],
    )
