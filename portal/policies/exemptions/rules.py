"""Who is exempt from capture by policy, and what may be published of it: pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from portal.policies.rules import Workplace, is_for
from wire.policy import Policy
from wire.precedence import specific

UNKNOWN: Final = "unknown"
"""The grade of people of whom the identity provider has not said one."""

TOGETHER: Final = ""
"""Grades with too few people, taken together."""


@dataclass(frozen=True)
class Group:
    """So many people of one grade at one workplace."""

    grade: str | None
    workplace: Workplace
    people: int


@dataclass(frozen=True)
class Count:
    """People of one grade, and how many of them are exempt; None: hidden."""

    grade: str
    people: int | None
    exempt: int | None


def exempt(policies: Iterable[Policy], workplace: Workplace, now: int) -> bool:
    """Whether no policy in force at `now` lets anything be captured of people there.

    A policy that goes out in rings counts for all whom it is for: to wait is no exemption.
    """
    holding = [one for one in policies if one.not_before <= now < one.expires and is_for(one.audience, workplace)]
    closest = max(holding, key=lambda one: (specific(one.audience), one.version), default=None)
    return closest is None or not any(rule.contexts for rule in closest.rules)


def counted(groups: Iterable[Group], policies: Sequence[Policy], now: int) -> dict[str, tuple[int, int]]:
    """Grade → people, and how many of them are exempt."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for group in groups:
        grade = group.grade or UNKNOWN
        people, free = found[grade]
        out = group.people if exempt(policies, group.workplace, now) else 0
        found[grade] = people + group.people, free + out
    return dict(found)


def publishable(counts: dict[str, tuple[int, int]], k: int) -> list[Count]:
    """What may be shown: no number of fewer than `k` people, and none from which so few could be told.

    Small grades are counted together, and hidden where they are too few even so. Of the exempt the number is shown
    where at least `k` are, and either all are or at least `k` are not: that a whole grade is exempt has to be said.
    """
    small = [count for count in counts.values() if count[0] < k]
    shown = {grade: count for grade, count in counts.items() if count[0] >= k}
    if small:
        shown[TOGETHER] = sum(people for people, _ in small), sum(free for _, free in small)
    return [_shown(grade, *shown[grade], k) for grade in sorted(shown, key=lambda one: (one == TOGETHER, one))]


def _shown(grade: str, people: int, free: int, k: int) -> Count:
    if people < k:
        return Count(grade, None, None)
    told = free >= k and (people == free or people - free >= k)
    return Count(grade, people, free if told else None)
