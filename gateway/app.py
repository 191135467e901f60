"""The gateway put together: routes, services, start and stop."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway import enrol
from gateway.auth import Authenticator, check_body
from gateway.database import DatabaseDownError, Link
from gateway.devices import Devices
from gateway.enrol import Enrolments
from gateway.errors import RefusedError, json_errors, unavailable
from gateway.hub import Hub
from gateway.lanes import Lane
from gateway.limits import GZIP, IDENTITY, Bodies, encoding_of, gunzip
from gateway.listener import Listener
from gateway.opamp import Handler
from gateway.polls import Polls
from gateway.reports import Reports
from gateway.sockets import Sockets
from gateway.tallies import Tallies
from gateway.uploads import Uploads
from portal.core import clock
from portal.core.config import ConfigError, Settings
from portal.core.nearby import asked_from_here
from wire import opamp, segment, tally

LINKS: Final = (
    "devices",
    "owners",
    "people-asked",
    "people-usual",
    "reports",
    "last-seen",
    "enrolment",
    "uploads-1",
    "uploads-2",
    "tallies",
)
PARTITION_SECONDS: Final = 6 * 3600
MAX_UPLOAD: Final = segment.MAX_SIZE
MESSAGES_AT_ONCE: Final = 32 << 20
"""Bytes of OpAMP messages in memory, beside those of uploads: a pause gets through however many upload."""


class Gateway:
    """All services of one process. Make it inside the running event loop."""

    def __init__(self, settings: Settings) -> None:
        conninfo = settings.conninfo("gateway")
        self.links = {name: Link(conninfo, name) for name in LINKS}
        self.devices = Devices(self.links["devices"])
        self.auth = Authenticator(self.devices, clock.to_ms(clock.now()))
        self.bodies, self.messages = Bodies(), Bodies(MESSAGES_AT_ONCE)
        signer = lease_key(settings)
        self.hub = Hub({lane: self.links[f"people-{lane}"] for lane in Lane}, signer)
        self.reports = Reports(self.links["reports"], self.links["last-seen"])
        # The organisation is another object whenever it was read anew.
        handler = Handler(self.reports, lambda config_hash: self.hub.organisation.policy_in(config_hash), signer)  # noqa: PLW0108
        self.sockets = Sockets(self.hub, handler)
        self.polls = Polls(self.hub, handler)
        self.enrolments = Enrolments(self.links["enrolment"], settings.base_url, settings.oidc_issuer)
        self.uploads = Uploads((self.links["uploads-1"], self.links["uploads-2"]), settings.upload_max_age)
        self.tallies = Tallies(self.links["tallies"])
        self.listener = Listener(conninfo, self.links["owners"], self.hub)
        self._partitions = asyncio.create_task(self._keep_partitions(), name="partitions")

    async def release(self) -> None:
        """Let devices go before the server stops taking requests."""
        self.polls.close()
        await self.sockets.close()

    async def close(self) -> None:
        """Stop the services in the order of their use, finish each group commit, close the database."""
        self._partitions.cancel()
        await self.listener.close()
        await self.uploads.close()
        await self.hub.close()
        await self.reports.close()
        await self.devices.close()
        for link in self.links.values():
            await link.close()

    async def _keep_partitions(self) -> None:
        while True:
            try:
                await self.links["enrolment"].run(lambda connection: connection.execute("SELECT ensure_partitions()"))
                await asyncio.sleep(PARTITION_SECONDS)
            except DatabaseDownError:
                await asyncio.sleep(1)


GATEWAY: Final = web.AppKey("gateway", Gateway)


def create_app(settings: Settings) -> web.Application:
    """The aiohttp application; its services start and stop with it."""
    app = web.Application(middlewares=[json_errors], client_max_size=0)
    app.router.add_get("/v1/trust", trust, allow_head=False)
    app.router.add_post("/v1/enroll", enroll)
    app.router.add_get("/v1/opamp", opamp_socket, allow_head=False)
    app.router.add_post("/v1/opamp", opamp_poll)
    app.router.add_post("/v1/segments", segments)
    app.router.add_post("/v1/tallies", tallies)
    app.router.add_get("/healthz", healthz, allow_head=False)
    app.router.add_get("/metrics", show_metrics, allow_head=False)
    app.on_response_prepare.append(_headers)

    async def services(app: web.Application) -> AsyncIterator[None]:
        gateway = app[GATEWAY] = Gateway(settings)
        yield
        await gateway.close()

    async def release(app: web.Application) -> None:
        await app[GATEWAY].release()

    app.cleanup_ctx.append(services)
    app.on_shutdown.append(release)
    return app


def lease_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that signs leases and directives. Raises ConfigError when it is missing or another kind of key."""
    try:
        key = load_pem_private_key(settings.require("lease_key").encode(), password=None)
    except ValueError as error:
        raise ConfigError("PORTAL_LEASE_KEY is not a PEM key (PKCS #8).") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError("PORTAL_LEASE_KEY is not an Ed25519 key.")
    return key


async def trust(request: web.Request) -> web.Response:
    """The trust document: public; who pins its fingerprint checks it."""
    envelope = request.app[GATEWAY].hub.organisation.trust
    if envelope is None:
        raise unavailable("not_ready", 5)
    return web.Response(body=envelope, content_type="application/json")


async def enroll(request: web.Request) -> web.Response:
    """A new device with its one-time code."""
    gateway = request.app[GATEWAY]
    async with gateway.bodies.read(request, enrol.MAX_BODY) as body:
        return await gateway.enrolments.serve(body)


async def opamp_socket(request: web.Request) -> web.Response:
    """OpAMP over WebSocket: accepted or refused before the upgrade."""
    gateway = request.app[GATEWAY]
    device, expected = await gateway.auth.any_device(request)
    check_body(expected, b"")
    if not web.WebSocketResponse().can_prepare(request):
        raise RefusedError(426, "upgrade", "Ask for a WebSocket here, or use POST.", headers={"Upgrade": "websocket"})
    return gateway.sockets.serve(request, device)


async def opamp_poll(request: web.Request) -> web.Response:
    """OpAMP over plain HTTP; the one address that takes gzip, as the specification asks of servers."""
    gateway = request.app[GATEWAY]
    device, expected = await gateway.auth.any_device(request)
    async with gateway.messages.read(request, opamp.MAX_MESSAGE, device, encodings=(IDENTITY, GZIP)) as body:
        check_body(expected, body)
        message = gunzip(body, opamp.MAX_MESSAGE) if encoding_of(request) == GZIP else body
    return await gateway.polls.serve(request, device, message)


async def segments(request: web.Request) -> web.Response:
    """An upload of sealed segments."""
    gateway = request.app[GATEWAY]
    device, expected = await gateway.auth.collector(request)
    async with gateway.bodies.read(request, MAX_UPLOAD, device) as body:
        check_body(expected, body)
        gateway.reports.seen(device.id)
        return await gateway.uploads.serve(device, request.content_type, body)


async def tallies(request: web.Request) -> web.Response:
    """What a device says it sent on a day that is over."""
    gateway = request.app[GATEWAY]
    device, expected = await gateway.auth.collector(request)
    async with gateway.bodies.read(request, tally.MAX_BODY, device) as body:
        check_body(expected, body)
        gateway.reports.seen(device.id)
        return await gateway.tallies.serve(device, request.content_type, body)


async def healthz(request: web.Request) -> web.Response:
    """200 while the database answers and its notifications arrive."""
    if not request.app[GATEWAY].listener.listening:
        raise unavailable("database_down")
    return web.json_response({"status": "ok"})


async def show_metrics(request: web.Request) -> web.Response:
    """Counters for Prometheus; for this machine without a proxy in between."""
    if not asked_from_here(request.remote, request.headers):
        raise web.HTTPNotFound
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "Daylight"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
