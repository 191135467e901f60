"""Which cells of a quarter may be shown at all, from who belonged to them on the quarter's first day.

A cell shows nothing when it has fewer than k people, when its people and those of any panel ever shown differ by fewer
than k (but somebody), or when it would let an outsider work out one that is hidden. Values are taken to stay the same
for ever here, which is the worst case: then what was shown in another quarter is known for this one, too.

k may change from quarter to quarter. Who is counted now is protected by the k of now, also in what can be worked out of
the past; who is not counted any more, by the largest k so far.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from portal.releases.linear import Known
from portal.releases.places import Atom, Level, Place, families, members, rest

Snapshot = Mapping[Any, Atom]
"""Who belonged where on a quarter's first day, by whatever numbers them."""
Group = tuple[Atom | None, ...]
"""People who were together in every quarter so far: nothing shown can tell them apart."""
Panel = frozenset[Group]


class Why(StrEnum):
    """Why a cell or a value is hidden."""

    SMALL = "small"
    CHANGED = "changed"
    LINKED = "linked"
    FEW = "few"
    PART = "part"
    SHARE = "share"
    WITHDRAWN = "withdrawn"

    @property
    def told(self) -> "Why":
        """What is published of it, for a value of a place that shows something: not which of two reasons it was."""
        return Why.FEW if self is Why.LINKED else self


@dataclass(frozen=True)
class Hidden:
    """Why, and which hidden cell it would reveal, if it is one."""

    why: Why
    because: Place | None = None


@dataclass(frozen=True)
class Quarter:
    """An earlier quarter: who belonged where, which cells were shown, and by which k."""

    people: Snapshot
    shown: frozenset[Place]
    k: int


RANK: Final = {level: at for at, level in enumerate(Level)}


class Panels:
    """The panels of a new quarter beside all earlier ones."""

    def __init__(self, earlier: Sequence[Quarter], people: Snapshot, k: int) -> None:
        self.k, self.strictest = k, max([k, *(quarter.k for quarter in earlier)])
        self.rises = any(quarter.k < k for quarter in earlier)
        everybody = {member for quarter in earlier for member in quarter.people} | set(people)
        snapshots = [*(quarter.people for quarter in earlier), people]
        groups = Counter(tuple(one.get(member) for one in snapshots) for member in everybody)
        self.sizes: dict[Group, int] = dict(groups)
        self.old: list[tuple[Panel, int | None]] = []
        """Earlier panels with None where they were shown, else the k by which they were hidden."""
        for at, quarter in enumerate(earlier):
            for cell, panel in self._cells(at).items():
                self.old.append((panel, None if cell in quarter.shown else quarter.k))
        self.new = self._cells(len(earlier))
        self.families = families(self.new)
        self.below = {whole: parts for whole, parts in self.families if whole.level is Level.SITE}
        self.hidden: dict[Place, Hidden] = {}

    def _cells(self, at: int) -> dict[Place, Panel]:
        inside: dict[Atom, set[Group]] = {}
        for group in self.sizes:
            if (atom := group[at]) is not None:
                inside.setdefault(atom, set()).add(group)
        return {
            cell: frozenset(group for atom in atoms for group in inside[atom])
            for cell, atoms in members(inside).items()
        }

    def people(self, panel: Iterable[Group]) -> int:
        """How many people."""
        return sum(self.sizes[group] for group in panel)

    def few(self, groups: Iterable[Group]) -> bool:
        """Whether nobody may be told of these people together: fewer than k, or than the largest k if somebody left."""
        inside = tuple(groups)
        return self.people(inside) < (self.k if all(group[-1] for group in inside) else self.strictest)

    def shown(self) -> list[Place]:
        """The cells of the new quarter that are still shown, largest first."""
        left = [cell for cell in self.new if cell not in self.hidden]
        return sorted(left, key=lambda cell: (RANK[cell.level], -self.people(self.new[cell]), cell))

    def decide(self) -> dict[Place, Hidden]:
        """Hide until nothing can be worked out; the hidden cells."""
        for cell, panel in self.new.items():
            if self.people(panel) < self.k:
                self.hidden[cell] = Hidden(Why.SMALL)
        self._compare()
        while self._complete() or self._attack():
            pass
        return self.hidden

    def _compare(self) -> None:
        """Any two shown panels have the same people, or differ by k at least: the narrower or newer one gives way."""
        kept = [(self.people(panel), panel, None) for panel, hidden in self.old if hidden is None]
        near: list[tuple[int, Panel, Place | None]] = list(kept)
        for cell in self.shown():
            panel, size = self.new[cell], self.people(self.new[cell])
            close = (one for one in near if abs(one[0] - size) < self.strictest and one[1] != panel)
            clash = next((one for one in close if self.few(one[1] ^ panel)), None)
            if clash is None:
                near.append((size, panel, cell))
            else:
                self.hidden[cell] = Hidden(Why.CHANGED if clash[2] is None else Why.LINKED)

    def _complete(self) -> bool:
        """The quick part: what is left of a shown cell beside its shown parts must be nobody, or k people of two."""
        changed = False
        for whole, parts in self.families:
            while (more := self._missing(whole, parts)) is not None:
                self._hide(*more)
                changed = True
        return changed

    def _missing(self, whole: Place, parts: Iterable[Place]) -> tuple[Place, Place] | None:
        """The part to hide besides, and the one it would reveal."""
        hidden = [part for part in parts if part in self.hidden]
        left = [part for part in parts if part not in self.hidden]
        if whole in self.hidden:
            return (min(left, key=self._cost), whole) if left and not hidden else None
        left += [one for part in hidden for one in self.below.get(part, ()) if one not in self.hidden]
        unknown = rest(hidden, self.below, self.hidden.__contains__)
        if not left or not hidden or (len(unknown) > 1 and self._sum(unknown) >= self.k):
            return None
        return min(left, key=self._cost), (unknown or hidden)[0]

    def _sum(self, cells: Iterable[Place]) -> int:
        return sum(self.people(self.new[cell]) for cell in cells)

    def _cost(self, cell: Place) -> tuple[int, int, Place]:
        """What is hidden first: the narrowest, then the smallest."""
        return -RANK[cell.level], self.people(self.new[cell]), cell

    def _hide(self, cell: Place, because: Place | None) -> None:
        self.hidden[cell] = Hidden(Why.LINKED, because)

    def _attack(self) -> bool:
        """The exact part: work out hidden cells and small groups from everything shown; hide what made it possible."""
        rows: list[tuple[Panel, Place | None]] = [(panel, None) for panel in self.told]
        rows += [(self.new[cell], cell) for cell in self.shown()]
        known = self._known(panel for panel, _ in rows)
        for target, cell in self._targets():
            found = known.explains(dict.fromkeys(target, 1))
            used = [] if found is None else [rows[at][1] for at in found if isinstance(at, int)]
            cells = [one for one in used if one is not None]
            if cells and not self._given_away(target):
                self._hide(min(cells, key=self._cost), cell)
                return True
        return False

    def _known(self, panels: Iterable[Panel]) -> Known:
        known = Known()
        for at, panel in sorted(enumerate(panels), key=lambda row: len(row[1])):
            known.add(dict.fromkeys(panel, 1), at)
        return known

    @cached_property
    def told(self) -> list[Panel]:
        """The panels that were shown before."""
        return [panel for panel, hidden in self.old if hidden is None]

    @cached_property
    def past(self) -> Known | None:
        """What earlier quarters told alone, where k rises: hiding takes nothing of that back."""
        return self._known(self.told) if self.rises else None

    def _given_away(self, target: Panel) -> bool:
        return self.past is not None and self.past.explains(dict.fromkeys(target, 1)) is not None

    def _targets(self) -> Iterator[tuple[Panel, Place | None]]:
        """What nobody may work out: the panels that are hidden, now or then, and every group of too few.

        A lower k opens what was hidden by a higher one, where it is enough people who are all still counted.
        """
        for cell in sorted(self.hidden):
            yield self.new[cell], cell
        told = set(self.told)
        for panel, hidden in self.old:
            if hidden is not None and panel not in told and (hidden <= self.k or self.few(panel)):
                yield panel, None
        yield from ((frozenset({group}), None) for group in self.sizes if self.few({group}))


def pattern(earlier: Sequence[Quarter], people: Snapshot, k: int) -> dict[Place, Hidden]:
    """The cells of a new quarter that show nothing, each with why. What was shown before is never taken back."""
    return Panels(earlier, people, k).decide()
