"""How the web process asks the vault: HTTP over its Unix socket or loopback, with a time limit on everything.

The ticket comes from the person's own cookie with each call and is never kept here.
"""

import base64
import http.client
import json
import socket
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from portal.core import clock

UNIX: Final = "unix:"
TIMEOUT_S: Final = 20.0
MAX_ANSWER: Final = 64 << 20


class VaultUnavailable(Exception):  # noqa: N818 - a state of the world, shown to the person as such
    """The vault, or something it needs, is out of reach: nothing was opened, try again later."""


class TicketRefused(Exception):  # noqa: N818 - as above
    """Ticket, ID token or session no longer holds: the person signs in again. `slug` says which."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class VaultRequestError(Exception):
    """The vault does not understand the request: a mistake of ours. `slug` and a sentence without personal data."""


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
    """Which segments hold the words, and where; `unread`: how many could not be searched."""

    results: dict[UUID, tuple[Snippet, ...]]
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
        told = self._post("/tickets", {"id_token": id_token, "session_id": str(session)})
        return Ticket(told["ticket"], UUID(told["employee"]), UUID(told["key"]), told["document"])

    def ensure_key(self, employee: UUID) -> tuple[UUID, str]:
        """Id and signed document of the person's key, made if there is none."""
        told = self._post("/keys", {"employee_id": str(employee)})
        return UUID(told["key"]), told["document"]

    def look(
        self, ticket: str, segments: list[UUID], starts: datetime, until: datetime, purpose: str
    ) -> tuple[UUID, tuple[Item, ...]]:
        """Open segments (1 to 5000) that started in [starts, until). Answers the look's id and an item for each.

        The look is in the person's log before anything is opened, and stays there even when this raises.
        """
        told = self._post("/looks", _stretch(ticket, segments, starts, until) | {"purpose": purpose})
        return UUID(told["look"]), tuple(_item(item) for item in told["items"])

    def search(self, ticket: str, segments: list[UUID], starts: datetime, until: datetime, words: str) -> Found:
        """Find `words` in those segments, whatever their case. This too is a look, of kind search."""
        told = self._post("/searches", _stretch(ticket, segments, starts, until) | {"text": words})
        found = {UUID(result["segment"]): _snippets(result["snippets"]) for result in told["results"]}
        return Found(found, told["unread"])

    def healthy(self) -> bool:
        """Whether the vault answers and reaches its database."""
        try:
            return self._request("GET", "/healthz", None)[0] == HTTPStatus.OK
        except VaultUnavailable:
            return False

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        status, answer = self._request("POST", path, json.dumps(body).encode())
        try:
            told = json.loads(answer)
        except ValueError:
            raise VaultUnavailable("the vault's answer is not JSON") from None
        if status == HTTPStatus.OK and isinstance(told, dict):
            return told
        raise _error(status, told)

    def _request(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = _connection(self._address, self._timeout_s)
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


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("vault", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(address: str, timeout_s: float) -> http.client.HTTPConnection:
    if address.startswith(UNIX):
        return _UnixConnection(address.removeprefix(UNIX), timeout_s)
    parts = urlsplit(address)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)


def _error(status: int, told: Any) -> Exception:
    slug = str(told.get("error", "")) if isinstance(told, dict) else ""
    if slug in {"ticket_refused", "token_refused", "session_refused"}:
        return TicketRefused(slug)
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
