"""What is inside a sealed segment, before compression: a length, canonical JSON, and an optional blob (WebP).

JSON: {"v": 1, "header": Summary, "data": …}. The summary repeats what the visible header claims, so that whoever opens
the seal can compare the two. All offsets are milliseconds since the summary's start. Data by kind:

key         {"title": str, "events": [[ms, "down"|"char"|"backspace"|"enter"|"redacted", text]], "text": str}
pointer     {"screen": [w, h], "points": [[ms, x, y]]}
click       {"screen": [w, h], "clicks": [[ms, x, y, button]]}
window      {"titles": [[ms, title]]}
screenshot  {"size": [w, h], "monitor": n}, and the image as blob
prompt      {"turns": [{"role": "user"|"assistant", "at": ms, "text": str}]}
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wire import canonical, codec
from wire.codec import Moment
from wire.documents import Kind
from wire.segment import LONGEST_MS, Header

VERSION = 1
MAX_BLOB = 1 << 20
MAX_ITEMS = 20_000
REDACTED = "█"
KEY_EVENTS = frozenset({"down", "char", "backspace", "enter", "redacted"})
ROLES = frozenset({"user", "assistant"})
BASE: dict[Kind, tuple[int, str]] = {
    Kind.POINTER: (1, "user.behavior"),
    Kind.CLICK: (1, "user.behavior"),
    Kind.WINDOW: (2, "user.behavior"),
    Kind.KEY: (2, "user.content"),
    Kind.PROMPT: (2, "user.content"),
    Kind.SCREENSHOT: (3, "user.content"),
}
"""Sensitivity and category (fideslang) of each kind when nothing more sensitive is found in it."""
COUNTED: dict[Kind, frozenset[str]] = {
    Kind.POINTER: frozenset({"points"}),
    Kind.CLICK: frozenset({"clicks"}),
    Kind.WINDOW: frozenset({"titles"}),
    Kind.KEY: frozenset({"keys", "redacted"}),
    Kind.PROMPT: frozenset({"turns"}),
    Kind.SCREENSHOT: frozenset({"images"}),
}
"""What a header counts, by kind: the names of `counts_of`."""

_LENGTH = struct.Struct(">I")


class ContentError(ValueError):
    """The bytes are not the content of a segment; the message holds nothing of it."""


@dataclass(frozen=True)
class Summary:
    """What the content says about itself; equal to the same fields of the visible header."""

    kind: Kind
    context: str
    start: Moment
    end: Moment
    counts: dict[str, int]
    sensitivity: int
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """One segment's content: its summary, the data of its kind (see the module), and the blob, empty if none."""

    summary: Summary
    data: dict[str, Any]
    blob: bytes = b""


def pack(content: Content) -> bytes:
    """The bytes to compress and seal. Raises ContentError if the content is not valid."""
    check(content)
    try:
        value = {"v": VERSION, "header": codec.to_value(content.summary), "data": content.data}
        text = canonical.encode(value)
    except canonical.CanonicalError as error:
        raise ContentError("no canonical form") from error
    return _LENGTH.pack(len(text)) + text + content.blob


def unpack(data: bytes) -> Content:
    """The content in bytes made by `pack`, checked. Raises ContentError."""
    if len(data) < _LENGTH.size:
        raise ContentError("too short")
    (length,) = _LENGTH.unpack_from(data)
    text, blob = data[_LENGTH.size : _LENGTH.size + length], data[_LENGTH.size + length :]
    if len(text) != length:
        raise ContentError("cut off")
    try:
        value = canonical.decode(text)
        if not isinstance(value, dict) or value.keys() != {"v", "header", "data"}:
            raise ContentError("not content")
        if type(value["v"]) is not int or value["v"] != VERSION:
            raise ContentError("not content of version 1")
        content = Content(codec.from_value(Summary, value["header"]), value["data"], blob)
    except (canonical.CanonicalError, codec.DocumentError) as error:
        raise ContentError("not the content of a segment") from error
    check(content)
    return content


def check(content: Content) -> None:
    """Raises ContentError unless data and blob have the shape of the kind and the counts are those of the data."""
    summary = content.summary
    if not 0 <= summary.end - summary.start <= LONGEST_MS:
        raise ContentError("longer than a minute")
    if not isinstance(content.data, dict):
        raise ContentError("the data is not an object")
    _SHAPES[summary.kind](content.data, summary.end - summary.start)
    if bool(content.blob) != (summary.kind is Kind.SCREENSHOT) or len(content.blob) > MAX_BLOB:
        raise ContentError("a screenshot has an image of at most 1 MiB, nothing else has one")
    if summary.counts != counts_of(summary.kind, content.data):
        raise ContentError("the counts are not those of the data")


def counts_of(kind: Kind, data: dict[str, Any]) -> dict[str, int]:
    """How many of what the data of this kind holds: the header's `counts`."""
    match kind:
        case Kind.KEY:
            redacted = sum(event[1] == "redacted" for event in data["events"])
            return {"keys": len(data["events"]), "redacted": redacted}
        case Kind.POINTER:
            return {"points": len(data["points"])}
        case Kind.CLICK:
            return {"clicks": len(data["clicks"])}
        case Kind.WINDOW:
            return {"titles": len(data["titles"])}
        case Kind.SCREENSHOT:
            return {"images": 1}
        case Kind.PROMPT:
            return {"turns": len(data["turns"])}


def differences(content: Content, size: int, header: Header) -> tuple[str, ...]:
    """Names of the visible header's fields that the content contradicts; empty if it keeps its word.

    `size`: length of the packed bytes.
    """
    names = tuple(name for name in Summary.__annotations__ if getattr(content.summary, name) != getattr(header, name))
    return names if size == header.size else (*names, "size")


def _key(data: dict[str, Any], span: int) -> None:
    _fields(data, "title", "events", "text")
    _texts(data["title"], data["text"])
    for at, name, text in _rows(data["events"], 3):
        _offset(at, span)
        _texts(name, text)
        if name not in KEY_EVENTS:
            raise ContentError("an unknown key event")


def _pointer(data: dict[str, Any], span: int) -> None:
    _fields(data, "screen", "points")
    _integers(*_pair(data["screen"]))
    for at, x, y in _rows(data["points"], 3):
        _offset(at, span)
        _integers(x, y)


def _click(data: dict[str, Any], span: int) -> None:
    _fields(data, "screen", "clicks")
    _integers(*_pair(data["screen"]))
    for at, x, y, button in _rows(data["clicks"], 4):
        _offset(at, span)
        _integers(x, y)
        _texts(button)


def _window(data: dict[str, Any], span: int) -> None:
    _fields(data, "titles")
    for at, title in _rows(data["titles"], 2):
        _offset(at, span)
        _texts(title)


def _screenshot(data: dict[str, Any], _span: int) -> None:
    _fields(data, "size", "monitor")
    _integers(*_pair(data["size"]), data["monitor"])


def _prompt(data: dict[str, Any], span: int) -> None:
    _fields(data, "turns")
    if not isinstance(data["turns"], list) or len(data["turns"]) > MAX_ITEMS:
        raise ContentError("turns are not a list")
    for turn in data["turns"]:
        if not isinstance(turn, dict):
            raise ContentError("a turn is not an object")
        _fields(turn, "role", "at", "text")
        _offset(turn["at"], span)
        _texts(turn["text"], turn["role"])
        if turn["role"] not in ROLES:
            raise ContentError("an unknown role")


_SHAPES: dict[Kind, Callable[[dict[str, Any], int], None]] = {
    Kind.KEY: _key,
    Kind.POINTER: _pointer,
    Kind.CLICK: _click,
    Kind.WINDOW: _window,
    Kind.SCREENSHOT: _screenshot,
    Kind.PROMPT: _prompt,
}


def _fields(data: dict[str, Any], *names: str) -> None:
    if data.keys() != set(names):
        raise ContentError("fields missing or unknown")


def _rows(value: Any, width: int) -> list[list[Any]]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise ContentError("not a list, or too long")
    if not all(isinstance(row, list) and len(row) == width for row in value):
        raise ContentError("a row has another width")
    return value


def _pair(value: Any) -> list[Any]:
    return _rows([value], 2)[0]


def _offset(value: Any, span: int) -> None:
    _integers(value)
    if not 0 <= value <= span:
        raise ContentError("an offset outside the segment")


def _integers(*values: Any) -> None:
    if not all(type(value) is int for value in values):
        raise ContentError("not an integer")


def _texts(*values: Any) -> None:
    if not all(isinstance(value, str) for value in values):
        raise ContentError("not text")
