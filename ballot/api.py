"""HTTP: two calls for the portal, four for browsers, a small page for phones. No cookies, no log of calls."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from ballot import page
from ballot.box import BoxError
from ballot.errors import STATUS, BallotError, Slug
from ballot.service import ELIGIBLE_BYTES, Ballot, Token
from portal.core import clock

PROOF: Final = "X-Ballot-Proof"
MOST_BYTES: Final = 8192
THREADS: Final = 8
MOST_MESSAGE: Final = 1024
log = structlog.get_logger("ballot")
Result = TypeVar("Result")
Answer = web.StreamResponse
Handler = Callable[[web.Request], Awaitable[Answer]]
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Api:
    """`key`: PORTAL_BALLOT_KEY; `portal`: the one origin whose pages may call from a browser."""

    def __init__(self, ballot: Ballot, key: bytes, portal: str, *, demo: bool = False) -> None:
        self._ballot, self._key, self._portal, self._demo = ballot, key, portal, demo
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ballot")

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=MOST_BYTES, middlewares=[self._around])
        app[page.DEMO] = self._demo
        for name in ("issue", "reserve"):
            app.router.add_post(f"/v1/{name}", getattr(self, f"_{name}"))
        for name in ("hand-in", "take-back", "give-up", "counted"):
            app.router.add_post(f"/v1/{name}", getattr(self, f"_{name.replace('-', '_')}"))
            app.router.add_route("OPTIONS", f"/v1/{name}", self._preflight)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/", page.show)
        app.router.add_get("/{name:[a-z]+\\.(?:js|css)}", page.file)
        return app

    async def run(self, call: Callable[..., Result], *arguments: Any) -> Result:
        """Call something that waits for the database, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *arguments))

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> Answer:
        try:
            answer = await handler(request)
        except BallotError as error:
            answer = web.json_response({"error": error.slug.value}, status=STATUS[error.slug])
        except web.HTTPException as error:
            answer = web.json_response({"error": Slug.MALFORMED.value}, status=error.status)
        except BoxError:
            log.error("ballot.box_unwritable")
            answer = web.json_response({"error": Slug.NO_BOX.value}, status=STATUS[Slug.NO_BOX])
        except SQLAlchemyError as error:
            log.warning("ballot.database_unavailable", error=type(error).__name__)
            answer = web.json_response({"error": "unavailable"}, status=503)
        answer.headers.update(HEADERS)
        if request.path.startswith("/v1/"):
            answer.headers.update({"Access-Control-Allow-Origin": self._portal, "Vary": "Origin"})
        return answer

    async def _preflight(self, _request: web.Request) -> Answer:
        allowed = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type"}
        return web.Response(status=204, headers=allowed)

    async def _healthz(self, _request: web.Request) -> Answer:
        return web.Response(text="ok")

    async def _proved(self, request: web.Request) -> tuple[dict[str, Any], UUID, bytes]:
        """What the portal sent: all of it, the petition, and who is eligible without a name."""
        body = await request.read()
        proof = hmac.new(self._key, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof.encode(), request.headers.get(PROOF, "").encode()):
            raise BallotError(Slug.NOT_THE_PORTAL)
        given = _object(body)
        eligible = _bytes(given, "eligible")
        if len(eligible) != ELIGIBLE_BYTES:
            raise BallotError(Slug.MALFORMED)
        return given, _petition(given), eligible

    async def _issue(self, request: web.Request) -> Answer:
        given, petition, eligible = await self._proved(request)
        arguments = (petition, eligible, _bytes(given, "blinded"), clock.now().date())
        signature = await self.run(self._ballot.issue, *arguments)
        return web.json_response({"signature": base64.b64encode(signature).decode()})

    async def _reserve(self, request: web.Request) -> Answer:
        given, petition, eligible = await self._proved(request)
        ticket = _bytes(given, "ticket") if "ticket" in given else b""
        await self.run(self._ballot.reserve, petition, eligible, ticket, clock.now().date())
        return web.json_response({})

    async def _hand_in(self, request: web.Request) -> Answer:
        given = _object(await request.read())
        call = partial(self._ballot.hand_in, again=given.get("again") is True)
        await self.run(call, _token_of(given))
        return web.json_response({})

    async def _take_back(self, request: web.Request) -> Answer:
        await self.run(self._ballot.take_back, _token(await request.read()))
        return web.json_response({})

    async def _give_up(self, request: web.Request) -> Answer:
        ticket = await self.run(self._ballot.give_up, _token(await request.read()))
        return web.json_response({"ticket": base64.b64encode(ticket).decode()})

    async def _counted(self, request: web.Request) -> Answer:
        return web.json_response({"counted": await self.run(self._ballot.is_counted, _token(await request.read()))})


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise BallotError(Slug.MALFORMED)
    return given


def _token(body: bytes) -> Token:
    return _token_of(_object(body))


def _token_of(given: dict[str, Any]) -> Token:
    return Token(_petition(given), _bytes(given, "prepared"), _bytes(given, "signature"))


def _petition(given: dict[str, Any]) -> UUID:
    try:
        return UUID(str(given.get("petition")))
    except ValueError as error:
        raise BallotError(Slug.MALFORMED) from error


def _bytes(given: dict[str, Any], name: str) -> bytes:
    value = given.get(name)
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if not 0 < len(data) <= MOST_MESSAGE:
        raise BallotError(Slug.MALFORMED)
    return data
