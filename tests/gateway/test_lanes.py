"""Whose turn it is: nobody who asks waits for renewals, nobody is refreshed twice at a time, nobody is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from gateway.batches import OverloadedError
from gateway.database import DatabaseDownError
from gateway.lanes import Lane, Lanes

AMIRA, BEN, CARA = (UUID(int=n) for n in range(1, 4))
LIMITS = {Lane.ASKED: 2, Lane.USUAL: 2}


class Work:
    """Batches as they begin, each held until let go. `failed`: those who are to be tried again."""

    def __init__(self) -> None:
        self.begun: list[tuple[Lane, list[UUID]]] = []
        self.failed: dict[UUID, Exception] = {}
        self.held = {lane: asyncio.Semaphore(0) for lane in Lane}
        self.error: Exception | None = None
        self.odd: UUID | None = None
        self.lanes = Lanes(self.refresh, self.failed.update, LIMITS)

    async def refresh(self, lane: Lane, people: list[UUID]) -> dict[UUID, Exception]:
        self.begun.append((lane, people))
        await self.held[lane].acquire()
        if self.error is not None and (self.odd is None or self.odd in people):
            raise self.error
        return {}

    def go_on(self) -> None:
        for held in self.held.values():
            for _ in range(10):
                held.release()


def play(scene: Callable[[Work], Awaitable[None]]) -> None:
    async def run() -> None:
        work = Work()
        async with asyncio.timeout(30):
            await scene(work)
            work.go_on()
            await work.lanes.close()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what begins has no event of its own
        await asyncio.sleep(0)


def test_who_asks_does_not_wait_for_renewals() -> None:
    async def scene(work: Work) -> None:
        for person in (AMIRA, BEN):
            work.lanes.ask(person, Lane.USUAL)
        await until(lambda: bool(work.begun))
        work.held[Lane.ASKED].release()
        asking = asyncio.create_task(work.lanes.wait(CARA, Lane.ASKED))
        await asking
        assert work.begun == [(Lane.USUAL, [AMIRA, BEN]), (Lane.ASKED, [CARA])]

    play(scene)


def test_P06_one_who_is_being_refreshed_is_read_again_afterwards_and_not_meanwhile() -> None:
    async def scene(work: Work) -> None:
        work.lanes.ask(AMIRA, Lane.USUAL)
        await until(lambda: bool(work.begun))
        again = asyncio.create_task(work.lanes.wait(AMIRA, Lane.ASKED))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(work.begun) == 1
        work.go_on()
        await again
        assert work.begun == [(Lane.USUAL, [AMIRA]), (Lane.ASKED, [AMIRA])]

    play(scene)


def test_one_waits_once_and_goes_where_it_is_quicker() -> None:
    async def scene(work: Work) -> None:
        for person in (AMIRA, BEN, CARA, CARA):
            work.lanes.ask(person, Lane.USUAL)
        await until(lambda: bool(work.begun))
        for lane in (Lane.ASKED, Lane.USUAL):
            work.lanes.ask(CARA, lane)
        work.go_on()
        await work.lanes.wait(CARA, Lane.ASKED)
        assert work.begun == [(Lane.USUAL, [AMIRA, BEN]), (Lane.ASKED, [CARA])]

    play(scene)


def test_R05_a_failure_reaches_who_waits_and_everybody_is_tried_again() -> None:
    async def scene(work: Work) -> None:
        work.error = DatabaseDownError()
        work.lanes.ask(BEN, Lane.USUAL)
        waiting = asyncio.create_task(work.lanes.wait(AMIRA, Lane.USUAL))
        work.go_on()
        with pytest.raises(DatabaseDownError):
            await waiting
        assert sorted(work.failed) == [AMIRA, BEN]

    play(scene)


def test_P06_who_cannot_be_refreshed_fails_alone() -> None:
    async def scene(work: Work) -> None:
        work.error, work.odd = OverflowError(), AMIRA
        waiting = [asyncio.create_task(work.lanes.wait(person, Lane.USUAL)) for person in (AMIRA, BEN)]
        work.go_on()
        assert [type(found) for found in await asyncio.gather(*waiting, return_exceptions=True)] == [
            OverflowError,
            type(None),
        ]
        assert list(work.failed) == [AMIRA]

    play(scene)


def test_who_gives_up_waiting_takes_nobodys_turn() -> None:
    async def scene(work: Work) -> None:
        first = asyncio.create_task(work.lanes.wait(AMIRA, Lane.USUAL))
        second = asyncio.create_task(work.lanes.wait(AMIRA, Lane.USUAL))
        await until(lambda: bool(work.begun))
        first.cancel()
        work.go_on()
        await second
        assert first.cancelled()

    play(scene)


def test_after_the_close_nobody_waits_in_vain() -> None:
    async def run() -> None:
        work = Work()
        work.go_on()
        await work.lanes.close()
        with pytest.raises(OverloadedError):
            await work.lanes.wait(AMIRA, Lane.USUAL)

    asyncio.run(run())
