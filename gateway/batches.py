"""Group commit: what arrives while one batch is at the database becomes the next batch.

One that cannot be done fails alone: when a batch fails, each of it is done by itself.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from gateway import metrics
from gateway.database import DatabaseDownError

log = structlog.get_logger(__name__)

T = TypeVar("T")
R = TypeVar("R")
Batch = list[tuple[T, asyncio.Future[R]]]


class OverloadedError(Exception):
    """The queue is full; nothing was taken."""


class Batcher(Generic[T, R]):
    """Collects items and gives them to `work` together; `work` returns one result per item, in order.

    `limit`: items per batch by weight; `capacity`: weight that may wait; `workers`: batches at the same time.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[list[T]], Awaitable[list[R]]],
        *,
        limit: int,
        capacity: int = 100_000,
        workers: int = 1,
        weight: Callable[[T], int] = lambda _: 1,
    ) -> None:
        self._work, self._limit, self._capacity, self._weight = work, limit, capacity, weight
        self._name = name
        self._size = metrics.batches.labels(name)
        self._queue: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._tasks = [asyncio.create_task(self._run(), name=f"{name}-{n}") for n in range(workers)]

    async def submit(self, item: T, *, first: bool = False) -> R:
        """The result of `item` once its batch is done; `first`: ahead of what waits.

        Raises OverloadedError, and whatever `work` raised about it.
        """
        weight = self._weight(item)
        if self._closing or self._waiting + weight > self._capacity:
            raise OverloadedError
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if first:
            self._queue.appendleft((item, future))
        else:
            self._queue.append((item, future))
        self._waiting += weight
        self._wake.set()
        return await future

    async def close(self) -> None:
        """Take no more, finish what waits, then stop."""
        self._closing = True
        self._wake.set()
        await asyncio.gather(*self._tasks)

    async def _run(self) -> None:
        while True:
            while not self._queue:
                if self._closing:
                    return
                self._wake.clear()
                await self._wake.wait()
            await self._do(self._next())

    def _next(self) -> Batch[T, R]:
        batch: Batch[T, R] = []
        size = 0
        while self._queue and (not batch or size + self._weight(self._queue[0][0]) <= self._limit):
            item, future = self._queue.popleft()
            weight = self._weight(item)
            size += weight
            self._waiting -= weight
            batch.append((item, future))
        self._size.observe(len(batch))
        return batch

    async def _do(self, batch: Batch[T, R]) -> None:
        error = await self._try(batch)
        if error is None:
            return
        if not isinstance(error, DatabaseDownError):
            log.warning("batch_split", batch=self._name, items=len(batch), error=type(error).__name__)
        while batch and not isinstance(error, DatabaseDownError):
            alone = batch.pop(0)
            error = await self._try([alone])
            if error is not None:
                _fail([alone], error)
        if error is not None:
            _fail(batch, error)

    async def _try(self, batch: Batch[T, R]) -> Exception | None:
        """Do them together: what `work` raised, which nobody was told yet."""
        try:
            results = await self._work([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits for the item gets it
            return error
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
        return None


def _fail(batch: Batch[T, R], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
