"""Made-up data for the pages beside home and data."""

from datetime import datetime, time
from types import SimpleNamespace as Of
from typing import Any

from portal.pauses.forms import WEEKDAYS, PauseForm, WeeklyForm
from tests.templates import samples_deciding as deciding
from tests.templates.samples import at
from tests.templates.samples_data import CONTEXTS, HOSTILE, KINDS


def _look(**more: Any) -> dict[str, Any]:
    values = {
        "at": at(14, 2),
        "own": True,
        "reader": "",
        "purpose": "Own look",
        "kind": "open",
        "items": 1,
        "covers_from": at(9),
        "covers_until": at(10),
        "url": "/data/2026-11-21/x",
    }
    return values | more


def looks() -> dict[str, Any]:
    """Two own looks and one of somebody else."""
    other = _look(own=False, reader="Privacy office", purpose="Incident 12: wrong table", items=14, url="")
    return {
        "people": 1,
        "own": 2,
        "looks": [_look(), _look(kind="search", items=412), other],
        "by": "",
        "choices": [("All", "/looks", True), ("By others", "/looks?by=others", False)],
        "page": 2,
        "newer": "/looks",
        "older": "/looks?page=3",
    }


def no_looks() -> dict[str, Any]:
    """Nobody has looked."""
    return looks() | {"people": 0, "own": 0, "looks": [], "page": 1, "newer": "", "older": ""}


def _collected(kind: str, **more: Any) -> Of:
    names = [label for _id, label in CONTEXTS]
    values = {
        "kind": kind,
        "contexts": names,
        "interval_s": 0,
        "sampling": 1000,
        "retention_days": 90,
        "rule": "rule 1",
    }
    return Of(**(values | more))


def policy(**more: Any) -> dict[str, Any]:
    """One device that obeys policy 7."""
    device = Of(
        id="d1",
        name="ThinkPad T14",
        status="recording",
        policy_version=7,
        stage="verified",
        reported_at=at(8),
        collected=[
            _collected("key"),
            _collected("screenshot", interval_s=600, rule="rule 4"),
            _collected("pointer", sampling=250, retention_days=30, rule="rule 2"),
        ],
        not_collected=[
            Of(text="Password fields, in any app", rule="built into the collector"),
            Of(text="Everything outside the 14 apps on the list", rule="policy 7, contexts"),
            Of(text="bank.example", rule="your own exclusion"),
        ],
        nothing="Nothing. This device has no permit to record.",
    )
    facts = Of(
        version=7,
        purpose="Training of office assistants",
        legal_basis="Works agreement of 1 March 2026",
        published_at=at(8),
        expires_at=datetime.fromisoformat("2027-03-01T00:00:00+00:00"),
        impact_assessment="DPIA 2026-03",
        signed_by=["Privacy officer", "Works council"],
        hours="",
        self_service_hours=720,
        max_sensitivity=3,
    )
    moved = {"version": 8, "begins": at(15), "difference": deciding.history()["history"][0]["difference"]}
    return {"policy": facts, "coming": None, "devices": [device], "moved": moved} | deciding.history() | more


NOTHING_EXCLUDED = {"text": "", "apps": [], "ticked": [], "covers": []}


def settings(**more: Any) -> dict[str, Any]:
    """Two devices, one with a refused name."""
    devices = [
        Of(
            id="d1",
            name="ThinkPad T14",
            kind="collector",
            platform="Linux, X11",
            added_at=at(8),
            last_seen_at=at(14, 2),
        ),
        Of(id="d2", name=HOSTILE, kind="opamp", platform="", added_at=at(8), last_seen_at=None),
    ]
    values = {
        "devices": devices,
        "languages": [("en", "English"), ("de", "Deutsch")],
        "timezones": ["Europe/Berlin", "Europe/Paris"],
        "preferences": Of(language="en", timezone="Europe/Berlin", theme=""),
        "place": ["Berlin", "Engineering", None],
        "to_tell": {
            "command": 'python -m collector site "Berlin"',
            "moved": at(8),
            "devices": ["ThinkPad T14", HOSTILE],
        },
        "exclusions": {
            "text": "bank.example\n" + HOSTILE,
            "apps": [("vscode", "Visual Studio Code"), ("wiki", HOSTILE)],
            "ticked": ["vscode"],
            "covers": [("Visual Studio Code", "code, Code"), (HOSTILE, "the program of this name")],
        },
        "sessions": [Of(id="s1", created_at=at(8), last_seen_at=at(14, 2))],
        "demo_display": True,
        "errors": {"name-d2": "Choose a name of 1 to 80 letters.", "timezone": "There is no such time zone."},
    }
    return values | more


def added(**more: Any) -> dict[str, Any]:
    """A collector's one-time code."""
    values = {
        "name": "ThinkPad T14",
        "code": "K7QM-2XVP-9RTD",
        "token": "",
        "expires_at": at(14, 20),
        "command": "python -m collector enrol --gateway http://localhost:8010 --code K7QM-2XVP-9RTD --trust "
        + "9f" * 32,
        "to_run": "python -m collector run",
        "fingerprint": "9f" * 32,
    }
    return values | more


def deletion(**more: Any) -> dict[str, Any]:
    """A preview with what goes, what a hold keeps, and stores elsewhere."""
    values = {
        "asked": Of(starts=at(8), ends=at(14), kinds=["key"], contexts=["Outlook"], sensitivities=(3,), chosen=0),
        "items": 41,
        "kinds": [("key", 30, "/data/2026-11-21?kind=key"), ("screenshot", 11, "/data/2026-11-21?kind=screenshot")],
        "stores": [
            {"name": "The built-in database", "items": 41, "url": "/data", "what": "goes", "why": ""},
            {"name": "The built-in database", "items": 3, "url": "", "what": "stays", "why": "A legal hold keeps it."},
            {"name": "2 other stores", "items": None, "url": "", "what": "stays", "why": "Not touched from here."},
        ],
        "kept": 3,
        "holds": [{"reason": HOSTILE, "until": at(14)}],
        "elsewhere": 2,
        "too_old": 2,
        "ask": "/requests/new?type=erase",
        "ask_all": "/requests/new?type=erase",
        "ask_stretch": "/requests/new?type=erase&from=a&to=b",
        "fields": {"from": "1", "to": "2"},
        "back": "/data/2026-11-21",
    }
    return values | more


def pauses() -> dict[str, Any]:
    """One of each sort."""
    plain: dict[str, Any] = {
        "id": "p1",
        "opt_out": False,
        "starts": at(14),
        "ends": at(15),
        "kinds": None,
        "contexts": None,
        "device": "",
        "weekly": None,
        "active": True,
    }
    weekly = Of(weekday="Friday", from_time="22:00", to_time="01:00", whole_day=False, next_day=True)
    return {
        "pauses": [
            Of(**plain),
            Of(
                **(
                    plain
                    | {"id": "p2", "opt_out": True, "ends": None, "kinds": ["screenshot"], "contexts": ["Outlook"]}
                )
            ),
            Of(**(plain | {"id": "p3", "weekly": weekly, "ends": None, "active": False, "device": "ThinkPad T14"})),
        ]
    }


def pause_form(*, wrong: bool = False) -> dict[str, Any]:
    """The form of one pause, with an error on demand."""
    form = PauseForm()
    if wrong:
        form.until.errors = ["Choose a moment at least 30 minutes and at most a year from now."]
    return {"form": form, "kinds": KINDS, "contexts": CONTEXTS, "earliest": "2026-11-21T15:00"}


def weekly_form() -> dict[str, Any]:
    """The form of a weekly pause."""
    form = WeeklyForm()
    form.weekday.data, form.from_time.data, form.minutes.data = WEEKDAYS[4][0], time(12), 60
    return {"form": form, "kinds": KINDS, "contexts": CONTEXTS}


def about() -> dict[str, Any]:
    """With a policy and two contacts."""
    contacts = [
        ("Privacy office", "Omar N.", "mailto:omar@example.org"),
        ("Works council", "Clara V.", "mailto:clara@example.org"),
    ]
    return {"policy": policy()["policy"], "contacts": contacts}


def error() -> dict[str, Any]:
    """The database is away."""
    return {
        "status": 503,
        "title": "The database does not answer.",
        "happened": "Daylight cannot show your data now. Nothing was lost.",
        "next_step": "Try again in a minute. Your devices stop by themselves within 2 minutes.",
        "reference": "4f1c-99aa",
        "kept": None,
    }


def refused_form() -> dict[str, Any]:
    """A form whose session is over."""
    kept = Of(action="/requests/preview", fields=(("type", "object"), ("words", HOSTILE)), fresh=None)
    return error() | {"status": 401, "kept": kept}
