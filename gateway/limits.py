"""What one device or one moment may ask of this process: request rates, and bytes of bodies in memory."""

import asyncio
import zlib
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

from aiohttp import web

from gateway.devices import Device
from gateway.errors import RefusedError, malformed, too_many, unavailable

BODY_SECONDS = 120
QUIET_SECONDS = 10
BODIES_AT_ONCE = 128 << 20
PER_DEVICE, PER_PERSON = 2, 4
"""So many bodies may be on their way at once."""

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
    """Reads request bodies with a bound on each, on all together, on those of one sender, and on the time one takes.

    Only what has arrived takes room: what a client declares costs nobody else anything.
    """

    def __init__(self, at_once: int = BODIES_AT_ONCE) -> None:
        self._left = at_once
        self._under_way: Counter[UUID] = Counter()

    @asynccontextmanager
    async def read(
        self,
        request: web.Request,
        most: int,
        device: Device | None = None,
        *,
        encodings: tuple[str, ...] = (IDENTITY,),
    ) -> AsyncIterator[bytes]:
        """The body as sent, of `most` bytes at most. Refuses by the declared length before it reads anything."""
        if encoding_of(request) not in encodings:
            raise RefusedError(415, "encoded", f"Send the body as {' or '.join(encodings)}.")
        if request.content_length is not None and request.content_length > most:
            raise _too_large(most)
        parts: list[bytes] = []
        with self._turn(device):
            try:
                await self._collect(request, most, parts)
                parts[:] = [b"".join(parts)]
                yield parts[0]
            finally:
                self._left += sum(map(len, parts))

    @contextmanager
    def _turn(self, device: Device | None) -> Iterator[None]:
        """Count the sender's bodies while this one is here. Raises 429 when it sends too many at once."""
        if device is None:
            yield
            return
        if self._under_way[device.id] >= PER_DEVICE or self._under_way[device.employee] >= PER_PERSON:
            raise too_many(headers=CLOSE)
        names = (device.id, device.employee)
        self._under_way.update(names)
        try:
            yield
        finally:
            self._under_way.subtract(names)
            for name in names:
                if not self._under_way[name]:
                    del self._under_way[name]

    async def _collect(self, request: web.Request, most: int, parts: list[bytes]) -> None:
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while part := await self._part(request):
                    size += len(part)
                    if size > most:
                        raise _too_large(most)
                    if len(part) > self._left:
                        raise unavailable("busy", 1, headers=CLOSE)
                    self._left -= len(part)
                    parts.append(part)
        except TimeoutError as error:
            raise RefusedError(408, "too_slow", "The body took too long to arrive.", headers=CLOSE) from error
        except (web.RequestPayloadError, ConnectionError) as error:
            raise malformed("The body is cut off.") from error

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
