"""What else of a file names a person or keeps their words: dictionaries, metadata, a folder's name. Pure."""

from collections.abc import Mapping

import pyarrow as pa

from portal.sources.connectors.base import SubjectKind, Target
from portal.sources.connectors.parquet import columns, predicate
from portal.sources.connectors.values import same_subject

Metadata = Mapping[bytes, bytes]


def anew(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows, their dictionaries made anew: a batch without some rows keeps the words of all."""
    decoded = columns.changed(batch.schema, columns.decoded)
    return batch if decoded.types == batch.schema.types else batch.cast(decoded).cast(batch.schema)


def unnamed(schema: pa.Schema, target: Target) -> pa.Schema:
    """A schema without the metadata that names the person, its own and its columns'."""
    fields = [one.with_metadata(_spared(one.metadata or {}, target) or None) for one in schema]
    return pa.schema(fields, _spared(schema.metadata or {}, target) or None)


def _spared(metadata: Metadata, target: Target) -> Metadata:
    return {key: value for key, value in metadata.items() if not _tells(key, target) and not _tells(value, target)}


def _tells(text: bytes, target: Target) -> bool:
    """Whether a text holds a mail address of the person's, or is their number or handle and nothing else."""
    told = text.decode(errors="replace").strip()
    if target.layout.subject_kind is SubjectKind.EMAIL:
        return any(one.strip().lower() in told.lower() for one in target.subjects)
    return told in target.subjects


def named(path: str, target: Target) -> bool:
    """Whether a folder of a file's path is named after the person."""
    value = predicate.folder_values(path).get(target.layout.subject_column)
    return value is not None and same_subject(value, target)


def nobodys(path: str, target: Target) -> str:
    """The path with the name of no value in the place of the person's."""
    before = f"{target.layout.subject_column}="
    parts = path.split("/")
    return "/".join(f"{before}{predicate.NULL_FOLDER}" if one.startswith(before) else one for one in parts)
