"""How the portal proves to the token endpoint that it is the registered client (RFC 6749, 2.3.1)."""

import base64
from typing import Any, Final
from urllib.parse import quote

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
NONE: Final = "none"


REFUSALS: Final = frozenset({"invalid_client", "unauthorized_client", "access_denied"})
"""How token endpoints say that the client did not prove itself: the first by the standard, then Keycloak and Auth0."""


def auth_methods(client_id: str, secret: str | None, offered: Any) -> tuple[str, ...]:
    """The ways the provider offers, the best first; the header when it does not say (Discovery 1.0, 3).

    Providers disagree whether id and secret are encoded in the header; where both ways are open and it would matter,
    the form is unmistakable. What a provider offers to all, it may refuse to a client that is registered for one.
    """
    if secret is None:
        return (NONE,)
    ambiguous = quote(client_id + secret, safe="") != client_id + secret
    listed = offered if isinstance(offered, list) else [BASIC]
    return tuple(way for way in ((POST, BASIC) if ambiguous else (BASIC, POST)) if way in listed) or (BASIC,)


def encoded_basic(client: Any, _method: str, uri: str, headers: dict[str, str], body: str) -> tuple[str, Any, str]:
    """The header with id and secret encoded as for a form, as the standard wants it and Authlib leaves out."""
    pair = ":".join(quote(part, safe="") for part in (client.client_id, client.client_secret))
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body
