"""Checks an ID token (OpenID Connect Core 1.0, 3.1.3.7) with the provider's own keys, trusting the web process nothing.

A token is taken once, and only within ten minutes of its making, as the web does: some providers date it minutes back.
"""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, RSAKey

from portal.core.signatures import ALGORITHMS, fits
from vault.errors import TokenRefusedError
from vault.provider import Provider, ProviderKeys

TYPES = {"JWT", "ID_TOKEN+JWT"}
SKEW_S = 30
AHEAD_S = 60
"""By how many seconds the provider's clock may be before ours."""
MAX_AGE_S = 600
MAX_TOKEN = 32_768
MAX_SUBJECT = 255
MIN_RSA_BITS = 2048


@dataclass(frozen=True)
class Identity:
    """Who signed in, as the provider says: `issuer` exactly as it names itself."""

    issuer: str
    subject: str


class _Registry(jws.JWSRegistry):
    """As joserfc's, without its warning about the name EdDSA (RFC 9864), which providers still use."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise TokenRefusedError("The token is signed with another algorithm.")
        return self.algorithms[name]


class TokenCheck:
    """Checks tokens for the client `client_id`, and remembers those taken until they are too old anyway."""

    def __init__(self, provider: Provider, client_id: str) -> None:
        self._provider = provider
        self._client_id = client_id
        self._lock = threading.Lock()
        self._taken: dict[bytes, float] = {}

    def identity(self, token: str, now: datetime) -> Identity:
        """Who the ID token `token` speaks of. Raises TokenRefusedError, UnavailableError. Does not use it up."""
        header = _header(token)
        provider = self._provider.keys(header.get("kid"))
        try:
            claims = _verified(token, header, _key(header, provider))
        except TokenRefusedError:
            # a key may have been replaced under its old id, or have none
            newer = self._provider.newer(provider)
            if newer is None:
                raise
            provider, claims = newer, _verified(token, header, _key(header, newer))
        check_claims(claims, provider.issuer, self._client_id, now)
        return Identity(provider.issuer, claims["sub"])

    def take(self, token: str, now: datetime) -> None:
        """Use the token up. Raises TokenRefusedError when it was taken before."""
        moment = now.timestamp()
        # the signed part: the same token with its signature written in another way is the same token
        digest = hashlib.sha256(token.rpartition(".")[0].encode()).digest()
        with self._lock:
            self._taken = {
                key: taken for key, taken in self._taken.items() if moment - taken < MAX_AGE_S + SKEW_S + AHEAD_S
            }
            if digest in self._taken:
                raise TokenRefusedError("The token was used before.")
            self._taken[digest] = moment


def check_claims(claims: dict[str, Any], issuer: str, client_id: str, now: datetime) -> None:
    """Raises TokenRefusedError unless the claims are those of a fresh ID token of `issuer` for `client_id`."""
    moment = now.timestamp()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    subject, nonce = claims.get("sub"), claims.get("nonce")
    conditions = {
        "issuer": claims.get("iss") == issuer,
        "subject": isinstance(subject, str) and 0 < len(subject) <= MAX_SUBJECT and "\0" not in subject,
        "audience": client_id in audiences,
        "authorized party": claims.get("azp", client_id) == client_id and ("azp" in claims or len(audiences) == 1),
        "expiry": _time(claims, "exp") > moment - SKEW_S,
        "time of issue": moment - MAX_AGE_S - SKEW_S < _time(claims, "iat") < moment + AHEAD_S,
        "start": "nbf" not in claims or _time(claims, "nbf") < moment + AHEAD_S,
        "nonce": isinstance(nonce, str) and bool(nonce),
        "purpose": "events" not in claims,  # a logout token (OpenID Connect Back-Channel Logout 1.0)
    }
    for name, holds in conditions.items():
        if not holds:
            raise TokenRefusedError(f"The token has the wrong {name}.")


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if type(value) not in {int, float}:
        raise TokenRefusedError(f"The token has no {name}.")
    return float(value)  # type: ignore[arg-type]


def _header(token: str) -> dict[str, Any]:
    """The protected header, still unproved: it only says which key to try. Raises TokenRefusedError."""
    if len(token) > MAX_TOKEN or token.count(".") != 2:  # noqa: PLR2004 - header.payload.signature (RFC 7515)
        raise TokenRefusedError("That is not a signed token.")
    part = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise TokenRefusedError("That is not a signed token.") from None
    if not isinstance(header, dict) or header.get("alg") not in ALGORITHMS:
        raise TokenRefusedError("The token is signed with another algorithm.")
    if (
        str(header.get("typ", "JWT")).upper() not in TYPES
        or "crit" in header
        or not isinstance(header.get("kid", ""), str)
    ):
        raise TokenRefusedError("That is another kind of token.")
    return header


def _key(header: dict[str, Any], provider: ProviderKeys) -> Key:
    """The one key of the provider for this header; without a key id there must be no choice."""
    usable = [key for key in provider.keys if fits(key, header["alg"])]
    if "kid" in header:
        named = [key for key in usable if key.kid == header["kid"]]
        usable = named or [key for key in usable if key.kid is None]
    if len(usable) != 1:
        raise TokenRefusedError("The token is signed with an unknown key.")
    key = usable[0]
    if isinstance(key, RSAKey) and key.raw_value.key_size < MIN_RSA_BITS:
        raise TokenRefusedError("The provider's key is too short.")
    return key


def _verified(token: str, header: dict[str, Any], key: Key) -> dict[str, Any]:
    try:
        registry = _Registry(algorithms=[header["alg"]], strict_check_header=False)
        payload = jws.deserialize_compact(token, key, algorithms=[header["alg"]], registry=registry).payload
        claims = json.loads(payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefusedError("The token's signature is wrong.") from None
    if not isinstance(claims, dict):
        raise TokenRefusedError("The token has no claims.")
    return claims
