"""What a new policy changes, in words: the same bytes everywhere, `more` exactly where `widens` says so (P03)."""

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.differences import PAIRS
from tests.wire.samples import POLICY
from tests.wire.test_vectors import stored
from tests.wire.test_widens import NEUTRAL, WIDER
from tests.wire.test_widens_model import neighbours, policies
from wire import canonical, codec, difference, sentences
from wire.codec import DocumentError
from wire.difference import Effect, lines
from wire.documents import Kind
from wire.policy import Audience, Policy, widens
from wire.precedence import replaced

CASES = stored("difference")["cases"]
PLACE = re.compile(r"\{([a-z]+)(?::([a-z]+))?\}")


def for_people(version: int, **axes: tuple[str, ...]) -> Policy:
    audience = dataclasses.replace(Audience(None, None, None), **axes)
    return dataclasses.replace(POLICY, version=version, audience=audience)


def test_vectors_use_every_sentence_and_every_kind() -> None:
    used = {line["code"] for case in CASES for line in case["lines"]}
    assert used == set(sentences.TABLE["sentences"])
    kinds = {line["parameters"].get("kind") for case in CASES for line in case["lines"]} - {None}
    assert kinds == set(Kind)


@pytest.mark.parametrize("name", PAIRS)
def test_P03_a_difference_says_more_exactly_where_it_widens(name: str) -> None:
    old, new = PAIRS[name]
    assert widens(old, new) is any(line.effect is Effect.MORE for line in lines(old, new))


@pytest.mark.parametrize("path", WIDER)
def test_P03_a_difference_names_each_field_that_widens(path: str) -> None:
    found = lines(POLICY, WIDER[path]())
    assert any(line.effect is Effect.MORE for line in found)
    assert difference.digest(POLICY, WIDER[path]()) != difference.digest(POLICY, POLICY)


@pytest.mark.parametrize("name", NEUTRAL)
def test_what_only_numbers_the_document_is_no_difference(name: str) -> None:
    changed = dataclasses.replace(POLICY, **{name: NEUTRAL[name]})
    assert [line.code for line in lines(POLICY, changed)] == ["nothing"]


@settings(max_examples=200)
@given(st.data())
def test_P03_more_and_widens_never_disagree(data: st.DataObject) -> None:
    old = data.draw(policies())
    new = data.draw(st.one_of(policies(), neighbours(old)))
    found = lines(old, new)
    assert widens(old, new) is any(line.effect is Effect.MORE for line in found)
    for line in found:
        for language in difference.LANGUAGES:
            assert difference.text(line, language)


@given(policies(), policies())
def test_the_bytes_are_canonical_and_name_the_old_one(old: Policy, new: Policy) -> None:
    read = canonical.decode(difference.canonical_bytes(old, new))
    assert set(read) == {"replaces", "lines", "en", "de"}
    assert difference.digest(old, new) == canonical.digest(read)
    other = dataclasses.replace(old, version=old.version + 1)
    assert difference.digest(other, new) != difference.digest(old, new)


def test_the_hash_does_not_depend_on_the_hash() -> None:
    stated = difference.stated(POLICY, dataclasses.replace(POLICY, version=4))
    assert difference.stated(POLICY, stated) == stated
    assert stated.difference == difference.digest(POLICY, stated)


@pytest.mark.parametrize("code", sentences.TABLE["sentences"])
def test_both_languages_name_the_same_things(code: str) -> None:
    english, german = (sentences.TABLE["sentences"][code][language] for language in difference.LANGUAGES)
    assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(german))
    assert english != german


def test_a_brace_in_a_name_stays_a_brace() -> None:
    (line,) = (one for one in lines(*PAIRS["context_more"]) if one.code == "context.added")
    assert "Mail {new} <b>" in difference.text(line, "en")


@pytest.mark.parametrize("text", ["x", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n"])
def test_another_hash_is_no_document(text: str) -> None:
    value: dict[str, Any] = codec.to_value(POLICY) | {"difference": text}
    with pytest.raises(DocumentError):
        codec.from_value(Policy, value)


def test_the_replaced_one_is_the_newest_of_the_same_people_else_the_closest_around() -> None:
    everyone, later = for_people(1), for_people(4)
    berlin = for_people(2, sites=("berlin", "köln"))
    known = (everyone, berlin, later)
    assert replaced(known, for_people(5)) == later
    assert replaced(known, for_people(5, sites=("köln", "berlin"))) == berlin
    assert replaced(known, for_people(5, sites=("berlin",))) == berlin
    assert replaced(known, for_people(5, sites=("berlin",), departments=("dev",))) == berlin
    assert replaced(known, for_people(5, sites=("wien",))) == later
    assert replaced((berlin,), for_people(5)) is None
