"""A04, P01: how few people a number stands for is changed by the works council's keys alone, and never below eight."""

from dataclasses import replace
from typing import Any

import pytest

from tests.wire import samples
from tests.wire.samples import COUNCIL, GROUP, LEASE_KEY, OFFICER, STRANGER, TRUST, VAULT
from wire import codec, documents, dsse
from wire.grouping import FLOOR, MOST, SmallestGroup, open_grouping

REFUSED = (dsse.SignatureError, codec.DocumentError)


def test_A04_the_council_alone_signs_it() -> None:
    envelope = documents.sign(GROUP, [COUNCIL])
    assert open_grouping(envelope, TRUST) == (GROUP, frozenset({dsse.key_id(dsse.raw_public(COUNCIL))}))


@pytest.mark.parametrize(
    "keys", [[], [OFFICER], [LEASE_KEY], [VAULT], [STRANGER], [OFFICER, COUNCIL], [COUNCIL, STRANGER]]
)
def test_A04_no_other_signature_changes_it(keys: list[Any]) -> None:
    with pytest.raises(REFUSED):
        open_grouping(documents.sign(GROUP, keys), TRUST)


def test_P01_a_document_of_another_type_changes_it_not() -> None:
    for name, (document, _) in samples.SIGNED.items():
        if name != "smallest group":
            with pytest.raises(REFUSED):
                open_grouping(documents.sign(document, [COUNCIL]), TRUST)


def test_A04_no_signature_goes_below_the_floor() -> None:
    for people in (-1, 0, 1, FLOOR - 1, MOST + 1):
        with pytest.raises(codec.DocumentError):
            replace(GROUP, people=people)
        value = codec.to_value(GROUP) | {"people": people}
        with pytest.raises(codec.DocumentError):
            codec.from_value(SmallestGroup, value)
    assert replace(GROUP, people=FLOOR).people == 8


@pytest.mark.parametrize(
    "change",
    [
        {"people": 10}, {"replaces": 7}, {"number": 0}, {"reason": ""}, {"reason": "x" * 501}, {"starts": ""},
        {"reason": "a\nb"}, {"reason": "a\u202eb"},
        {"starts": "2027-02-01"}, {"starts": "2027-04-02"}, {"starts": "20270401"}, {"starts": "2027-W14-4"},
    ],
    ids=str,
)  # fmt: skip
def test_values_out_of_bounds(change: dict[str, Any]) -> None:
    with pytest.raises(codec.DocumentError):
        replace(GROUP, **change)
