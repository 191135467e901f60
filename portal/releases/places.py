"""The fixed hierarchy of released statistics: company, country, site, department within a site."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Level(StrEnum):
    """How wide a cell is."""

    COMPANY = "company"
    COUNTRY = "country"
    SITE = "site"
    DEPARTMENT = "department"


class Atom(NamedTuple):
    """Where somebody belongs; '' where the company does not say."""

    country: str
    site: str
    department: str


class Place(NamedTuple):
    """A cell of the hierarchy. What does not name it is ''."""

    level: Level
    country: str = ""
    site: str = ""
    department: str = ""


COMPANY: Final = Place(Level.COMPANY)


def place(level: Level, atom: Atom) -> Place:
    """The cell of this level that the atom lies in."""
    match level:
        case Level.COMPANY:
            return COMPANY
        case Level.COUNTRY:
            return Place(level, country=atom.country)
        case Level.SITE:
            return Place(level, site=atom.site)
        case Level.DEPARTMENT:
            return Place(level, site=atom.site, department=atom.department)


def places(atom: Atom) -> tuple[Place, ...]:
    """All cells that count who belongs to the atom, widest first."""
    return tuple(place(level, atom) for level in Level)


def members(atoms: Iterable[Atom]) -> dict[Place, frozenset[Atom]]:
    """Each cell with the atoms that it is made of."""
    found: dict[Place, set[Atom]] = {}
    for atom in atoms:
        for cell in places(atom):
            found.setdefault(cell, set()).add(atom)
    return {cell: frozenset(inside) for cell, inside in sorted(found.items())}


def families(cells: Mapping[Place, frozenset[Hashable]]) -> list[tuple[Place, tuple[Place, ...]]]:
    """Every cell with the cells of a lower level that lie in it, if together they are all of it."""
    found = []
    for level, below in (
        (Level.COMPANY, Level.COUNTRY),
        (Level.COMPANY, Level.SITE),
        (Level.COUNTRY, Level.SITE),
        (Level.SITE, Level.DEPARTMENT),
    ):
        parts = [one for one in cells if one.level is below]
        for whole in [one for one in cells if one.level is level]:
            inside = tuple(part for part in parts if _may_lie_in(part, whole) and cells[part] <= cells[whole])
            if inside and sum(len(cells[part]) for part in inside) == len(cells[whole]):
                found.append((whole, inside))
    return found


def _may_lie_in(part: Place, whole: Place) -> bool:
    """A quick look before sets are compared."""
    return whole.level is not Level.SITE or part.site == whole.site


def rest(
    hidden: Iterable[Place], below: Mapping[Place, tuple[Place, ...]], closed: Callable[[Place], bool]
) -> list[Place]:
    """What stays unknown of hidden cells once their shown parts are taken off: the cells deepest down."""
    found: list[Place] = []
    for cell in hidden:
        parts = below.get(cell, ())
        inside = [part for part in parts if closed(part)]
        found += rest(inside, below, closed) if len(inside) < len(parts) else [cell]
    return found
