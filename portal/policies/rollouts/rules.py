"""Whether a rollout may go on, and what takes its policy back: pure."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.policies.drafts.rules import whole_minutes
from portal.policies.rules import Gate, asks_more_whenever
from wire.policy import Policy, widens
from wire.precedence import Change, change, instead, same

COUNTS: Final = ("devices", "offered", "received", "applied", "failed", "verified", "overdue")


class Hold(StrEnum):
    """Why a rollout does not go on."""

    OVER = "over"
    HALTED = "halted"
    NOT_HALTED = "not_halted"
    NOT_BEGUN = "not_begun"
    NOT_OFFERED = "not_offered"
    FAILED = "failed"
    TOO_FEW = "too_few"
    NOTHING_BEFORE = "nothing_before"


class Reason(StrEnum):
    """Why it was halted or ended, where that is not plain from who did it."""

    NONE = ""
    FAILURES = "failures"
    TAKEN_BACK = "taken_back"
    OVERTAKEN = "overtaken"


class HeldError(Exception):
    """Nothing was changed, for this reason."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.value)
        self.hold = hold


@dataclass(frozen=True)
class Figures:
    """How many devices the policy has got to, and how far; None where fewer than ten could be told from a number.

    `received` have answered: they obey it (`applied`) or have refused it (`failed`). `failed` are also those from which
    something arrived that it does not permit, whatever they say. `verified` obey it by what arrived (gateway.canaries);
    `overdue` have said so for a day, and nothing has shown it.
    """

    devices: int | None
    offered: int | None
    received: int | None
    applied: int | None
    failed: int | None
    verified: int | None = 0
    overdue: int | None = 0


@dataclass(frozen=True)
class Row:
    """Figures of one ring (`site` None), or of one site within the rings reached (`ring` None; '': small ones)."""

    ring: int | None
    site: str | None
    figures: Figures


def reached(rows: Iterable[Row], ring: int) -> Figures:
    """The figures of all rings up to this one."""
    within = [row.figures for row in rows if row.ring is not None and row.ring <= ring]
    sums = []
    for name in COUNTS:
        known = [getattr(one, name) for one in within]
        sums.append(None if None in known else sum(known))
    return Figures(*sums)


def unhealthy(figures: Figures, gate: Gate) -> bool:
    """Whether so many devices refuse the policy that it has to halt."""
    failed, received = figures.failed or 0, figures.received or 0
    return failed * 100 > gate.most_failed * received


def gate_holds(figures: Figures, gate: Gate) -> Hold | None:
    """Why the gate is closed, None when it is open. Rings without a device hold nothing up."""
    if not figures.devices:
        return None
    if not figures.offered:
        return Hold.NOT_OFFERED
    if unhealthy(figures, gate):
        return Hold.FAILED
    if (figures.applied or 0) * 100 < gate.least_applied * figures.offered:
        return Hold.TOO_FEW
    return None


def before(published: Sequence[Policy], out: Policy) -> Policy | None:
    """What people have whom the rollout of `out` has not reached. Some of them may have one beside it."""
    return change(published, out).old


def restored(old: Policy, out: Policy, beside: Iterable[Policy] = ()) -> Policy:
    """A draft that says again what `old` says, for those whom `out` is for, and lasts no longer than either.

    Devices that have `out` refuse `old` itself: its version is lower. Where `out` only asked for more, this asks for
    less than `out` and for no more than `old`, so that everybody's devices take it with the officer's signature alone.
    `beside`: the other policies that `out` went before for some. The draft says what the strictest of them all says;
    where none is, it captures nothing: nobody gets by it what they did not have before `out`.
    """
    known = [old, *(one for one in beside if instead(Change(old, out), one))]
    strictest = (one for one in known if not any(asks_more_whenever(other, one) for other in known))
    least = next(strictest, dataclasses.replace(old, rules=()))
    again = dataclasses.replace(least, audience=out.audience, expires=min(old.expires, out.expires), not_before=0)
    return dataclasses.replace(whole_minutes(again), pause_min_minutes=least.pause_min_minutes)


def overtakes(published: Sequence[Policy], out: Policy, new: Policy) -> bool:
    """Whether `new`, for the same people, ends the rollout of `out`.

    Not where it narrows `out` and still asks for more than what others have: it goes to whom `out` has reached.
    """
    if not same(out.audience, new.audience):
        return False
    return widens(out, new) or not widens(before(published, out), new)
