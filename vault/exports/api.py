"""The vault's routes for exports: take an order, take a store's rows, give an archive."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from aiohttp import web

from portal.core import clock
from vault import parse
from vault.errors import BadRequestError
from vault.exports.downloads import Download
from vault.exports.orders import Scope
from vault.exports.words import FORMATS
from vault.exports.writing import PIECE
from vault.parse import MAX_TICKET
from vault.service import Vault
from wire.documents import Kind

MOST_ROWS: Final = 10_000
MOST_STORES: Final = 100_000
Run = Callable[..., Awaitable[Any]]
log = structlog.get_logger()


class ExportApi:
    """What the routes do; `woken` tells the runner that there is an order."""

    def __init__(self, vault: Vault, run: Run) -> None:
        self._vault = vault
        self._run = run
        self.woken = asyncio.Event()

    def order(self, body: Any) -> dict[str, Any]:
        """POST /exports."""
        names = ("ticket", "from", "until", "kinds", "stores", "language", "timezone", "request")
        body = parse.fields(body, *names)
        made, new = self._vault.orders.take(parse.text(body, "ticket", MAX_TICKET), _scope(body), clock.now())
        log.info("export.ordered", new=new)
        return {"export": str(made), "made": new}

    def rows(self, body: Any) -> dict[str, Any]:
        """POST /exports/rows."""
        body = parse.fields(body, "export", "store", "batch", "rows", "done")
        number, batch = parse.number(body, "store", MOST_STORES), parse.number(body, "batch", parse.MAX_NUMBER)
        rows = body.get("rows")
        if not isinstance(rows, list) or len(rows) > MOST_ROWS or not all(isinstance(row, dict) for row in rows):
            raise BadRequestError("`rows` must be a list of objects.")
        done = parse.flag(body, "done")
        export = parse.identifier(body, "export")
        return {"batches": self._vault.appending.append(export, number, batch, rows, done=done)}

    async def download(self, request: web.Request, body: Any) -> web.StreamResponse:
        """POST /exports/download: the ZIP. What fails on the way cuts it off, which its length shows."""
        body = parse.fields(body, "ticket", "export")
        ticket, export = parse.text(body, "ticket", MAX_TICKET), parse.identifier(body, "export")
        return await self.stream(request, await self._run(self._vault.downloads.begin, ticket, export))

    async def stream(self, request: web.Request, found: Download) -> web.StreamResponse:
        """The bytes of an archive; what fails on the way cuts it off."""
        headers = {"Cache-Control": "no-store", "Content-Length": str(found.size)}
        answer = web.StreamResponse(headers=headers)
        answer.content_type = "application/zip"
        await answer.prepare(request)
        try:
            while piece := await self._run(_next, found.data):
                await answer.write(piece)
            await answer.write_eof()
        except Exception as error:  # noqa: BLE001 - too late for another answer: only cutting it off tells it
            log.error("export.download_broken", error=type(error).__name__)
            if request.transport is not None:
                request.transport.abort()
        else:
            log.info("export.downloaded")
        return answer


def _next(data: Iterator[bytes]) -> bytes:
    """The next pieces, together some hundred kilobytes, b"" at the end."""
    gathered = bytearray()
    for piece in data:
        gathered += piece
        if len(gathered) >= PIECE:
            break
    return bytes(gathered)


def _scope(body: dict[str, Any]) -> Scope:
    starts, ends = _moment(body, "from"), _moment(body, "until")
    if (starts is None) != (ends is None) or (starts is not None and ends is not None and ends <= starts):
        raise BadRequestError("`until` must be later than `from`, or both null.")
    language, timezone = parse.text(body, "language", 8), parse.text(body, "timezone", 64)
    if language not in FORMATS or not _zone(timezone):
        raise BadRequestError("`language` or `timezone` is not known.")
    request = None if body.get("request") is None else parse.identifier(body, "request")
    return Scope(starts, ends, _kinds(body), parse.flag(body, "stores"), language, timezone, request)


def _zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return False


def _kinds(body: dict[str, Any]) -> tuple[str, ...] | None:
    kinds = body.get("kinds")
    if kinds is None:
        return None
    if not isinstance(kinds, list) or not kinds or any(kind not in list(Kind) for kind in kinds):
        raise BadRequestError("`kinds` must be a list of kinds, or null.")
    return tuple(dict.fromkeys(kinds))


def _moment(body: dict[str, Any], name: str) -> datetime | None:
    return None if body.get(name) is None else parse.moment(body, name)
