"""Frozen dataclasses to and from canonical values, strictly: no unknown field, no missing field, no other type."""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin
from uuid import UUID

from wire import canonical

T = TypeVar("T")

MAX_TIME: Final = 9_999_999_999_999
"""The last moment a document may name, in November 2286: from there no zone and no calendar runs past the year 9999."""


@dataclasses.dataclass(frozen=True)
class Within:
    """The bounds of a whole number, both included."""

    least: int
    most: int

    def holds(self, number: int) -> bool:
        """Whether the number lies within."""
        return self.least <= number <= self.most


@dataclasses.dataclass(frozen=True)
class Like:
    """What a text looks like, as a regular expression."""

    pattern: str

    def holds(self, text: str) -> bool:
        """Whether the whole text does."""
        return re.fullmatch(self.pattern, text) is not None


Moment = Annotated[int, Within(0, MAX_TIME)]
"""Unix milliseconds."""
Number = Annotated[int, Within(0, canonical.MAX_INT)]
"""What is counted, from 0 on."""
Digest = Annotated[str, Like("[0-9a-f]{64}")]
"""A document's SHA-256, hexadecimal."""

_PLAIN = frozenset({type(None), bool, int, str})
_SCALARS = frozenset({bool, int, str, bytes, UUID})


class DocumentError(ValueError):
    """The value is not a document of the wanted type; the message names the field, never its content."""


def later() -> Any:
    """A field added when documents were signed without it: left out while it is None, so that they keep their bytes."""
    return dataclasses.field(default=None, metadata={"later": True})


def to_value(document: Any) -> Any:
    """The plain value (dict, list, str, int, bool, None) of a dataclass instance or of one of its fields."""
    kind: Any = type(document)
    if kind in _PLAIN:
        return document
    if kind is UUID:
        return str(document)
    if (names := _names(kind)) is not None:
        values = {name: getattr(document, name) for name in names}
        return {
            name: to_value(value) for name, value in values.items() if value is not None or name not in _later(kind)
        }
    match document:
        case StrEnum():
            return document.value
        case bytes():
            return document.hex()
        case tuple() | list():
            return [to_value(item) for item in document]
        case Mapping():
            return {str(key): to_value(item) for key, item in document.items()}
    raise TypeError(f"{kind.__name__} is no document")


@cache
def _names(cls: Any) -> tuple[str, ...] | None:
    """The fields of a dataclass, None of any other type."""
    return tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else None


@cache
def _later(cls: Any) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(cls) if "later" in field.metadata)


def from_value(cls: type[T], value: Any) -> T:
    """An instance of the dataclass `cls` made from a plain value. Raises DocumentError."""
    return typing.cast(T, _read(cls, value, cls.__name__))


@cache
def _hints(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _read(kind: Any, value: Any, where: str) -> Any:
    if kind in _SCALARS:
        return _read_scalar(kind, value, where)
    origin = get_origin(kind)
    if origin is Annotated:
        base, bounds = get_args(kind)
        return _read_bounded(base, bounds, value, where)
    if origin in (types.UnionType, typing.Union):
        inner = next(option for option in get_args(kind) if option is not type(None))
        return None if value is None else _read(inner, value, where)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], item, where) for item in _expect(list, value, where))
    if origin is dict:
        key, item = get_args(kind)
        pairs = _expect(dict, value, where).items()
        return {_read(key, name, where): _read(item, entry, where) for name, entry in pairs}
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, _expect(dict, value, where), where)
    return _read_scalar(kind, value, where)


def _read_bounded(kind: Any, bounds: Within | Like, value: Any, where: str) -> Any:
    found = _read_scalar(kind, value, where)
    if not bounds.holds(found):
        raise DocumentError(f"{where}: not within its bounds")
    return found


def _read_dataclass(cls: Any, value: dict[str, Any], where: str) -> Any:
    hints = _hints(cls)
    left_out = {name for name in _later(cls) if name not in value}
    if value.keys() != hints.keys() - left_out:
        missing, unknown = sorted(hints.keys() - left_out - value.keys()), len(value.keys() - hints.keys())
        raise DocumentError(f"{where}: fields missing: {missing}, unknown: {unknown}")
    if any(value[name] is None for name in _later(cls) - left_out):
        raise DocumentError(f"{where}: what has no value is left out")
    try:
        return cls(**{name: _read(hints[name], item, f"{where}.{name}") for name, item in value.items()})
    except DocumentError:
        raise
    except ValueError as error:
        raise DocumentError(f"{where}: {error}") from error


def _read_scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is bool or kind is int:
        if type(value) is not kind:
            raise DocumentError(f"{where}: not {kind.__name__}")
        return value
    text = _expect(str, value, where)
    if "\0" in text:
        raise DocumentError(f"{where}: holds U+0000, which no database text can")
    try:
        if kind is UUID:
            result: Any = UUID(text)
            if str(result) != text:
                raise ValueError
            return result
        if kind is bytes:
            result = bytes.fromhex(text)
            if result.hex() != text:
                raise ValueError
            return result
        return kind(text)
    except ValueError as error:
        raise DocumentError(f"{where}: not a {kind.__name__}") from error


def _expect(cls: type[T], value: Any, where: str) -> T:
    if not isinstance(value, cls):
        raise DocumentError(f"{where}: not a {cls.__name__}")
    return value
