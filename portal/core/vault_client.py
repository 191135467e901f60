"""How the web process asks the vault: HTTP over its Unix socket or loopback, with a time limit on everything.

The ticket comes from the person's own cookie with each call and is never kept here.
"""

import base64
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from portal.core import clock, unix_http

TIMEOUT_S: Final = 20.0
MAX_ANSWER: Final = 64 << 20
PIECE: Final = 1 << 16


class VaultUnavailable(Exception):  # noqa: N818 - a state of the world, shown to the person as such
    """The vault, or something it needs, is out of reach: nothing was opened, try again later."""


class TicketRefused(Exception):  # noqa: N818 - as above
    """Ticket, ID token or session no longer holds: the person signs in again. `slug` says which."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class VaultRequestError(Exception):
    """The vault does not understand the request: a mistake of ours. `slug` and a sentence without personal data."""


class NoArchive(Exception):  # noqa: N818 - as above
    """There is no such archive: not ready, expired, cancelled, or another person's."""


class HandoverRefused(Exception):  # noqa: N818 - as above
    """A handover is not to be had like this; `why`: unknown, over, twice, four_eyes, wrong_code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ItemState(StrEnum):
    """What became of a segment that was asked for."""

    OPENED = "opened"
    MISMATCH = "mismatch"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, repr=False)
class Ticket:
    """A new ticket for the person's second cookie; and the person's key, as (id, signed document)."""

    ticket: str
    employee: UUID
    key: UUID
    document: str


@dataclass(frozen=True, repr=False)
class Item:
    """One segment. `header` and `data` as in wire.content, None unless `state` is opened or mismatch.

    `fields`: what does not agree between what the server showed and what was sealed. `left_out`: the answer grew too
    large, ask again for it; `missing`: erased, or not the person's own, or outside the stretch.
    """

    segment: UUID
    state: ItemState
    fields: tuple[str, ...]
    header: dict[str, Any] | None
    data: dict[str, Any] | None
    blob: bytes


@dataclass(frozen=True, repr=False)
class Snippet:
    """A place where the words stand: `text[start:end]` are the words."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, repr=False)
class Found:
    """Segments that hold the words, and where; `matching`: how many do; `unread`: how many could not be searched."""

    results: dict[UUID, tuple[Snippet, ...]]
    matching: int
    unread: int


class VaultClient:
    """The vault at `address`, PORTAL_VAULT_URL. Each call opens and closes its own connection.

    All methods raise VaultUnavailable, TicketRefused, and VaultRequestError for a mistake in the call.
    """

    def __init__(self, address: str, timeout_s: float = TIMEOUT_S) -> None:
        self._address = address
        self._timeout_s = timeout_s

    def ticket(self, id_token: str, session: UUID) -> Ticket:
        """A ticket for the live session of whom the ID token proves, and the key. The token counts once."""
        told = self.post("/tickets", {"id_token": id_token, "session_id": str(session)})
        return Ticket(told["ticket"], UUID(told["employee"]), UUID(told["key"]), told["document"])

    def ensure_key(self, employee: UUID) -> tuple[UUID, str]:
        """Id and signed document of the person's key, made if there is none."""
        told = self.post("/keys", {"employee_id": str(employee)})
        return UUID(told["key"]), told["document"]

    def destroy_keys(self, step: UUID) -> None:
        """Have every epoch destroyed under which the keys were wrapped that this running step deleted."""
        self.post("/destructions", {"step": str(step)})

    def look(
        self, ticket: str, segments: list[UUID], starts: datetime, until: datetime, purpose: str
    ) -> tuple[UUID, tuple[Item, ...]]:
        """Open segments (1 to 5000) that started in [starts, until). Answers the look's id and an item for each.

        The look is in the person's log before anything is opened, and stays there even when this raises.
        """
        told = self.post("/looks", _stretch(ticket, segments, starts, until) | {"purpose": purpose})
        return UUID(told["look"]), tuple(_item(item) for item in told["items"])

    def search(self, ticket: str, segments: list[UUID], starts: datetime, until: datetime, words: str) -> Found:
        """Find `words` in those segments, whatever their case. This too is a look, of kind search."""
        told = self.post("/searches", _stretch(ticket, segments, starts, until) | {"text": words})
        found = {UUID(result["segment"]): _snippets(result["snippets"]) for result in told["results"]}
        return Found(found, told["matching"], told["unread"])

    def order_export(
        self,
        ticket: str,
        starts: datetime | None,
        until: datetime | None,
        kinds: list[str] | None,
        *,
        stores: bool,
        language: str,
        timezone: str,
        request: UUID | None,
    ) -> tuple[UUID, bool]:
        """Order an archive; its id, and whether it is a new one: while one is being made, that one is answered."""
        times = {"from": None if starts is None else clock.to_ms(starts)}
        times |= {"until": None if until is None else clock.to_ms(until)}
        wish = {"ticket": ticket, "kinds": kinds, "stores": stores, "language": language, "timezone": timezone}
        told = self.post("/exports", wish | times | {"request": None if request is None else str(request)})
        return UUID(told["export"]), bool(told["made"])

    def append_rows(self, export: UUID, store: int, batch: int, rows: list[dict[str, Any]], *, done: bool) -> int:
        """Hand over batch number `batch` of an external store's rows (0: from the start); how many there are then.

        Raises NoArchive when the order takes nothing any more.
        """
        told = {"export": str(export), "store": store, "batch": batch, "rows": rows, "done": done}
        return int(self.post("/exports/rows", told)["batches"])

    def download(self, ticket: str, export: UUID) -> "Stream":
        """An archive's bytes as they come; the download is in the person's log before the first. Raises NoArchive."""
        return self.stream("/exports/download", {"ticket": ticket, "export": str(export)})

    def stream(self, path: str, told: dict[str, Any]) -> "Stream":
        """An archive's bytes as they come from `path`."""
        connection = unix_http.connection(self._address, self._timeout_s)
        try:
            connection.request("POST", path, json.dumps(told).encode(), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            if answer.status == HTTPStatus.OK:
                return Stream(int(answer.headers["Content-Length"]), connection, answer)
            answered = json.loads(answer.read(MAX_ANSWER))
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()
            raise VaultUnavailable("the vault is out of reach") from None
        connection.close()
        raise _error(answer.status, answered)

    def healthy(self) -> bool:
        """Whether the vault answers and reaches its database."""
        try:
            return self._request("GET", "/healthz", None)[0] == HTTPStatus.OK
        except VaultUnavailable:
            return False

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the vault answers at `path`."""
        status, answer = self._request("POST", path, json.dumps(body).encode())
        try:
            told = json.loads(answer)
        except ValueError:
            raise VaultUnavailable("the vault's answer is not JSON") from None
        if status == HTTPStatus.OK and isinstance(told, dict):
            return told
        raise _error(status, told)

    def _request(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = unix_http.connection(self._address, self._timeout_s)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read(MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException):
            raise VaultUnavailable("the vault is out of reach") from None
        finally:
            connection.close()
        if len(data) > MAX_ANSWER:
            raise VaultUnavailable("the vault's answer is too large")
        return answer.status, data


class Stream:
    """The bytes of an archive, a piece at a time; iterating past the end, or `close`, ends the connection."""

    def __init__(self, size: int, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> None:
        self.size = size
        self._connection = connection
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        """The pieces. Raises VaultUnavailable when the vault breaks off, so that nobody takes a part for the whole."""
        left = self.size
        try:
            while left and (piece := self._answer.read(PIECE)):
                left -= len(piece)
                yield piece
        except (OSError, http.client.HTTPException):
            raise VaultUnavailable("the vault broke off") from None
        finally:
            self.close()
        if left:
            raise VaultUnavailable("the vault broke off")

    def close(self) -> None:
        """End the connection."""
        self._answer.close()
        self._connection.close()


def _error(status: int, told: Any) -> Exception:
    slug = str(told.get("error", "")) if isinstance(told, dict) else ""
    if slug in {"ticket_refused", "token_refused", "session_refused"}:
        return TicketRefused(slug)
    if slug.startswith("handover_"):
        return HandoverRefused(slug.removeprefix("handover_"))
    if slug == "no_archive":
        return NoArchive(slug)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return VaultUnavailable("the vault cannot answer now")
    return VaultRequestError(f"{status} {slug}")


def _stretch(ticket: str, segments: list[UUID], starts: datetime, until: datetime) -> dict[str, Any]:
    times = {"from": clock.to_ms(starts), "until": clock.to_ms(until)}
    return {"ticket": ticket, "segments": [str(segment) for segment in segments]} | times


def _item(item: dict[str, Any]) -> Item:
    blob = base64.b64decode(item["blob"]) if item["blob"] else b""
    state, names = ItemState(item["state"]), tuple(item["fields"])
    return Item(UUID(item["segment"]), state, names, item["header"], item["data"], blob)


def _snippets(places: list[dict[str, Any]]) -> tuple[Snippet, ...]:
    return tuple(Snippet(**place) for place in places)
