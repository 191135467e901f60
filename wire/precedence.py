"""Of published policies: which holds before which, which one a new one replaces, and before which it goes. Pure.

Of two policies for a person the one whose audience is limited by more axes holds, of two for the same people the newer
one. So a new policy can go before several at once: before the one that it replaces for all its people, and for some of
them before one that was closer. It is wider if it widens any of them.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from wire.policy import Audience, Policy, widens

AXES: Final = ("sites", "departments", "countries")


class Change(NamedTuple):
    """A new policy, and what it is held against. `old`: the one it replaces; None where none was for all its people.

    `beside`: the others that it widens for some of its people; without an old one also those that are merely for some.
    """

    old: Policy | None
    new: Policy
    beside: tuple[Policy, ...] = ()

    @property
    def wider(self) -> bool:
        """Whether anybody could have more captured, kept or allowed by it than before."""
        return widens(self.old, self.new) or any(more(self, other) for other in self.beside)


def change(published: Iterable[Policy], new: Policy) -> Change:
    """What `new` has to be held against. Only older versions count."""
    older = [one for one in published if one.version < new.version]
    alone = Change(replaced(older, new), new)
    if alone.old is None:
        beside = [one for one in older if meet(one.audience, new.audience)]
    else:
        beside = [one for one in older if _counts(one, alone, older) and more(alone, one)]
    return alone._replace(beside=tuple(sorted(beside, key=lambda one: one.version)))


def replaced(published: Iterable[Policy], new: Policy) -> Policy | None:
    """The policy that `new` takes the place of: the newest for the same audience; else the closest one around it.

    Only older versions count, and one that has begun by then goes before one that is still to come. None where people
    of that audience had no policy in common before.
    """
    around = [one for one in published if one.version < new.version and _inside(new.audience, one.audience)]
    return max(
        around,
        key=lambda one: (
            one.not_before <= new.not_before,
            same(one.audience, new.audience),
            specific(one.audience),
            one.version,
        ),
        default=None,
    )


def more(change: Change, other: Policy) -> bool:
    """Whether the new policy goes before `other` for somebody at some time, and asks for more of them then."""
    new = instead(change, other)
    return new is not None and widens(other, new)


def instead(change: Change, other: Policy) -> Policy | None:
    """The new policy as it is for the people and the time of `other`; None where it never goes before it.

    After the end of `other` the old one would hold again, unless `other` is what follows the old one.
    """
    old, new = change.old, change.new
    follows = old is not None and same(old.audience, other.audience)
    begins = max(new.not_before, other.not_before)
    ends = new.expires if follows else min(new.expires, other.expires)
    meets = meet(other.audience, new.audience) and begins < min(new.expires, other.expires)
    if not meets or specific(other.audience) > specific(new.audience):
        return None
    return replace(new, audience=other.audience, not_before=begins, expires=ends)


def until(policy: Policy, published: Iterable[Policy]) -> int:
    """When it holds no more, Unix ms: a newer one for the same people ends it for good as it begins."""
    newer = (one for one in published if one.version > policy.version and same(one.audience, policy.audience))
    return min([policy.expires, *(one.not_before for one in newer)])


def closer(published: Iterable[Policy], new: Policy) -> list[Policy]:
    """Those that hold before `new` for some of its people when it begins: for them nothing changes while these last."""
    known = list(published)
    return [
        one
        for one in known
        if specific(one.audience) > specific(new.audience)
        and meet(one.audience, new.audience)
        and one.not_before <= new.not_before < until(one, known)
    ]


def specific(audience: Audience) -> int:
    """By how many of its three axes the audience is limited: of two policies for a person the more specific wins."""
    return sum(getattr(audience, axis) is not None for axis in AXES)


def same(one: Audience, other: Audience) -> bool:
    """Whether both name the same people, in whatever order."""
    return _inside(one, other) and _inside(other, one)


def meet(one: Audience, other: Audience) -> bool:
    """Whether one person can be in both."""
    pairs = [(getattr(one, axis), getattr(other, axis)) for axis in AXES]
    return all(mine is None or theirs is None or bool(set(mine) & set(theirs)) for mine, theirs in pairs)


def _counts(other: Policy, alone: Change, older: Iterable[Policy]) -> bool:
    """Whether somebody has `other` and would have the new one: the old one and newer ones do not go before it."""
    old, new = alone.old, alone.new
    if old is None or other == old:
        return False
    closer = specific(other.audience) > specific(old.audience) or same(other.audience, old.audience)
    return closer and max(other.not_before, new.not_before) < until(other, older)


def _inside(inner: Audience, outer: Audience) -> bool:
    pairs = ((getattr(inner, axis), getattr(outer, axis)) for axis in AXES)
    return all(wide is None or (narrow is not None and set(narrow) <= set(wide)) for narrow, wide in pairs)
