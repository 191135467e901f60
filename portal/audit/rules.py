"""What a leaf commits to: one byte form of an audit entry, so that anybody who holds the entry can make it again."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from wire import canonical

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """An audit entry as the log sees it: `at` in microseconds since 1970, `detail` as PostgreSQL writes jsonb."""

    id: int
    at: int
    actor_id: str | None
    actor_role: str
    action: str
    object_id: str | None
    employee_id: str | None
    detail: str


def microseconds(at: datetime) -> int:
    """Exact microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def text_of(uuid: UUID | None) -> str | None:
    """An id as it stands in the canonical form."""
    return None if uuid is None else str(uuid)


def commitment(salt: bytes, entry: Entry) -> bytes:
    """SHA-256 over salt and canonical entry: the content of the entry's leaf. Without the salt it tells nothing."""
    return hashlib.sha256(salt + canonical.encode(asdict(entry))).digest()
