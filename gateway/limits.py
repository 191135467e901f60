"""What one device or one moment may ask of this process: request rates, and bytes of bodies in memory."""

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from aiohttp import web

from gateway.errors import RefusedError, malformed, too_many, unavailable

BODY_SECONDS = 120
QUIET_SECONDS = 10
BODIES_AT_ONCE = 128 << 20
REMEMBERED = 50_000
CLOSE = {"Connection": "close"}
IDENTITY, GZIP = "identity", "gzip"


class Bucket:
    """A token bucket: `left` of its tokens at `at` (seconds of a monotonic clock)."""

    __slots__ = ("at", "left")

    def __init__(self, left: float, at: float) -> None:
        self.left, self.at = left, at

    def take(self, per_second: float, burst: float, now: float) -> bool:
        """Whether one more is allowed at `now`: `per_second` on average, `burst` at once."""
        self.left = min(burst, self.left + (now - self.at) * per_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Rate:
    """Token buckets: `per_second` requests on average, `burst` at once, for each key."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second, self._burst = per_second, burst
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, key: Hashable, now: float) -> bool:
        """Whether `key` may do one more thing at `now` (seconds of a monotonic clock)."""
        bucket = self._buckets.pop(key, None) or Bucket(self._burst, now)
        self._buckets[key] = bucket
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket.take(self._per_second, self._burst, now)

    def check(self, key: Hashable) -> None:
        """Raises 429 when `key` asks too often."""
        if not self.take(key, asyncio.get_running_loop().time()):
            raise too_many()


class Bodies:
    """Reads request bodies with a bound on each, on all together, and on the time one may take."""

    def __init__(self, at_once: int = BODIES_AT_ONCE) -> None:
        self._left = at_once

    @asynccontextmanager
    async def read(
        self, request: web.Request, most: int, encodings: tuple[str, ...] = (IDENTITY,)
    ) -> AsyncIterator[bytes]:
        """The body as sent, of `most` bytes at most. Refuses by the declared length before it reads anything."""
        if encoding_of(request) not in encodings:
            raise RefusedError(415, "encoded", f"Send the body as {' or '.join(encodings)}.")
        declared = request.content_length
        if declared is not None and declared > most:
            raise _too_large(most)
        reserved = most if declared is None else declared
        if reserved > self._left:
            raise unavailable("busy", 1)
        self._left -= reserved
        try:
            yield await self._collect(request, most)
        finally:
            self._left += reserved

    async def _collect(self, request: web.Request, most: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while part := await self._part(request):
                    size += len(part)
                    if size > most:
                        raise _too_large(most)
                    parts.append(part)
        except TimeoutError as error:
            raise RefusedError(408, "too_slow", "The body took too long to arrive.", headers=CLOSE) from error
        except (web.RequestPayloadError, ConnectionError) as error:
            raise malformed("The body is cut off.") from error
        return b"".join(parts)

    async def _part(self, request: web.Request) -> bytes:
        async with asyncio.timeout(QUIET_SECONDS):
            return await request.content.readany()


def encoding_of(request: web.Request) -> str:
    """How the body is packed, in lower case; `x-gzip` is the same as gzip (RFC 9110, 8.4.1)."""
    named = ",".join(request.headers.getall("Content-Encoding", [IDENTITY])).strip().lower()
    return GZIP if named == "x-gzip" else named


def gunzip(body: bytes, most: int) -> bytes:
    """What one gzip member (RFC 1952) holds, counted while it flows: never more than `most` bytes are made (R04)."""
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = inflater.decompress(body, most)
    except zlib.error as error:
        raise malformed("The body is not gzip.") from error
    if inflater.unconsumed_tail:
        raise _too_large(most)
    if not inflater.eof or inflater.unused_data:
        raise malformed("The body is not one whole gzip member.")
    return data


def _too_large(most: int) -> RefusedError:
    return RefusedError(413, "too_large", f"The body may have {most} bytes at most.", headers=CLOSE)
