"""Which rows of a batch are meant. Columns are those in the file, and those that the folders' names hold (`day=…`)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from portal.sources.connectors import names
from portal.sources.connectors.base import Reason, RefusedError, SubjectKind, Target
from portal.sources.connectors.times import whole_day

NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"
Folders = Mapping[str, str | None]
"""Column → value, as a file's folders say."""


def folder_values(path: str) -> dict[str, str | None]:
    """What the folders of a path say about its rows: `a/day=2026-01-01/part.parquet` → day."""
    pairs = (part.partition("=") for part in path.split("/")[:-1])
    return {name: None if value == NULL_FOLDER else unquote(value) for name, equals, value in pairs if equals}


def top_columns(target: Target, schema: pa.Schema) -> list[str]:
    """The file's columns that deciding about a row takes. Raises RefusedError when one is nowhere."""
    layout = target.layout
    wanted = [layout.subject_column, layout.kind_column, *(name for name, _ in target.chosen())]
    if target.narrowing.by_time or target.narrowing.undated:
        wanted.append(layout.time_column)
    held = [_parts(name, schema)[0] for name in wanted if name is not None]
    return sorted({name for name in held if name in schema.names})


def mask(batch: pa.RecordBatch, target: Target, folders: Folders) -> pa.BooleanArray:
    """True for the rows that are meant, False for all others, never null."""
    meant = _subject(batch, target, folders)
    if target.narrowing.by_time:
        meant = pc.and_kleene(meant, _within(batch, target, folders))
    if target.narrowing.undated:
        meant = pc.and_kleene(meant, pc.is_null(_times(batch, target, folders)))
    for name, values in target.chosen():
        held = as_text(column(batch, name, folders), name, Reason.STORE_ERROR)
        meant = pc.and_kleene(meant, pc.is_in(held, pa.array([str(value) for value in values], pa.string())))
    if kinds := target.kinds():
        held = as_text(column(batch, kinds[0], folders), kinds[0], Reason.STORE_ERROR)
        known = pc.utf8_lower(pc.utf8_trim(held, " "))
        meant = pc.and_kleene(meant, pc.is_in(known, pa.array(kinds[1], pa.string())))
    return pc.fill_null(meant, False)


def column(batch: pa.RecordBatch, name: str, folders: Folders) -> pa.Array:
    """The values of a column, also of a field within a struct (`payload.user`). Raises RefusedError without it."""
    top, *inner = _parts(name, batch.schema)
    if top in batch.schema.names:
        values = batch.column(top)
    elif top in folders:
        values = pa.array([folders[top]] * batch.num_rows, pa.string())
    else:
        raise RefusedError(Reason.MISSING_COLUMN, name)
    for field in inner:
        if not pa.types.is_struct(values.type):
            raise RefusedError(Reason.NESTED_SUBJECT if _many(values.type) else Reason.MISSING_COLUMN, name)
        if values.type.get_field_index(field) < 0:
            raise RefusedError(Reason.MISSING_COLUMN, name)
        values = pc.struct_field(values, field)
    return values


def as_text(values: pa.Array, name: str, otherwise: Reason) -> pa.Array:
    """Text or whole numbers as text. Raises RefusedError for other types."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if _many(kind):
        raise RefusedError(Reason.NESTED_SUBJECT, name)
    if pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.cast(values, pa.string())
    if pa.types.is_string_view(kind):
        return pc.cast(values, pa.string())
    raise RefusedError(otherwise, name)


def _subject(batch: pa.RecordBatch, target: Target, folders: Folders) -> pa.Array:
    layout = target.layout
    held = as_text(column(batch, layout.subject_column, folders), layout.subject_column, Reason.SUBJECT_TYPE)
    wanted = pa.array(target.subjects, pa.string())
    if layout.subject_kind is SubjectKind.EMAIL:
        held, wanted = (pc.utf8_lower(pc.utf8_trim_whitespace(one)) for one in (held, wanted))
    return pc.is_in(held, wanted)


def _within(batch: pa.RecordBatch, target: Target, folders: Folders) -> pa.Array:
    name, held = target.layout.time_column or "", _times(batch, target, folders)
    since, until = target.narrowing.since, target.narrowing.until
    bounds: tuple[Any, Any]
    if pa.types.is_timestamp(held.type):
        bounds = (_moment(since), _moment(until))
    else:
        bounds = (_day(whole_day(since, name)), _day(whole_day(until, name)))
    meant = pa.array([True] * batch.num_rows)
    if bounds[0] is not None:
        meant = pc.and_kleene(meant, pc.greater_equal(held, bounds[0]))
    if bounds[1] is not None:
        meant = pc.and_kleene(meant, pc.less(held, bounds[1]))
    return meant


def _times(batch: pa.RecordBatch, target: Target, folders: Folders) -> pa.Array:
    """When each row was made: moments with a zone, or days. Raises RefusedError for other types."""
    name = target.layout.time_column or ""
    held = column(batch, name, folders)
    if pa.types.is_timestamp(held.type):
        return pc.cast(held, pa.timestamp(held.type.unit, "UTC")) if held.type.tz else pc.assume_timezone(held, "UTC")
    if pa.types.is_date(held.type) or name in folders:
        return pc.cast(held, pa.date32()) if pa.types.is_date(held.type) else _days(held, name)
    raise RefusedError(Reason.TIME_TYPE, name)


def _moment(moment: datetime | None) -> pa.Scalar | None:
    return None if moment is None else pa.scalar(moment, pa.timestamp("us", "UTC"))


def _day(day: date | None) -> pa.Scalar | None:
    return None if day is None else pa.scalar(day, pa.date32())


def _days(held: pa.Array, name: str) -> pa.Array:
    try:
        days = [None if value is None else date.fromisoformat(value) for value in held.to_pylist()]
    except ValueError as error:
        raise RefusedError(Reason.TIME_TYPE, name) from error
    return pa.array(days, pa.date32())


def _parts(name: str, schema: pa.Schema) -> tuple[str, ...]:
    """A column's own name if the file has it; else the way into a struct."""
    if name in schema.names:
        return (name,)
    try:
        return names.split(name)
    except ValueError:
        return (name,)


def _many(kind: pa.DataType) -> bool:
    return any(is_it(kind) for is_it in (pa.types.is_list, pa.types.is_large_list, pa.types.is_map))
