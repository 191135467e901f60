"""Which device sends a request: a signature over exactly this request, once, or a stock client's bearer token."""

import hashlib
from collections import deque
from uuid import UUID

from aiohttp import web

from gateway.batches import OverloadedError
from gateway.database import DatabaseDownError
from gateway.devices import Device, Devices
from gateway.errors import RefusedError, device_removed, unavailable
from gateway.limits import Rate
from portal.core import clock
from wire import codec, documents, dsse
from wire.documents import DeviceRequest

WINDOW_MS = 30_000
REQUESTS_PER_SECOND = 50
BURST = 200
LONGEST_TOKEN = 200


class Nonces:
    """Each nonce of a device once within the window; one from before this process began counts as used."""

    def __init__(self, started: int) -> None:
        self._started = started
        self._used: set[tuple[UUID, bytes]] = set()
        self._order: deque[tuple[int, tuple[UUID, bytes]]] = deque()

    def use(self, device: UUID, nonce: bytes, at: int, now: int) -> bool:
        """Whether this was the first use of a nonce signed at `at`, a moment inside the window around `now`."""
        while self._order and self._order[0][0] < now - 2 * WINDOW_MS:
            self._used.discard(self._order.popleft()[1])
        key = (device, nonce)
        if key in self._used or at < self._started:
            return False
        self._used.add(key)
        self._order.append((now, key))
        return True


class Authenticator:
    """Tells who sends a request, or refuses it: 401 unknown or badly signed, 403 removed, 429 too often."""

    def __init__(self, devices: Devices, started: int) -> None:
        self._devices, self._nonces = devices, Nonces(started)
        self._rate = Rate(REQUESTS_PER_SECOND, BURST)

    async def collector(self, request: web.Request) -> tuple[Device, bytes]:
        """The collector that signed this request, and the SHA-256 its body must have: `check_body` compares."""
        try:
            envelope = documents.parse_request_header(request.headers.get("Authorization", ""))
            claimed = documents.claimed_device(envelope)
        except (dsse.SignatureError, codec.DocumentError) as error:
            raise _unauthorized("signature_missing", "Sign each request with the device's key.") from error
        device = await self._find(claimed)
        if device is None or device.public_key is None:
            raise _unauthorized("device_unknown", "This device is not known here. Add it again on the settings page.")
        signed = _verified(envelope, device.public_key)
        self._check(signed, request)
        self._rate.check(device.id)
        return _live(device), signed.body_sha256

    async def any_device(self, request: web.Request) -> tuple[Device, bytes | None]:
        """A collector, or a stock OpAMP client by its bearer token: then no body hash."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return await self.collector(request)
        device = await self._find(token) if _is_token(token) else None
        if device is None:
            raise _unauthorized("token_unknown", "This token is not known here.")
        self._rate.check(device.id)
        return _live(device), None

    async def _find(self, key: UUID | str) -> Device | None:
        try:
            return await (self._devices.by_id(key) if isinstance(key, UUID) else self._devices.by_token(key))
        except (DatabaseDownError, OverloadedError) as error:
            raise unavailable() from error

    def _check(self, signed: DeviceRequest, request: web.Request) -> None:
        now = clock.to_ms(clock.now())
        if (signed.method, signed.path) != (request.method, request.rel_url.raw_path):
            raise _unauthorized("signature_other", "The signature is for another request.")
        if abs(signed.at - now) > WINDOW_MS:
            raise _unauthorized("time", "The device's clock differs too much from the server's.")
        if not self._nonces.use(signed.device, signed.nonce, signed.at, now):
            raise _unauthorized("replayed", "This request was sent before, or may have been. Sign it anew.")


def check_body(expected: bytes | None, body: bytes) -> None:
    """Raises 401 unless the body is the one that was signed."""
    if expected is not None and hashlib.sha256(body).digest() != expected:
        raise _unauthorized("signature_other", "The signature is for another body.")


def _verified(envelope: bytes, public_key: bytes) -> DeviceRequest:
    try:
        return documents.open_signed(DeviceRequest, envelope, {dsse.key_id(public_key): public_key})[0]
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise _unauthorized("signature_wrong", "The signature is not this device's.") from error


def _is_token(text: str) -> bool:
    return 0 < len(text) <= LONGEST_TOKEN and text.isascii()


def _live(device: Device) -> Device:
    if not device.live:
        raise device_removed()
    return device


def _unauthorized(slug: str, message: str) -> RefusedError:
    schemes = {"WWW-Authenticate": "Daylight-Device, Bearer"}
    return RefusedError(401, slug, message, headers=schemes, time=clock.to_ms(clock.now()))
