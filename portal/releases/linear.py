"""What an outsider can work out from sums: exact elimination over whole numbers, sparse, with the way it was found."""

import heapq
from collections.abc import Hashable, Iterator, Mapping
from math import gcd
from typing import Final

Row = dict[Hashable, int]
"""Unknown → factor; what is not in it has the factor 0."""
LARGE: Final = 1 << 40
"""From here on a row's common divisor is taken out, so that factors stay small."""


class Known:
    """Sums that somebody knows. Each has a tag; `explains` says from which of them another sum follows."""

    def __init__(self) -> None:
        self._pivots: dict[Hashable, int] = {}
        self._rows: list[tuple[Hashable, Row, Row]] = []

    def add(self, row: Mapping[Hashable, int], tag: Hashable) -> None:
        """Somebody learns the sum of `row`."""
        left, how = self._reduced(dict(row), {tag: 1})
        if left:
            pivot = next(iter(left))
            self._pivots[pivot] = len(self._rows)
            self._rows.append((pivot, left, how))

    def explains(self, target: Mapping[Hashable, int]) -> frozenset[Hashable] | None:
        """The tags of known sums that together give `target` exactly, None when they leave it open."""
        left, how = self._reduced(dict(target), {})
        return None if left else frozenset(how)

    def _reduced(self, row: Row, how: Row) -> tuple[Row, Row]:
        """`row` without any column that a stored row leads with; a stored row holds none of those stored before it."""
        heap = [self._pivots[column] for column in row if column in self._pivots]
        heapq.heapify(heap)
        for at in _increasing(heap):
            pivot, stored, made = self._rows[at]
            factor = row.get(pivot, 0)
            if not factor:
                continue
            common = gcd(factor, stored[pivot])
            times, less = stored[pivot] // common, factor // common
            for column in _subtract(row, times, stored, less):
                if column in self._pivots:
                    heapq.heappush(heap, self._pivots[column])
            _subtract(how, times, made, less)
            _shrink(row, how)
        return row, how


def _increasing(heap: list[int]) -> Iterator[int]:
    """What is pushed meanwhile comes in its place; nothing twice."""
    last = -1
    while heap:
        at = heapq.heappop(heap)
        if at != last:
            last = at
            yield at


def _subtract(row: Row, times: int, stored: Row, less: int) -> list[Hashable]:
    """`row` becomes `times` rows less `less` stored ones; the columns that are new in it."""
    if times != 1:
        for column in row:
            row[column] *= times
    added = []
    for column, factor in stored.items():
        value = row.get(column, 0) - less * factor
        if column not in row:
            added.append(column)
        if value:
            row[column] = value
        else:
            row.pop(column, None)
    return added


def _shrink(row: Row, how: Row) -> None:
    if any(abs(value) > LARGE for value in row.values()):
        common = gcd(*row.values(), *how.values())
        for part in (row, how) if common > 1 else ():
            for column in part:
                part[column] //= common
