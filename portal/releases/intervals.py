"""How closely an outsider can bound what is hidden, who knows all sums and that nothing is below zero.

The way of statistical offices (decision 61): each hidden value gets the least and the greatest that it may be, by two
linear programs. They are solved in steps away from the true values, so that all sums are zero, and only over what hangs
together. A solution shows for every value in it how far that one may lie, so that few have to be solved for alone.
"""

from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
from highspy import HighsLp, HighsModelStatus, MatrixFormat
from highspy._core import _Highs
from numpy.typing import NDArray

from portal.releases.contributions import Need

FAR: Final = 10
"""A value may move by so many times the largest need of its block: more makes no interval safe that was not."""
STALLS: Final = 2
NEAR: Final = 1e-6
"""Relative: what a solver in floating point may be wrong by."""
V = TypeVar("V", bound=Hashable)
Steps = NDArray[np.float64]
Sum = tuple[V, tuple[V, ...]]
"""A value, and the values that it is the sum of."""


class Rules(NamedTuple, Generic[V]):
    """What is known of each value: how much it is, how much doubt it needs, and what is hidden first."""

    amount: Callable[[V], int]
    need: Callable[[V], Need]
    cost: Callable[[V], tuple[object, ...]]
    firm: Callable[[V], bool] = lambda _: False
    """What everybody knows, or what is decided already: it is never hidden."""


class Intervals(Generic[V]):
    """The sums of a release, whatever of it is hidden. What was wide enough once is not looked at again."""

    def __init__(self, sums: Sequence[Sum[V]], rules: Rules[V], wide: Iterable[frozenset[Hashable]] = ()) -> None:
        self._sums, self.rules = sums, rules
        self.wide: set[frozenset[Hashable]] = set(wide)
        """What hangs together and was wide enough; `wide` given: of a program with fewer sums."""

    def missing(self, hidden: Collection[V]) -> set[V]:
        """What has to be hidden besides, so that nothing hidden is known too closely. Ask again once it is."""
        found: set[V] = set()
        for values, sums in _blocks(self._sums, hidden):
            inside = frozenset(values)
            if inside in self.wide:
                continue
            more: set[V] = set(_Block(values, sums, self.rules).helpers())
            if not more:
                self.wide.add(inside)
            found |= more
        return found


def _blocks(sums: Sequence[Sum[V]], hidden: Collection[V]) -> list[tuple[list[V], list[Sum[V]]]]:
    """Hidden values that hang together by sums, and by which."""
    root = {value: value for value in hidden}
    touched: list[tuple[Sum[V], V]] = []
    for one in sums:
        inside = [value for value in (one[0], *one[1]) if value in root]
        if inside:
            first = _top(root, inside[0])
            touched.append((one, first))
            for value in inside[1:]:
                root[_top(root, value)] = first
    found: dict[V, tuple[list[V], list[Sum[V]]]] = {}
    for value in hidden:
        found.setdefault(_top(root, value), ([], []))[0].append(value)
    for one, value in touched:
        found[_top(root, value)][1].append(one)
    return list(found.values())


def _top(root: dict[V, V], value: V) -> V:
    while root[value] != value:
        root[value] = value = root[root[value]]
    return value


class _Block(Generic[V]):
    """The linear program of hidden values that hang together: `steps` away from the truth."""

    def __init__(self, values: Sequence[V], sums: Sequence[Sum[V]], rules: Rules[V]) -> None:
        self.sums, self.rules = sums, rules
        self.number = {value: at for at, value in enumerate(values)}
        self.below, self.above, self.width = np.array([rules.need(value) for value in values], float).T
        self.far = FAR * float(max(self.above.max(), self.width.max()))
        self.least = -np.minimum(np.array([rules.amount(value) for value in values], float), self.far)
        self.low, self.high = np.zeros(len(values)), np.zeros(len(values))
        self.draw = np.random.default_rng(len(values))
        self.solver = _Highs()  # Highs adds callbacks, and greets on stdout
        for option, chosen in (("output_flag", False), ("presolve", "off"), ("threads", 1), ("simplex_strategy", 4)):
            self.solver.setOptionValue(option, chosen)
        self.solver.passModel(self._program())

    def _program(self) -> HighsLp:
        """Each sum has to stay what it is; nothing falls below zero."""
        made, rows = HighsLp(), [_factors(one, self.number) for one in self.sums]
        made.num_col_, made.num_row_ = len(self.number), len(rows)
        made.col_cost_ = np.zeros(len(self.number))
        made.col_lower_, made.col_upper_ = self.least, np.full(len(self.number), self.far)
        made.row_lower_ = made.row_upper_ = np.zeros(len(rows))
        made.a_matrix_.format_ = MatrixFormat.kRowwise
        made.a_matrix_.start_ = np.cumsum([0, *(len(row) for row in rows)])
        made.a_matrix_.index_ = np.array([self.number[value] for row in rows for value in row])
        made.a_matrix_.value_ = np.array([factor for row in rows for factor in row.values()], float)
        return made

    def helpers(self) -> Iterator[V]:
        """Shown values without which every interval here is wide enough."""
        self._sweep()
        while (left := np.flatnonzero(np.maximum(*self._missing()))).size:
            value = self._helper(int(left[0]))
            if value is not None:
                self._add(value)
                yield value
                self._sweep()

    def _missing(self) -> tuple[Steps, Steps]:
        """How much is missing below and above each value."""
        across, near = self.width - self.high + self.low, NEAR * np.maximum(self.above, self.width)
        below, above = np.maximum(self.below + self.low, across), np.maximum(self.above - self.high, across)
        return np.where(below > near, below, 0.0), np.where(above > near, above, 0.0)

    def _sweep(self) -> None:
        """Move as many as possible at once, each as far as it has to, until that settles none of them any more."""
        below, above = self._missing()
        left, stalled = int(np.count_nonzero((below, above))), 0
        while left and stalled < STALLS:
            up, down = (above >= below) & (above > 0), below > above
            least = np.where(down, np.maximum(self.low - below, self.least), self.least)
            most = np.where(up, self.high + above, self.far)
            cost = np.where(down, 1.0, np.where(up, -1.0, 0.0)) * self.draw.uniform(0.1, 1, len(up))
            self._run(cost, least, most)
            below, above = self._missing()
            before, left = left, int(np.count_nonzero((below, above)))
            stalled = stalled + 1 if left == before else 0

    def _helper(self, at: int) -> V | None:
        """The cheapest shown value that widens this one's interval; None where it turns out to be wide enough."""
        prices = [self._solve(at, cost) for cost in (1.0, -1.0)]
        missing = [float(one[at]) for one in self._missing()]
        found = {one for price, gap in zip(prices, missing, strict=True) if gap for one in self._helps(price, gap)}
        if not found:
            self.below[at] = self.above[at] = self.width[at] = 0
            return None
        return min(found, key=lambda one: (not one[1], *self.rules.cost(one[0])))[0]

    def _solve(self, at: int, cost: float) -> Steps | None:
        """Move this value as far as it goes; what each sum costs then."""
        costs = np.zeros(len(self.number))
        costs[at] = cost
        return self._run(costs, self.least, np.full(len(self.number), self.far))

    def _run(self, cost: Steps, least: Steps, most: Steps) -> Steps | None:
        """Solve, keep what the solution shows of each value, and say what each sum costs; None: there is no answer."""
        count, every = len(self.number), np.arange(len(self.number), dtype=np.int32)
        self.solver.changeColsCost(count, every, cost)
        self.solver.changeColsBounds(count, every, least, most)
        self.solver.run()
        if self.solver.getModelStatus() != HighsModelStatus.kOptimal:
            self.solver.clearSolver()
            return None
        answer = self.solver.getSolution()
        steps = np.array(answer.col_value)
        self.low, self.high = np.minimum(self.low, steps), np.maximum(self.high, steps)
        return np.array(answer.row_dual)

    def _helps(self, prices: Steps | None, missing: float) -> Iterator[tuple[V, bool]]:
        """Shown values whose sums hold the interval back, and whether one may be enough; all without an answer."""
        pull: dict[V, float] = {}
        for one, price in zip(self.sums, np.ones(len(self.sums)) if prices is None else prices, strict=True):
            for value, factor in _factors(one).items():
                if value not in self.number:
                    pull[value] = pull.get(value, 0.0) + factor * float(price)
        for value, force in pull.items():
            amount = self.rules.amount(value)
            if self.rules.firm(value):
                continue
            if abs(force) > NEAR and (force > 0 or amount):
                yield value, force > 0 or amount >= missing

    def _add(self, value: V) -> None:
        """From now on this value may move, too."""
        rows = [(at, row[value]) for at, one in enumerate(self.sums) if value in (row := _factors(one))]
        least = -min(float(self.rules.amount(value)), self.far)
        index, factors = np.array([at for at, _ in rows], np.int32), np.array([factor for _, factor in rows], float)
        self.solver.addCol(0.0, least, self.far, len(rows), index, factors)
        self.number[value] = len(self.number)
        self.least = np.append(self.least, least)
        for name in ("below", "above", "width", "low", "high"):
            setattr(self, name, np.append(getattr(self, name), 0.0))


def _factors(one: Sum[V], only: Container[V] | None = None) -> dict[V, int]:
    """The sum as factors: its whole against its parts, or those of them that are in `only`."""
    whole, parts = one
    row = dict.fromkeys(parts, 1) | {whole: -1}
    return row if only is None else {value: factor for value, factor in row.items() if value in only}
