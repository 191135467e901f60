"""When devices were last heard from, for the pages that tell who can record: a device that is away takes no permit."""

import asyncio
import contextlib
from datetime import datetime
from uuid import UUID

from gateway.database import DatabaseDownError, Link
from portal.core import clock

SECONDS = 5
ARRIVED_SECONDS = 0.05
"""A device that comes back is written down so soon."""

PRESENT_SECONDS = 50
"""Longer than a connected device is ever silent; twice that is less than a permit lasts."""

PER_BATCH = 500
_SEEN = """
UPDATE device d SET last_seen_at = s.at FROM unnest(%s::uuid[], %s::timestamptz[]) AS s (id, at)
 WHERE d.id = s.id AND (d.last_seen_at IS NULL OR d.last_seen_at < s.at)
"""


class Presence:
    """Writes the last moment of each device a little later, and at once where it was away."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._seen: dict[UUID, datetime] = {}
        self._arrived = asyncio.Event()
        self._present: set[UUID] = set()
        self._present_before: set[UUID] = set()
        self._flusher = asyncio.create_task(self._flush_regularly(), name="last-seen")

    def seen(self, device: UUID) -> None:
        """Remember that the device was here now."""
        self._seen[device] = clock.now()
        if device not in self._present:
            self._present.add(device)
            if device not in self._present_before:
                self._arrived.set()

    async def close(self) -> None:
        """Write what waits."""
        self._flusher.cancel()
        await self._flush()

    async def _flush_regularly(self) -> None:
        time = asyncio.get_running_loop().time
        turned = time()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), SECONDS)
                await asyncio.sleep(ARRIVED_SECONDS)
            self._arrived.clear()
            if time() - turned >= PRESENT_SECONDS:
                self._present_before, self._present, turned = self._present, set(), time()
            await self._flush()

    async def _flush(self) -> None:
        seen, self._seen = self._seen, {}
        rows = sorted(seen.items())
        for part in (rows[start : start + PER_BATCH] for start in range(0, len(rows), PER_BATCH)):
            values = [[device for device, _ in part], [at for _, at in part]]
            try:
                await self._link.statement(lambda connection: connection.execute(_SEEN, values))  # noqa: B023 - awaited here
            except DatabaseDownError:
                self._seen = dict(part) | self._seen
