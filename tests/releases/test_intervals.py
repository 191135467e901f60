"""Nothing hidden lies in a narrow interval (decision 61), over random organisations and by hand.

The linear program here shares no line with the one that the releases are checked by: its unknowns are atoms and not
cells, and it looks for the values themselves and not for steps away from them.
"""

from collections.abc import Iterable, Mapping, Sequence

import pytest
from highspy import Highs, HighsModelStatus, ObjSense

from portal.releases.contributions import Contribution, Need, need, tellable
from portal.releases.intervals import Intervals
from portal.releases.places import Atom, Level, Place, members
from portal.releases.tables import Splits, Table, Value, protect
from tests.releases.organisations import KINDS, LEVELS, SPLITS, organisation, solvable
from tests.releases.quarters import K, in_atoms, is_cell, quarters, worked

ORGANISATIONS, PARTS, SOME = 1000, 10, 300
SLACK = 0.001


class Bounds:
    """A linear program of its own, over atoms and their parts: what each shown sum is, and that nothing is negative."""

    def __init__(self, atoms: Iterable[Atom], items: Sequence[str]) -> None:
        self.solver = Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("output_flag", False)
        self.at = {(atom, item): at for at, (atom, item) in enumerate((atom, item) for atom in atoms for item in items)}
        for _ in self.at:
            self.solver.addCol(0.0, 0.0, self.solver.inf, 0, [], [])
        for atom in {atom for atom, _ in self.at}:
            for way in SPLITS["items"]:
                row = [self.at[atom, "items"], *(self.at[atom, part] for part in way)]
                self.solver.addRow(0.0, 0.0, len(row), row, [-1.0, *[1.0] * len(way)])

    def told(self, atoms: Iterable[Atom], item: str, value: int) -> None:
        """Somebody reads that these atoms make so much of it together."""
        row = [self.at[atom, item] for atom in atoms]
        self.solver.addRow(float(value), float(value), len(row), row, [1.0] * len(row))

    def of(self, atoms: Iterable[Atom], item: str) -> tuple[float, float]:
        """The least and the most that these atoms may make together."""
        row = [self.at[atom, item] for atom in atoms]
        for at in row:
            self.solver.changeColCost(at, 1.0)
        found = self._reach(ObjSense.kMinimize), self._reach(ObjSense.kMaximize)
        for at in row:
            self.solver.changeColCost(at, 0.0)
        return found

    def _reach(self, sense: ObjSense) -> float:
        self.solver.changeObjectiveSense(sense)
        self.solver.run()
        if self.solver.getModelStatus() in {HighsModelStatus.kUnbounded, HighsModelStatus.kUnboundedOrInfeasible}:
            return float("inf")
        assert self.solver.getModelStatus() == HighsModelStatus.kOptimal
        return self.solver.getInfo().objective_function_value


@pytest.mark.parametrize("part", range(PARTS))
def test_A04_no_hidden_value_of_1000_organisations_lies_in_a_narrow_interval(part: int) -> None:
    """Decision 61, by a linear program in other unknowns. Hiding only what elimination finds must fail it."""
    narrow = 0
    for seed in range(part, ORGANISATIONS, PARTS):
        made = organisation(seed)
        _, quarter = next(quarters(made, 1))
        closed = frozenset(cell for cell in members(set(quarter.people.values())) if cell not in quarter.shown)
        done = worked(quarter, made)
        table = protect(done, SPLITS, closed, K)
        assert bounded(table) == [], seed
        if seed < SOME:
            narrow += bool(bounded(by_elimination_alone(done, SPLITS, closed)))
    assert narrow >= 1, "the attacker must be able to win"


def by_elimination_alone(
    atoms: Mapping[Atom, Mapping[str, Contribution]], splits: Splits, closed: frozenset[Place]
) -> Table:
    """As releases were protected before: nobody looks at intervals."""
    table = Table(atoms, splits, closed, K)
    table.intervals = Intervals((), table.intervals.rules)
    table.protect()
    return table


def bounded(table: Table) -> list[tuple[Value, float, float]]:
    """The hidden values that are known too closely, and how closely."""
    atoms = sorted({atom for inside in table.cells.values() for atom in inside})
    known, found = Bounds(atoms, ("items", *KINDS, *LEVELS)), []
    values = [(value, value.cell, made) for value, made in table.values.items() if isinstance(value.cell, Place)]
    for value, cell, made in values:
        if value not in table.hidden:
            known.told(table.cells[cell], value.item, made.total)
    for value, cell, made in values:
        low, high = known.of(table.cells[cell], value.item) if value in table.hidden else (0.0, float("inf"))
        if high - low < K - SLACK or not (tellable(made, K) or _doubtful(made, low, high)):
            found.append((value, low, high))
    return found


def _doubtful(made: Contribution, low: float, high: float) -> bool:
    """Down to nothing or a fifth below; k and a fifth above; and so far that the largest is not most of it."""
    x, one, two = made.total, made.first, made.first + made.second
    above = max(x + K, 1.2 * x, 2 * one, 10 * two // 7)
    return low <= max(0, 2 * x - above) + SLACK and high >= above - 1 - SLACK


def _made(**people: tuple[int, int]) -> dict[Atom, dict[str, Contribution]]:
    """Departments of Berlin: how many people made how many requests, all of them alike."""
    return {
        Atom("DE", "Berlin", name): {"requests": Contribution(count, total, *[total // max(count, 1)] * 2)}
        for name, (count, total) in people.items()
    }


def _hidden(table: Table) -> set[str]:
    return {value.cell.department or value.cell.level for value in table.hidden if isinstance(value.cell, Place)}


def test_A04_two_hidden_values_that_are_little_together_are_not_left_alone() -> None:
    """Fifteen requests by Law and HR: elimination finds neither, yet neither can be more than fifteen."""
    made = _made(Eng=(60, 400), Law=(9, 9), HR=(6, 6), Ops=(50, 300))
    assert _hidden(by_elimination_alone(made, {}, frozenset())) == {"Law", "HR"}
    assert _hidden(protect(made, {}, frozenset(), K)) == {"Law", "HR", "Ops"}


def test_A04_hidden_values_that_are_nothing_together_are_not_told_as_nothing() -> None:
    made = _made(Eng=(60, 400), Law=(0, 0), HR=(0, 0), Ops=(50, 300))
    assert _hidden(protect(made, {}, frozenset(), K)) == {"Law", "HR", "Ops"}


def test_what_nobody_has_made_widens_nothing() -> None:
    """A shown zero can only grow: it helps where a sum is hidden with it, and not where the sum is told."""
    made = _made(Eng=(60, 400), Law=(9, 9), HR=(6, 6), Ops=(50, 3))
    assert _hidden(protect(made, {}, frozenset(), K)) >= {"Law", "HR", "Eng"}


def test_A04_a_country_that_is_one_department_tells_nothing_of_it() -> None:
    """Berlin and Linz lie in two countries each, so that no sites make up Germany: it is Engineering in Berlin."""
    made = {
        Atom(country, site, department): {"requests": Contribution(people, 10 * people, 10, 10)}
        for country, site, department, people in (
            ("DE", "Berlin", "Eng", 11),
            ("PL", "Berlin", "Law", 4),
            ("PL", "Berlin", "Ops", 30),
            ("AT", "Linz", "Ops", 40),
            ("PL", "Linz", "HR", 25),
        )
    }
    table = protect(made, {}, frozenset(), K)
    eng = Value(Place(Level.DEPARTMENT, site="Berlin", department="Eng"), "requests")
    germany = Value(Place(Level.COUNTRY, country="DE"), "requests")
    assert (eng in table.hidden) == (germany in table.hidden)
    rows = [in_atoms(value, table.cells) for value in table.values if value not in table.hidden and is_cell(value)]
    assert not solvable(rows, [in_atoms(value, table.cells) for value in table.hidden if is_cell(value)])


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (Contribution(0, 0, 0, 0), Need(0, 10, 10)),
        (Contribution(3, 6, 2, 2), Need(6, 10, 10)),
        (Contribution(9, 900, 100, 100), Need(180, 180, 10)),
        (Contribution(1, 900, 900, 0), Need(900, 900, 10)),
        (Contribution(20, 1000, 600, 20), Need(200, 200, 10)),
        (Contribution(20, 1000, 450, 400), Need(214, 214, 10)),
        (Contribution(20, 1000, 100, 100), Need(0, 0, 10)),
    ],
)
def test_how_far_an_outsider_must_be_left_in_doubt(made: Contribution, asked: Need) -> None:
    assert need(made, K) == asked
