"""Which values of a release may be shown: each alone, and together with every sum they are part of.

Values add up in two ways: a cell is the sum of the cells inside it, and a total the sum of its parts (all items, those
of each kind). Hidden: what too few people made or few of them dominate, then as much more as it takes until an exact
attacker, who knows all sums, works out nothing that is hidden, and bounds nothing of it too closely.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from portal.releases.contributions import NOTHING, Contribution, merged, need, tellable
from portal.releases.intervals import Intervals, Rules
from portal.releases.linear import Known, Row
from portal.releases.panels import RANK, Why
from portal.releases.places import Atom, Level, Place, families, members, rest

Splits = Mapping[str, Sequence[Sequence[str]]]
"""Item → the ways in which it is the sum of others."""


class Value(NamedTuple):
    """One value: where, and of what."""

    cell: Place | Atom
    item: str


Equation = tuple[Value, tuple[Value, ...]]
"""A sum, and what it is the sum of."""


class Table:
    """All values of one release that add up with each other."""

    def __init__(
        self,
        atoms: Mapping[Atom, Mapping[str, Contribution]],
        splits: Splits,
        closed: frozenset[Place],
        k: int,
        before: frozenset[Value] = frozenset(),
    ) -> None:
        self.k, self.closed, self.before = k, closed, before
        self.cells = members(atoms)
        parts = {part for ways in splits.values() for way in ways for part in way}
        self.items = sorted({item for found in atoms.values() for item in found} | set(splits) | parts)
        self.values: dict[Value, Contribution] = {}
        for cell, inside in self.cells.items():
            for item in self.items:
                self.values[Value(cell, item)] = merged(atoms[atom].get(item, NOTHING) for atom in inside)
        self.below = {whole: parts for whole, parts in families(self.cells) if whole.level is Level.SITE}
        self.equations = list(self._by_place(atoms))
        self.equations += self._by_item(splits)
        self.hidden: dict[Value, Why] = {}
        rules = Rules(lambda one: self.values[one].total, lambda one: need(self.values[one], k), self._cost)
        self.intervals = Intervals(self.equations, rules)

    def _by_place(self, atoms: Mapping[Atom, Mapping[str, Contribution]]) -> Iterable[Equation]:
        found = families(self.cells)
        summed = {whole for whole, _ in found}
        alone = {
            atom: cell
            for cell, inside in self.cells.items()
            if cell.level is Level.DEPARTMENT and len(inside) == 1
            for atom in inside
        }
        for item in self.items:
            for whole, parts in found:
                yield Value(whole, item), tuple(Value(part, item) for part in parts)
            for cell, inside in self.cells.items():
                if cell not in summed and alone.get(next(iter(inside))) != cell:
                    yield self._of_atoms(cell, [(atom, alone.get(atom, atom)) for atom in sorted(inside)], item, atoms)

    def _of_atoms(
        self,
        cell: Place,
        inside: Iterable[tuple[Atom, Place | Atom]],
        item: str,
        atoms: Mapping[Atom, Mapping[str, Contribution]],
    ) -> Equation:
        """A cell that no cells fill: the sum of atoms, which are shown only where one is a whole department."""
        parts = []
        for atom, known_as in inside:
            parts.append(Value(known_as, item))
            self.values.setdefault(parts[-1], atoms[atom].get(item, NOTHING))
        return Value(cell, item), tuple(parts)

    def _by_item(self, splits: Splits) -> Iterable[Equation]:
        for cell in dict.fromkeys(value.cell for value in self.values):
            for item, ways in splits.items():
                for parts in ways:
                    yield Value(cell, item), tuple(Value(cell, part) for part in parts)

    def protect(self) -> dict[Value, Why]:
        """Hide until nothing hidden can be worked out; the hidden values with why."""
        for value, made in self.values.items():
            if not isinstance(value.cell, Place):
                self.hidden[value] = Why.LINKED
            elif value.cell in self.closed:
                self.hidden[value] = Why.SMALL
            elif not tellable(made, self.k):
                self.hidden[value] = Why.FEW
        while self._complete() or self._widen() or self._attack():
            pass
        return self.hidden

    def _complete(self) -> bool:
        """The quick part: no sum with one hidden member, and none whose hidden members are too few people together."""
        changed = False
        for whole, parts in self.equations:
            while (more := self._missing(whole, parts)) is not None:
                self.hidden[more] = Why.LINKED
                changed = True
        return changed

    def _missing(self, whole: Value, parts: tuple[Value, ...]) -> Value | None:
        """What has to be hidden besides, None when the sum gives nothing away."""
        hidden = [part for part in parts if part in self.hidden]
        left = [part for part in parts if part not in self.hidden]
        if whole in self.hidden:
            return min(left, key=self._cost) if left and not hidden else None
        unknown = self._unknown(hidden)
        if not hidden or (len(unknown) > 1 and self._tellable(unknown)):
            return None
        left += [deeper for part in hidden for deeper in self._below(part) if deeper not in self.hidden]
        return min(left, key=self._cost) if left else (whole if len(hidden) == 1 else None)

    def _below(self, value: Value) -> list[Value]:
        parts = self.below.get(value.cell, ()) if isinstance(value.cell, Place) else ()
        return [Value(part, value.item) for part in parts]

    def _unknown(self, hidden: list[Value]) -> list[Value]:
        """Hidden parts by place without what is shown inside them; hidden parts by item as they are."""
        if len({value.item for value in hidden}) > 1:
            return hidden
        item, cells = (hidden[0].item, []) if hidden else ("", [])
        for value in hidden:
            if not isinstance(value.cell, Place):
                return hidden
            cells.append(value.cell)
        return [Value(cell, item) for cell in rest(cells, self.below, lambda cell: Value(cell, item) in self.hidden)]

    def _tellable(self, hidden: list[Value]) -> bool:
        """Whether the sum of hidden parts may be known: by place people add up, by item they may be the same."""
        if hidden[0].item == hidden[1].item:
            return tellable(merged(self.values[value] for value in hidden), self.k)
        return max(self.values[value].people for value in hidden) >= self.k

    def _cost(self, value: Value) -> tuple[bool, int, int, int, Value]:
        """What is hidden first: what was hidden last time, too; then the narrowest, then the least."""
        narrow = -RANK[value.cell.level] if isinstance(value.cell, Place) else 0
        made = self.values[value]
        return value not in self.before, narrow, made.people, made.total, value

    def _widen(self) -> bool:
        """The part in numbers: what is known too closely gets, beside it, the smallest value that helps."""
        found = self.intervals.missing(self.hidden)
        self.hidden |= dict.fromkeys(sorted(found), Why.LINKED)
        return bool(found)

    def _attack(self) -> bool:
        """The exact part: solve for everything hidden; what was needed for it gives up its smallest shown value."""
        known = Known()
        for at, (whole, parts) in enumerate(self.equations):
            row: Row = {part: 1 for part in parts if part in self.hidden}
            if whole in self.hidden:
                row[whole] = -1
            if row:
                known.add(row, at)
        for target in sorted(self.hidden, key=repr):
            used = known.explains({target: 1})
            if used is not None and self._weaken(used):
                return True
        return False

    def _weaken(self, used: Iterable[object]) -> bool:
        shown = {
            value
            for at in used
            if isinstance(at, int)
            for value in (self.equations[at][0], *self.equations[at][1])
            if value not in self.hidden
        }
        if not shown:
            return False
        self.hidden[min(shown, key=self._cost)] = Why.LINKED
        return True


def protect(
    atoms: Mapping[Atom, Mapping[str, Contribution]],
    splits: Splits,
    closed: frozenset[Place],
    k: int,
    before: frozenset[Value] = frozenset(),
) -> Table:
    """The table with its hidden values decided. `closed`: cells that show nothing; `before`: hidden last time."""
    table = Table(atoms, splits, closed, k, before)
    table.protect()
    return table
