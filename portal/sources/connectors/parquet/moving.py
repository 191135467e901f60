"""Freezing: the person's rows of each file go into a file of their own in the quarantine, and come back as one.

The new file is there before the old one loses the rows, so that a kill in between doubles them for a moment and loses
none. Whoever comes next finds the new file again by its name, which is the run's, and by what it holds: rows that still
stand in the old file were only copied, and are written anew; rows that do not were moved, and are left alone.
"""

import itertools
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import pyarrow.parquet as pq

from portal.core import points
from portal.sources.connectors.base import Reason, RefusedError, Target
from portal.sources.connectors.parquet.rewriting import ATTEMPTS, BATCH, QUARANTINE, SUFFIX, Files, settled
from portal.sources.connectors.parquet.store import ChangedError, File, told
from portal.sources.connectors.progress import Progress, Tell
from portal.sources.connectors.values import plain

MARK: Final = f"{QUARANTINE}/.daylight"
RUNS: Final = re.compile(rf"(\.[0-9a-f]{{16}}(-\d+)?)*{re.escape(SUFFIX)}$")
"""The end of the name of a file that was moved before."""


@dataclass(frozen=True)
class Moving:
    """One person's rows of a dataset, to be moved by one run; `back`: out of the quarantine."""

    files: Files
    target: Target
    run: UUID
    back: bool

    def all(self, tell: Tell, resume: Progress) -> int:
        """Move all of them; how many, over all attempts."""
        files = settled(self._origin)
        rows = resume.rows + self._taken(files, resume)
        for done, file in enumerate(files):
            rows += self._one(file, tell, Progress(done, len(files), rows, self._part(file)))
            tell(Progress(done + 1, len(files), rows))
        return rows

    def _origin(self) -> list[File]:
        location = self.target.layout.location
        return self.files.apart(location) if self.back else list(self.files.listed(location))

    def _part(self, file: File) -> str:
        return self.target.part(file.path)

    def _taken(self, files: list[File], resume: Progress) -> int:
        """Rows that went with a kill; on the way back the file goes with the last of its rows."""
        gone = self.back and resume.part.startswith(self.target.mark) and resume.part not in map(self._part, files)
        return resume.going if gone else self.files.taken(files, self.target, resume)

    def _one(self, file: File, tell: Tell, before: Progress) -> int:
        """Move one file's rows; how many there were."""
        goal = settled(lambda: self._goal(file))
        for _ in range(ATTEMPTS):
            try:
                if meant := self.files.meant(file, self.target):
                    self._move(file, goal, meant, tell, replace(before, going=0))
                return meant
            except ChangedError:
                again = self.files.anew(file, self.target)
                if again is None:
                    self._take_back(goal)
                    return 0
                file = again
        self._take_back(goal)
        raise RefusedError(Reason.CHANGING, self.target.layout.location)

    def _move(self, file: File, goal: str, meant: int, tell: Tell, before: Progress) -> None:
        folders, staged = self.files.folders, self.files.staged
        alone, staying = staged(file, self.target, meant, alone=True), staged(file, self.target, meant)
        with told(), alone as (moved, _), staying as (rest, size):
            tell(replace(before, going=meant))
            folders.put(goal, moved, like=file.path)
            points.reached("parquet_copied")
            if self.back and not pq.read_metadata(rest).num_rows:
                folders.remove(file.path)
            else:
                rest.seek(0)
                folders.replace(file, rest, size)
            points.reached("parquet_moved")

    def _goal(self, file: File) -> str:
        """Where the file's rows go: a name of this run that is free, or holds what was only copied."""
        path = file.path.removeprefix(f"{QUARANTINE}/") if self.back else f"{QUARANTINE}/{file.path}"
        stem = f"{RUNS.sub('', path)}.{self.run.hex[:16]}"
        for number in itertools.count():
            goal = f"{stem}-{number}{SUFFIX}" if number else f"{stem}{SUFFIX}"
            with told():
                there = self.files.folders.find(goal)
                if there is None or self._copied(there, file):
                    return goal
        raise AssertionError  # numbers do not end

    def _copied(self, there: File, file: File) -> bool:
        """Whether all rows of the one still stand in the other."""
        still: Counter[str] = Counter()
        for batch, mask in self.files.batches(file, self.target, whole=True):
            still.update(map(_text, batch.filter(mask).to_pylist()))
        copied: Counter[str] = Counter()
        for batch in pq.ParquetFile(self.files.folders.read(there)).iter_batches(BATCH):
            copied.update(map(_text, batch.to_pylist()))
        return copied <= still

    def _take_back(self, goal: str) -> None:
        """What was copied from a file that changed under it is taken away again."""
        with told():
            if self.files.folders.find(goal) is not None:
                self.files.folders.remove(goal)


def _text(row: dict[str, object]) -> str:
    return json.dumps(plain(row), sort_keys=True)


def seclude(files: Files, location: str) -> None:
    """Make the quarantine, which on a disk only our account can read. Raises RefusedError where we may not."""
    try:
        list(files.listed(location))
        with told():
            files.folders.close(QUARANTINE, MARK)
    except RefusedError as error:
        if error.reason is Reason.DENIED:
            raise RefusedError(Reason.NO_QUARANTINE, location) from error
        raise
