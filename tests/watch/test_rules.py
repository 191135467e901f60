"""What is red, calm or silent: properties over everything that can be seen."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.watch.rules import CALM, ENOUGH, OF_PEOPLE, SILENT, Look, Seen, State, Watched, state, states, told

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
names = st.sampled_from(Watched)
counts = st.integers(min_value=0, max_value=100)
ages = st.integers(min_value=0, max_value=3600).map(lambda seconds: timedelta(seconds=seconds))


@given(names, counts, ages)
def test_P06_what_was_found_is_never_green_and_what_nobody_looked_at_neither(
    name: Watched, found: int, age: timedelta
) -> None:
    stands = state(name, Look(Seen(found), NOW - age), NOW)
    assert (stands is State.NOTHING) == (found == 0 and age <= SILENT)
    if found and age <= SILENT:
        assert stands is (State.CALM if name in CALM else State.RED)
    if age > SILENT:
        assert stands in {State.RED, State.SILENT}


def test_P06_what_was_never_looked_at_is_silent() -> None:
    assert states({}, NOW) == [(name, State.SILENT) for name in Watched]


@given(names, counts)
def test_a_small_number_of_people_is_not_told(name: Watched, found: int) -> None:
    seen = told(name, Seen(found, NOW))
    assert (seen.found is None) == (name in OF_PEOPLE and 0 < found < ENOUGH)
    assert seen.found in {None, found}
    assert state(name, Look(seen, NOW), NOW) is state(name, Look(Seen(found), NOW), NOW)
