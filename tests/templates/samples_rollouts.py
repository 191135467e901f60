"""Rollouts as their templates take them."""

from typing import Any

from portal.policies.rollouts.rules import Figures
from portal.policies.rollouts.shown import Line
from tests.templates.samples import at

FIGURES = Figures(3120, 2980, 2901, 2894, 7, 2810, 40)
HIDDEN = Figures(312, 290, None, None, None, None, None)
LINE = Line(7, "/officer/rollouts/7", "1, 10, 100", 10, "going out", "info", at(9))
OVER = Line(4, "/officer/rollouts/4", "10, 100", 100, "over", "", at(8))


def rollouts(**more: Any) -> dict[str, Any]:
    """The list."""
    return {"open": [LINE], "over": [OVER]} | more


def ring(number: int, first: int, last: int, figures: Figures = FIGURES) -> dict[str, Any]:
    """A row of the table."""
    return {"number": number, "from": first, "to": last, "reached": number < 3, "figures": figures}


def one(**more: Any) -> dict[str, Any]:
    """One at the officer's desk that may not go on."""
    step = {"at": at(9), "what": "Begun", "by": "Works council", "percent": 1, "reason": "", "figures": HIDDEN}
    halted = step | {"what": "Halted", "by": "Daylight itself", "reason": "too many devices refuse it"}
    return {
        "rollout": LINE,
        "total": FIGURES,
        "rings": [ring(1, 0, 1), ring(2, 1, 10), ring(3, 10, 100)],
        "sites": [("Berlin", FIGURES), ("Other sites", HIDDEN)],
        "holds": "Fewer than 80 percent of the devices that were offered the policy obey it by now.",
        "few": True,
        "pending": True,
        "acts": True,
        "to_progress": "/officer/rollouts/7/progress",
        "problem": "It is halted: nobody else gets the policy until you let it go on.",
        "steps": [halted | {"figures": FIGURES}, step],
        "next": 100,
        "to_list": "/officer/rollouts",
        "to_advance": "/officer/rollouts/7/advance",
        "to_halt": "/officer/rollouts/7/halt",
        "to_go_on": "/officer/rollouts/7/go-on",
        "to_take_back": "/officer/rollouts/7/take-back",
    } | more


def at_council() -> dict[str, Any]:
    """The same at the council's desk: nothing to do, no small number."""
    no_acts = dict.fromkeys(("to_advance", "to_halt", "to_go_on", "to_take_back"), "")
    return one(total=HIDDEN, holds=None, acts=False, problem="", **no_acts)


def over() -> dict[str, Any]:
    """One that is over, with no device anywhere."""
    nobody = Figures(0, 0, 0, 0, 0)
    return one(
        rollout=OVER, total=nobody, rings=[ring(1, 0, 100, nobody)], sites=[], holds=None, few=False, pending=False,
        problem="", next=None, to_advance="", to_halt="", to_go_on="",
    )  # fmt: skip
