"""P03: `widens` sees every field, and what it calls narrower captures nothing more, by an independent model."""

import dataclasses
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, get_type_hints

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.wire.samples import DAY, NOW, POLICY
from wire.codec import DocumentError
from wire.documents import Kind
from wire.policy import Audience, Context, Hours, Policy, Rule, Words, widens

# Small worlds, so that two policies often overlap.
SITES, APPS, HOSTS, WORDS = ("berlin", "köln"), ("code", "chrome"), ("a.example", "b.example"), ("one", "two")
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


# An independent model: what a policy lets happen in a situation, or None for nothing.
Situation = tuple[int, str, str, str, Kind, frozenset[str], int, int, int, str]
WINDOWS = tuple(
    frozenset(window) for window in (("code",), ("chrome", "a.example"), ("chrome", "b.example"), ("code", "a.example"))
)


def situations() -> Iterator[Situation]:
    people = (("berlin", "one", "de"), ("köln", "two", "at"))
    for now, person, kind, window, day, minute in product((1, 3, 5), people, KINDS, WINDOWS, (1, 3), (1, 3, 5)):
        yield now, *person, kind, window, day, minute, 2, "one"


def allowed(values: tuple[str, ...] | None, value: str) -> bool:
    return values is None or value in values


def captured(policy: Policy, situation: Situation) -> Rule | None:
    now, site, department, country, kind, window, day, minute, sensitivity, program = situation
    audience, hours = policy.audience, policy.hours
    place = next((c for c in policy.contexts if window & {*c.apps, *c.sites}), None)
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
    return rule if may and rule is not None and place is not None and place.id in rule.contexts else None


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
        after, before = captured(new, situation), captured(old, situation)
        if after is not None:
            assert before is not None
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


def paths(kind: Any, prefix: str = "") -> Iterator[str]:
    """Every leaf field of a dataclass, through tuples, options and nested dataclasses."""
    for field in dataclasses.fields(kind):
        text = str(get_type_hints(kind)[field.name])
        inner = next(
            (cls for cls in (Audience, Context, Rule, Hours, Words) if f"policy.{cls.__name__}'" in text), None
        )
        inner = inner or next((cls for cls in (Context, Rule, Hours) if f"policy.{cls.__name__}" in text), None)
        name = f"{prefix}{field.name}"
        yield from paths(inner, f"{name}.") if inner else [name]


def with_rule(**fields: Any) -> Policy:
    return dataclasses.replace(POLICY, rules=(dataclasses.replace(POLICY.rules[0], **fields), POLICY.rules[1]))


def with_context(at: int = 0, **fields: Any) -> Policy:
    listed = list(POLICY.contexts)
    listed[at] = dataclasses.replace(listed[at], **fields)
    return dataclasses.replace(POLICY, contexts=tuple(listed))


def with_part(name: str, **fields: Any) -> Policy:
    return dataclasses.replace(POLICY, **{name: dataclasses.replace(getattr(POLICY, name), **fields)})


def renamed_context() -> Policy:
    first = dataclasses.replace(POLICY.contexts[0], id="other")
    listed = tuple(dataclasses.replace(r, contexts=("other", *r.contexts[1:])) for r in POLICY.rules)
    return dataclasses.replace(POLICY, contexts=(first, POLICY.contexts[1]), rules=listed)


# For every leaf field of the policy: a change of it that captures, keeps or allows more, or says otherwise.
WIDER: dict[str, Callable[[], Policy]] = {
    "not_before": lambda: dataclasses.replace(POLICY, not_before=POLICY.not_before - 1),
    "expires": lambda: dataclasses.replace(POLICY, expires=POLICY.expires + DAY),
    "audience.sites": lambda: with_part("audience", sites=(*(POLICY.audience.sites or ()), "wien")),
    "audience.departments": lambda: with_part("audience", departments=("dev", "ops", "sales")),
    "audience.countries": lambda: with_part("audience", countries=None),
    "contexts.id": renamed_context,
    "contexts.name": lambda: with_context(name="Only games"),
    "contexts.apps": lambda: with_context(apps=("code", "Code", "thunderbird")),
    "contexts.sites": lambda: with_context(1, sites=(*POLICY.contexts[1].sites, "mail.example.com")),
    "rules.kind": lambda: with_rule(kind=Kind.PROMPT),
    "rules.contexts": lambda: with_rule(contexts=("vscode", "wiki")),
    "rules.sampling": lambda: with_rule(sampling=501),
    "rules.interval_s": lambda: dataclasses.replace(
        POLICY, rules=(POLICY.rules[0], dataclasses.replace(POLICY.rules[1], interval_s=59))
    ),
    "rules.retention_days": lambda: with_rule(retention_days=31),
    "exclusions": lambda: dataclasses.replace(POLICY, exclusions=POLICY.exclusions[1:]),
    "hours.weekdays": lambda: with_part("hours", weekdays=(1, 2, 3, 4, 5, 6)),
    "hours.from_minute": lambda: with_part("hours", from_minute=479),
    "hours.to_minute": lambda: with_part("hours", to_minute=1081),
    "redaction": lambda: dataclasses.replace(POLICY, redaction=("bank",)),
    "max_sensitivity": lambda: dataclasses.replace(POLICY, max_sensitivity=4),
    "purpose.en": lambda: with_part("purpose", en="Anything"),
    "purpose.de": lambda: with_part("purpose", de="Alles"),
    "legal_basis.en": lambda: with_part("legal_basis", en="Anything"),
    "legal_basis.de": lambda: with_part("legal_basis", de="Alles"),
    "impact_assessment": lambda: dataclasses.replace(POLICY, impact_assessment=""),
    "pause_min_minutes": lambda: dataclasses.replace(POLICY, pause_min_minutes=31),
    "self_service_hours": lambda: dataclasses.replace(POLICY, self_service_hours=71),
    "lease_ttl_s": lambda: dataclasses.replace(POLICY, lease_ttl_s=121),
}
NEUTRAL = {"version", "issued"}


def test_P03_every_field_of_the_policy_has_its_widening() -> None:
    assert set(paths(Policy)) == set(WIDER) | NEUTRAL


@pytest.mark.parametrize("path", WIDER)
def test_P03_widens_sees(path: str) -> None:
    assert widens(POLICY, WIDER[path]())


@pytest.mark.parametrize("name", sorted(NEUTRAL))
def test_P03_number_and_date_alone_widen_nothing(name: str) -> None:
    assert not widens(POLICY, dataclasses.replace(POLICY, **{name: getattr(POLICY, name) + 1}))


def test_P03_a_limit_taken_away_widens() -> None:
    for axis in ("sites", "departments", "countries"):
        assert widens(POLICY, with_part("audience", **{axis: None}))
    assert widens(POLICY, dataclasses.replace(POLICY, hours=None))
    assert widens(POLICY, dataclasses.replace(POLICY, exclusions=()))
    assert widens(None, POLICY)


def test_P03_a_rule_or_context_more_widens() -> None:
    rule = Rule(Kind.POINTER, (), 1, 0, 1)
    assert widens(POLICY, dataclasses.replace(POLICY, rules=(*POLICY.rules, rule)))
    context = Context("mail", "Mail", (), ())
    assert widens(POLICY, dataclasses.replace(POLICY, contexts=(*POLICY.contexts, context)))


def test_P03_a_context_that_shadows_another_does_not_go_silently() -> None:
    # Without `bank`, its pages would count as `browser`, where keys are captured.
    bank, browser = Context("bank", "Bank", (), ("bank.example",)), Context("browser", "Browser", ("chrome",), ())
    old = dataclasses.replace(POLICY, contexts=(bank, browser), rules=(Rule(Kind.KEY, ("browser",), 1000, 0, 1),))
    assert widens(old, dataclasses.replace(old, contexts=(browser,)))
    assert widens(old, dataclasses.replace(old, contexts=(dataclasses.replace(bank, sites=()), browser)))
    assert widens(old, dataclasses.replace(old, contexts=(browser, bank)))
    assert not widens(old, dataclasses.replace(old, contexts=(bank,), rules=(Rule(Kind.KEY, (), 1000, 0, 1),)))


def test_P03_narrowing_is_seen_as_such() -> None:
    narrower = [
        dataclasses.replace(POLICY, rules=()),
        dataclasses.replace(POLICY, rules=POLICY.rules[1:]),
        with_rule(contexts=()),
        with_rule(sampling=1, retention_days=1, interval_s=9),
        dataclasses.replace(POLICY, expires=NOW),
        with_part("audience", sites=("berlin",)),
        with_part("audience", departments=()),
        with_part("hours", weekdays=()),
        dataclasses.replace(POLICY, exclusions=(*POLICY.exclusions, "signal")),
        dataclasses.replace(POLICY, lease_ttl_s=60, pause_min_minutes=1, self_service_hours=100, max_sensitivity=1),
    ]
    assert [widens(POLICY, new) for new in narrower] == [False] * len(narrower)


@pytest.mark.parametrize(
    "change",
    [
        {"hours": Hours((1,), 1320, 360)},
        {"hours": Hours((1,), 600, 600)},
        {"hours": Hours((0,), 0, 1)},
        {"hours": Hours((8,), 0, 1)},
        {"hours": Hours((1,), -1, 1)},
        {"hours": Hours((1,), 0, 1441)},
        {"lease_ttl_s": 0},
        {"lease_ttl_s": 601},
        {"max_sensitivity": 0},
        {"max_sensitivity": 5},
        {"pause_min_minutes": 0},
        {"self_service_hours": -1},
        {"not_before": POLICY.expires},
        {"contexts": (*POLICY.contexts, POLICY.contexts[0])},
        {"contexts": POLICY.contexts[:1]},
        {"rules": (*POLICY.rules, POLICY.rules[0])},
        {"rules": (Rule(Kind.KEY, ("vscode",), 0, 0, 1),)},
        {"rules": (Rule(Kind.KEY, ("vscode",), 1001, 0, 1),)},
        {"rules": (Rule(Kind.KEY, ("vscode",), 1, -1, 1),)},
        {"rules": (Rule(Kind.KEY, ("vscode",), 1, 0, 0),)},
    ],
)
def test_P03_policy_refuses_values_out_of_bounds(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        dataclasses.replace(POLICY, **change)
