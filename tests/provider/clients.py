"""How the provider of the tests tells whether its registered client asks: in each way that it lets it (Core 1.0, 9)."""

import json
import time
from typing import Final
from urllib.parse import unquote_plus

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from werkzeug.datastructures import Authorization

CLIENT_ID: Final = "daylight"
CLIENT_SECRET: Final = "a secret / with: signs"
BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_PROOF_S: Final = 300


def way_of(given: dict[str, str], header: Authorization | None, address: str) -> str | None:
    """How the client has proved that it is ours, None where it has not; `address`: what it asked."""
    if header is not None and header.type == "basic":  # both are encoded as for a form (RFC 6749, 2.3.1)
        pair = (unquote_plus(header.username or ""), unquote_plus(header.password or ""))
        return "client_secret_basic" if pair == (CLIENT_ID, CLIENT_SECRET) else None
    if "client_assertion" in given:
        return "client_secret_jwt" if _proved(given, address) else None
    if "client_secret" in given:
        pair = (given.get("client_id", ""), given["client_secret"])
        return "client_secret_post" if pair == (CLIENT_ID, CLIENT_SECRET) else None
    return "none" if given.get("client_id") == CLIENT_ID else None


def _proved(given: dict[str, str], address: str) -> bool:
    key = OctKey.import_key(CLIENT_SECRET)
    try:
        said = json.loads(jws.deserialize_compact(given["client_assertion"], key, algorithms=["HS256"]).payload)
    except (JoseError, ValueError):
        return False
    ends = time.time() < said["exp"] <= time.time() + LONGEST_PROOF_S
    ours = (said["iss"], said["sub"], said["aud"]) == (CLIENT_ID, CLIENT_ID, address) and bool(said["jti"])
    return given.get("client_assertion_type") == BEARER and ends and ours
