"""Found identifiers become marks before anything is sealed, however they were typed."""

import pytest
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.de import idnr

from collector import redaction, sealing, sensitivity
from collector.redaction import KeyEvent
from wire.content import REDACTED
from wire.documents import Kind

NONE: frozenset[str] = frozenset()
TABLE = [
    ("Konto DE89 3704 0044 0532 0130 00 danke", "bank", "Konto ", " danke"),
    ("IBAN GB29NWBK60161331926819.", "bank", "IBAN ", "."),
    ("de89370400440532013000 ok", "bank", "", " ok"),
    ("card 4111 1111 1111 1111 x", "card", "card ", " x"),
    ("5500-0000-0000-0004", "card", "", ""),
    ("IdNr 86 095 742 719 ab", "tax", "IdNr ", " ab"),
    ("SSN 536-90-4399 ok", "tax", "SSN ", " ok"),
    ("AHV 756.9217.0769.85 ok", "tax", "AHV ", " ok"),
    ("RVNR 15 070649 C 103 ok", "tax", "RVNR ", " ok"),
    ("RVNR 15070649C103 ok", "tax", "RVNR ", " ok"),
    ("rvnr 65 17 08 39 j 00 3.", "tax", "rvnr ", "."),
    ("hereDE89 3704 0044 0532 0130 00 ok", "bank", "here", " ok"),
    ("x4111 1111 1111 1111 ok", "card", "x", " ok"),
    ("x86095742719 ok", "tax", "x", " ok"),
    ("pw=hunter2secret ok", "credentials", "pw=", " ok"),
    ("codice RCCMNL83S18D969H ok", "tax", "codice ", " ok"),
    ("key AKIAIOSFODNN7EXAMPLE ok", "credentials", "key ", " ok"),
    ("token ghp_" + "aB3d" * 9 + " ok", "credentials", "", " ok"),
    ("password: hunter2abc ok", "credentials", "password: ", " ok"),
    ("Kennwort=Sommer2026! ok", "credentials", "Kennwort=", " ok"),
    ("fetch https://me:secretpw@host/x ok", "credentials", "fetch ", " ok"),
    ("Ruf an: +49 30 901820 bitte", "phone", "Ruf an: ", " bitte"),
    ("Hallo. Ich bin krankgeschrieben bis Montag. Ende", "health", "Hallo.", ". Ende"),
    ("Then: my doctor called. Bye", "health", "", ". Bye"),
    ("Ok. Der Streikaufruf der Gewerkschaft kommt. Ja", "union", "Ok.", ". Ja"),
    ("So. Die Steuererklärung fehlt. Ja", "tax", "So.", ". Ja"),
]


@pytest.mark.parametrize(("text", "name", "before", "after"), TABLE)
def test_a_text_keeps_only_what_is_around_the_finding(text: str, name: str, before: str, after: str) -> None:
    marked, found = redaction.redact_text(text, NONE)
    assert name in found
    assert len(marked) == len(text)
    assert marked.startswith(before)
    assert marked.endswith(after)
    inside = marked[len(before) : len(marked) - len(after)]
    assert set(inside) <= {REDACTED, " ", "\n"} | set("token ")
    assert REDACTED in inside


@pytest.mark.parametrize(
    "text",
    [
        "def total(rows): return sum(row.amount for row in rows)",
        "SELECT a FROM x UNION SELECT b FROM y",
        "2026-11-21 03:44:20 1763696660123",
        "commit 0074ae6303f2cbdd25947c4fbe12729c8d316f3f",
        "DE89 3704 0044 0532 0130 02",
        "4111 1111 1111 1112",
        "order 12345678, 3 pieces at 4.99",
        "the union of two sets",
        "RVNR 15 070649 C 104",
        "a1b12345672c",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redaction.redact_text(text, NONE) == (text, NONE)


def test_a_telephone_number_is_no_tax_number_too() -> None:
    assert redaction.redact_text("+4930901820", NONE) == (REDACTED * 11, frozenset({"phone"}))


def test_email_is_redacted_only_where_the_policy_says_so() -> None:
    text = "mail amira@example.com now"
    assert redaction.redact_text(text, NONE)[0] == text
    assert redaction.redact_text(text, frozenset({"email"}))[0] == f"mail {REDACTED * 17} now"


def test_every_category_is_one_of_the_fideslang_taxonomy() -> None:
    known = {str(category.fides_key) for category in DEFAULT_TAXONOMY.data_category}
    used = {one.category for one in sensitivity.CLASSES.values()} | {name for _, name in sealing.BASE.values()}
    assert used <= known
    assert sealing.BASE[Kind.SCREENSHOT][0] >= 3
    assert all(1 <= one.level <= 4 for one in sensitivity.CLASSES.values())
    assert set(sealing.BASE) == set(Kind)


def keys(text: str) -> list[KeyEvent]:
    """`<` is a backspace, newline is enter, `^` the key that takes a word back."""
    events = []
    for at, character in enumerate(text):
        name = {"<": "backspace", "\n": "enter", "^": "down"}.get(character, "char")
        events.append(KeyEvent(at * 100, name, {"char": character, "down": "ctrl+backspace"}.get(name, "")))
    return events


def shown(text: str, names: frozenset[str] = NONE) -> list[KeyEvent]:
    events = keys(text)
    return redaction.mark(events, redaction.masks(events, names))


@pytest.mark.parametrize(
    "text",
    [
        "x DE89 3704 0044 05x<32 0130 00 y",
        "x DE89 3704 0044 0531<2 0130 00 y",
        "x DE89 3704 0044 0532 0130 01<0 y",
        "x DE89 3704 0044 0532 0130 00" + "<" * 24 + "y",
        "x 4111 1111 11112< 1111 y",
    ],
)
def test_backspaces_hide_neither_the_number_nor_the_mistake(text: str) -> None:
    marked = shown(text)
    assert not any(event.text.isdigit() for event in marked)
    assert [event.at for event in marked] == [event.at for event in keys(text)], "timing stays"
    assert redaction.reconstruct(marked).startswith("x ")
    assert redaction.reconstruct(marked).endswith("y")


def test_the_key_that_takes_a_word_back_is_applied() -> None:
    assert redaction.reconstruct(keys("one two^three")) == "one three"


numbers = st.sampled_from(
    ["DE89370400440532013000", "GB29NWBK60161331926819", "4111111111111111", "86095742719", "NL91ABNA0417164300"]
)


@settings(max_examples=300, deadline=None)
@given(numbers, st.lists(st.tuples(st.integers(0, 21), st.sampled_from("abc7"), st.integers(1, 2)), max_size=3))
def test_no_way_of_mistyping_a_valid_number_leaves_any_of_it(number: str, mistakes: list[tuple[int, str, int]]) -> None:
    assert iban.is_valid(number) or luhn.is_valid(number) or idnr.is_valid(number)
    text = list(number)
    for at, character, count in mistakes:
        where = min(at, len(number) - 1)
        text[where] += character * count + "<" * count
    typed = "Konto: " + "".join(text) + " ok"
    assert redaction.reconstruct(keys(typed)) == f"Konto: {number} ok"
    # A mistake after the last character that was taken back at once says nothing about the number.
    end = len("Konto: ") + sum(map(len, text[:-1])) + 1
    assert all(event.name in {"redacted", "backspace"} for event in shown(typed)[len("Konto: ") : end])


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_redaction_never_fails_and_never_changes_lengths(text: str) -> None:
    marked, _ = redaction.redact_text(text, frozenset(sensitivity.CLASSES))
    assert len(marked) == len(text)
    events = [KeyEvent(at, "char", character) for at, character in enumerate(text)]
    assert len(redaction.mark(events, redaction.masks(events, NONE))) == len(events)
