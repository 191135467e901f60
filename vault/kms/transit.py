"""Epoch keys in the transit engine of HashiCorp Vault or OpenBao: an epoch is a version of one `aes256-gcm96` key.

API: developer.hashicorp.com/vault/api-docs/secret/transit. The context is the `associated_data`. An operator disables
old epochs by raising `min_decryption_version`; destroying trims the key (`min_available_version`).
"""

import base64
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests

from portal.core.authorities import authorities
from vault.kms.base import (
    TIMEOUT_S,
    Epoch,
    EpochDestroyedError,
    EpochDisabledError,
    KmsError,
    KmsRefusedError,
    KmsUnavailableError,
    Wrapped,
)

MOUNT = "transit"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class TransitKms:
    """The key at `address`, `https://host:8200/key` or `https://host:8200/mount/key`; http only on this machine."""

    def __init__(self, address: str, token: str, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(address)
        mount, _, self._key = parts.path.strip("/").rpartition("/")
        if parts.scheme != "https" and parts.hostname not in LOCAL:
            raise KmsError("the transit engine is reached by https only")
        if not self._key:
            raise KmsError("the address of the transit engine ends with the name of a key")
        self._base = f"{parts.scheme}://{parts.netloc}/v1/{mount or MOUNT}"
        self._timeout_s = timeout_s
        self._headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}

    def current(self) -> Epoch:
        """See `Kms`; the key itself is made by whoever runs the engine, never from here."""
        data = self._about()
        number = data["latest_version"]
        return Epoch(number, datetime.fromtimestamp(data["keys"][str(number)], UTC))

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        """See `Kms`."""
        data = self._post(f"encrypt/{self._key}", {"plaintext": _b64(secret), "associated_data": _b64(context)})
        return Wrapped(_version(data["ciphertext"]), data["ciphertext"].encode())

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """See `Kms`."""
        ciphertext = wrapped.ciphertext.decode(errors="replace")
        if _version(ciphertext) != wrapped.epoch:
            raise KmsRefusedError("the ciphertext is of another epoch")
        try:
            data = self._post(f"decrypt/{self._key}", {"ciphertext": ciphertext, "associated_data": _b64(context)})
        except KmsRefusedError:
            self._explain(wrapped.epoch)
            raise
        return base64.b64decode(data["plaintext"])

    def rotate(self) -> Epoch:
        """See `Kms`."""
        self._post(f"keys/{self._key}/rotate", {})
        return self.current()

    def destroy_before(self, epoch: int) -> None:
        """See `Kms`."""
        if epoch > self.current().number:
            raise KmsRefusedError("the current epoch is never destroyed")
        self._post(f"keys/{self._key}/config", {"min_decryption_version": epoch, "min_encryption_version": epoch})
        self._post(f"keys/{self._key}/trim", {"min_available_version": epoch})

    def _explain(self, epoch: int) -> None:
        """Raise why `epoch` does not unwrap, told by the key's numbers rather than by an error's wording."""
        data = self._about()
        if epoch < data["min_available_version"]:
            raise EpochDestroyedError(f"epoch {epoch} is destroyed") from None
        if epoch < data["min_decryption_version"] or data.get("soft_deleted"):
            raise EpochDisabledError(f"epoch {epoch} is disabled") from None

    def _about(self) -> dict[str, Any]:
        return self._call("GET", f"keys/{self._key}", None)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            with requests.Session() as session:
                session.trust_env, session.verify = False, authorities()
                answer = session.request(
                    method,
                    f"{self._base}/{path}",
                    json=body,
                    headers=self._headers,
                    timeout=self._timeout_s,
                    allow_redirects=False,
                )
        except requests.RequestException:
            raise KmsUnavailableError("the transit engine timed out or is out of reach") from None
        if answer.status_code in _REFUSALS:
            raise KmsRefusedError(f"the transit engine refused with status {answer.status_code}")
        if not answer.ok or answer.is_redirect:
            raise KmsUnavailableError(f"the transit engine answered with status {answer.status_code}")
        return _data(answer)


def _data(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code == HTTPStatus.NO_CONTENT:
        return {}
    try:
        data = answer.json().get("data")
    except (ValueError, AttributeError):
        raise KmsUnavailableError("the transit engine did not answer with JSON") from None
    return data if isinstance(data, dict) else {}


def _version(ciphertext: str) -> int:
    """The key version in `vault:v3:…`."""
    scheme, _, rest = ciphertext.partition(":v")
    number = rest.partition(":")[0]
    if scheme != "vault" or not number.isascii() or not number.isdigit():
        raise KmsRefusedError("not a ciphertext of the transit engine")
    return int(number)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
