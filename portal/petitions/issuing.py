"""How the web process asks the ballot to sign what it cannot read: for somebody eligible, never by name."""

import base64
import hashlib
import hmac
import http.client
import json
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from portal.core.config import Settings

TIMEOUT_S: Final = 10.0
MOST_ANSWER: Final = 4096
MOST_TICKET: Final = 256
PROOF: Final = "X-Ballot-Proof"


class BallotUnavailableError(Exception):
    """The ballot is out of reach or does not understand us; nothing was issued, as far as we know."""


class RefusedError(Exception):
    """The ballot does not issue: `slug` is its word for why."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


def eligible(settings: Settings, petition: UUID, person: UUID) -> bytes:
    """What the ballot knows instead of the person: for each petition another, and no way back without our key."""
    key = bytes.fromhex(settings.require("eligible_key"))
    return hmac.new(key, petition.bytes + person.bytes, hashlib.sha256).digest()


def tag(settings: Settings, person: UUID) -> str:
    """Under which name this person's browser keeps the ballot card, so that two people in one browser have two."""
    key = bytes.fromhex(settings.require("eligible_key"))
    return hmac.new(key, b"browser " + person.bytes, hashlib.sha256).hexdigest()[:16]


def offered(settings: Settings) -> bool:
    """Whether this installation has a ballot."""
    return bool(settings.ballot_url and settings.ballot_key and settings.eligible_key)


def issue(settings: Settings, petition: UUID, person: UUID, blinded: str) -> str:
    """The blind signature (base64) of a blinded message. Raises RefusedError, BallotUnavailableError."""
    status, answer = _post(settings, "/v1/issue", _body(settings, petition, person, blinded=blinded))
    if status != HTTPStatus.OK:
        raise RefusedError(str(answer.get("error", "")))
    return str(answer["signature"])


def reserve(settings: Settings, petition: UUID, person: UUID, ticket: str) -> None:
    """Before signing with the name: nobody may hold a token besides. `ticket`: for a token that was given up, or ''.

    Raises RefusedError, BallotUnavailableError.
    """
    given = {"ticket": ticket[:MOST_TICKET]} if ticket else {}
    status, answer = _post(settings, "/v1/reserve", _body(settings, petition, person, **given))
    if status != HTTPStatus.OK:
        raise RefusedError(str(answer.get("error", "")))


def _body(settings: Settings, petition: UUID, person: UUID, **given: str) -> bytes:
    who = base64.b64encode(eligible(settings, petition, person)).decode()
    return json.dumps({"petition": str(petition), "eligible": who} | given).encode()


def _post(settings: Settings, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    address = urlsplit(settings.require("ballot_url"))
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    proof = hmac.new(bytes.fromhex(settings.require("ballot_key")), body, hashlib.sha256).hexdigest()
    connection = kind(address.hostname or "", address.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", PROOF: proof})
        reply = connection.getresponse()
        answer = json.loads(reply.read(MOST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BallotUnavailableError from error
    finally:
        connection.close()
    if not isinstance(answer, dict) or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise BallotUnavailableError
    return reply.status, answer
