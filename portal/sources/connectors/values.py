"""A store's values: whose they are, and how an export writes them. Pure."""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from portal.sources.connectors.base import SubjectKind, Target


def same_subject(value: object, target: Target) -> bool:
    """Whether a value that the store took for the person's really is: collations may find Ä in a, or Ann in ANN."""
    found = str(value).rstrip(" ")
    if target.layout.subject_kind is SubjectKind.EMAIL:
        return found.lower() in {name.lower().rstrip(" ") for name in target.subjects}
    return found in {name.rstrip(" ") for name in target.subjects}


def plain(value: object) -> object:
    """A store's value as JSON can hold it: times as ISO 8601, in UTC where there is a zone; bytes as base64."""
    match value:
        case None | bool() | int() | float() | str():
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
