"""Which shares may be told: how many of a place's people have something, in steps (decision 73).

A share bounds a number of people. So each takes part in the linear programs of `portal.releases.intervals`, with
everything that bounds it besides: places add up, nobody counts twice, an item has somebody who made it, and a number
that is shown stands for k people. Where a number of people, or a hidden sum, would lie too closely, a share is hidden.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from portal.releases import items
from portal.releases.contributions import Contribution, Need, heads, need, share, step
from portal.releases.intervals import Intervals, Rules, Sum
from portal.releases.panels import RANK
from portal.releases.places import Atom, Place
from portal.releases.tables import Table, Value

CAPTURED, PAUSED, OPTED_OUT = items.SHARES
MADE_BY: Final = {CAPTURED: (items.ITEMS, items.HOURS), PAUSED: (items.PAUSES,), OPTED_OUT: ()}
"""Share → the totals that nobody else has made."""
FREE: Final = Need(0, 0, 0)
NOBODY: Final = Contribution()


class Part(StrEnum):
    """What a number of the program stands for beside a share."""

    WITH = "people that have it"
    WITHOUT = "people that have it not"
    PEOPLE = "all people"
    ABOVE = "above the step's first"
    BELOW = "below the step's last"
    WIDTH = "from the step's first to its last"
    LEAST = "at least"
    OVER = "more than that"


class Number(NamedTuple):
    """One of them, of one share. `beside`: the item that it is compared with."""

    part: Part
    value: Value
    beside: str = ""


class Step(NamedTuple):
    """A share as it is told: from so many percent on, and how wide."""

    low: int
    width: int


Known = Value | Number


class Shares:
    """All shares of a release, beside its sums, of which it is decided what is hidden."""

    def __init__(
        self, counts: Mapping[Atom, Mapping[str, int]], sizes: Mapping[Atom, int], table: Table, k: int
    ) -> None:
        self.table, self.k = table, k
        made = {atom: {item: Contribution(n, n, 1, 1) for item, n in counts.get(atom, {}).items()} for atom in sizes}
        places = Table(made, dict.fromkeys(items.SHARES, ()), table.closed, k)
        self.counts = {value: one.total for value, one in places.values.items()}
        self.people = {
            value: sum(sizes[atom] for atom in places.cells[value.cell]) if isinstance(value.cell, Place)
            else sizes[value.cell]
            for value in self.counts
        }  # fmt: skip
        self.amounts: dict[Known, int] = {}
        self.needs: dict[Known, Need] = {}
        self.sums: list[Sum[Known]] = [
            (Number(Part.WITH, whole), tuple(Number(Part.WITH, part) for part in parts))
            for whole, parts in places.equations
        ]
        self.least = {(value.cell, value.item.partition(".")[0]) for value in table.values if value not in table.hidden}
        self.steps: dict[Value, Step] = {}
        for value in self.counts:
            self._bound(value)

    def _bound(self, value: Value) -> None:
        """Everything that is known of one number of people."""
        count, people = self.counts[value], self.people[value]
        self.amounts[Number(Part.WITH, value)] = count
        self._sum(Number(Part.PEOPLE, value), people, Number(Part.WITH, value), Number(Part.WITHOUT, value))
        told = [total for total in MADE_BY[value.item] if (value.cell, total) in self.least]
        floor = self.k if told and count >= self.k else 0
        if floor:
            self._sum(Number(Part.WITH, value), count, Number(Part.LEAST, value), Number(Part.OVER, value), floor)
        self.needs[Number(Part.WITH, value)] = Need(
            count if count < self.k else 0,
            people - count if people - count < self.k else 0,
            min(self.k, people - floor),
        )
        if value.item == CAPTURED and (made := Value(value.cell, items.ITEMS)) in self.table.values:
            self._at_most(value, made, self.table.values[made].total)
        if value.item == OPTED_OUT:
            paused = Value(value.cell, PAUSED)
            self._at_most(value, Number(Part.WITH, paused), self.counts[paused])
        width = step(people, self.k) if isinstance(value.cell, Place) and value.cell not in self.table.closed else None
        if width is not None:
            self._show(value, Step(share(count, people, width), width))

    def _show(self, value: Value, told: Step) -> None:
        """Somebody reads the step: the number lies above its first by something, and below its last by the rest."""
        first, last = heads(self.people[value], *told)
        self.steps[value] = told
        self.amounts[value] = first
        above = Number(Part.ABOVE, value)
        self._sum(Number(Part.WITH, value), self.counts[value], value, above, first)
        self._sum(Number(Part.WIDTH, value), last - first, above, Number(Part.BELOW, value))

    def _at_most(self, value: Value, other: Known, amount: int) -> None:
        less = Number(Part.OVER, value, items.ITEMS if isinstance(other, Value) else PAUSED)
        self._sum(other, amount, Number(Part.WITH, value), less)

    def _sum(self, whole: Known, amount: int, first: Known, second: Known, given: int | None = None) -> None:
        """`whole`, which is `amount`, is `first` and `second`; `given`: how much the first is."""
        if given is not None:
            self.amounts[first] = given
        self.amounts.setdefault(whole, amount)
        self.amounts[second] = amount - self.amounts[first]
        self.sums.append((whole, (first, second)))

    def told(self) -> dict[Value, Step | None]:
        """Each share of a place that shows something and has people enough; None where it is hidden all the same."""
        unseen: set[Known] = set(self.table.hidden)
        unseen |= {one for one in self.amounts if isinstance(one, Number) and one.part not in KNOWN}
        rules: Rules[Known] = Rules(self._amount, self._need, self._cost, lambda one: one not in self.steps)
        sums: list[Sum[Known]] = [*self.table.equations, *self.sums]
        intervals = Intervals(sums, rules, self.table.intervals.wide)
        while more := intervals.missing(unseen):
            unseen |= more
        return {value: None if value in unseen else told for value, told in self.steps.items()}

    def _amount(self, one: Known) -> int:
        found = self.amounts.get(one)
        return self.table.values[one].total if found is None and isinstance(one, Value) else found or 0

    def _need(self, one: Known) -> Need:
        if isinstance(one, Value) and one not in self.steps:
            return need(self.table.values[one], self.k)
        return self.needs.get(one, FREE)

    def _cost(self, one: Known) -> tuple[object, ...]:
        """What is hidden first, as with sums."""
        value = one.value if isinstance(one, Number) else one
        narrow = -RANK[value.cell.level] if isinstance(value.cell, Place) else 0
        return value not in self.table.before, narrow, self.people.get(value, 0), value


KNOWN: Final = frozenset({Part.PEOPLE, Part.WIDTH, Part.LEAST})


def of_weeks(weeks: Iterable[Step | None], item: str) -> Step | None:
    """A month's share, oldest week first: that of its last week, or of the one with most; None where a week has none.

    So it tells nothing that its weeks have not told.
    """
    told = list(weeks)
    known = [one for one in told if one is not None]
    if not known or len(known) < len(told) or len({one.width for one in known}) > 1:
        return None
    return known[-1] if item == OPTED_OUT else max(known)
