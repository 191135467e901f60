"""Whose turn it is to be refreshed: each person waits once and is in one batch at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from itertools import islice
from uuid import UUID

from gateway import metrics
from gateway.batches import OverloadedError
from gateway.database import DatabaseDownError

Turn = asyncio.Future[None]


class Lane(StrEnum):
    """`ASKED`: somebody changed something. `USUAL`: connecting, renewal, a policy, the clock."""

    ASKED = "asked"
    USUAL = "usual"


class Lanes:
    """Batches of people, given to `work` for each lane one at a time, so that no renewal holds up who asked.

    A person who waits and asks again does not wait twice; one who is being refreshed is read again afterwards. What
    waits is bounded by the people who have a device here. `work` returns what went wrong about whom; if it raises, each
    of the batch is done alone, so that nobody's odd data holds up others.
    """

    def __init__(
        self,
        work: Callable[[Lane, list[UUID]], Awaitable[dict[UUID, Exception]]],
        failed: Callable[[dict[UUID, Exception]], None],
        limits: dict[Lane, int],
    ) -> None:
        self._work, self._failed, self._limits = work, failed, limits
        self._waiting: dict[Lane, dict[UUID, Turn | None]] = {lane: {} for lane in Lane}
        self._busy: set[UUID] = set()
        self._wake = {lane: asyncio.Event() for lane in Lane}
        self._closing = False
        self._tasks = [asyncio.create_task(self._run(lane), name=f"refresh-{lane}") for lane in Lane]

    def ask(self, person: UUID, lane: Lane) -> None:
        """Let the person be refreshed soon. From the usual lane one moves to the other, never back."""
        self._place(person, lane)

    async def wait(self, person: UUID, lane: Lane) -> None:
        """Returns when the person was read after this call, and what follows was done. Raises what `work` raised."""
        if self._closing:
            raise OverloadedError
        waiting = self._place(person, lane)
        turn = waiting[person] = waiting[person] or asyncio.get_running_loop().create_future()
        # Others may wait for the same turn: whoever is cancelled leaves it alone.
        await asyncio.shield(turn)

    async def close(self) -> None:
        """Do what waits, then stop."""
        self._closing = True
        for event in self._wake.values():
            event.set()
        await asyncio.gather(*self._tasks)

    def _place(self, person: UUID, lane: Lane) -> dict[UUID, Turn | None]:
        """Those who wait where the person does now."""
        asked, usual = self._waiting[Lane.ASKED], self._waiting[Lane.USUAL]
        if lane is Lane.ASKED and person in usual:
            asked[person] = usual.pop(person)
        chosen = Lane.ASKED if person in asked else lane
        self._waiting[chosen].setdefault(person, None)
        self._wake[chosen].set()
        return self._waiting[chosen]

    async def _run(self, lane: Lane) -> None:
        size = metrics.batches.labels(f"refresh-{lane}")
        while True:
            batch = self._take(lane)
            if batch:
                size.observe(len(batch))
                await self._do(lane, batch)
            elif self._closing and not self._waiting[lane]:
                return
            else:
                self._wake[lane].clear()
                await self._wake[lane].wait()

    def _take(self, lane: Lane) -> list[UUID]:
        free = (person for person in self._waiting[lane] if person not in self._busy)
        return list(islice(free, self._limits[lane]))

    async def _do(self, lane: Lane, batch: list[UUID]) -> None:
        turns = {person: self._waiting[lane].pop(person) for person in batch}
        self._busy.update(batch)
        try:
            failed = await self._try(lane, batch)
            if failed:
                self._failed(failed)
            for person, turn in turns.items():
                if turn is not None and not turn.done():
                    _settle(turn, failed.get(person))
        finally:
            self._busy.difference_update(batch)
            for event in self._wake.values():
                event.set()

    async def _try(self, lane: Lane, batch: list[UUID]) -> dict[UUID, Exception]:
        """What went wrong about whom: all of them when the database is down, else those who fail alone, too."""
        try:
            return await self._work(lane, batch)
        except Exception as error:  # noqa: BLE001 - whoever waits gets it, and is tried again
            if len(batch) == 1 or isinstance(error, DatabaseDownError):
                return dict.fromkeys(batch, error)
        failed: dict[UUID, Exception] = {}
        for place, person in enumerate(batch):
            failed |= await self._try(lane, [person])
            if isinstance(down := failed.get(person), DatabaseDownError):
                return failed | dict.fromkeys(batch[place:], down)
        return failed


def _settle(turn: Turn, error: Exception | None) -> None:
    if error is None:
        turn.set_result(None)
    else:
        turn.set_exception(error)
