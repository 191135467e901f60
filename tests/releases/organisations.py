"""Random organisations and what they did, and an attacker of its own to check ours: no line is shared with it."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.releases.contributions import Contribution, merged
from portal.releases.places import Atom

KINDS = ("items.kind.click", "items.kind.key", "items.kind.prompt")
LEVELS = ("items.sensitivity.1", "items.sensitivity.2")
SPLITS = {"items": [KINDS, LEVELS]}


@dataclass
class Organisation:
    """Who belongs where, by number; `made` is what one person did in a week."""

    draw: random.Random
    where: dict[int, Atom]
    born: int = 0

    def change(self, most: int) -> None:
        """A quarter passes: some join, leave or move."""
        atoms = sorted(set(self.where.values()))
        for _ in range(self.draw.randint(0, most)):
            match self.draw.choice(("join", "leave", "move")):
                case "join":
                    self.where[self.born] = self.draw.choice(atoms)
                    self.born += 1
                case "leave" if len(self.where) > 1:
                    del self.where[self.draw.choice(sorted(self.where))]
                case _:
                    self.where[self.draw.choice(sorted(self.where))] = self.draw.choice(atoms)

    def week(self) -> dict[Atom, dict[str, Contribution]]:
        """What everybody did, by atom and item."""
        found: dict[Atom, dict[str, list[Contribution]]] = {}
        for atom in self.where.values():
            inside = found.setdefault(atom, {})
            if self.draw.random() < 0.1:
                continue
            by_kind = [self.draw.choice((0, 0, 1, 7, 30, 90)) for _ in KINDS]
            by_kind[0] = self.draw.choice((5, 30, 900))
            total = sum(by_kind)
            low = self.draw.randint(0, total)
            given = dict(zip(KINDS, by_kind, strict=True)) | dict(zip(LEVELS, (low, total - low), strict=True))
            for item, value in ({"items": total} | given).items():
                if value:
                    inside.setdefault(item, []).append(Contribution(1, value, value, 0))
        return {atom: {item: merged(parts) for item, parts in inside.items()} for atom, inside in found.items()}


def organisation(seed: int) -> Organisation:
    """Sites in countries (now and then one in two), departments of one person to forty."""
    draw = random.Random(seed)  # noqa: S311 - invented people
    where: dict[int, Atom] = {}
    for site in range(draw.randint(1, 4)):
        countries = draw.sample(("DE", "IE", "CH"), 2 if draw.random() < 0.15 else 1)
        for department in draw.sample(("Eng", "Fin", "HR", "Law", "Ops", ""), draw.randint(1, 6)):
            for _ in range(draw.choice((1, 2, 4, 7, 9, 10, 11, 14, 25, 40))):
                where[len(where)] = Atom(draw.choice(countries), f"Site {site}", department)
    return Organisation(draw, where, len(where))


def solvable(rows: Iterable[Mapping[object, int]], targets: Sequence[Mapping[object, int]]) -> list[int]:
    """Which targets follow from the rows: plain Gauss-Jordan with fractions, dense in spirit and slow on purpose."""
    basis: dict[object, dict[object, Fraction]] = {}

    def reduced(row: Mapping[object, int]) -> dict[object, Fraction]:
        left = {column: Fraction(value) for column, value in row.items()}
        for pivot in [column for column in left if column in basis]:
            factor = left.get(pivot, Fraction(0))
            for column, value in basis[pivot].items() if factor else ():
                left[column] = left.get(column, Fraction(0)) - factor * value
        return {column: value for column, value in left.items() if value}

    for row in rows:
        left = reduced(row)
        if not left:
            continue
        pivot, value = next(iter(left.items()))
        fresh = {column: factor / value for column, factor in left.items()}
        for other, held in basis.items():
            factor = held.get(pivot, Fraction(0))
            if factor:
                added = {
                    column: held.get(column, Fraction(0)) - factor * fresh.get(column, Fraction(0))
                    for column in held.keys() | fresh.keys()
                }
                basis[other] = {column: left for column, left in added.items() if left}
        basis[pivot] = fresh
    return [at for at, target in enumerate(targets) if not reduced(target)]
