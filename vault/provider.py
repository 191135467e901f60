"""The identity provider's public keys: fetched from the pinned issuer, cached, renewed when a key id is unknown."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from portal.core.authorities import authorities
from vault.errors import UnavailableError

TIMEOUT_S = 5.0
MAX_BYTES = 1 << 18
MAX_AGE_S = 3600.0
REFRESH_S = 60.0
PARAMETERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
"""What makes a public key (RFC 7518, RFC 8037): certificates and notes beside it are not looked at."""
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class ProviderKeys:
    """The issuer as it names itself, and its signature keys."""

    issuer: str
    keys: tuple[Key, ...]
    fetched: float


class Provider:
    """The provider at the issuer address `issuer` (without a slash at the end)."""

    def __init__(self, issuer: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: ProviderKeys | None = None
        self._asked = -REFRESH_S

    def keys(self, key_id: str | None) -> ProviderKeys:
        """The keys, fetched anew if they are an hour old, or if none has `key_id` and the last time is a minute ago.

        Raises UnavailableError when the provider cannot be reached or names another issuer.
        """
        with self._lock:
            now = self._monotonic()
            known = self._known
            if known and now - known.fetched < MAX_AGE_S:
                unknown = key_id is not None and all(key.kid != key_id for key in known.keys)
                if not unknown or now - self._asked < REFRESH_S:
                    return known
            self._asked = now
            self._known = self._fetch(now)
            return self._known

    def newer(self, known: ProviderKeys) -> ProviderKeys | None:
        """The keys fetched anew, or None if that was done less than a minute ago. Raises UnavailableError."""
        with self._lock:
            now = self._monotonic()
            if self._known is not known:
                return self._known
            if now - self._asked < REFRESH_S:
                return None
            self._asked = now
            self._known = self._fetch(now)
            return self._known

    def _fetch(self, now: float) -> ProviderKeys:
        about = _get(self._issuer + DISCOVERY)
        issuer, address = about.get("issuer"), about.get("jwks_uri")
        if not isinstance(issuer, str) or issuer.rstrip("/") != self._issuer:
            raise UnavailableError("The identity provider names another issuer than PORTAL_OIDC_ISSUER.")
        secure = "https://" if self._issuer.startswith("https://") else ("https://", "http://")
        if not isinstance(address, str) or not address.startswith(secure):
            raise UnavailableError("The identity provider's keys are not reached by https.")
        return ProviderKeys(issuer, _signature_keys(_get(address)), now)


def _signature_keys(document: dict[str, Any]) -> tuple[Key, ...]:
    """The public signature keys of a JWK set (RFC 7517); symmetric and encryption keys count for nothing."""
    entries = document.get("keys")
    keys: list[Key] = []
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("kty") not in tuple(PARAMETERS) or not _verifies(entry):
            continue
        plain = [name for name in ("kid", "alg") if isinstance(entry.get(name), str)]
        try:
            keys.append(import_key({name: entry[name] for name in ("kty", *PARAMETERS[entry["kty"]], *plain)}))
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return tuple(keys)


def _verifies(entry: dict[str, Any]) -> bool:
    """Whether the provider means this key for signatures; one that does not say may be used (RFC 7517, 4.2, 4.3)."""
    operations = entry.get("key_ops")
    return entry.get("use") in {None, "sig"} and (not isinstance(operations, list) or "verify" in operations)


def _get(address: str) -> dict[str, Any]:
    try:
        with requests.Session() as session:
            session.trust_env, session.verify = False, authorities()
            with session.get(address, timeout=TIMEOUT_S, allow_redirects=False, stream=True) as answer:
                body = answer.raw.read(MAX_BYTES + 1, decode_content=True)
                if answer.status_code != requests.codes.ok or len(body) > MAX_BYTES:
                    raise UnavailableError("The identity provider does not answer with its keys.")
                value = json.loads(body)
    except (requests.RequestException, OSError, ValueError):
        raise UnavailableError("The identity provider is out of reach.") from None
    if not isinstance(value, dict):
        raise UnavailableError("The identity provider does not answer with its keys.")
    return value
