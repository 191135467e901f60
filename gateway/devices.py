"""Who a device is, read from the database at each request, so that a removed one is dead at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.batches import Batcher
from gateway.database import Connection, Link, uuids

PER_BATCH = 256

_FIND = """
SELECT d.id, d.employee_id, d.public_key, d.bearer_hash, d.removed_at IS NULL AND e.left_at IS NULL
  FROM device d JOIN employee e ON e.id = d.employee_id
 WHERE d.id = ANY(%s::uuid[]) OR d.bearer_hash = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Device:
    """One row: `public_key` of a collector, None of a stock OpAMP client. `live`: neither device nor person left."""

    id: UUID
    employee: UUID
    public_key: bytes | None
    live: bool


class Devices:
    """Looks devices up, many requests in one query."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lookups: Batcher[UUID | bytes, Device | None] = Batcher("device", self._find, limit=PER_BATCH)

    async def by_id(self, device: UUID) -> Device | None:
        """The device with this id, removed ones too. Raises DatabaseDownError."""
        return await self._lookups.submit(device)

    async def by_token(self, token: str) -> Device | None:
        """The device with this bearer token. Raises DatabaseDownError."""
        return await self._lookups.submit(hashlib.sha256(token.encode()).digest())

    async def close(self) -> None:
        """Answer what waits, then stop."""
        await self._lookups.close()

    async def _find(self, keys: list[UUID | bytes]) -> list[Device | None]:
        ids = [key for key in keys if isinstance(key, UUID)]
        hashes = [key for key in keys if isinstance(key, bytes)]
        found = await self._link.read(lambda connection: _read(connection, ids, hashes))
        return [found.get(key) for key in keys]


async def _read(connection: Connection, ids: Sequence[UUID], hashes: Sequence[bytes]) -> dict[UUID | bytes, Device]:
    cursor = await connection.execute(_FIND, [uuids(ids), hashes])
    found: dict[UUID | bytes, Device] = {}
    for device_id, employee, public_key, bearer, live in await cursor.fetchall():
        device = Device(device_id, employee, public_key, live)
        found[device_id] = device
        if bearer is not None:
            found[bearer] = device
    return found
