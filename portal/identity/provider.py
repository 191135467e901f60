"""The identity provider's own description and keys: asked at the pinned issuer alone, kept an hour (S02).

Authlib's `register()` lets the discovery document replace what it was told; here the issuer is the one thing we are
told, and everything else must agree with it.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from joserfc.errors import JoseError
from joserfc.jwk import Key, RSAKey, import_key
from urllib3.exceptions import HTTPError

from portal.core import asking
from portal.core.kept import Kept
from portal.core.signatures import ALGORITHMS, fits, usable
from portal.identity.rules import RefusedError

DISCOVERY: Final = "/.well-known/openid-configuration"
ACCEPT: Final = "application/json, application/jwt, */*;q=0.5"
ASK_AGAIN_S: Final = 30.0
SMALLEST_RSA_BITS: Final = 2048
PARAMETERS: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
"""What makes a public key (RFC 7518, RFC 8037): certificates and notes beside it are not looked at."""
NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL: Final = ("userinfo_endpoint", "end_session_endpoint")


CAUSES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (asking.AnswerError, "answers with more than 256 KiB"),
    (requests.exceptions.SSLError, "shows a certificate that is not believed: set SSL_CERT_FILE"),
    (requests.exceptions.ProxyError, "cannot be reached by the proxy"),
    (requests.Timeout, "does not answer in time"),
    (TimeoutError, "does not answer in time"),
)
LONGEST_NAMED: Final = 200


class ProviderUnavailableError(Exception):
    """The identity provider is out of reach, or does not describe itself as the pinned issuer would."""


@dataclass(frozen=True)
class Metadata:
    """What the provider says of itself, checked; `raw` for the lists of what it supports."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    algorithms: tuple[str, ...]
    names_itself: bool
    prompts_login: bool
    raw: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The answer at one of the provider's addresses: its media type, lower case and without parameters."""

    status: int
    media_type: str
    body: bytes


class Provider:
    """The provider at the issuer address `issuer` (without a slash at the end)."""

    def __init__(self, issuer: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._metadata = Kept(self._describe, ProviderUnavailableError, monotonic)
        self._keys = Kept(self._ask_keys, ProviderUnavailableError, monotonic)

    def metadata(self) -> Metadata:
        """The description, asked for each hour. Raises ProviderUnavailableError, for a while without asking again."""
        return self._metadata.get()

    def key(self, header: dict[str, Any]) -> Key:
        """The key of a token's header; asks again for an unknown one, at most each 30 s.

        Raises RefusedError when there is none, or without a key id more than one; ProviderUnavailableError.
        """
        found = _fitting(header, self._keys.get())
        if not found and self.renew_keys():
            found = _fitting(header, self._keys.get())
        if len(found) != 1:
            raise RefusedError("key")
        return found[0]

    def renew_keys(self) -> bool:
        """Ask for the keys again unless that was done within 30 s; whether it was done now.

        Also for a signature that does not fit: a key may have been replaced under its old id, or have none.
        Raises ProviderUnavailableError.
        """
        return self._keys.renew(self._keys.get(), ASK_AGAIN_S)

    def _describe(self) -> Metadata:
        return checked(fetch(self._issuer + DISCOVERY), self._issuer)

    def _ask_keys(self) -> tuple[Key, ...]:
        return signature_keys(fetch(self.metadata().jwks_uri))


def checked(raw: dict[str, Any], issuer: str) -> Metadata:
    """The description, if it is the pinned issuer's and leads nowhere unsafe. Raises ProviderUnavailableError."""
    named = raw.get("issuer")
    if not isinstance(named, str) or named.rstrip("/") != issuer:
        said = f"{named[:LONGEST_NAMED]!r}" if isinstance(named, str) else "none"
        raise ProviderUnavailableError(f"the provider names another issuer than PORTAL_OIDC_ISSUER: {said}")
    schemes = {"https"} if issuer.startswith("https:") else {"https", "http"}
    addresses = {name: raw.get(name) or None for name in (*NEEDED, *OPTIONAL)}
    for name, address in addresses.items():
        if address is None and name in OPTIONAL:
            continue
        if not isinstance(address, str) or urlsplit(address).scheme not in schemes:
            raise ProviderUnavailableError(f"the provider's {name} is missing or not reached by https")
    prompts = raw.get("prompt_values_supported")
    algorithms = usable(raw.get("id_token_signing_alg_values_supported"))
    if not algorithms:
        raise ProviderUnavailableError(f"the provider signs ID tokens with none of {', '.join(ALGORITHMS)}")
    return Metadata(
        issuer=named,
        algorithms=tuple(algorithms),
        names_itself=raw.get("authorization_response_iss_parameter_supported") is True,
        prompts_login=not isinstance(prompts, list) or "login" in prompts,
        raw=raw,
        **addresses,  # type: ignore[arg-type]
    )


def signature_keys(document: dict[str, Any]) -> tuple[Key, ...]:
    """The public signature keys of a JWK set (RFC 7517); symmetric, encryption and short keys count for nothing."""
    keys: list[Key] = []
    entries = document.get("keys")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("kty") in tuple(PARAMETERS) and _verifies(entry):
            plain = ("kty", *PARAMETERS[entry["kty"]], *(name for name in ("kid", "alg") if _is_text(entry.get(name))))
            try:
                keys.append(import_key({name: entry[name] for name in plain}))
            except (JoseError, ValueError, KeyError, TypeError):
                continue
    return tuple(key for key in keys if not isinstance(key, RSAKey) or key.raw_value.key_size >= SMALLEST_RSA_BITS)


def fetch(address: str) -> dict[str, Any]:
    """A JSON object of the provider. Raises ProviderUnavailableError."""
    told = ask(address)
    if told.status != requests.codes.ok:
        raise ProviderUnavailableError(f"the provider answers {told.status} where its description or keys should be")
    return json_object(told.body)


def ask(address: str, token: str | None = None) -> Told:
    """What the provider answers: no redirect, eight seconds, 256 KiB. Raises ProviderUnavailableError."""
    headers = {"Accept": ACCEPT} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        with asking.session(address) as session:
            answer = session.get(address, headers=headers, allow_redirects=False)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise ProviderUnavailableError(f"the provider {why(error)}") from error
    if answer.status_code >= requests.codes.server_error:
        raise ProviderUnavailableError(f"the provider answers {answer.status_code}")
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Told(answer.status_code, media_type, answer.content)


def why(error: Exception) -> str:
    """Why there was no good answer, for the log: what failed, without the address and what came."""
    found = next((sentence for kind, sentence in CAUSES if isinstance(error, kind)), None)
    return found or ("cannot be reached" if isinstance(error, OSError) else "does not answer as it should")


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in an answer. Raises ProviderUnavailableError."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderUnavailableError("the provider answers with something that is no JSON object") from error
    if not isinstance(value, dict):
        raise ProviderUnavailableError("the provider answers with something that is no JSON object")
    return value


def _verifies(entry: dict[str, Any]) -> bool:
    """Whether the provider means this key for signatures; one that does not say may be used (RFC 7517, 4.2, 4.3)."""
    operations = entry.get("key_ops")
    return entry.get("use") in {None, "sig"} and (not isinstance(operations, list) or "verify" in operations)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _fitting(header: dict[str, Any], keys: tuple[Key, ...]) -> list[Key]:
    """The keys for the algorithm with the header's key id; one that has no id fits any (RFC 7515, 4.1.4: a hint)."""
    known = [key for key in keys if fits(key, header["alg"])]
    if "kid" not in header:
        return known
    return [key for key in known if key.kid == header["kid"]] or [key for key in known if key.kid is None]
