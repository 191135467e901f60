"""The policy document: what may be captured, for whom, how long it is kept, and what makes a new one wider."""

import re
from dataclasses import dataclass
from typing import ClassVar

from wire import codec, councils, documents, dsse, succession
from wire.codec import Moment
from wire.documents import LONGEST_LEASE_S, Kind, Signer, Trust

MINUTES_PER_DAY = 1440
DAYS_PER_WEEK = 7
SENSITIVITY_LEVELS = 4
PERMILLE = 1000
LONGEST_STEP = 1000
DIFFERENCE = re.compile("(?:[0-9a-f]{64})?")


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    en: str
    de: str


@dataclass(frozen=True)
class Audience:
    """Whom the policy is for; None: no limit by this."""

    sites: tuple[str, ...] | None
    departments: tuple[str, ...] | None
    countries: tuple[str, ...] | None

    @property
    def named(self) -> str:
        """The places it names, in words that need no language; "" for everybody."""
        axes = (self.sites, self.departments, self.countries)
        return " · ".join(", ".join(axis) for axis in axes if axis is not None)


@dataclass(frozen=True)
class Context:
    """An allow-listed app or site. `apps`: window classes or program names; `sites`: host names, `*.` for any below."""

    id: str
    name: str
    apps: tuple[str, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One kind that may be captured, in which contexts. `sampling`: of 1000 segments; `interval_s`: screenshots."""

    kind: Kind
    contexts: tuple[str, ...]
    sampling: int
    interval_s: int
    retention_days: int


@dataclass(frozen=True)
class Hours:
    """When capture is allowed in the person's own time: ISO weekdays (1 Monday), minutes of the day, half-open."""

    weekdays: tuple[int, ...]
    from_minute: int
    to_minute: int


@dataclass(frozen=True)
class Policy:
    """See the fields of Rule, Context and Hours; `exclusions` adds apps or sites to the collector's own floor.

    `difference`: hash of what it changes against the policy it replaces, as signers read it (wire.difference); a draft
    has none yet.
    """

    TYPE: ClassVar[str] = "application/vnd.daylight.policy.v1+json"
    version: int
    issued: Moment
    not_before: Moment
    expires: Moment
    audience: Audience
    contexts: tuple[Context, ...]
    rules: tuple[Rule, ...]
    exclusions: tuple[str, ...]
    hours: Hours | None
    redaction: tuple[str, ...]
    max_sensitivity: int
    purpose: Words
    legal_basis: Words
    impact_assessment: str
    pause_min_minutes: int
    self_service_hours: int
    lease_ttl_s: int
    difference: str = ""

    def __post_init__(self) -> None:
        _check(self)

    def permitted(self) -> dict[Kind, tuple[str, ...]]:
        """Kind → ids of the contexts in which it may be captured."""
        return {rule.kind: rule.contexts for rule in self.rules}

    def rule(self, kind: Kind) -> Rule | None:
        """The rule for `kind`, if the policy has one."""
        return next((rule for rule in self.rules if rule.kind is kind), None)


def _check(policy: Policy) -> None:
    known = {context.id for context in policy.contexts}
    bounds = (
        (policy.version >= 1, "version starts at 1"),
        (policy.not_before < policy.expires, "it ends before it begins"),
        (len(known) == len(policy.contexts), "a context is listed twice"),
        (len({rule.kind for rule in policy.rules}) == len(policy.rules), "a kind has two rules"),
        (all(set(rule.contexts) <= known for rule in policy.rules), "a rule names an unknown context"),
        (all(1 <= rule.sampling <= PERMILLE for rule in policy.rules), "sampling is 1 to 1000 of 1000"),
        (all(rule.retention_days >= 1 for rule in policy.rules), "retention is at least a day"),
        (all(rule.interval_s >= 0 for rule in policy.rules), "an interval is not negative"),
        (policy.hours is None or _hours_fit(policy.hours), "hours are a stretch of one day, on weekdays 1 to 7"),
        (policy.pause_min_minutes >= 1 and policy.self_service_hours >= 0, "minutes or hours below the least"),
        (1 <= policy.max_sensitivity <= SENSITIVITY_LEVELS, "sensitivity is 1 to 4"),
        (1 <= policy.lease_ttl_s <= LONGEST_LEASE_S, "a lease lasts 1 to 600 seconds"),
        (DIFFERENCE.fullmatch(policy.difference) is not None, "the hash of its difference is no SHA-256"),
    )
    for holds, sentence in bounds:
        if not holds:
            raise codec.DocumentError(f"Policy: {sentence}")


def _hours_fit(hours: Hours) -> bool:
    # A stretch over midnight would read as narrower than the day it wraps around.
    return (
        all(1 <= day <= DAYS_PER_WEEK for day in hours.weekdays)
        and 0 <= hours.from_minute < hours.to_minute <= MINUTES_PER_DAY
    )


def widens(old: Policy | None, new: Policy) -> bool:
    """Whether `new` could capture, keep or allow anything that `old` did not. Without an old one: yes.

    What only says more about the same capture (version, dates up to the old end, purpose's wording) still counts as
    wider if it changes purpose, legal basis or impact assessment: people agreed to the old words. `version`, `issued`
    and `difference` alone widen nothing.
    """
    return old is None or not _within(old, new)


def _within(old: Policy, new: Policy) -> bool:
    return all(
        (
            new.not_before >= old.not_before and new.expires <= old.expires,
            all(_axis_within(getattr(old.audience, a), getattr(new.audience, a)) for a in Audience.__annotations__),
            all(_rule_within(old, rule) for rule in new.rules),
            _contexts_within(old, new),
            set(old.exclusions) <= set(new.exclusions),
            _hours_within(old.hours, new.hours),
            set(old.redaction) <= set(new.redaction),
            new.max_sensitivity <= old.max_sensitivity,
            (new.purpose, new.legal_basis, new.impact_assessment)
            == (old.purpose, old.legal_basis, old.impact_assessment),
            new.pause_min_minutes <= old.pause_min_minutes,
            new.self_service_hours >= old.self_service_hours,
            new.lease_ttl_s <= old.lease_ttl_s,
        )
    )


def _axis_within(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> bool:
    return old is None or (new is not None and set(new) <= set(old))


def _rule_within(old: Policy, rule: Rule) -> bool:
    before = old.rule(rule.kind)
    return (
        before is not None
        and set(rule.contexts) <= set(before.contexts)
        and rule.sampling <= before.sampling
        and rule.interval_s >= before.interval_s
        and rule.retention_days <= before.retention_days
    )


def _contexts_within(old: Policy, new: Policy) -> bool:
    before, after = {c.id: c for c in old.contexts}, {c.id: c for c in new.contexts}
    return (
        # The same order, since a window belongs to the first context that it matches.
        [name for name in before if name in after] == list(after)
        and all(_context_within(before[name], after[name]) for name in after)
        and all(loses_nothing(old, new, context, after.get(context.id)) for context in old.contexts)
    )


def _context_within(old: Context, new: Context) -> bool:
    return new.name == old.name and set(new.apps) <= set(old.apps) and set(new.sites) <= set(old.sites)


def loses_nothing(old: Policy | None, new: Policy, before: Context, after: Context | None) -> bool:
    """Whether no window that `before` matched and `after` does not can fall to another context that is captured.

    A window belongs to the first context that it matches, so only those behind can win it. Whether the same kinds are
    captured there does not matter: whoever opted out of `before` has not opted out of the other one.
    """
    if old is None:
        return True
    apps = set(before.apps) - set(after.apps if after else ())
    sites = set(before.sites) - set(after.sites if after else ())
    captured = {name for rule in new.rules for name in rule.contexts}
    ahead = [context.id for context in old.contexts]
    behind = set(ahead[ahead.index(before.id) + 1 :])
    return not any(
        # A program has several names, class and file among them: any other program that is listed may be the same one.
        (apps and one.apps) or any(_sites_meet(mine, theirs) for mine in sites for theirs in one.sites)
        for one in new.contexts
        if one.id in behind and one.id in captured
    )


def _sites_meet(one: str, other: str) -> bool:
    """Whether some host matches both patterns, as devices match them."""
    mine, theirs = (pattern.lower().rstrip(".") for pattern in (one, other))
    here, there = mine.removeprefix("*."), theirs.removeprefix("*.")
    below, beneath = here != mine and there.endswith(f".{here}"), there != theirs and here.endswith(f".{there}")
    return here == there or below or beneath


def _hours_within(old: Hours | None, new: Hours | None) -> bool:
    if old is None:
        return True
    return (
        new is not None
        and set(new.weekdays) <= set(old.weekdays)
        and new.from_minute >= old.from_minute
        and new.to_minute <= old.to_minute
    )


def accept(envelope: bytes, trust: Trust, current: Policy | None, now: int) -> Policy:
    """The policy of `envelope` if an agent that obeys `current` may take it at `now` (server time, ms).

    Raises SignatureError or DocumentError: no officer among the signers; older than, or another document with the same
    version as, the current one; not yet or no longer in force; without the consent of the council that decides about
    its sites (wire.councils), wider, or a version more than LONGEST_STEP ahead.
    """
    policy, signers = documents.open_signed(Policy, envelope, succession.holders(trust))
    if not signers & trust.keys_of(Signer.OFFICER).keys():
        raise dsse.SignatureError("no officer signed this policy")
    if current is not None and policy.version <= current.version and policy != current:
        raise codec.DocumentError("this policy is older than the one in force")
    signed_by_council = councils.consents(trust, policy.audience.sites, signers)
    if current is not None and policy.version > current.version + LONGEST_STEP and not signed_by_council:
        raise codec.DocumentError("its version leaps ahead, so that no later policy could follow")
    if not policy.not_before <= now < policy.expires:
        raise codec.DocumentError("this policy is not in force now")
    if widens(current, policy) and not signed_by_council:
        raise dsse.SignatureError("it captures more than before and the works council has not signed it")
    return policy


class ElsewhereError(codec.DocumentError):
    """The policy captures more than before, and is not for the site of this device."""


def accept_here(envelope: bytes, trust: Trust, current: Policy | None, now: int, site: str | None) -> Policy:
    """The same for a device at this site, None where it does not know. Raises ElsewhereError too: see wire.councils.

    While the site's own policy lasts, none for everybody takes its place to capture more, not even as a base.
    """
    policy = accept(envelope, trust, current, now)
    if widens(current, policy) and not councils.covers(trust, policy.audience.sites, site):
        raise ElsewhereError("it captures more than before, and is not for the site of this device")
    if current is not None and widens(current, policy) and _goes_before(current, policy, now, site):
        raise codec.DocumentError("it captures more than the policy of this site, which goes before it until it ends")
    return policy


def _goes_before(own: Policy, other: Policy, now: int, site: str | None) -> bool:
    """Whether `own`, for this very site, goes on holding before a policy for everybody, whatever a server says.

    Of departments and countries a device knows nothing: its person may have left them.
    """
    sites, *others = own.audience.sites, own.audience.departments, own.audience.countries
    here = sites is not None and site in sites and others == [None, None]
    return here and now < own.expires and other.audience == Audience(None, None, None)


def accepts(envelope: bytes | None, trust: Trust, current: Policy | None, now: int | None) -> bool:
    """Whether `accept` takes it."""
    if envelope is None or now is None:
        return False
    try:
        accept(envelope, trust, current, now)
    except (dsse.SignatureError, codec.DocumentError):
        return False
    return True
