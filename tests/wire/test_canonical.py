"""Canonical form: RFC 8785 for what it allows, refusal of everything else, and of every other spelling."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from wire import canonical
from wire.canonical import CanonicalError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ASCII = st.text(st.characters(max_codepoint=127))
SCALARS = st.none() | st.booleans() | st.integers(-canonical.MAX_INT, canonical.MAX_INT) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(ASCII, inner), max_leaves=30)


@given(VALUES)
def test_canonical_form_is_that_of_rfc_8785(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(VALUES)
def test_canonical_form_reads_back(value: Any) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(VALUES, st.sampled_from([{"indent": 1}, {"separators": (", ", ": ")}, {"ensure_ascii": True}]))
def test_P01_canonical_refuses_any_other_spelling(value: Any, style: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":"), "sort_keys": True}
    other = json.dumps(value, **plain | style).encode()
    if other != canonical.encode(value):
        with pytest.raises(CanonicalError):
            canonical.decode(other)


@given(st.binary(max_size=64))
def test_canonical_decodes_only_what_it_would_encode(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except CanonicalError:
        return
    assert canonical.encode(value) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b"1\n",
        b"1x",
        b"-0",
        b"01",
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"9007199254740992",
        b"9" * 5000,
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"\xc3\xa4":1}',
        b'{"a":1}{}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u000A"',
        b'"\\ud800"',
        b'"\xff"',
        b'\xef\xbb\xbf"x"',
        b'"x"\x00',
        "[1]".encode("utf-16"),
        b"[" * 100_000,
        b"[" * 18 + b"]" * 18,
        b'"' + b"x" * canonical.MAX_BYTES + b'"',
    ],
)
def test_P01_canonical_refuses(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        canonical.decode(data)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"x",
        {1: 1},
        {"ä": 1},
        {None: 1},
        "\ud800",
        {"a": "\udfff"},
        {1, 2},
        object(),
    ],
)
def test_canonical_has_no_form_for(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical.encode(value)


def test_canonical_ends_on_a_value_that_holds_itself() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(CanonicalError):
        canonical.encode(value)
