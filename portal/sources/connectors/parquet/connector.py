"""Parquet files in folders: each file that holds the person is rewritten in its place, whole or not at all."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from portal.core import clock
from portal.sources.connectors import times
from portal.sources.connectors.base import (
    Column,
    ConnectorError,
    Count,
    Erased,
    Found,
    Layout,
    Lying,
    Reason,
    RefusedError,
    Row,
    Target,
)
from portal.sources.connectors.kinds import same_kind
from portal.sources.connectors.one_by_one import each_count
from portal.sources.connectors.parquet import columns, predicate
from portal.sources.connectors.parquet.moving import Moving, seclude
from portal.sources.connectors.parquet.rewriting import FORMATS, QUARANTINE, SUFFIX, Files, settled
from portal.sources.connectors.parquet.store import ChangedError, File, Folders, told
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet
from portal.sources.connectors.values import plain


def open_parquet(address: str) -> "ParquetConnector":
    """Folders of Parquet files by their root's address. Raises ValueError when it is malformed."""
    return ParquetConnector(Folders(address))


class ParquetConnector:
    """One root; a dataset is a folder below it. See `base.Connector` for what each method promises."""

    login = ""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._files = Files(folders)

    def discover(self) -> Iterator[Found]:
        with told():
            found = list(self._folders.files(""))
        listed = [file for file in found if not file.path.startswith(f"{QUARANTINE}/")]
        tables = {_table(file.path): file for file in reversed(listed) if file.path.endswith(SUFFIX)}
        for location, file in sorted(tables.items()):
            marks = [name for name in FORMATS if any(it.path.startswith(f"{location}/{name}") for it in listed)]
            try:
                with told():
                    schema = pq.read_schema(self._folders.read(file))
            except (ConnectorError, ChangedError):
                yield Found(location, (), refused=Reason.TABLE_FORMAT, detail=file.path)
                continue
            known = [Column(field.name, str(field.type)) for field in schema]
            known += [Column(name, "folder") for name in predicate.folder_values(file.path)]
            with told():
                link = self._folders.linked(location)
            refused = Reason.TABLE_FORMAT if marks else Reason.LINKED if link else None
            yield Found(location, tuple(known), None, refused, FORMATS[marks[0]] if marks else link)

    def check(self, layout: Layout) -> int | None:
        target = Target(layout, ("1",))
        wanted = [layout.time_column, layout.context_column, layout.sensitivity_column, layout.kind_column]
        rows = 0
        for file in self._files.listed(layout.location):
            with told():
                parquet = pq.ParquetFile(self._folders.read(file))
                rows += parquet.metadata.num_rows
                empty = pa.RecordBatch.from_pylist([], parquet.schema_arrow)
                values = predicate.folder_values(file.path)
                predicate.mask(empty, target, values)
                for name in wanted:
                    if name is not None:
                        predicate.column(empty, name, values)
        return rows

    def doubts(self, layout: Layout) -> Sequence[RefusedError]:  # noqa: ARG002 - no row there hangs on another
        return []

    def count(self, target: Target) -> Count:
        rows, kinds = 0, Counter[str]()
        for file, batch, meant in self._scan(target):
            rows += pc.sum(meant).as_py() or 0
            if target.layout.kind_column is not None:
                held = predicate.column(batch, target.layout.kind_column, predicate.folder_values(file.path))
                kinds.update(same_kind(value) for value in held.filter(meant).to_pylist())
        return Count(rows, dict(kinds))

    def counts(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Count | ConnectorError]]:
        return each_count(self.count, targets)

    def export(self, target: Target) -> Iterator[Row]:
        for file, batch, meant in self._scan(target, whole=True):
            values = predicate.folder_values(file.path)
            with told():
                found = columns.rows(batch.filter(meant))
            for row in found:
                yield {**values, **{name: plain(value) for name, value in row.items()}}

    def erase(
        self,
        target: Target,
        run: UUID,  # noqa: ARG002 - nothing is left half done
        tell: Tell = quiet,
        resume: Progress = BEGINNING,
    ) -> Erased:
        files = settled(lambda: self._files.both(target.layout.location))
        rows = resume.rows + self._files.taken(files, target, resume)
        for done, file in enumerate(files):
            rows += self._files.erase(file, target, tell, Progress(done, len(files), rows, target.part(file.path)))
            tell(Progress(done + 1, len(files), rows))
        now = clock.now()
        return Erased(rows, len(files), now, times.physical_by(target.layout, now))

    def remaining(self, target: Target) -> int:
        return self.count(target).rows

    def seclude(self, layout: Layout, reader: str) -> None:  # noqa: ARG002 - accounts of a disk or bucket have no names
        seclude(self._files, layout.location)

    def freeze(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:
        return Moving(self._files, target, run, back=False).all(tell, resume)

    def thaw(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:
        return Moving(self._files, target, run, back=True).all(tell, resume)

    def lying(self, target: Target) -> Lying:
        location = target.layout.location
        readable = sum(self._files.meant(file, target) for file in self._files.listed(location))
        return Lying(readable, sum(self._files.meant(file, target) for file in self._files.apart(location)))

    def close(self) -> None:
        return

    def _scan(self, target: Target, *, whole: bool = False) -> Iterator[tuple[File, pa.RecordBatch, pa.BooleanArray]]:
        for file in self._files.both(target.layout.location):
            try:
                with told():
                    for batch, meant in self._files.batches(file, target, whole=whole):
                        yield file, batch, meant
            except ChangedError as error:
                raise RefusedError(Reason.CHANGING, target.layout.location) from error


def _table(path: str) -> str:
    """The folder that is the dataset: above the first `column=value`, or the file's own."""
    folders = path.split("/")[:-1]
    return "/".join(itertools.takewhile(lambda part: "=" not in part, folders))
