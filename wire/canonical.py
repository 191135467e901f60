"""One byte form for everything that is signed or hashed: a subset of RFC 8785 (JCS).

Allowed: objects with ASCII keys, arrays, strings, integers within ±(2^53 - 1), booleans, null. No floats, so that no
two languages can disagree on a number's text; ASCII keys, so that sorting by code unit and by code point agree.
"""

import hashlib
import json
from typing import Any

MAX_INT = 2**53 - 1
MAX_DEPTH = 16
MAX_BYTES = 1 << 20


class CanonicalError(ValueError):
    """The value has no canonical form, or the bytes are not in it."""


def encode(value: Any) -> bytes:
    """Canonical bytes of `value`. Raises CanonicalError for anything outside the subset."""
    _check(value, 0)
    try:
        return _ENCODER.encode(value).encode()
    except (TypeError, ValueError, UnicodeEncodeError) as error:
        raise CanonicalError("not encodable") from error


def decode(data: bytes) -> Any:
    """The value whose canonical form is exactly `data`. Raises CanonicalError for any other bytes."""
    if len(data) > MAX_BYTES:
        raise CanonicalError("longer than 1 MiB")
    try:
        value = _DECODER.decode(data.decode())
    except (ValueError, RecursionError) as error:
        raise CanonicalError("not JSON of the subset") from error
    if encode(value) != data:
        raise CanonicalError("not in canonical form")
    return value


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in lower-case hexadecimal."""
    return hashlib.sha256(encode(value)).hexdigest()


def _no_float(text: str) -> Any:
    raise CanonicalError(f"not an integer: {text[:20]}")


# Made once: json.dumps and json.loads with arguments make one for each call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
_DECODER = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise CanonicalError("nested too deeply")
    match value:
        case str() | bool() | None:
            return
        case int():
            if abs(value) > MAX_INT:
                raise CanonicalError("integer out of range")
        case list() | tuple():
            for item in value:
                _check(item, depth + 1)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise CanonicalError("keys are ASCII strings")
                _check(item, depth + 1)
        case _:
            raise CanonicalError(f"no canonical form for {type(value).__name__}")
