"""German is complete, sound, and compiled from what lies in the tree."""

import re

from babel.messages.catalog import Message

from tests.translations.catalogue import MO, compiled, forms, german, template, untranslated

PLACEHOLDER = re.compile(r"%\(\w+\)s")
AGAIN = "run: python -m tests.translations"


def messages() -> list[Message]:
    """Every message of the German catalogue but its header."""
    return [message for message in german() if message.id]


def test_every_message_of_code_and_templates_is_in_the_catalogue_and_no_other() -> None:
    asked = {str(message.id) for message in template() if message.id}
    assert asked == {str(message.id) for message in messages()}, AGAIN


def test_every_message_is_translated_and_none_is_fuzzy() -> None:
    assert untranslated(german()) == [], AGAIN


def test_compiled_catalogue_is_that_of_the_source() -> None:
    assert MO.read_bytes() == compiled(german()), AGAIN


def test_translations_keep_the_placeholders() -> None:
    catalogue = german()
    for message in messages():
        assert not list(message.check(catalogue))
        asked = {name for form in forms(message.id) for name in PLACEHOLDER.findall(form)}
        assert set(PLACEHOLDER.findall(forms(message.string)[-1])) == asked, message.id
        assert set(PLACEHOLDER.findall(forms(message.string)[0])) <= asked, message.id


def test_translations_end_as_the_message_does() -> None:
    """A sentence stays a sentence: with full stop, colon or ellipsis, or without."""
    for message in messages():
        for said, meant in zip(forms(message.id), forms(message.string), strict=True):
            assert said in STYLED or (said[-1] in ".:…") == (meant[-1] in ".:…"), said


STYLED = {"Searched through", "%(num)s item was captured about you", "%(num)s items were captured about you"}
"""What German says with a colon or comma of its own."""


def test_one_word_for_one_thing() -> None:
    """The glossary on top of the catalogue: words we decided against do not creep in."""
    for message in messages():
        words = " ".join(forms(message.string))
        for never in ("Screenshot", "Policy", "Mitarbeiter", "Upload", "Log", "Consent", "Lease", "Item"):
            assert not re.search(rf"\b{never}", words), (never, words)
