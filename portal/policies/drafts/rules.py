"""What a draft may become, pure: when it begins, which others it would tie with, what is put in as it is submitted."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal.core.clock import from_ms
from portal.policies.deciding.rules import latest_signing
from portal.policies.rules import People, people_of
from wire.difference import stated
from wire.policy import Audience, Policy
from wire.precedence import Change, change, meet, replaced, same, specific, until

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
LONGEST_MS: Final = 5 * 366 * DAY_MS
PAUSE_MINUTES: Final = 30
"""The pause that every page offers. A policy may neither shorten it nor ask for a longer one."""
SOON: Final = timedelta(days=14)
"""So long before its end, and after it, a policy without a successor is red on the officer's first page."""
FEWEST: Final = 10
"""Smaller groups are people: the council sees no smaller number."""


@dataclass(frozen=True)
class Problem:
    """Why a draft is refused: at which field, and for which reason of `words.REASONS`. `line`: of its YAML, or 0."""

    path: str
    code: str
    parameters: dict[str, str | int] = dataclasses.field(default_factory=dict)
    line: int = 0


def begins_at_once(policy: Policy) -> bool:
    """Whether it begins as soon as it is submitted, and not on a date of its own."""
    return policy.not_before == policy.issued


def whole_minutes(policy: Policy) -> Policy:
    """The policy as a new draft: beginning at once, ending on a whole minute, without number and difference."""
    return dataclasses.replace(
        policy,
        version=1,
        issued=0,
        not_before=0,
        expires=policy.expires - policy.expires % MINUTE_MS,
        difference="",
        pause_min_minutes=PAUSE_MINUTES,
    )


def ending_with(draft: Policy, old: Policy | None) -> Policy:
    """The draft with the end of `old` where only the seconds, which a form does not hold, make it earlier."""
    seconds = old is not None and draft.expires == old.expires - old.expires % MINUTE_MS
    return dataclasses.replace(draft, expires=old.expires) if old and seconds else draft


def finished(draft: Policy, published: Iterable[Policy], taken: int, now: int) -> Policy:
    """The document to sign: the next version after `taken`, issued at `now`, with the hash of its difference."""
    numbered = dataclasses.replace(
        draft,
        version=taken + 1,
        issued=now,
        not_before=now if begins_at_once(draft) else draft.not_before,
    )
    return stated(*change(published, numbered))


def previewed(draft: Policy, published: Iterable[Policy], now: int) -> Policy:
    """The draft as it would be if it were submitted at `now`, for showing what it changes."""
    known = tuple(published)
    return finished(draft, known, newest(known), now)


def base_of(draft: Policy, published: Iterable[Policy]) -> Policy | None:
    """The published policy whose place the draft would take now."""
    known = tuple(published)
    return replaced(known, dataclasses.replace(draft, version=newest(known) + 1))


def newest(policies: Iterable[Policy]) -> int:
    """The highest version; 0 without any."""
    return max((one.version for one in policies), default=0)


def untimely(policy: Policy, now: int) -> list[Problem]:
    """What is wrong with its dates at `now`: past, in the wrong order, or too far ahead."""
    found = []
    begins = now if begins_at_once(policy) else policy.not_before
    if begins < now - now % MINUTE_MS:
        found.append(Problem("begins", "past"))
    if policy.expires <= now:
        found.append(Problem("ends", "past"))
    elif policy.expires <= begins:
        found.append(Problem("ends", "before_begin"))
    elif policy.expires - begins > LONGEST_MS:
        found.append(Problem("ends", "too_far"))
    return found


def unannounced(step: Change, now: int, notice: timedelta) -> list[Problem]:
    """That a wider policy would begin before people can be told of it; names the first minute (UTC) that would do."""
    if latest_signing(step, notice) >= now:
        return []
    earliest = from_ms(-(-now // MINUTE_MS) * MINUTE_MS) + notice
    told: dict[str, str | int] = {"hours": notice // timedelta(hours=1), "earliest": f"{earliest:%Y-%m-%d %H:%M}"}
    return [Problem("begins", "unannounced", told)]


def ties(policy: Policy, others: Iterable[Policy], now: int) -> list[Problem]:
    """Which policies would be in force beside it for the same person, with neither of the two more specific."""
    begins, known = now if begins_at_once(policy) else policy.not_before, tuple(others)
    beside = (
        other
        for other in sorted(known, key=lambda one: one.version)
        if max(begins, other.not_before) < min(policy.expires, until(other, known))
        and clash(policy.audience, other.audience)
    )
    return [Problem("audience", "ties", {"version": other.version}) for other in beside]


def newest_of_each(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """Of each audience the newest version: it takes the place of the older ones."""
    newest: dict[People, Policy] = {}
    for policy in sorted(policies, key=lambda one: one.version):
        newest[people_of(policy.audience)] = policy
    return tuple(newest.values())


def unfollowed(published: Iterable[Policy], now: int) -> list[Policy]:
    """The newest of each audience where it is to end within SOON of `now`, or ended no longer ago than that."""
    soon = SOON // timedelta(milliseconds=1)
    return [one for one in newest_of_each(published) if now - soon < one.expires <= now + soon]


def clash(one: Audience, other: Audience) -> bool:
    """Whether one person can be in both audiences while neither is more specific. The same one replaces."""
    return specific(one) == specific(other) and meet(one, other) and not same(one, other)
