"""Form and YAML are the same model: what is written reads back, and each mistake is named at its place."""

import dataclasses
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.policies.default_policy import default_policy
from portal.policies.drafts import forms, reading, rules, words, writing, yaml_text
from portal.policies.drafts.reading import ReadError
from portal.policies.drafts.yaml_text import YamlError
from tests.wire.samples import NOW
from wire.documents import Kind
from wire.policy import Audience, Context, Hours, Policy, Rule, Words

ALWAYS = Hours((1, 2, 3, 4, 5, 6, 7), 0, 24 * 60)
DEFAULT = rules.whole_minutes(dataclasses.replace(default_policy(NOW), hours=ALWAYS))
TEXT = yaml_text.write(writing.tree_of(DEFAULT))

names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn", "Mc", "Me")),
    min_size=1,
    max_size=12,
).map(lambda text: "".join(text.split()) or "x")
nfc: st.SearchStrategy[str] = names.map(lambda text: unicodedata.normalize("NFC", text))
lists = st.lists(nfc, unique=True, max_size=4).map(tuple)
some = st.lists(nfc, unique=True, min_size=1, max_size=4).map(tuple)
ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
hosts = st.lists(st.from_regex(r"(\*\.)?[a-z]{1,6}\.(example|com)", fullmatch=True), unique=True, max_size=3).map(tuple)
minutes = st.integers(NOW // 60_000, NOW // 60_000 + 900_000).map(lambda minute: minute * 60_000)


@st.composite
def contexts(draw: st.DrawFn) -> tuple[Context, ...]:
    chosen = draw(st.lists(ids, unique=True, min_size=1, max_size=4))
    return tuple(Context(name, draw(nfc), draw(some), draw(hosts)) for name in chosen)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    known = draw(contexts())
    names_of = st.lists(st.sampled_from([one.id for one in known]), unique=True, min_size=1).map(tuple)
    kinds = draw(st.lists(st.sampled_from(list(Kind)), unique=True))
    begins, days = draw(st.just(0) | minutes), st.sets(st.integers(1, 7), min_size=1)
    starts = draw(st.integers(0, 1439))
    hours = st.builds(
        Hours, days.map(lambda chosen: tuple(sorted(chosen))), st.just(starts), st.integers(starts + 1, 1440)
    )
    return Policy(
        version=1,
        issued=0,
        not_before=begins,
        expires=draw(minutes.filter(lambda end: end > begins)),
        audience=draw(st.builds(Audience, *[st.none() | some] * 3)),
        contexts=known,
        rules=tuple(
            Rule(
                kind,
                draw(names_of),
                draw(st.integers(1, 1000)),
                draw(st.integers(1, 86_400)),
                draw(st.integers(1, 3650)),
            )
            for kind in kinds
        ),
        exclusions=draw(lists),
        hours=draw(st.none() | hours),
        redaction=draw(st.lists(st.sampled_from(reading.REDACTIONS), unique=True).map(tuple)),
        max_sensitivity=draw(st.integers(1, 4)),
        purpose=draw(st.builds(Words, nfc, nfc)),
        legal_basis=draw(st.builds(Words, nfc, nfc)),
        impact_assessment="https://dpia.example/" + draw(ids),
        pause_min_minutes=30,
        self_service_hours=draw(st.integers(0, 8760)),
        lease_ttl_s=draw(st.integers(10, 600)),
    )


@settings(max_examples=150, deadline=None)
@given(policies())
def test_yaml_reads_back_what_was_written(policy: Policy) -> None:
    text = yaml_text.write(writing.tree_of(policy))
    assert reading.read(yaml_text.read(text).tree) == policy


def filled(policy: Policy) -> MultiDict[str, str]:
    """The form as a browser sends it."""
    tree = writing.tree_of(policy)
    sent: MultiDict[str, str] = MultiDict({"order": " ".join(rule["kind"] for rule in tree["rules"])})
    for axis, values in tree["audience"].items():
        sent[f"audience.{axis}"] = "" if values == "all" else "\r\n".join(values)
    sent["begins"] = "" if tree["begins"] == "at once" else tree["begins"].replace(" ", "T")
    sent["ends"] = tree["ends"].replace(" ", "T")
    for at, one in enumerate(tree["contexts"]):
        sent[f"contexts.{at}.id"], sent[f"contexts.{at}.name"] = one["id"], one["name"]
        sent[f"contexts.{at}.apps"], sent[f"contexts.{at}.sites"] = "\n".join(one["apps"]), "\n".join(one["sites"])
    for rule in tree["rules"]:
        sent[f"rules.{rule['kind']}.on"] = "1"
        sent.setlist(f"rules.{rule['kind']}.contexts", rule["contexts"])
        for part in forms.PARTS:
            sent[f"rules.{rule['kind']}.{part}"] = str(rule[part])
    sent["exclusions"] = "\n".join(tree["exclusions"])
    if tree["hours"] != "any":
        sent["hours"], sent["hours.from"], sent["hours.to"] = "limited", tree["hours"]["from"], tree["hours"]["to"]
        sent.setlist("hours.weekdays", [str(day) for day in tree["hours"]["weekdays"]])
    sent.setlist("redaction", tree["redaction"])
    for name in forms.LIMITS:
        sent[name] = str(tree[name])
    for name in ("purpose", "legal_basis"):
        sent[f"{name}.en"], sent[f"{name}.de"] = tree[name]["en"], tree[name]["de"]
    sent["impact_assessment"] = tree["impact_assessment"]
    return sent


@settings(max_examples=150, deadline=None)
@given(policies())
def test_the_form_reads_back_what_was_drawn(policy: Policy) -> None:
    assert reading.read(forms.tree_of(filled(policy))) == policy


def test_the_model_has_every_field_of_the_policy_but_what_nobody_chooses() -> None:
    chosen = {field.name for field in dataclasses.fields(Policy)} - {"version", "issued", "difference"}
    assert set(reading.TOP) == chosen - {"not_before", "expires"} | {"begins", "ends"}
    assert set(writing.tree_of(DEFAULT)) == set(reading.TOP)


def refused(text: str) -> tuple[str, int]:
    with pytest.raises(YamlError) as caught:
        yaml_text.read(text)
    assert words.reason(caught.value.problem)
    return caught.value.problem.code, caught.value.problem.line


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "yaml_empty", 1),
        ("# nothing\n", "yaml_empty", 1),
        ("- a\n- b\n", "yaml_not_mapping", 1),
        ("just words", "yaml_not_mapping", 1),
        ("a: 1\nb: 2\na: 3\n", "yaml_twice", 3),
        ("a:\n  b: 1\n  b: 2\n", "yaml_twice", 3),
        (BOMB, "yaml_alias", 1),
        ("a: 1\nb: *a\n", "yaml_alias", 2),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", "yaml_tag", 2),
        ("a: !x y\n", "yaml_tag", 1),
        ("a: 1\n---\nb: 2\n", "yaml_documents", 2),
        ("a: [1\nb: 2\n", "yaml_syntax", 2),
        ("a: 'x\n", "yaml_syntax", 2),
        ("a: 1\n\tb: 2\n", "yaml_syntax", 2),
        ("? [a, b]\n: 1\n", "yaml_key", 1),
        ("a: " + "[" * 40 + "]" * 40, "yaml_deep", 1),
        ("a: [" + "x," * 6000 + "]", "yaml_long", 1),
        ("a: " + "x" * 70_000, "yaml_long", 1),
        ("a: \x00b", "yaml_syntax", 1),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_line(text: str, code: str, line: int) -> None:
    assert refused(text) == (code, line)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(st.sampled_from("a:-[]{}&*!|>#'\"?, \n\t0"), max_size=80))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        reading.read(yaml_text.read(text).tree)
    except (YamlError, ReadError):
        return
    pytest.fail("a policy by chance")


CHANGES: list[tuple[str, str, str, str]] = [
    ("max_sensitivity: 4", "max_sensitivity: four", "max_sensitivity", "not_number"),
    ("max_sensitivity: 4", "max_sensitivity: 5", "max_sensitivity", "out_of_range"),
    ("max_sensitivity: 4", "max_sensitivity: [4]", "max_sensitivity", "not_number"),
    ("max_sensitivity: 4", "max_sensitivty: 4", "max_sensitivty", "unknown"),
    ("max_sensitivity: 4", "max_sensitivity: 4\ndifference: abc", "difference", "unknown"),
    ("sites: all", "sites: []", "audience.sites", "too_few"),
    ("sites: all", "sites: Berlin", "audience.sites", "not_list"),
    ("sites: all", "sites: [Berlin, Berlin]", "audience.sites", "twice"),
    ("sites: all", "sites: [New  York, New York]", "audience.sites", "twice"),
    ("sites: all", "sites: [[Berlin]]", "audience.sites.0", "not_text"),
    ("sites: all", 'sites: ["a\\u202Eb"]', "audience.sites.0", "hidden"),
    ("sites: all", 'sites: ["a\\u200Bb"]', "audience.sites.0", "hidden"),
    ("id: vscode", "id: VS Code", "contexts.0.id", "no_id"),
    ("id: terminal", "id: vscode", "contexts.1.id", "twice"),
    ("kind: prompt", "kind: thoughts", "rules.5.kind", "no_kind"),
    ("kind: prompt", "kind: key", "rules", "kind_twice"),
    ("sites: [outlook.office.com]", "sites: ['https://x']", "contexts.2.sites.0", "no_host"),
    ("contexts: [chat]", "contexts: [chess]", "rules.5.contexts", "no_context"),
    ("pause_min_minutes: 30", "pause_min_minutes: 29", "pause_min_minutes", "pause"),
    ("pause_min_minutes: 30", "pause_min_minutes: 31", "pause_min_minutes", "pause"),
    ("lease_ttl_s: 120", "lease_ttl_s: 601", "lease_ttl_s", "out_of_range"),
    ("self_service_hours: 24", "self_service_hours: -1", "self_service_hours", "out_of_range"),
    ("begins: at once", "begins: soon", "begins", "no_moment"),
    ("begins: at once", "begins: 2999-01-01 00:00", "begins", "no_moment"),
    ("to: '24:00'", "to: '24:01'", "hours.to", "no_clock"),
    ("to: '24:00'", "to: '00:00'", "hours.to", "hours_order"),
    ("[credentials, bank, tax, health]", "[credentials, secrets]", "redaction", "no_redaction"),
    ("https://intranet", "http://intranet", "impact_assessment", "no_link"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "code"), CHANGES)
def test_each_mistake_is_named_at_its_place(old: str, new: str, path: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(ReadError) as caught:
        reading.read(yaml_text.read(TEXT.replace(old, new, 1)).tree)
    assert (path, code) in [(problem.path, problem.code) for problem in caught.value.problems]
    assert all(words.reason(problem) for problem in caught.value.problems)


@pytest.mark.parametrize("name", reading.TOP)
def test_a_missing_part_is_named(name: str) -> None:
    tree = writing.tree_of(DEFAULT)
    del tree[name]
    with pytest.raises(ReadError) as caught:
        reading.read(tree)
    assert [(problem.path, problem.code) for problem in caught.value.problems if problem.path == name] == [
        (name, "missing")
    ]


@pytest.mark.parametrize("value", [None, "x", [], ["x"], {}, {"x": "y"}, [{}], [["x"]]])
@pytest.mark.parametrize("name", reading.TOP)
def test_no_shape_of_a_part_does_more_than_be_refused(name: str, value: Any) -> None:
    tree = writing.tree_of(DEFAULT) | {name: value}
    with suppress(ReadError):
        reading.read(tree)


def test_a_mistake_knows_its_line() -> None:
    read = yaml_text.read(TEXT)
    line = TEXT.splitlines().index("max_sensitivity: 4") + 1
    assert read.lines["max_sensitivity"] == line
    assert read.lines["contexts.1.id"] > read.lines["contexts.0.id"]
