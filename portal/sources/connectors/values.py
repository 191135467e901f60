"""A store's values: whose they are, and how an export writes them. Pure."""

import base64
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from portal.sources.connectors.base import SubjectKind, Target


def same_subject(value: object, target: Target) -> bool:
    """Whether a value that the store took for the person's really is: collations may find Ä in a, or Ann in ANN."""
    text = _text(value)
    if target.layout.subject_kind is SubjectKind.EMAIL:
        return text.strip().lower() in {name.strip().lower() for name in target.subjects}
    found = text.rstrip(" ")
    return found in {name.rstrip(" ") for name in target.subjects}


def _text(value: object) -> str:
    """A value as names are written: bytes as the text they are, a whole number without what follows its point."""
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    whole = isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value)
    return str(int(value)) if whole else str(value)  # type: ignore[call-overload]


def plain(value: object) -> object:
    """A store's value as JSON can hold it: times as ISO 8601, in UTC where there is a zone; bytes as base64.

    What is no number is told as text ("nan", "inf", "-inf"), for JSON has no word for it (RFC 8259, 6).
    """
    match value:
        case float():
            return value if math.isfinite(value) else str(value)
        case None | bool() | int() | str():
            return value
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
    return str(value)
