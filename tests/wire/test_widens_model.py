"""P03: what `widens` calls narrower captures nothing more, by an independent model; and narrowing is an order."""

import dataclasses
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.wire.samples import NOW, POLICY
from wire.documents import Kind
from wire.policy import Audience, Context, Hours, Policy, Rule, Words, widens

# Small worlds, so that two policies often overlap.
SITES, APPS, HOSTS, WORDS = ("berlin", "köln"), ("code", "chrome"), ("a.example", "*.example"), ("one", "two")
IDS, KINDS = ("x", "y", "z"), (Kind.KEY, Kind.SCREENSHOT)


def subset(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(values)).map(lambda chosen: tuple(sorted(chosen)))


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    return st.none() | subset(values)


# Half of them without limits, so that much is captured that could be lost or won.
AUDIENCES = st.just(Audience(None, None, None)) | st.builds(Audience, some(SITES), some(WORDS), some(("de", "at")))
HOURS = st.none() | st.builds(
    Hours,
    st.sets(st.integers(1, 3)).map(lambda days: tuple(sorted(days))),
    st.integers(0, 3),
    st.integers(4, 6),
)
TEXTS = st.builds(Words, st.sampled_from(WORDS), st.just("eins"))


@st.composite
def contexts(draw: st.DrawFn) -> tuple[Context, ...]:
    chosen = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1))
    return tuple(
        Context(name, draw(st.sampled_from(WORDS)), draw(subset(APPS)), draw(subset(HOSTS))) for name in chosen
    )


@st.composite
def rules(draw: st.DrawFn, known: tuple[str, ...]) -> tuple[Rule, ...]:
    chosen = draw(st.lists(st.sampled_from(KINDS), unique=True, min_size=1))
    lists = st.just(known) | subset(known)
    low, days = st.integers(1, 3), st.integers(1, 3)
    return tuple(Rule(kind, draw(lists), draw(low), draw(st.integers(0, 2)), draw(days)) for kind in chosen)


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "version": st.integers(1, 5),
    "issued": st.integers(0, 3),
    "not_before": st.integers(0, 2),
    "expires": st.integers(4, 7),
    "audience": AUDIENCES,
    "exclusions": st.just(()) | subset(WORDS),
    "hours": HOURS,
    "redaction": subset(WORDS),
    "max_sensitivity": st.integers(1, 4),
    "purpose": TEXTS,
    "legal_basis": TEXTS,
    "impact_assessment": st.sampled_from(WORDS),
    "pause_min_minutes": st.integers(1, 3),
    "self_service_hours": st.integers(0, 3),
    "lease_ttl_s": st.integers(1, 3),
    "difference": st.sampled_from(("", "0" * 64, "f" * 64)),
}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    known = draw(contexts())
    allowed = draw(rules(tuple(context.id for context in known)))
    return Policy(contexts=known, rules=allowed, **{name: draw(values) for name, values in FIELDS.items()})


@st.composite
def neighbours(draw: st.DrawFn, policy: Policy) -> Policy:
    """`policy` with a few fields drawn anew, or with something left out of its contexts and rules."""
    names = draw(st.just(()) | st.sets(st.sampled_from(sorted(FIELDS)), max_size=2))
    new = dataclasses.replace(policy, **{name: draw(FIELDS[name]) for name in names})
    kept = tuple(draw(shrunk(context)) for context in new.contexts if draw(st.integers(0, 3)))
    if draw(st.integers(0, 4)) == 0:
        kept = tuple(draw(st.permutations(kept)))
    left = {context.id for context in kept}
    fewer = []
    for rule in new.rules:
        lists = tuple(name for name in rule.contexts if name in left and draw(st.integers(0, 4)))
        fewer.append(draw(retuned(dataclasses.replace(rule, contexts=lists))))
    return dataclasses.replace(new, contexts=kept, rules=tuple(fewer))


@st.composite
def retuned(draw: st.DrawFn, rule: Rule) -> Rule:
    match draw(st.integers(0, 5)):
        case 0:
            return dataclasses.replace(rule, sampling=draw(st.integers(1, 3)))
        case 1:
            return dataclasses.replace(rule, interval_s=draw(st.integers(0, 2)))
        case 2:
            return dataclasses.replace(rule, retention_days=draw(st.integers(1, 3)))
    return rule


@st.composite
def shrunk(draw: st.DrawFn, context: Context) -> Context:
    apps = tuple(app for app in context.apps if draw(st.integers(0, 3)))
    return dataclasses.replace(context, apps=apps)


# An independent model: what a policy lets happen in a situation and in which context, or None for nothing. A window has
# the names of its program; of a browser's the host decides alone, as in collector.contexts.
Window = tuple[frozenset[str], str | None]
Situation = tuple[int, str, str, str, Kind, Window, int, int, int, str]
WINDOWS: tuple[Window, ...] = (
    (frozenset({"code"}), None),
    (frozenset({"code", "chrome"}), None),
    (frozenset({"chrome"}), "a.example"),
    (frozenset({"code"}), "b.example"),
)


def situations() -> Iterator[Situation]:
    people = (("berlin", "one", "de"), ("köln", "two", "at"))
    for now, person, kind, window, day, minute in product((1, 3, 5), people, KINDS, WINDOWS, (1, 3), (1, 3, 5)):
        yield now, *person, kind, window, day, minute, 2, "one"


def allowed(values: tuple[str, ...] | None, value: str) -> bool:
    return values is None or value in values


def listed(context: Context, window: Window) -> bool:
    names, host = window
    if host is None:
        return bool(names & set(context.apps))
    return any(site == host or (site.startswith("*.") and host.endswith(site[1:])) for site in context.sites)


def captured(policy: Policy, situation: Situation) -> tuple[Rule, str] | None:
    now, site, department, country, kind, window, day, minute, sensitivity, program = situation
    audience, hours = policy.audience, policy.hours
    place = next((one for one in policy.contexts if listed(one, window)), None)
    rule = next((rule for rule in policy.rules if rule.kind is kind), None)
    may = (
        policy.not_before <= now < policy.expires
        and allowed(audience.sites, site)
        and allowed(audience.departments, department)
        and allowed(audience.countries, country)
        and (hours is None or (day in hours.weekdays and hours.from_minute <= minute < hours.to_minute))
        and sensitivity <= policy.max_sensitivity
        and program not in policy.exclusions
    )
    return (rule, place.id) if may and rule is not None and place is not None and place.id in rule.contexts else None


@given(policies())
def test_P03_widens_is_irreflexive(policy: Policy) -> None:
    assert not widens(policy, policy)
    assert not widens(policy, dataclasses.replace(policy, version=policy.version + 1, issued=policy.issued + 1))


@settings(max_examples=200)
@given(st.data())
def test_P03_within_is_transitive(data: st.DataObject) -> None:
    first = data.draw(policies())
    second = data.draw(neighbours(first))
    third = data.draw(neighbours(second))
    assume(not widens(first, second) and not widens(second, third))
    assert not widens(first, third)


@settings(max_examples=200)
@given(st.data())
def test_P03_what_does_not_widen_captures_nothing_more(data: st.DataObject) -> None:
    old = data.draw(policies())
    new = data.draw(neighbours(old))
    assume(not widens(old, new))
    for situation in situations():
        now, then = captured(new, situation), captured(old, situation)
        if now is not None:
            assert then is not None
            (after, here), (before, there) = now, then
            assert here == there, "whoever opted out of the one has not opted out of the other"
            assert after.sampling <= before.sampling
            assert after.retention_days <= before.retention_days
            assert after.interval_s >= before.interval_s


# Fields with several values each, so that two steps down or up exist in all of them.
STEPS: dict[str, tuple[Any, ...]] = {
    "not_before": (NOW - 3, NOW - 2, NOW - 1, NOW),
    "expires": (NOW + 1, NOW + 2, NOW + 3, NOW + 4),
    "audience": tuple(Audience(sites, None, None) for sites in (None, (), ("a",), ("b",), ("a", "b"))),
    "exclusions": ((), ("a",), ("b",), ("a", "b"), ("b", "a")),
    "redaction": ((), ("a",), ("b",), ("a", "b"), ("b", "a")),
    "hours": (
        None,
        *(Hours((1, 2)[:days], start, end) for days, start, end in product((0, 1, 2), (1, 2, 3), (4, 5, 6))),
    ),
    "max_sensitivity": (1, 2, 3, 4),
    "pause_min_minutes": (1, 2, 3, 4),
    "self_service_hours": (0, 1, 2, 3),
    "lease_ttl_s": (1, 2, 3, 4),
    "rules": tuple(
        (Rule(Kind.KEY, names, sampling, interval, days),)
        for names, sampling, interval, days in product(
            ((), ("vscode",), ("vscode", "wiki")), (1, 2, 3), (0, 1, 2), (1, 2, 3)
        )
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_P03_within_is_transitive_in(name: str) -> None:
    steps = [dataclasses.replace(POLICY, **{name: value}) for value in STEPS[name]]
    within = [{at for at, new in enumerate(steps) if not widens(old, new)} for old in steps]
    assert any(len(below) > 1 for below in within)
    for below in within:
        assert all(within[middle] <= below for middle in below)
