"""Reads the JSON bodies of requests, strictly. No error repeats what it read."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from portal.core import clock
from vault.errors import BadRequestError
from vault.looks import Wish
from wire.codec import MAX_TIME

MAX_SEGMENTS: Final = 5000
MAX_TICKET: Final = 128
MAX_PURPOSE: Final = 200
MAX_WORDS: Final = 200
MAX_NUMBER: Final = (1 << 53) - 1


def wish(body: dict[str, Any], kind: str, purpose: str) -> Wish:
    """The look that a body asks for."""
    starts, until = moment(body, "from"), moment(body, "until")
    if until <= starts:
        raise BadRequestError("`until` must be later than `from`.")
    return Wish(text(body, "ticket", MAX_TICKET), _segments(body), starts, until, purpose, kind)


def purpose(body: dict[str, Any]) -> str:
    """Why somebody looks; the only kind of look asked for by name is `open`."""
    if body.get("kind", "open") != "open":
        raise BadRequestError("`kind` must be open.")
    return text(body, "purpose", MAX_PURPOSE)


def fields(body: Any, *names: str) -> dict[str, Any]:
    """`body` if it is an object that has at most these fields."""
    if not isinstance(body, dict) or not body.keys() <= set(names):
        raise BadRequestError("The body must be a JSON object with the documented fields only.")
    return body


def text(body: dict[str, Any], name: str, longest: int) -> str:
    """The text field `name`, 1 to `longest` characters."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= len(value) <= longest or "\0" in value:
        raise BadRequestError(f"`{name}` must be a text of 1 to {longest} characters.")
    return value


def identifier(body: dict[str, Any], name: str) -> UUID:
    """The UUID field `name`."""
    return _uuid(body.get(name), name)


def number(body: dict[str, Any], name: str, most: int) -> int:
    """The whole number `name`, 0 to `most`."""
    value = body.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise BadRequestError(f"`{name}` must be a whole number of at most {most}.")
    return value


def flag(body: dict[str, Any], name: str) -> bool:
    """The field `name`, true or false."""
    value = body.get(name)
    if not isinstance(value, bool):
        raise BadRequestError(f"`{name}` must be true or false.")
    return value


def _uuid(value: Any, name: str) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise BadRequestError(f"`{name}` must hold a UUID.") from None


def _segments(body: dict[str, Any]) -> tuple[UUID, ...]:
    values = body.get("segments")
    if not isinstance(values, list) or not 0 < len(values) <= MAX_SEGMENTS:
        raise BadRequestError(f"`segments` must be a list of 1 to {MAX_SEGMENTS} UUIDs.")
    return tuple(dict.fromkeys(_uuid(value, "segments") for value in values))


def moment(body: dict[str, Any], name: str) -> datetime:
    """The field `name` in Unix milliseconds."""
    value = body.get(name)
    if type(value) is not int or not 0 <= value <= MAX_TIME:
        raise BadRequestError(f"`{name}` must be Unix milliseconds.")
    return clock.from_ms(value)
