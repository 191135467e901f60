"""Geometry of the pictures, in fractions of the width and of the height: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.council.rules import heat

GAP: Final = 0.22


@dataclass(frozen=True, slots=True)
class Column:
    """One period of a trend: `x`, `width`, `height` are fractions; `height` None where the value is hidden."""

    x: float
    width: float
    height: float | None
    label: str
    top: str
    text: str


@dataclass(frozen=True, slots=True)
class Square:
    """One period of one place in a heat map: `level` 1 to 4, None where it is hidden, 0 where there is no figure."""

    x: float
    width: float
    level: int | None
    text: str


def columns(values: Sequence[tuple[int | None, str, str, str]], most: int) -> list[Column]:
    """(value, label, top, text) each, oldest first, as columns side by side against `most`."""
    step = 1 / max(len(values), 1)
    wide = step * (1 - GAP)
    return [
        Column(at * step + step * GAP / 2, wide, None if value is None else value / (most or 1), label, top, text)
        for at, (value, label, top, text) in enumerate(values)
    ]


def squares(values: Sequence[tuple[int | None, str]], most: int) -> list[Square]:
    """(value, text) each, oldest first, as squares in a row."""
    step = 1 / max(len(values), 1)
    return [
        Square(at * step + step * 0.03, step * 0.94, None if value is None else heat(value, most), text)
        for at, (value, text) in enumerate(values)
    ]
