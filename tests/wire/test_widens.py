"""P03: `widens` sees every field, and what it calls narrower captures nothing more, by an independent model."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import pytest

from tests.wire.samples import DAY, NOW, POLICY
from wire.codec import DocumentError
from wire.documents import Kind
from wire.policy import Audience, Context, Hours, Policy, Rule, Words, widens


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
NEUTRAL: dict[str, Any] = {
    "version": POLICY.version + 1,
    "issued": POLICY.issued + 1,
    "difference": "0" * 64,
}


def test_P03_every_field_of_the_policy_has_its_widening() -> None:
    assert set(paths(Policy)) == set(WIDER) | set(NEUTRAL)


@pytest.mark.parametrize("path", WIDER)
def test_P03_widens_sees(path: str) -> None:
    assert widens(POLICY, WIDER[path]())


@pytest.mark.parametrize("name", sorted(NEUTRAL))
def test_P03_number_date_and_difference_alone_widen_nothing(name: str) -> None:
    assert not widens(POLICY, dataclasses.replace(POLICY, **{name: NEUTRAL[name]}))
    assert not widens(dataclasses.replace(POLICY, **{name: NEUTRAL[name]}), POLICY)


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
    bank, browser = Context("bank", "Bank", (), ("bank.example",)), Context("browser", "Browser", (), ("*.example",))
    old = dataclasses.replace(POLICY, contexts=(bank, browser), rules=(Rule(Kind.KEY, ("browser",), 1000, 0, 1),))
    assert widens(old, dataclasses.replace(old, contexts=(browser,)))
    assert widens(old, dataclasses.replace(old, contexts=(dataclasses.replace(bank, sites=()), browser)))
    assert widens(old, dataclasses.replace(old, contexts=(browser, bank)))
    assert not widens(old, dataclasses.replace(old, contexts=(bank,), rules=(Rule(Kind.KEY, (), 1000, 0, 1),)))


def test_P03_an_app_that_another_one_still_matches_is_not_taken_away() -> None:
    """Whoever opted out of the wiki would be captured in it again, as a part of the intranet."""
    wiki, intranet = (
        Context("wiki", "Wiki", ("writer",), ("wiki.example.com",)),
        Context("net", "Net", (), ("*.Example.com.",)),
    )
    both, less = ("wiki", "net"), (Rule(Kind.KEY, ("net",), 1000, 0, 1),)
    old = dataclasses.replace(POLICY, contexts=(wiki, intranet), rules=(Rule(Kind.KEY, both, 1000, 0, 1),))
    assert widens(old, dataclasses.replace(old, contexts=(intranet,), rules=less))
    assert not widens(old, dataclasses.replace(old, rules=less)), "it is listed, and not captured"
    first = dataclasses.replace(old, contexts=(intranet, wiki))
    assert not widens(first, dataclasses.replace(first, contexts=(intranet,), rules=less)), "it never had those pages"
    elsewhere = dataclasses.replace(
        old, contexts=(wiki, dataclasses.replace(intranet, sites=("*.example.org", "x.wiki.example.com")))
    )
    assert not widens(elsewhere, dataclasses.replace(elsewhere, contexts=elsewhere.contexts[1:], rules=less))
    program = dataclasses.replace(old, contexts=(wiki, dataclasses.replace(intranet, sites=(), apps=("soffice.bin",))))
    assert widens(program, dataclasses.replace(program, contexts=program.contexts[1:], rules=less)), (
        "one program, two names"
    )


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
