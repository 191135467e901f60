"""The tally: which ones make no sense, and that the hash is over the set of ids."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.samples import TALLY
from wire.codec import DocumentError
from wire.tally import NOTHING, Sent, ids_hash

BAD: tuple[dict[str, Any], ...] = (
    {"day": "2027-1-14"},
    {"day": "2027-02-30"},
    {"day": "\uff12\uff10\uff12\uff17-01-14"},
    {"n": 4},
    {"sent": tuple(reversed(TALLY.sent))},
    {"sent": (TALLY.sent[0], TALLY.sent[0]), "n": 4},
    {"ids": b"short"},
    {"first": 42},
    {"first": -1},
    {"last": 38},
    {"last": 0, "first": 0},
    {"n": 0, "sent": (), "ids": NOTHING},
    {"n": 0, "sent": (), "first": 0, "last": 0},
    {"unsure": (UUID(int=2), UUID(int=1))},
    {"unsure": (UUID(int=1), UUID(int=1))},
    {"unsure": tuple(UUID(int=number) for number in range(1001))},
)


@pytest.mark.parametrize("changes", BAD)
def test_a_tally_that_makes_no_sense_is_no_document(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        replace(TALLY, **changes)


def test_a_day_without_anything_is_a_tally() -> None:
    empty = replace(TALLY, n=0, sent=(), first=0, last=0, ids=NOTHING, unsure=())
    assert empty.ids == ids_hash([])


@pytest.mark.parametrize("changes", [{"n": 0}, {"ids": b""}])
def test_a_part_counts_something(changes: dict[str, Any]) -> None:
    part: Sent = TALLY.sent[0]
    with pytest.raises(DocumentError):
        replace(part, **changes)


@given(ids=st.lists(st.uuids(), max_size=8))
def test_the_hash_is_that_of_the_set(ids: list[UUID]) -> None:
    assert ids_hash(ids) == ids_hash([*reversed(ids), *ids])
    assert ids_hash([*ids, uuid4()]) != ids_hash(ids)
