"""Writes captured items into an archive: a line in the file of their kind, a piece of their day's page, an image."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from vault.exports import lines
from vault.exports.readable import Readable
from vault.exports.state import Progress
from vault.exports.writing import Writer
from vault.opening import Opened, State
from wire.documents import Kind

DAY: Final = "day"
PROBLEMS: Final = "problems.jsonl"
WORTH_NAMING: Final = frozenset({State.MISMATCH, State.UNREADABLE, State.MISSING})


class Items:
    """Writes within one step."""

    def __init__(self, writer: Writer, progress: Progress, readable: Readable) -> None:
        self._writer = writer
        self._progress = progress
        self._readable = readable

    def begin(self) -> None:
        """Make the files that every archive has."""
        for name in (*(path(kind) for kind in Kind), PROBLEMS):
            if name not in self._progress.files:
                self._progress.files[name] = self._progress.number()
                self._writer.create(self._progress.files[name], name)

    def add(self, row: Mapping[str, Any], opened: Opened) -> None:
        """Write one item that the database gave, opened or not."""
        self._turn_to(row)
        file = self._image(row, opened)
        line = lines.line(lines.item(row, opened, file))
        kinds = set(Kind)
        kind = row["kind"] if row["kind"] in kinds else None
        if kind is not None:
            self._writer.write(self._progress.files[path(kind)], line)
        self._writer.write(self._progress.files[DAY], self._readable.item(row, opened, file))
        self._progress.count(kind, opened.state)
        self._progress.days[-1][1] = int(self._progress.days[-1][1]) + 1
        self._name(opened)

    def missing(self, segment: UUID) -> None:
        """Name an item that was there when the look began and is not any more."""
        self._progress.count(None, State.MISSING)
        self._name(Opened(segment, State.MISSING))

    def end(self) -> None:
        """Close what is open."""
        self._end_day()
        for number in self._progress.files.values():
            self._writer.close(number)
        self._progress.files.clear()

    def _name(self, opened: Opened) -> None:
        if opened.state in WORTH_NAMING:
            self._progress.problems += 1
            told = lines.problem(opened.segment, opened.state, opened.fields)
            self._writer.write(self._progress.files[PROBLEMS], lines.line(told))

    def _turn_to(self, row: Mapping[str, Any]) -> None:
        """Open the page of the item's day, if it is another day than that of the one before."""
        on = self._readable.day_of(row["started_at"])
        if self._progress.days and self._progress.days[-1][0] == on.isoformat() and DAY in self._progress.files:
            return
        self._end_day()
        self._progress.days.append([on.isoformat(), 0])
        number = self._progress.files[DAY] = self._progress.number()
        self._writer.create(number, day_path(on.isoformat()))
        self._writer.write(number, self._readable.day(on))

    def _end_day(self) -> None:
        number = self._progress.files.pop(DAY, None)
        if number is not None:
            self._writer.write(number, self._readable.end())
            self._writer.close(number)

    def _image(self, row: Mapping[str, Any], opened: Opened) -> str | None:
        if opened.content is None or not opened.content.blob:
            return None
        name = f"screenshots/{self._readable.day_of(row['started_at']).isoformat()}/{row['id']}.webp"
        self._writer.whole(self._progress.number(), name, opened.content.blob)
        return name


def path(kind: str) -> str:
    """Where the items of a kind are."""
    return f"data/items/{kind}.jsonl"


def day_path(day: str) -> str:
    """Where the readable page of a day is."""
    return f"read/{day}.html"
