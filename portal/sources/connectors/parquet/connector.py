"""Parquet files in folders: each file that holds the person is rewritten in its place, whole or not at all."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Final, TypeVar
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from portal.core import clock, points
from portal.sources.connectors import base
from portal.sources.connectors.base import (
    Column,
    ConnectorError,
    Count,
    Erased,
    Found,
    Layout,
    Reason,
    RefusedError,
    Row,
    Target,
)
from portal.sources.connectors.parquet import predicate
from portal.sources.connectors.parquet.store import ChangedError, File, Folders, told
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet
from portal.sources.connectors.unfrozen import Unfrozen
from portal.sources.connectors.values import plain

BATCH: Final = 8192
ATTEMPTS: Final = 3
IN_MEMORY: Final = 16 << 20
SUFFIX: Final = ".parquet"
FORMATS: Final = {"_delta_log": "Delta Lake", ".hoodie": "Hudi", "metadata": "Iceberg", "_metadata": "_metadata"}
"""Names beside data that hold lists or statistics of the files: rewriting under them breaks tables or leaves traces."""

Result = TypeVar("Result")


def open_parquet(address: str) -> "ParquetConnector":
    """Folders of Parquet files by their root's address. Raises ValueError when it is malformed."""
    return ParquetConnector(Folders(address))


class ParquetConnector(Unfrozen):
    """One root; a dataset is a folder below it. See `base.Connector` for what each method promises."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def discover(self) -> Iterator[Found]:
        with told():
            listed = list(self._folders.files(""))
        tables = {_table(file.path): file for file in reversed(listed) if file.path.endswith(SUFFIX)}
        for location, file in sorted(tables.items()):
            marks = [name for name in FORMATS if any(it.path.startswith(f"{location}/{name}") for it in listed)]
            try:
                with told():
                    schema = pq.read_schema(self._folders.read(file))
            except (ConnectorError, ChangedError):
                yield Found(location, (), refused=Reason.TABLE_FORMAT, detail=file.path)
                continue
            columns = [Column(field.name, str(field.type)) for field in schema]
            columns += [Column(name, "folder") for name in predicate.folder_values(file.path)]
            refused = Reason.TABLE_FORMAT if marks else None
            yield Found(location, tuple(columns), None, refused, FORMATS[marks[0]] if marks else "")

    def check(self, layout: Layout) -> int | None:
        target = Target(layout, ("1",))
        wanted = [layout.time_column, layout.context_column, layout.sensitivity_column, layout.kind_column]
        rows = 0
        for file in self._files(layout.location):
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

    def count(self, target: Target) -> Count:
        rows, kinds = 0, Counter[str]()
        for file, batch, meant in self._scan(target):
            rows += pc.sum(meant).as_py() or 0
            if target.layout.kind_column is not None:
                held = predicate.column(batch, target.layout.kind_column, predicate.folder_values(file.path))
                kinds.update("" if value is None else str(value) for value in held.filter(meant).to_pylist())
        return Count(rows, dict(kinds))

    def counts(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Count | ConnectorError]]:
        return base.each_count(self.count, targets)

    def export(self, target: Target) -> Iterator[Row]:
        for file, batch, meant in self._scan(target, whole=True):
            values = predicate.folder_values(file.path)
            for row in batch.filter(meant).to_pylist():
                yield {**values, **{name: plain(value) for name, value in row.items()}}

    def erase(
        self,
        target: Target,
        run: UUID,  # noqa: ARG002 - nothing is left half done
        tell: Tell = quiet,
        resume: Progress = BEGINNING,
    ) -> Erased:
        files = _settled(lambda: list(self._files(target.layout.location)))
        rows = resume.rows + self._taken(files, target, resume)
        for done, file in enumerate(files):
            rows += self._erase_file(file, target, tell, Progress(done, len(files), rows, target.part(file.path)))
            tell(Progress(done + 1, len(files), rows))
        now = clock.now()
        return Erased(rows, len(files), now, base.physical_by(target.layout, now))

    def remaining(self, target: Target) -> int:
        return self.count(target).rows

    def close(self) -> None:
        return

    def _files(self, location: str) -> Iterator[File]:
        """The files. Raises RefusedError when something there is not plain Parquet: it might hold rows, too."""
        if not location or location != location.strip("/") or ".." in location.split("/"):
            raise RefusedError(Reason.MISSING, location)
        with told():
            listed = list(self._folders.files(location))
        if not any(file.path.endswith(SUFFIX) for file in listed):
            raise RefusedError(Reason.MISSING, location)
        for file in listed:
            below = file.path.removeprefix(f"{location}/")
            for mark, name in FORMATS.items():
                if below == mark or below.startswith(f"{mark}/"):
                    raise RefusedError(Reason.TABLE_FORMAT, name)
            if file.path.endswith(SUFFIX):
                yield file
            elif not below.rpartition("/")[2].startswith(("_", ".")):
                raise RefusedError(Reason.TABLE_FORMAT, below)

    def _scan(self, target: Target, *, whole: bool = False) -> Iterator[tuple[File, pa.RecordBatch, pa.BooleanArray]]:
        for file in self._files(target.layout.location):
            try:
                with told():
                    for batch, meant in self._batches(file, target, whole=whole):
                        yield file, batch, meant
            except ChangedError as error:
                raise RefusedError(Reason.CHANGING, target.layout.location) from error

    def _batches(self, file: File, target: Target, *, whole: bool) -> Iterator[tuple[pa.RecordBatch, pa.BooleanArray]]:
        parquet = pq.ParquetFile(self._folders.read(file))
        columns = None if whole else predicate.top_columns(target, parquet.schema_arrow)
        values = predicate.folder_values(file.path)
        for batch in parquet.iter_batches(BATCH, columns=columns):
            yield batch, predicate.mask(batch, target, values)

    def _taken(self, files: Sequence[File], target: Target, resume: Progress) -> int:
        """How many rows went from the file that was being rewritten when an attempt was killed."""
        file = next((it for it in files if target.part(it.path) == resume.part), None)
        if file is None:
            return 0
        return resume.taken(resume.part, _settled(lambda: self._meant(self._anew(file, target), target)))

    def _meant(self, file: File | None, target: Target) -> int:
        """How many rows of the person a file holds; one that is gone, none."""
        if file is None:
            return 0
        with told():
            return sum(pc.sum(mask).as_py() or 0 for _, mask in self._batches(file, target, whole=False))

    def _anew(self, file: File, target: Target) -> File | None:
        return next((it for it in self._files(target.layout.location) if it.path == file.path), None)

    def _erase_file(self, file: File, target: Target, tell: Tell, before: Progress) -> int:
        """Rewrite one file without the person's rows; how many there were. A file without any is left alone."""
        for _ in range(ATTEMPTS):
            try:
                meant = self._meant(file, target)
                if meant:
                    with told(), self._staged(file, target, meant) as (made, size):
                        tell(replace(before, going=meant))
                        points.reached("parquet_staged")
                        self._folders.replace(file, made, size)
                        points.reached("parquet_replaced")
                return meant
            except ChangedError:
                again = self._anew(file, target)
                if again is None:
                    return 0
                file = again
        raise RefusedError(Reason.CHANGING, target.layout.location)

    @contextmanager
    def _staged(self, file: File, target: Target, meant: int) -> Iterator[tuple[IO[bytes], int]]:
        """A file without the person's rows, and its bytes. Raises ChangedError when it is not what was counted."""
        parquet = pq.ParquetFile(self._folders.read(file))
        metadata = parquet.metadata
        codecs = {metadata.row_group(0).column(it).compression for it in range(metadata.num_columns)}
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as made:
            codec = next(iter(codecs)) if len(codecs) == 1 else "SNAPPY"
            with pq.ParquetWriter(made, parquet.schema_arrow, compression=_codec(codec)) as writer:
                for batch, mask in self._batches(file, target, whole=True):
                    writer.write_batch(batch.filter(pc.invert(mask)))
            size = made.tell()
            made.seek(0)
            if pq.read_metadata(made).num_rows != metadata.num_rows - meant:
                raise ChangedError
            made.seek(0)
            yield made, size


def _codec(name: str) -> str:
    return {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}.get(name, name)


def _settled(action: Callable[[], Result]) -> Result:
    """What an action gives, asked anew when something moved under it."""
    for _ in range(ATTEMPTS):
        try:
            return action()
        except ChangedError:
            continue
    raise RefusedError(Reason.CHANGING)


def _table(path: str) -> str:
    """The folder that is the dataset: above the first `column=value`, or the file's own."""
    folders = path.split("/")[:-1]
    return "/".join(itertools.takewhile(lambda part: "=" not in part, folders))
