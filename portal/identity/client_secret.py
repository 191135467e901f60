"""How the portal proves to the token endpoint that it is the registered client (RFC 6749, 2.3.1)."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from authlib.oauth2.rfc7523.assertion import client_secret_jwt_sign
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from joserfc.jwk import OctKey

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
JWT: Final = "client_secret_jwt"
NONE: Final = "none"
SHARED: Final = ("HS256", "HS384", "HS512")
PROOF_SECONDS: Final = 60
Authenticated = tuple[str, Any, str]

REFUSALS: Final = frozenset({"invalid_client", "unauthorized_client", "access_denied"})
"""How token endpoints say that the client did not prove itself: the first by the standard, then Keycloak and Auth0."""


def auth_methods(client_id: str, secret: str | None, offered: Any) -> tuple[str, ...]:
    """The ways the provider offers, the best first; the header when it does not say (Discovery 1.0, 3).

    Providers disagree whether id and secret are encoded in the header; where both ways are open and it would matter,
    the form is unmistakable. What a provider offers to all, it may refuse to a client that is registered for one. A
    proof made with the secret comes last: few providers know it, and those that do offer the others, too.
    """
    if secret is None:
        return (NONE,)
    ambiguous = quote(client_id + secret, safe="") != client_id + secret
    listed = offered if isinstance(offered, list) else [BASIC]
    ways = (POST, BASIC, JWT) if ambiguous else (BASIC, POST, JWT)
    return tuple(way for way in ways if way in listed) or (BASIC,)


def encoded_basic(client: Any, _method: str, uri: str, headers: dict[str, str], body: str) -> Authenticated:
    """The header with id and secret encoded as for a form, as the standard wants it and Authlib leaves out."""
    pair = ":".join(quote(part, safe="") for part in (client.client_id, client.client_secret))
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


def signed_jwt(metadata: Mapping[str, Any]) -> Callable[..., Authenticated]:
    """How to prove the secret without sending it (RFC 7523; Core 9): by an algorithm that the provider names."""
    named = metadata.get("token_endpoint_auth_signing_alg_values_supported")
    listed = named if isinstance(named, list) else []
    algorithm = next((name for name in SHARED if name in listed), SHARED[0])

    def prove(client: Any, _method: str, uri: str, headers: dict[str, str], body: str) -> Authenticated:
        proof = client_secret_jwt_sign(
            OctKey.import_key(client.client_secret), client.client_id, uri, alg=algorithm, expires_in=PROOF_SECONDS
        )
        more = urlencode({"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof})
        return uri, headers, f"{body}&{more}" if body else more

    return prove
