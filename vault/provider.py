"""The identity provider's public keys: fetched from the pinned issuer, cached, renewed when a key id is unknown."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from portal.core import asking
from portal.core.kept import Kept
from vault.errors import UnavailableError

REFRESH_S = 60.0
PARAMETERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
"""What makes a public key (RFC 7518, RFC 8037): certificates and notes beside it are not looked at."""
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class ProviderKeys:
    """The issuer as it names itself, and its signature keys."""

    issuer: str
    keys: tuple[Key, ...]


class Provider:
    """The provider at the issuer address `issuer` (without a slash at the end)."""

    def __init__(self, issuer: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._kept = Kept(self._fetch, UnavailableError, monotonic)

    def keys(self, key_id: str | None) -> ProviderKeys:
        """The keys, fetched anew if they are an hour old, or if none has `key_id` and the last time is a minute ago.

        Raises UnavailableError when the provider cannot be reached or names another issuer.
        """
        known = self._kept.get()
        unknown = key_id is not None and all(key.kid != key_id for key in known.keys)
        return self.newer(known) or known if unknown else known

    def newer(self, known: ProviderKeys) -> ProviderKeys | None:
        """The keys fetched anew, or None if that was done less than a minute ago. Raises UnavailableError."""
        return self._kept.get() if self._kept.renew(known, REFRESH_S) else None

    def _fetch(self) -> ProviderKeys:
        about = _get(self._issuer + DISCOVERY)
        issuer, address = about.get("issuer"), about.get("jwks_uri")
        if not isinstance(issuer, str) or issuer.rstrip("/") != self._issuer:
            raise UnavailableError("The identity provider names another issuer than PORTAL_OIDC_ISSUER.")
        secure = "https://" if self._issuer.startswith("https://") else ("https://", "http://")
        if not isinstance(address, str) or not address.startswith(secure):
            raise UnavailableError("The identity provider's keys are not reached by https.")
        return ProviderKeys(issuer, _signature_keys(_get(address)))


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
        with asking.session(address) as session:
            answer = session.get(address, allow_redirects=False)
        if answer.status_code != requests.codes.ok:
            raise UnavailableError("The identity provider does not answer with its keys.")
        value = json.loads(answer.content)
    except (requests.RequestException, OSError, ValueError, RecursionError):
        raise UnavailableError("The identity provider is out of reach.") from None
    if not isinstance(value, dict):
        raise UnavailableError("The identity provider does not answer with its keys.")
    return value
