"""One file at a time: what it holds of a person, and the same file without those rows, or with them alone."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from portal.core import points
from portal.sources.connectors.base import EVERYTHING, Reason, RefusedError, Target
from portal.sources.connectors.parquet import forgetting, predicate
from portal.sources.connectors.parquet.store import ChangedError, File, Folders, told
from portal.sources.connectors.progress import Progress, Tell

BATCH: Final = 8192
ATTEMPTS: Final = 3
IN_MEMORY: Final = 16 << 20
SUFFIX: Final = ".parquet"
QUARANTINE: Final = "_restricted"
"""The folder at the root that holds what is frozen, by the same paths."""
FORMATS: Final = {"_delta_log": "Delta Lake", ".hoodie": "Hudi", "metadata": "Iceberg", "_metadata": "_metadata"}
"""Names beside data that hold lists or statistics of the files: rewriting under them breaks tables or leaves traces."""

Result = TypeVar("Result")


class Files:
    """The files of one root, read and rewritten."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders

    def listed(self, location: str) -> Iterator[File]:
        """A dataset's files. Raises RefusedError when something there is not plain Parquet: it might hold rows, too."""
        if not location or location != location.strip("/") or ".." in location.split("/"):
            raise RefusedError(Reason.MISSING, location)
        if location.split("/", maxsplit=1)[0] == QUARANTINE:
            raise RefusedError(Reason.QUARANTINE, location)
        with told():
            if link := self.folders.linked(location):
                raise RefusedError(Reason.LINKED, link)
            listed = list(self.folders.files(location))
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

    def apart(self, location: str) -> list[File]:
        """A dataset's files in quarantine."""
        with told():
            lacking = self.folders.lacks(QUARANTINE)
            listed = [] if lacking else list(self.folders.files(f"{QUARANTINE}/{location}"))
        return [file for file in listed if file.path.endswith(SUFFIX)]

    def both(self, location: str) -> list[File]:
        """Those that are read, and those that are not."""
        return [*self.listed(location), *self.apart(location)]

    def batches(self, file: File, target: Target, *, whole: bool) -> Iterator[tuple[pa.RecordBatch, pa.BooleanArray]]:
        """A file in pieces, each with which of its rows are meant; all of its columns, or those that decide that."""
        parquet = pq.ParquetFile(self.folders.read(file))
        columns = None if whole else predicate.top_columns(target, parquet.schema_arrow)
        values = predicate.folder_values(file.path)
        for batch in parquet.iter_batches(BATCH, columns=columns):
            yield batch, predicate.mask(batch, target, values)

    def meant(self, file: File | None, target: Target) -> int:
        """How many rows of the person a file holds; one that is gone, none."""
        if file is None:
            return 0
        with told():
            return sum(pc.sum(mask).as_py() or 0 for _, mask in self.batches(file, target, whole=False))

    def anew(self, file: File, target: Target) -> File | None:
        """The same path as it is listed now."""
        return next((it for it in self.both(target.layout.location) if it.path == file.path), None)

    def taken(self, files: Sequence[File], target: Target, resume: Progress) -> int:
        """How many rows went from the file that was being rewritten when an attempt was killed."""
        file = next((it for it in files if target.part(it.path) == resume.part), None)
        if file is None:  # one in a folder of the person's name goes with its last row
            folders = any(target.layout.subject_column in predicate.folder_values(it.path) for it in files)
            return resume.going if folders and resume.part.startswith(target.mark) else 0
        return resume.taken(resume.part, settled(lambda: self.meant(self.anew(file, target), target)))

    def erase(self, file: File, target: Target, tell: Tell, before: Progress) -> int:
        """Rewrite one file without the person's rows; how many there were. A file that says nothing of them is left."""
        for _ in range(ATTEMPTS):
            try:
                meant = self.meant(file, target)
                if meant or self._tells(file, target):
                    with told(), self.staged(file, target, meant) as (made, size):
                        tell(replace(before, going=meant))
                        points.reached("parquet_staged")
                        self._put(file, target, made, size)
                        points.reached("parquet_replaced")
                return meant
            except ChangedError:
                again = self.anew(file, target)
                if again is None:
                    return 0
                file = again
        raise RefusedError(Reason.CHANGING, target.layout.location)

    def _tells(self, file: File, target: Target) -> bool:
        """Whether a file without rows of the person tells of them, by its metadata or the name of its folder."""
        with told():
            parquet = pq.ParquetFile(self.folders.read(file))
            if forgetting.named(file.path, target) and not parquet.metadata.num_rows:
                return True
            schema = parquet.schema_arrow
            told_of = not schema.equals(forgetting.unnamed(schema, target), check_metadata=True)
            return target.narrowing == EVERYTHING and told_of

    def _put(self, file: File, target: Target, made: IO[bytes], size: int) -> None:
        """The rewritten file in the place of the old one; an empty one goes with its folder if that has their name.

        The last file of a dataset stays, in a folder of no name: a dataset without files would not be found.
        """
        empty = forgetting.named(file.path, target) and not pq.read_metadata(made).num_rows
        made.seek(0)
        if not empty:
            self.folders.replace(file, made, size)
            return
        if [it.path for it in self.listed(target.layout.location)] == [file.path]:
            self.folders.put(forgetting.nobodys(file.path, target), made, like=file.path)
        self.folders.drop(file, target.layout.location)

    @contextmanager
    def staged(self, file: File, target: Target, meant: int, *, alone: bool = False) -> Iterator[tuple[IO[bytes], int]]:
        """A file without the person's rows, or with them `alone`, and its bytes.

        Raises ChangedError when it is not what was counted.
        """
        parquet = pq.ParquetFile(self.folders.read(file))
        metadata = parquet.metadata
        codecs = {metadata.row_group(0).column(it).compression for it in range(metadata.num_columns)}
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as made:
            codec = next(iter(codecs)) if len(codecs) == 1 else "SNAPPY"
            whole = not alone and target.narrowing == EVERYTHING
            schema = forgetting.unnamed(parquet.schema_arrow, target) if whole else parquet.schema_arrow
            with pq.ParquetWriter(made, schema, compression=_codec(codec)) as writer:
                for batch, mask in self.batches(file, target, whole=True):
                    kept = forgetting.anew(batch.filter(mask if alone else pc.invert(mask)))
                    writer.write_batch(kept.cast(schema))
            size = made.tell()
            made.seek(0)
            if pq.read_metadata(made).num_rows != (meant if alone else metadata.num_rows - meant):
                raise ChangedError
            made.seek(0)
            yield made, size


def _codec(name: str) -> str:
    return {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}.get(name, name)


def settled(action: Callable[[], Result]) -> Result:
    """What an action gives, asked anew when something moved under it."""
    for _ in range(ATTEMPTS):
        try:
            return action()
        except ChangedError:
            continue
    raise RefusedError(Reason.CHANGING)
