"""The policy document: what may be captured, for whom, how long it is kept, and what makes a new one wider."""

from dataclasses import dataclass
from typing import ClassVar

from wire import codec, documents, dsse
from wire.documents import Kind, Signer, Trust

MINUTES_PER_DAY = 1440
SENSITIVITY_LEVELS = 4
PERMILLE = 1000
LONGEST_LEASE_S = 600


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
    """See the fields of Rule, Context and Hours; `exclusions` adds apps or sites to the collector's own floor."""

    TYPE: ClassVar[str] = "application/vnd.daylight.policy.v1+json"
    version: int
    issued: int
    not_before: int
    expires: int
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
        (1 <= policy.max_sensitivity <= SENSITIVITY_LEVELS, "sensitivity is 1 to 4"),
        (1 <= policy.lease_ttl_s <= LONGEST_LEASE_S, "a lease lasts 1 to 600 seconds"),
    )
    for holds, sentence in bounds:
        if not holds:
            raise codec.DocumentError(f"Policy: {sentence}")


def widens(old: Policy | None, new: Policy) -> bool:
    """Whether `new` could capture, keep or allow anything that `old` did not. Without an old one: yes.

    What only says more about the same capture (version, dates up to the old end, purpose's wording) still counts as
    wider if it changes purpose, legal basis or impact assessment: people agreed to the old words.
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
    before = {context.id: context for context in old.contexts}
    return all(
        context.id in before
        and set(context.apps) <= set(before[context.id].apps)
        and set(context.sites) <= set(before[context.id].sites)
        for context in new.contexts
    )


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
    version as, the current one; not yet or no longer in force; wider without the council's signature.
    """
    officers, council = trust.keys_of(Signer.OFFICER), trust.keys_of(Signer.COUNCIL)
    policy, signers = documents.open_signed(Policy, envelope, officers | council)
    if not signers & officers.keys():
        raise dsse.SignatureError("no officer signed this policy")
    if current is not None and policy.version <= current.version and policy != current:
        raise codec.DocumentError("this policy is older than the one in force")
    if not policy.not_before <= now < policy.expires:
        raise codec.DocumentError("this policy is not in force now")
    if widens(current, policy) and not signers & council.keys():
        raise dsse.SignatureError("it captures more than before and the works council has not signed it")
    return policy
