"""German is complete, sound, and compiled from what lies in the tree."""

import re

import pytest
from babel.messages.catalog import Message

from tests.translations.catalogue import COLLECTOR, PORTAL, German, compiled, forms, untranslated

PLACEHOLDER = re.compile(r"%\(\w+\)[sdr]|%[sdr]")
AGAIN = "run: python -m tests.translations"
both = pytest.mark.parametrize("german", [PORTAL, COLLECTOR], ids=["portal", "collector"])


def messages(german: German) -> list[Message]:
    """Every message of the German catalogue but its header."""
    return [message for message in german.read() if message.id]


@both
def test_every_message_of_code_and_templates_is_in_the_catalogue_and_no_other(german: German) -> None:
    asked = {str(message.id) for message in german.template() if message.id}
    assert asked == {str(message.id) for message in messages(german)}, AGAIN


@both
def test_every_message_is_translated_and_none_is_fuzzy(german: German) -> None:
    assert untranslated(german.read()) == [], AGAIN


@both
def test_compiled_catalogue_is_that_of_the_source(german: German) -> None:
    assert german.mo.read_bytes() == compiled(german.read()), AGAIN


@both
def test_translations_keep_the_placeholders(german: German) -> None:
    catalogue = german.read()
    for message in messages(german):
        assert not list(message.check(catalogue))
        asked = {name for form in forms(message.id) for name in PLACEHOLDER.findall(form)}
        assert set(PLACEHOLDER.findall(forms(message.string)[-1])) == asked, message.id
        assert set(PLACEHOLDER.findall(forms(message.string)[0])) <= asked, message.id


@both
def test_translations_end_as_the_message_does(german: German) -> None:
    """A sentence stays a sentence: with full stop, colon or ellipsis, or without."""
    for message in messages(german):
        for said, meant in zip(forms(message.id), forms(message.string), strict=True):
            assert said in STYLED or (said[-1] in ".:…") == (meant[-1] in ".:…"), said


NEVER = ("Screenshot", "Policy", "Mitarbeiter", "Upload", "Log", "Consent", "Lease", "Item", "eingefroren")
STYLED = {
    "Searched through",
    "%(num)s item was captured about you",
    "%(num)s items were captured about you",
    "%(days)s d",
}
"""What German says with a colon or comma of its own, or shortens with a full stop."""


@both
def test_one_word_for_one_thing(german: German) -> None:
    """The glossary on top of the catalogue: words we decided against do not creep in."""
    for message in messages(german):
        words = " ".join(forms(message.string))
        for never in (
            "Screenshot",
            "Policy",
            "Mitarbeiter",
            "Upload",
            "Log",
            "Consent",
            "Lease",
            "Item",
            "eingefroren",
        ):
            assert not re.search(rf"\b{never}", words), (never, words)
