"""Types of columns, also those within others. Pure."""

from collections.abc import Callable

import pyarrow as pa

Leaf = Callable[[pa.DataType], pa.DataType]


def changed(schema: pa.Schema, leaf: Leaf) -> pa.Schema:
    """A schema in which `leaf` says the type of every column, and of all that structs, lists and maps hold."""
    return pa.schema([_field(one, leaf) for one in schema])


def decoded(kind: pa.DataType) -> pa.DataType:
    """A type without its dictionary."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def rows(batch: pa.RecordBatch) -> list[dict[str, object]]:
    """A batch's rows; its times are text where Python has none such: nanoseconds, or years after 9999.

    A duration is then its number, in the column's unit.
    """
    try:
        return list(batch.to_pylist())
    except (ValueError, OverflowError):
        return list(batch.cast(changed(batch.schema, _text)).to_pylist())


def _text(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_temporal(decoded(kind)) else kind


def _field(field: pa.Field, leaf: Leaf) -> pa.Field:
    return pa.field(field.name, _type(field.type, leaf), field.nullable)


def _type(kind: pa.DataType, leaf: Leaf) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([_field(one, leaf) for one in kind])
    if pa.types.is_map(kind):
        return pa.map_(_type(kind.key_type, leaf), _field(kind.item_field, leaf))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_field(kind.value_field, leaf), kind.list_size)
    if pa.types.is_large_list(kind):
        return pa.large_list(_field(kind.value_field, leaf))
    if pa.types.is_list(kind):
        return pa.list_(_field(kind.value_field, leaf))
    return leaf(kind)
