"""`POST /v1/segments`: many devices' uploads in one commit, each answered after it."""

from dataclasses import dataclass

import psycopg
import structlog
from aiohttp import web

from gateway import metrics
from gateway.admission import Result, UnsettledError, admit
from gateway.batches import Batcher, OverloadedError
from gateway.bounds import Bounds
from gateway.database import DatabaseDownError, Link
from gateway.devices import Device
from gateway.errors import RefusedError, malformed, unavailable
from gateway.items import Item, item
from gateway.rows import InterferedError
from portal.core import clock
from wire import segment

log = structlog.get_logger(__name__)

SEGMENTS_AT_ONCE = 500
SEGMENTS_WAITING = 20_000


@dataclass(frozen=True, slots=True)
class Upload:
    """What one request brought."""

    items: tuple[Item, ...]


class Uploads:
    """Group commit of uploads, two transactions at a time."""

    def __init__(self, links: tuple[Link, ...], max_age_s: int) -> None:
        self._free = list(links)
        self._max_age_s, self._bounds = max_age_s, Bounds()
        self._batches: Batcher[Upload, list[Result]] = Batcher(
            "upload",
            self._commit,
            limit=SEGMENTS_AT_ONCE,
            capacity=SEGMENTS_WAITING,
            workers=len(links),
            weight=lambda upload: len(upload.items),
        )

    async def serve(self, device: Device, content_type: str, body: bytes) -> web.Response:
        """Store what may be stored; the outcome of each segment, in order, once that is committed."""
        if content_type != segment.CONTENT_TYPE:
            raise RefusedError(415, "content_type", f"Send segments as {segment.CONTENT_TYPE}.")
        try:
            pairs = list(segment.unpack(body))
        except segment.SegmentError as error:
            raise malformed("These are not segments, or some are missing a part.") from error
        results = await self._store(Upload(tuple(item(device.id, device.employee, *pair) for pair in pairs)))
        _count(results)
        answers = [
            {"segment": str(result.id), "outcome": result.outcome.value, "reason": result.reason} for result in results
        ]
        return web.json_response({"time": clock.to_ms(clock.now()), "results": answers})

    async def close(self) -> None:
        """Finish what is in flight."""
        await self._batches.close()

    async def _store(self, upload: Upload) -> list[Result]:
        if not upload.items:
            return []
        try:
            return await self._batches.submit(upload)
        except (DatabaseDownError, OverloadedError, UnsettledError, InterferedError, psycopg.Error) as error:
            raise unavailable() from error

    async def _commit(self, batch: list[Upload]) -> list[list[Result]]:
        """All in one transaction: whatever is raised about one upload rolls all back, and each is done alone."""
        items = [one for upload in batch for one in upload.items]
        now = clock.to_ms(clock.now())
        link = self._free.pop()
        try:
            results = iter(
                await link.run(lambda connection: admit(connection, items, now, self._max_age_s, self._bounds))
            )
        finally:
            self._free.append(link)
        return [[next(results) for _ in upload.items] for upload in batch]


def _count(results: list[Result]) -> None:
    for result in results:
        metrics.segments.labels(result.reason or result.outcome.value).inc()
    refused = sorted({result.reason.value for result in results if result.reason})
    if refused:
        log.info("segments_refused", count=sum(result.reason is not None for result in results), reasons=refused)
