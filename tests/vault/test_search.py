"""Words are looked for as they stand: no sign in them means anything to the search."""

import re

import pytest

from vault import search


@pytest.mark.parametrize("words", ["a.c", "(", "x*", "[a-z]", "\\d", "^", "a|b", "(a+)+$", "{2}", "?"])
def test_signs_of_regular_expressions_stand_for_themselves(words: str) -> None:
    wanted = search.pattern(words)
    assert wanted.search(f"before {words} after")
    assert not wanted.search("abc xxx 123 aaaa b 22")
    assert re.escape(words) == wanted.pattern
