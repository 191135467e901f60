"""Sample data for the pages of a stop for all."""

from types import SimpleNamespace as Of
from typing import Any

from portal.stops.rules import Effect, curve
from tests.templates import samples
from tests.templates.samples import at, device
from wire.policy import Audience

REASON = "Tax numbers of <b>clients</b> were found in what was captured."
HALT = Of(since=at(13, 5), by="works_council", reason=REASON, whom="Berlin · Lab", number=4)
EFFECT = Effect(
    312, 290, 22, 9, 3, 41_200, tuple(int(60 + share**1.9) if share < 93 else None for share in range(1, 101))
)


def bar() -> Of:
    """The pill under a stop."""
    return Of(status="stopped", recording=0, until=None, can_resume=False, halt=HALT)


def stopped() -> Of:
    """The first card under a stop."""
    halt = Of(since=at(13, 5), by="Works council", reason=REASON, whom="")
    return samples.state(status="stopped", halt=halt, devices=[device("ThinkPad T14", "stopped")])


def line(**more: Any) -> Of:
    """A stop of the list."""
    values: dict[str, Any] = {
        "number": 4,
        "url": "/officer/stops/1",
        "audience": "Berlin, Lisbon",
        "by": "Works council",
    }
    return Of(**(values | {"reason": REASON, "at": at(13, 5), "ended": None} | more))


def stops(**more: Any) -> dict[str, Any]:
    """One in force, two that are over."""
    over = [
        line(number=3, ended=at(12, 0), at=at(9, 0), audience="Everybody"),
        line(number=2, ended=at(8, 1), at=at(8, 0)),
    ]
    return {"open": [line()], "over": over, "to_new": "/officer/stops/new"} | more


def new() -> dict[str, Any]:
    """The form, empty."""
    return {
        "asked": Of(whom="everybody", audience=Audience(None, None, None), reason=""),
        "problems": {},
        "places": {
            "sites": [("Berlin", "Berlin"), ("Lisbon", "Lisbon")],
            "departments": [("Lab", "Lab")],
            "countries": [],
        },
        "to_check": "/officer/stops/check",
        "to_list": "/officer/stops",
        "names_devices": True,
    }


def new_wrong() -> dict[str, Any]:
    """The form with everything wrong."""
    problems = {"whom": "Choose at least one place below.", "sites": "Choose from the list.", "reason": "Say why."}
    return new() | {"asked": Of(whom="some", audience=Audience(None, None, None), reason=""), "problems": problems}


def confirm(sites: tuple[str, ...] | None = ("Berlin", "Lisbon")) -> dict[str, Any]:
    """Before the act."""
    audience = Audience(sites, None, None)
    asked = Of(whom="everybody" if sites is None else "some", audience=audience, reason=REASON)
    return {
        "asked": asked,
        "whom": audience.named or "Everybody",
        "to_stop": "/officer/stops",
        "to_new": "/officer/stops/new",
    }


def one(effect: Effect = EFFECT, **more: Any) -> dict[str, Any]:
    """A stop on its way, at the officer's desk."""
    missing = [("ThinkPad T14", "Berlin", at(13, 1), at(13, 7), False), ("MacBook Air", None, None, at(13, 6), True)]
    return {
        "stop": line(),
        "effect": effect,
        "few": effect.devices is not None and effect.stopped is None,
        "heard": True,
        "pending": True,
        "waited": 41.2,
        "curve": curve(effect),
        "steps": [(share, ms / 1000) for share in (10, 50, 90, 100) if (ms := effect.percent(share)) is not None],
        "figures": [("Half of the devices", 1.72), ("95 of 100 devices", None), ("The last device so far", 41.2)],
        "missing": missing,
        "more": True,
        "names_devices": True,
        "to_effect": "/officer/stops/1/effect",
        "signed": [("Privacy officer", True), ("Works council", False)],
        "problem": "It is signed by a key that devices do not trust.",
        "given": "{}",
        "to_list": "/officer/stops",
        "to_sign": "/officer/stops/1/resume.json",
        "to_resume": "/officer/stops/1/resume",
        "files": [("The record as a table (CSV)", "/officer/stops/1/record.csv")],
        "recorded_at": at(13, 6),
    } | more


def at_council() -> dict[str, Any]:
    """The same at the council's desk: no device, no small number."""
    effect = Effect(312, None, None, None, None, None, EFFECT.steps[:80] + (None,) * 20)
    return one(effect, missing=[], more=False, names_devices=False, problem="", given="")


def few() -> dict[str, Any]:
    """Too few to say anything."""
    return one(Effect(None, None, None, None, None, None, ()), missing=[], more=False, files=[], recorded_at=None)


def not_heard() -> dict[str, Any]:
    """The gateway has not heard of it yet."""
    return one(
        Effect(0, 0, 0, 0, 0, None, (None,) * 100), heard=False, missing=[], problem="", files=[], recorded_at=None
    )


def ended() -> dict[str, Any]:
    """A stop that is over; nobody had a permit."""
    return one(
        Effect(0, 0, 0, 0, 0, None, (None,) * 100), stop=line(ended=at(13, 30)), missing=[], pending=False, problem=""
    )
