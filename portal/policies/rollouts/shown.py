"""A rollout as its pages take it: plain values and words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from portal.core import clock
from portal.core.web.state import db
from portal.policies.models import PolicyRow, Rollout, RolloutState, RolloutStep
from portal.policies.rollouts import actions, queries, words
from portal.policies.rollouts.desk import acts, address
from portal.policies.rollouts.rules import COUNTS, Figures, Row, reached
from portal.policies.rules import written


@dataclass(frozen=True)
class Line:
    """One rollout of the list."""

    version: int
    url: str
    rings: str
    percent: int
    state: str
    tone: str
    begins: datetime


def line(row: Rollout, policy: PolicyRow) -> Line:
    """A rollout in a line."""
    url = address("one", version=policy.version)
    state, tone = str(words.STATES[row.state]), words.TONES[row.state]
    return Line(policy.version, url, written(row.rings), row.rings[row.ring], state, tone, policy.not_before)


def page(row: Rollout, policy: PolicyRow, problem: str = "") -> dict[str, Any]:
    """See templates/rollouts/one.html."""
    may = acts() and row.state is not RolloutState.ENDED
    version = policy.version
    return progress(row, policy) | {
        "problem": problem,
        "steps": [_step(one) for one in queries.steps(db(), policy.id)],
        "to_list": address("rollouts"),
        "to_advance": address("advance_submit", version=version) if may and row.state is RolloutState.RUNNING else "",
        "to_halt": address("halt_submit", version=version) if may and row.state is RolloutState.RUNNING else "",
        "to_go_on": address("go_on_submit", version=version) if may and row.state is RolloutState.HALTED else "",
        "to_take_back": address("take_back_submit", version=version) if acts() else "",
        "next": row.rings[row.ring + 1] if row.ring + 1 < len(row.rings) else None,
    }


def progress(row: Rollout, policy: PolicyRow) -> dict[str, Any]:
    """See templates/rollouts/_progress.html."""
    rows = queries.figures(db(), policy.id)
    return {
        "rollout": line(row, policy),
        "total": reached(rows, row.ring),
        "rings": _rings(rows, row),
        "sites": [(one.site or gettext("Other sites"), one.figures) for one in rows if one.site is not None],
        "holds": _holds(row, policy) if acts() and row.state is not RolloutState.ENDED else None,
        "few": any(getattr(one.figures, name) is None for one in rows for name in COUNTS),
        "pending": row.state is RolloutState.RUNNING,
        "acts": acts(),
        "to_progress": address("progress", version=policy.version),
    }


def _holds(row: Rollout, policy: PolicyRow) -> str:
    """Why it cannot go on now; '' when it can."""
    why = actions.may_advance(db(), row, policy, clock.now())
    return "" if why is None else words.hold(why, actions.gate_of(row))


def _rings(rows: Iterable[Row], row: Rollout) -> list[dict[str, Any]]:
    known = {one.ring: one.figures for one in rows if one.ring is not None}
    nobody = Figures(*(0 for _ in COUNTS))
    return [
        {
            "number": number + 1,
            "from": row.rings[number - 1] if number else 0,
            "to": percent,
            "reached": number <= row.ring,
            "figures": known.get(number, nobody),
        }
        for number, percent in enumerate(row.rings)
    ]


def _step(row: RolloutStep) -> dict[str, Any]:
    """A step with its figures of that moment, over the rings that were reached then; old ones lack the later counts."""
    rows = [Row(one["ring"], None, Figures(*(one.get(name) for name in COUNTS))) for one in row.figures]
    return {
        "at": row.at,
        "what": str(words.ATTEMPTS[row.what]),
        "by": words.role(row.by_role),
        "percent": row.percent,
        "reason": words.reason(row.reason),
        "figures": reached(rows, row.ring),
    }


def listed(rows: Sequence[tuple[Rollout, PolicyRow]]) -> dict[str, list[Line]]:
    """Rollouts for the list, those that are not over first."""
    return {
        "open": [line(*one) for one in rows if one[0].state is not RolloutState.ENDED],
        "over": [line(*one) for one in rows if one[0].state is RolloutState.ENDED],
    }
