"""One JSON line for one item, and for each that could not be given: see docs/export.md and schema.json."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from vault.opening import Opened
from wire import codec

FORMAT: Final = "daylight export 1"
_BREAKS: Final = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


def line(value: Any) -> bytes:
    """`value` as one line of a JSON Lines file, also for readers who break lines wherever Unicode does."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_BREAKS)
    return text.encode(errors="backslashreplace") + b"\n"


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, with milliseconds."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def item(row: Mapping[str, Any], opened: Opened, file: str | None) -> dict[str, Any]:
    """What the server's label says, and what the seal held. `sealed` is there when the two do not agree."""
    told: dict[str, Any] = {
        "id": str(row["id"]),
        "state": str(opened.state),
        "fields": list(opened.fields),
        "kind": row["kind"],
        "context": row["context"],
        "start": moment(row["started_at"]),
        "end": moment(row["ended_at"]),
        "counts": row["counts"],
        "sensitivity": row["sensitivity"],
        "categories": row["categories"],
        "device": str(row["device_id"]),
        "seq": row["seq"],
        "policy": row["policy"],
        "policy_version": row["policy_version"],
        "lease": str(row["lease_id"]),
        "size": row["size"],
        "content": None if opened.content is None else opened.content.data,
        "file": file,
    }
    if opened.content is not None and opened.fields:
        told["sealed"] = codec.to_value(opened.content.summary)
    return told


def problem(segment: UUID, state: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """An item that is not in the archive as it was captured: missing, unreadable, or a mismatch."""
    return {"id": str(segment), "state": state, "fields": list(fields)}
