"""Thresholds, times and words: decided without a database."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.petitions import law, rules
from portal.petitions.rules import ENDED, Answerer, Company, EventKind, Reason, Standing, State, counted

TODAY = date(2026, 11, 30)
END = TODAY + timedelta(days=9)
AFTER = END + timedelta(days=1)
OPEN = Standing(State.OPEN, Answerer.EMPLOYER, END, named=0, unnamed=None, employees=200, counted_on=AFTER)
days = st.dates(date(2000, 1, 1), date(2190, 1, 1))


def kinds(standing: Standing, today: date = TODAY) -> list[EventKind]:
    return [step.kind for step in rules.steps(standing, today, law.TERMS)]


def test_five_percent_is_the_agenda_within_two_months_and_ten_the_employer_within_two_weeks() -> None:
    assert kinds(replace(OPEN, named=9)) == []
    (step,) = rules.steps(replace(OPEN, named=10), TODAY, law.TERMS)
    assert (step.kind, step.state, step.due) == (EventKind.THRESHOLD, State.THRESHOLD, date(2027, 1, 30))
    both = list(rules.steps(replace(OPEN, named=8, unnamed=12), TODAY, law.TERMS))
    assert [step.kind for step in both] == [EventKind.THRESHOLD, EventKind.EMPLOYER]
    assert (both[1].state, both[1].due) == (State.AWAITING, date(2026, 12, 14))
    council = replace(OPEN, named=20, answerer=Answerer.COUNCIL)
    assert kinds(council) == [EventKind.THRESHOLD]
    assert kinds(replace(OPEN, named=10, council_on=TODAY)) == []


def test_nothing_is_reached_before_anybody_counted_the_employees() -> None:
    assert kinds(replace(OPEN, named=50, employees=None)) == []
    assert rules.needed(5, 0) is None
    assert rules.needed(5, 1) == 1
    assert rules.needed(5, 101) == 6


def test_support_opens_it_or_its_time_ends() -> None:
    new = replace(OPEN, state=State.SUPPORT)
    assert kinds(replace(new, named=2)) == []
    (opened,) = rules.steps(replace(new, named=3), TODAY, law.TERMS)
    assert (opened.kind, opened.state, opened.ends_on) == (EventKind.OPENED, State.OPEN, TODAY + timedelta(days=180))
    assert kinds(replace(new, unnamed=10)) == [EventKind.OPENED]
    (closed,) = rules.steps(new, new.ends_on + timedelta(days=1), law.TERMS)
    assert (closed.state, closed.reason) == (State.CLOSED, Reason.NO_SUPPORT)


def test_it_closes_after_its_last_day_unless_somebody_still_owes_an_answer() -> None:
    after = OPEN.ends_on + timedelta(days=1)
    assert kinds(OPEN, OPEN.ends_on) == []
    assert kinds(OPEN, after) == [EventKind.CLOSED]
    assert kinds(replace(OPEN, council_on=TODAY), after) == []
    assert kinds(replace(OPEN, council_on=TODAY, discussed_on=TODAY), after) == [EventKind.CLOSED]
    assert kinds(replace(OPEN, employer_on=TODAY), after) == []
    assert [kinds(replace(OPEN, state=state), after) for state in ENDED] == [[], [], []]


@pytest.mark.parametrize("state", [State.SUPPORT, State.OPEN])
@pytest.mark.parametrize("counted_on", [None, TODAY, END])
def test_A01_nothing_closes_before_its_last_day_was_counted(state: State, counted_on: date | None) -> None:
    uncounted = replace(OPEN, state=state, counted_on=counted_on)
    assert kinds(uncounted, AFTER + timedelta(days=30)) == []
    assert kinds(replace(uncounted, counted_on=AFTER), AFTER) == [EventKind.CLOSED]


def test_what_comes_after_a_discussion() -> None:
    assert rules.after_discussion(OPEN) is State.ANSWERED
    assert rules.after_discussion(replace(OPEN, employer_on=TODAY)) is State.AWAITING
    assert rules.after_discussion(replace(OPEN, employer_on=TODAY, answered_on=TODAY)) is State.ANSWERED


@given(st.integers(0, 10_000))
def test_A03_no_count_below_ten_is_shown(votes: int) -> None:
    seen = rules.shown(votes, law.TERMS)
    assert seen is None if votes < 10 else seen == votes


@given(days, st.integers(-30, 30))
def test_months_later_and_back(day: date, months: int) -> None:
    moved = rules.months_later(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


@given(st.text(max_size=300))
def test_words_are_always_safe_to_search_for(text: str) -> None:
    found = rules.words(text)
    assert all(word.isalnum() for word in found)
    assert len(found) == len(set(found)) <= rules.MOST_WORDS


def test_terms_that_make_no_sense_do_not_start(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.toml"
    good = law.FILE.read_text()
    for old, new in (
        ("percent = 5", "percent = 500"),
        ("names = 3", "names = 0"),
        ("shown_from = 10", "shown_from = 5"),
    ):
        file.write_text(good.replace(old, new))
        with pytest.raises(ValueError, match=r"sense|point at people"):
            law.read(file)
    file.write_text(good.replace("[names]", "[name]"))
    with pytest.raises(KeyError):
        law.read(file)


def _after(*counts: int) -> list[int | None]:
    """Of how many the shares are, one day after the other."""
    company, found = Company(100), list[int | None]()
    for day, employees in enumerate(counts):
        company = counted(company, employees, TODAY + timedelta(days=day))
        found.append(company.employees)
    return found


def test_A03_one_night_without_employees_lowers_no_threshold() -> None:
    assert _after(3, 100, 3, 3, 3, 3, 3, 3, 100, 3) == [100] * 10


def test_a_fall_counts_after_a_week_with_the_most_there_were_in_it() -> None:
    assert _after(80, 3, 3, 3, 3, 3, 3, 3, 3) == [100] * 7 + [80, 80]


def test_A03_more_employees_never_count() -> None:
    assert _after(200, 1000) == [100, 100]
