"""Shares tell of no fewer than k people (decision 73), over random organisations and by hand.

The attacker is a linear program in atoms, which shares no line with the one that the releases are checked by. It knows
all sums and all steps, how many people each place has, and what bounds what.
"""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

import pytest

from portal.releases.contributions import heads, share, step
from portal.releases.items import SHARES
from portal.releases.places import Atom, Level, Place, members
from portal.releases.shares import OPTED_OUT, PAUSED, Shares, Step, of_weeks
from portal.releases.tables import Table, Value, protect
from tests.releases.conftest import MONDAY, Company, week
from tests.releases.organisations import KINDS, LEVELS, SPLITS, organisation
from tests.releases.quarters import K, is_cell, quarters, worked
from tests.releases.test_intervals import SLACK, Bounds

ORGANISATIONS, PARTS, SOME = 300, 5, 30
Counts = dict[Atom, dict[str, int]]
CAPTURED = SHARES[0]


def made_up(seed: int) -> tuple[Table, Counts, Counter[Atom]]:
    """An organisation's protected sums, how many of whom paused, and how many there are."""
    made, draw = organisation(seed), random.Random(seed)  # noqa: S311 - invented people
    _, quarter = next(quarters(made, 1))
    closed = frozenset(cell for cell in members(set(quarter.people.values())) if cell not in quarter.shown)
    done, sizes = worked(quarter, made), Counter(quarter.people.values())
    counts: Counts = {}
    for atom, people in sizes.items():
        often = draw.choice((0, 0.02, 0.3, 0.9, 1))
        paused = sum(draw.random() < often for _ in range(people))
        out = sum(draw.random() < draw.choice((0, 0.5, 1)) for _ in range(paused))
        captured = done[atom]["items"].people if "items" in done.get(atom, {}) else 0
        counts[atom] = dict(zip(SHARES, (captured, paused, out), strict=True))
    return protect(done, SPLITS, closed, K), counts, sizes


def known(table: Table, sizes: Mapping[Atom, int], told: Mapping[Value, Step | None]) -> Bounds:
    """What an outsider knows of everything."""
    found = Bounds(sorted(sizes), ("items", *KINDS, *LEVELS, *SHARES))
    infinite = found.solver.inf
    for atom, people in sizes.items():
        for item in SHARES:
            found.solver.changeColBounds(found.at[atom, item], 0.0, float(people))
        for less, more in ((CAPTURED, "items"), (OPTED_OUT, PAUSED)):
            found.solver.addRow(0.0, infinite, 2, [found.at[atom, more], found.at[atom, less]], [1.0, -1.0])
    for value, made in table.values.items():
        if isinstance(value.cell, Place) and value not in table.hidden:
            found.told(table.cells[value.cell], value.item, made.total)
            row = [found.at[atom, CAPTURED] for atom in table.cells[value.cell]]
            found.solver.addRow(float(K), infinite, len(row), row, [1.0] * len(row))
    for value, shown in told.items():
        if shown is not None:
            assert isinstance(value.cell, Place)
            inside = table.cells[value.cell]
            first, last = heads(sum(sizes[atom] for atom in inside), *shown)
            row = [found.at[atom, value.item] for atom in inside]
            found.solver.addRow(float(first), float(last), len(row), row, [1.0] * len(row))
    return found


def told_too_much(
    table: Table, counts: Counts, sizes: Counter[Atom], told: Mapping[Value, Step | None]
) -> list[tuple[Value, float, float]]:
    """Numbers of people, and hidden sums, that the steps bound too closely; without them they are not."""
    close, alone, found = known(table, sizes, told), known(table, sizes, {}), []
    for cell, inside in table.cells.items():
        people = sum(sizes[atom] for atom in inside)
        for item in SHARES:
            count = sum(counts[atom][item] for atom in inside)
            low, high = close.of(inside, item)
            assert low - SLACK <= count <= high + SLACK, "what is told is true"
            wide = high - low >= K - SLACK and (count >= K or low < SLACK)
            wide &= people - count >= K or high > people - SLACK
            if not wide and _wider(alone.of(inside, item), (low, high)):
                found.append((Value(cell, item), low, high))
    for value in filter(is_cell, table.hidden):
        assert isinstance(value.cell, Place)
        low, high = close.of(table.cells[value.cell], value.item)
        if high - low < K - SLACK and _wider(alone.of(table.cells[value.cell], value.item), (low, high)):
            found.append((value, low, high))
    return found


def _wider(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[0] - SLACK or one[1] > other[1] + SLACK


@pytest.mark.parametrize("part", range(PARTS))
def test_A04_no_share_of_300_organisations_tells_of_fewer_than_k_people(part: int) -> None:
    naive = shown = 0
    for seed in range(part, ORGANISATIONS, PARTS):
        table, counts, sizes = made_up(seed)
        told = Shares(counts, sizes, table, K).told()
        assert told_too_much(table, counts, sizes, told) == [], seed
        shown += sum(one is not None for one in told.values())
        if seed < SOME:
            naive += bool(told_too_much(table, counts, sizes, _everywhere(table, counts, sizes)))
    assert naive >= 0.5 * SOME / PARTS, "the attacker must be able to win"
    assert shown > ORGANISATIONS / PARTS, "hiding everything proves nothing"


def _everywhere(table: Table, counts: Counts, sizes: Counter[Atom]) -> dict[Value, Step]:
    """As it was before: steps of 5 % in every place that shows anything."""
    return {
        Value(cell, item): Step(share(sum(counts[atom][item] for atom in inside), _people(sizes, inside), 5), 5)
        for cell, inside in table.cells.items()
        if cell not in table.closed
        for item in SHARES
    }


def _people(sizes: Counter[Atom], inside: frozenset[Atom]) -> int:
    return sum(sizes[atom] for atom in inside)


@pytest.mark.parametrize("k", [8, 10, 12])
def test_A05_each_step_of_a_share_holds_twice_k_people_and_rounds_to_5_percent(k: int) -> None:
    """For every size of a place: the steps hold everybody once, and no step holds 2k or fewer head counts."""
    shown = 0
    for people in range(k, 900):
        width = step(people, k)
        if width is None:
            assert people < 4 * k + 1
            continue
        shown += 1
        found = Counter(share(part, people, width) for part in range(people + 1))
        assert width % 5 == 0
        assert {low % width for low in found} == {0}
        assert min(found.values()) > 2 * k, (people, width)
        for low, count in found.items():
            first, last = heads(people, low, width)
            assert last - first + 1 == count
            assert share(first, people, width) == share(last, people, width) == low
    assert shown


def test_how_wide_steps_are() -> None:
    wide = {people: step(people, 10) for people in (10, 19, 40, 41, 82, 83, 105, 210, 420, 70_000)}
    assert wide == {10: None, 19: None, 40: None, 41: 50, 82: 50, 83: 25, 105: 20, 210: 10, 420: 5, 70_000: 5}


def test_A04_ten_people_have_no_share_and_nobody_sees_one_of_them_opt_out(company: Company) -> None:
    finance = company.who["Dublin", "Sales"]
    for at in (0, 1):
        company.works(company.everybody(), week(at))
    for at in (0, 1):
        start = datetime.combine(week(at), time(9), UTC)
        company.pauses(finance[at], start)
        assert company.release(week(at + 1)) == 1
        found = company.figures(week(at))
        assert {found["department", "", "Dublin", "Sales", item] for item in SHARES} == {"share"}
        assert found["company", "", "", "", PAUSED] == 0, "under a fifth of 114"


def test_A04_a_share_that_bounds_a_hidden_cell_is_hidden() -> None:
    """In Berlin everybody of Engineering paused, nobody of Law and Ops: the two shares say it of the small ones."""
    sizes = Counter({Atom("DE", "Berlin", name): people for name, people in (("Eng", 92), ("Law", 6), ("Ops", 7))})
    eng = Atom("DE", "Berlin", "Eng")
    counts = {atom: dict.fromkeys(SHARES, 0) | {PAUSED: 80 * (atom == eng)} for atom in sizes}
    closed = frozenset(Place(Level.DEPARTMENT, site="Berlin", department=name) for name in ("Law", "Ops"))
    table = protect({atom: {} for atom in sizes}, {"items": []}, closed, K)
    told = Shares(counts, sizes, table, K).told()
    assert told_too_much(table, counts, sizes, told) == []


def test_A04_a_month_tells_of_shares_what_its_weeks_have_told() -> None:
    weeks = [Step(20, 20), Step(60, 20), Step(40, 20)]
    assert of_weeks(weeks, PAUSED) == Step(60, 20)
    assert of_weeks(weeks, OPTED_OUT) == Step(40, 20)
    assert of_weeks([*weeks, None], PAUSED) is None
    assert of_weeks([*weeks, Step(50, 25)], PAUSED) is None
    assert of_weeks([], PAUSED) is None


def test_A04_a_month_tells_nothing_new_of_shares(company: Company) -> None:
    for at in range(4):
        company.works(company.everybody(), week(at))
        for person in company.everybody()[20 * at : 20 * at + 20]:
            start = datetime.combine(week(at), time(9), UTC)
            company.pauses(person, start, start + timedelta(hours=1))
    assert company.release(week(4)) == 5
    weeks = [company.figures(week(at)) for at in range(4)]
    month = company.figures(MONDAY, "month")
    company_wide = ("company", "", "", "", PAUSED)
    assert [one[company_wide] for one in weeks] == [0] * 4, "20 of 114 are under a fifth"
    assert month[company_wide] == 0, "80 of 114 in the month, of which its weeks tell nothing"


def test_A04_one_reason_is_published_for_a_hidden_value(company: Company) -> None:
    """Hidden for few people, or for what it would give away: who knew which would know whether k people made it."""
    company.works(company.everybody(), MONDAY, items=1)
    company.works(company.who["Zürich", "Research"][:1], MONDAY, "key", items=100_000)
    company.release(week(1))
    reasons = {why for (*_, item), why in company.figures().items() if isinstance(why, str) and item != "people"}
    assert reasons == {"few", "share"}
    assert company.figures()["site", "", "Berlin", "", "items"] == "few"
