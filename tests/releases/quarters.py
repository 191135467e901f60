"""Quarters of a random organisation one after the other, and what was worked in one, as the attackers need it."""

from collections.abc import Iterator, Mapping

from portal.releases.contributions import SMALLEST_GROUP, Contribution
from portal.releases.panels import Quarter, pattern
from portal.releases.places import Atom, Place, members
from portal.releases.tables import Value
from tests.releases.organisations import KINDS, LEVELS, Organisation

K = SMALLEST_GROUP


def in_atoms(value: Value, cells: Mapping[Place, frozenset[Atom]]) -> dict[object, int]:
    """A value as a sum of unknowns of atoms: the last part of a total is what the others leave of it."""
    row: dict[object, int] = {}
    assert isinstance(value.cell, Place)
    for atom in cells[value.cell]:
        ways = next((way for way in (KINDS, LEVELS) if value.item == way[-1]), None)
        row[atom, "items" if ways else value.item] = 1
        for part in ways[:-1] if ways else ():
            row[atom, part] = -1
    return row


def is_cell(value: Value) -> bool:
    """Whether it is a value of a cell, as it is told, and not of an atom."""
    return isinstance(value.cell, Place)


def quarters(made: Organisation, count: int) -> Iterator[tuple[list[Quarter], Quarter]]:
    """Quarters one after the other with what was before each; some people join, leave or move between them."""
    earlier: list[Quarter] = []
    for _ in range(count):
        people = dict(made.where)
        hidden = pattern(earlier, people, K)
        quarter = Quarter(people, frozenset(cell for cell in members(set(people.values())) if cell not in hidden), K)
        yield list(earlier), quarter
        earlier.append(quarter)
        made.change(14)


def worked(quarter: Quarter, made: Organisation) -> dict[Atom, dict[str, Contribution]]:
    """A week of the people as they were counted."""
    return Organisation(made.draw, dict(enumerate(quarter.people.values()))).week()
