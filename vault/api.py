"""What the vault answers over HTTP. Blocking work runs in a few threads; logged is only what happened, counted."""

import asyncio
import base64
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final

import structlog
from aiohttp import web

from portal.core import clock
from vault import parse, search
from vault.errors import BadRequestError, PeerRefusedError, UnavailableError, VaultError
from vault.exports.api import ExportApi
from vault.handovers.api import HandoverApi
from vault.kms.base import KmsError
from vault.opening import Opened
from vault.service import Vault
from vault.tokens import MAX_TOKEN
from wire import codec

MAX_BODY: Final = 1 << 20
THREADS: Final = 4
MAX_WAITING: Final = 64
BODY_TIMEOUT_S: Final = 10
MAX_RESULTS: Final = 500
_UCRED: Final = struct.Struct("3i")

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The routes, over one `Vault`; `peers` are the user ids that may connect, None: whoever reaches the socket."""

    def __init__(self, vault: Vault, peers: frozenset[int] | None) -> None:
        self._vault = vault
        self._peers = peers
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="vault")
        self._waiting = 0
        self.exports = ExportApi(vault, self.run)
        self._handovers = HandoverApi(vault.handing)

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.post("/tickets", self._answering(self._ticket)),
                web.post("/keys", self._answering(self._key)),
                web.post("/destructions", self._answering(self._destruction)),
                web.post("/looks", self._answering(self._look)),
                web.post("/searches", self._answering(self._search)),
                web.post("/exports", self._order),
                web.post("/exports/rows", self._answering(self.exports.rows)),
                web.post("/exports/download", self._download),
                web.post("/handovers", self._answering(self._handovers.prepare)),
                web.post("/handovers/approve", self._answering(self._handovers.approve)),
                web.post("/handovers/revoke", self._answering(self._handovers.revoke)),
                web.post("/handovers/state", self._answering(self._handovers.standing)),
                web.post("/handovers/claim", self._answering(self._handovers.claim)),
                web.post("/handovers/download", self._take),
            ]
        )
        return app

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking `work` in one of the threads. Raises UnavailableError when too many wait already."""
        if self._waiting >= MAX_WAITING:
            raise UnavailableError("The vault is busy.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Who may connect; and every error as JSON, without its text in any log."""
        try:
            if self._peers is not None and _peer(request) not in self._peers:
                raise PeerRefusedError("This process may not use the vault.")
            return await handler(request)
        except VaultError as error:
            log.info("vault.refused", slug=error.slug)
            return _error(error.status, error.slug, str(error))
        except web.HTTPException as error:
            return _error(HTTPStatus(error.status), "bad_request", HTTPStatus(error.status).phrase)
        except Exception:  # no text of an unforeseen error may reach a log or a client
            log.exception("vault.failed")
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "The vault failed; nothing was opened.")

    def _answering(self, work: Callable[[Any], dict[str, Any]]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            answer: web.Response = await self.run(_answer, work, await _body(request))
            return answer

        return handler

    async def _order(self, request: web.Request) -> web.StreamResponse:
        answer: web.Response = await self.run(_answer, self.exports.order, await _body(request))
        self.exports.woken.set()
        return answer

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return await self.exports.download(request, await _body(request))

    async def _take(self, request: web.Request) -> web.StreamResponse:
        return await self.exports.stream(request, await self.run(self._handovers.take, await _body(request)))

    async def _healthz(self, _request: web.Request) -> web.StreamResponse:
        await self.run(self._vault.store.one, "SELECT 1 AS one", {})
        return web.json_response({"status": "ok"})

    def _ticket(self, body: Any) -> dict[str, Any]:
        body = parse.fields(body, "id_token", "session_id")
        token, session = parse.text(body, "id_token", MAX_TOKEN), parse.identifier(body, "session_id")
        given = self._vault.tickets.give(token, session, clock.now())
        log.info("vault.ticket_given")
        key = {"key": str(given.key), "document": given.document}
        return {"ticket": given.ticket, "employee": str(given.employee)} | key

    def _key(self, body: Any) -> dict[str, Any]:
        employee = parse.identifier(parse.fields(body, "employee_id"), "employee_id")
        key, document = self._vault.keys.ensure(employee, clock.now())
        return {"key": str(key), "document": document}

    def _destruction(self, body: Any) -> dict[str, Any]:
        step = parse.identifier(parse.fields(body, "step"), "step")
        try:
            self._vault.rotation.destroy(step)
        except KmsError:
            raise UnavailableError("The key management system does not destroy keys now.") from None
        log.info("vault.keys_destroyed")
        return {"destroyed": True}

    def _look(self, body: Any) -> dict[str, Any]:
        body = parse.fields(body, "ticket", "segments", "from", "until", "purpose", "kind")
        wish = parse.wish(body, "open", parse.purpose(body))
        items: list[dict[str, Any]] = []

        def use(opened: Opened) -> int:
            items.append(_item(opened))
            return 0 if opened.content is None else _size(items[-1])

        look = self._vault.looks.each(wish, use)
        log.info("vault.look", items=len(items))
        return {"look": str(look), "items": items}

    def _search(self, body: Any) -> dict[str, Any]:
        body = parse.fields(body, "ticket", "segments", "from", "until", "text")
        wanted = search.pattern(parse.text(body, "text", parse.MAX_WORDS))
        wish = parse.wish(body, "search", "search")
        found: list[dict[str, Any]] = []
        unread = matching = 0

        def use(opened: Opened) -> int:
            nonlocal unread, matching
            if opened.content is None:
                unread += 1
            elif places := search.snippets(opened.content, wanted):
                matching += 1
                if len(found) < MAX_RESULTS:
                    shown = [codec.to_value(place) for place in places]
                    found.append({"segment": str(opened.segment), "snippets": shown})
            return 0

        look = self._vault.looks.each(wish, use)
        log.info("vault.search", items=len(wish.segments))
        return {"look": str(look), "results": found, "matching": matching, "unread": unread}


async def _body(request: web.Request) -> Any:
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return json.loads(await request.read())
    except (ValueError, RecursionError, TimeoutError):
        raise BadRequestError("The body must be JSON, sent without delay.") from None


def _answer(work: Callable[[Any], dict[str, Any]], body: Any) -> web.Response:
    data = json.dumps(work(body), ensure_ascii=False).encode()
    return web.Response(body=data, content_type="application/json", headers={"Cache-Control": "no-store"})


def _item(opened: Opened) -> dict[str, Any]:
    item: dict[str, Any] = {"segment": str(opened.segment), "state": opened.state, "fields": list(opened.fields)}
    if opened.content is None:
        return item | {"header": None, "data": None, "blob": None}
    blob = base64.b64encode(opened.content.blob).decode() if opened.content.blob else None
    return item | {"header": codec.to_value(opened.content.summary), "data": opened.content.data, "blob": blob}


def _size(item: dict[str, Any]) -> int:
    """About how much an item adds to the answer, in bytes."""
    return len(item["blob"] or "") + len(json.dumps(item["data"]))


def _peer(request: web.Request) -> int | None:
    """The user id of the process at the other end of the Unix socket (unix(7), SO_PEERCRED)."""
    connection = request.transport.get_extra_info("socket") if request.transport else None
    if connection is None or connection.family != socket.AF_UNIX:
        return None
    _, user, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(user)


def _error(status: HTTPStatus, slug: str, message: str) -> web.Response:
    return web.json_response({"error": slug, "message": message}, status=status, headers={"Cache-Control": "no-store"})
