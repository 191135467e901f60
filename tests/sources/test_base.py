"""What all connectors share: which rows are meant, and that nothing is ever widened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sources.connectors import names
from portal.sources.connectors.base import (
    Erased,
    Narrowing,
    Reason,
    RefusedError,
    Target,
)
from portal.sources.connectors.times import physical_by, whole_day
from portal.sources.connectors.values import plain
from tests.sources.people import LAYOUT, NARROWED, at

WITHOUT = {
    "time_column": (Narrowing(since=at(10)), Reason.NO_TIME_COLUMN),
    "kind_column": (Narrowing(kinds=frozenset({"key"})), Reason.NO_KIND_COLUMN),
    "context_column": (Narrowing(contexts=frozenset({"mail"})), Reason.NO_CONTEXT_COLUMN),
    "sensitivity_column": (Narrowing(sensitivities=frozenset({1})), Reason.NO_SENSITIVITY_COLUMN),
}


@pytest.mark.parametrize("column", WITHOUT)
def test_a_dataset_without_the_column_refuses_to_be_narrowed_by_it(column: str) -> None:
    narrowing, reason = WITHOUT[column]
    without: dict[str, Any] = {column: None}
    layout = replace(LAYOUT, **without)
    with pytest.raises(RefusedError) as refusal:
        Target(layout, ("amira",), narrowing)
    assert refusal.value.reason is reason
    Target(layout, ("amira",))
    Target(LAYOUT, ("amira",), narrowing)


@pytest.mark.parametrize("subjects", [(), ("",), ("amira", "")])
def test_nobody_is_not_everybody(subjects: tuple[str, ...]) -> None:
    with pytest.raises(RefusedError) as refusal:
        Target(LAYOUT, subjects)
    assert refusal.value.reason is Reason.NO_SUBJECT


def test_a_range_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        Narrowing(since=at(11), until=at(10))
    with pytest.raises(ValueError, match="ends before it starts"):
        Narrowing(since=at(10), until=at(10))
    with pytest.raises(ValueError, match="without zone"):
        Narrowing(since=datetime(2026, 3, 2))  # noqa: DTZ001 - what is refused
    for name in ("kinds", "contexts", "sensitivities"):
        nothing: dict[str, Any] = {name: frozenset()}
        with pytest.raises(ValueError, match="empty choice"):
            Narrowing(**nothing)


def test_only_whole_days_can_be_chosen_where_only_the_day_is_known() -> None:
    berlin = timezone(timedelta(hours=1))
    assert whole_day(None, "day") is None
    assert whole_day(datetime(2026, 3, 2, 1, tzinfo=berlin), "day") == datetime(2026, 3, 2, tzinfo=UTC).date()
    for moment in (datetime(2026, 3, 2, tzinfo=berlin), at(9), datetime(2026, 3, 2, 0, 0, 0, 1, tzinfo=UTC)):
        with pytest.raises(RefusedError) as refusal:
            whole_day(moment, "day")
        assert refusal.value.reason is Reason.PART_OF_A_DAY


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_a_location_holds_any_names(parts: list[str]) -> None:
    assert names.split(names.join(*parts)) == tuple(parts)


@pytest.mark.parametrize("location", ["", ".", "a.", ".a", "a..b", '"a', 'a"b', '""', '"a"b'])
def test_a_malformed_location_is_refused(location: str) -> None:
    with pytest.raises(ValueError, match="expected between"):
        names.split(location)


def test_values_become_plain() -> None:
    moment = datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=2)))
    given_values = [
        None,
        True,
        1,
        1.5,
        "ü",
        moment,
        moment.date(),
        Decimal("1.50"),
        b"\x00\xff",
        {"a": (1, b"")},
        moment.tzinfo,
    ]
    assert plain(given_values) == [
        None, True, 1, 1.5, "ü", "2026-03-02T08:00:00+00:00", "2026-03-02", "1.50", "AP8=", {"a": [1, ""]}, "UTC+02:00",
    ]  # fmt: skip


def test_the_bytes_are_gone_when_the_description_says_so_and_never_when_it_does_not() -> None:
    assert physical_by(LAYOUT, at(10)) == at(10) + timedelta(days=7)
    assert physical_by(replace(LAYOUT, physical_days=None), at(10)) is None
    assert Erased(1, 1, at(10), None).physical_by is None


def test_the_rows_of_the_tests_tempt_every_narrowing() -> None:
    assert {tuple(notes) for _, notes in NARROWED.values()} >= {("first",), ("second",), ("third",), ()}
