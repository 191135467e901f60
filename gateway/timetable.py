"""When whose documents must be made anew: the next moment first."""

import asyncio
import heapq
from collections.abc import Iterator
from uuid import UUID

from portal.core import clock

LONGEST_SECONDS = 1.0


class Timetable:
    """Moments (Unix ms) and people. Of several of one person, whoever takes them knows which counts."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, UUID]] = []
        self._earlier = asyncio.Event()

    def put(self, due: int, employee: UUID) -> None:
        """Add a moment; if it is the next one, whoever waits waits less."""
        heapq.heappush(self._heap, (due, employee))
        if self._heap[0][0] == due:
            self._earlier.set()

    def take(self, now: int) -> Iterator[tuple[int, UUID]]:
        """Take out all that have come by `now`."""
        while self._heap and self._heap[0][0] <= now:
            yield heapq.heappop(self._heap)

    async def wait(self) -> None:
        """Until the next moment, or an earlier one was put; with nothing here, or while that is far, for a second."""
        self._earlier.clear()
        left = (self._heap[0][0] - clock.to_ms(clock.now())) / 1000 if self._heap else LONGEST_SECONDS
        try:
            async with asyncio.timeout(min(max(left, 0.001), LONGEST_SECONDS)):
                await self._earlier.wait()
        except TimeoutError:
            return
