"""What may be chosen, in one canonical form; what a decision leaves; when a step is tried again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.deletion import rules
from portal.deletion.planning import OWN, OWN_KINDS, Place, leave
from portal.deletion.rules import EARLIEST, LATEST, Chosen

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ITEM = UUID(int=7, version=4)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"whole_person": True},
        {"starts_at": NOW - HOUR, "ends_at": NOW},
        {"kinds": frozenset({"key", "click"}), "contexts": frozenset({"b", "a"})},
        {"sensitivities": frozenset({4, 3}), "segments": frozenset({ITEM})},
    ],
)
def test_a_choice_reads_back_from_its_canonical_form(given: dict[str, Any]) -> None:
    chosen = Chosen(**given)
    assert Chosen.from_json(chosen.to_json()) == chosen
    assert chosen.to_json() == Chosen(**dict(reversed(given.items()))).to_json()


@pytest.mark.parametrize(
    "given",
    [
        {"starts_at": NOW, "ends_at": NOW},
        {"starts_at": NOW, "ends_at": NOW - HOUR},
        {"starts_at": NOW},
        {"ends_at": NOW},
        {"starts_at": NOW.replace(tzinfo=None), "ends_at": NOW},
        {"kinds": frozenset()},
        {"segments": frozenset()},
        {"whole_person": True, "kinds": frozenset({"key"})},
        {"whole_person": True, "starts_at": NOW - HOUR, "ends_at": NOW},
    ],
)
def test_a_choice_that_chooses_nothing_or_two_things_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=" "):
        Chosen(**given)


def test_an_unknown_word_in_the_form_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown: all"):
        Chosen.from_json({"all": True})


def test_what_is_yet_to_be_captured_is_not_erased_unless_the_whole_person_goes() -> None:
    assert Chosen().bounds(NOW) == (EARLIEST, NOW)
    assert Chosen(NOW - HOUR, NOW + HOUR).bounds(NOW) == (NOW - HOUR, NOW)
    assert Chosen(NOW - 2 * HOUR, NOW - HOUR).bounds(NOW) == (NOW - 2 * HOUR, NOW - HOUR)
    assert Chosen(whole_person=True).bounds(NOW) == (EARLIEST, LATEST)


LAKE = Place("lake", ITEM)
TOLD = Place("lake", ITEM, frozenset({"key", "odd"}))
WORDS = {"keystroke": "key", "keypress": "key", "shot": "screenshot"}
MAPPED = Place("lake", ITEM, frozenset({"key", "screenshot", "odd"}), WORDS)
BEFORE = Place("lake", ITEM, frozenset({"keystroke", "keypress", "shot"}), WORDS)
SILENT = Place("lake", ITEM, None, tells=False)


@pytest.mark.parametrize(
    ("place", "stays", "kinds", "ground"),
    [
        (OWN, [], None, None),
        (OWN, [{"store": "lake", "kind": None, "ground": "tax"}], None, None),
        (LAKE, [{"store": "lake", "kind": None, "ground": "tax"}], None, "tax"),
        (LAKE, [{"store": None, "kind": None, "ground": "tax"}], None, "tax"),
        (LAKE, [{"store": "lake", "kind": "key", "ground": "tax"}], None, "tax"),
        (TOLD, [{"store": "lake", "kind": "key", "ground": "tax"}], OWN_KINDS - {"key"} | {"odd"}, None),
        (TOLD, [{"store": None, "kind": one, "ground": "tax"} for one in (*OWN_KINDS, "odd")], None, "tax"),
        (MAPPED, [{"store": "lake", "kind": "key", "ground": "tax"}], OWN_KINDS - {"key"} | {"odd"}, None),
        (MAPPED, [{"store": None, "kind": "odd", "ground": "tax"}], OWN_KINDS, None),
        (BEFORE, [{"store": "lake", "kind": "keystroke", "ground": "tax"}], OWN_KINDS - {"key"}, None),
        (SILENT, [{"store": None, "kind": "key", "ground": "tax"}], OWN_KINDS - {"key"}, None),
        (SILENT, [{"store": "lake", "kind": None, "ground": "tax"}], None, "tax"),
    ],
)
def test_what_a_decision_keeps_is_left_out(
    place: Place, stays: list[dict[str, Any]], kinds: set[str] | None, ground: str | None
) -> None:
    left, kept = leave(Chosen(), place, stays)
    assert (left.kinds, kept) == (kinds, ground)


@pytest.mark.parametrize("place", [MAPPED, BEFORE])
@pytest.mark.parametrize("word", ["key", "keystroke"])
def test_R03_of_some_kinds_that_one_asked_for_the_one_that_stays_is_left_out(place: Place, word: str) -> None:
    asked, stays = Chosen(kinds=frozenset({"key", "screenshot"})), [{"store": "lake", "kind": word, "ground": "tax"}]
    assert leave(asked, place, stays) == (replace(asked, kinds=frozenset({"screenshot"})), None)


def test_a_person_of_whom_something_stays_keeps_the_account() -> None:
    left, _ = leave(Chosen(whole_person=True), OWN, [{"store": None, "kind": "key", "ground": "tax"}])
    assert (left.whole_person, "key" in (left.kinds or ())) == (False, False)


def test_the_wait_between_attempts_doubles_up_to_an_hour() -> None:
    waits = [rules.wait(tries) for tries in range(40)]
    assert waits[1] == 2 * waits[0] == timedelta(seconds=30)
    assert waits == sorted(waits)
    assert waits[-1] == HOUR
