"""Who this device is: its key, its person, the server it trusts. Verified again each time it is read from disk."""

import base64
import contextlib
import hashlib
from dataclasses import dataclass
from gettext import gettext
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.state import StateDir, StateError
from wire import codec, documents, dsse
from wire.documents import Trust
from wire.places import place_name

IDENTITY = "identity.json"
KEY = "device.key"
ENROLLING = "enrolling.json"
"""The key that a one-time code is tried with, until the server has answered."""


@dataclass(frozen=True)
class Identity:
    """One enrolled device. `exclude`: host names of the portal and of the identity provider, never captured.

    `portal`: its address, if the server told it. `site`: where the device is, as the person's own command said.
    """

    server: str
    opamp: str
    device: UUID
    employee: UUID
    name: str
    trust: Trust
    key: Ed25519PrivateKey
    exclude: tuple[str, ...]
    portal: str | None = None
    site: str | None = None


@dataclass(frozen=True)
class _Stored:
    server: str
    opamp: str
    device: UUID
    employee: UUID
    name: str
    fingerprint: str
    trust: str
    exclude: tuple[str, ...]
    portal: str | None
    site: str | None


def save(state: StateDir, identity: Identity, trust_envelope: bytes) -> None:
    """Writes the device's key, then who it is."""
    stored = _Stored(
        identity.server,
        identity.opamp,
        identity.device,
        identity.employee,
        identity.name,
        documents.fingerprint(trust_envelope),
        base64.b64encode(trust_envelope).decode(),
        identity.exclude,
        identity.portal,
        identity.site,
    )
    state.write(KEY, _pem(identity.key))
    state.write_json(IDENTITY, codec.to_value(stored))
    state.remove(ENROLLING)


def key_for(state: StateDir, code: str) -> Ed25519PrivateKey:
    """The key to try this one-time code with: at each try the same one, since an answer may have been lost."""
    digest = hashlib.sha256("".join(code.replace("-", "").split()).upper().encode()).hexdigest()
    kept = state.read_json(ENROLLING)
    if isinstance(kept, dict) and kept.get("code") == digest:
        with contextlib.suppress(ValueError):
            key = serialization.load_pem_private_key(str(kept.get("key")).encode(), None)
            if isinstance(key, Ed25519PrivateKey):
                return key
    key = Ed25519PrivateKey.generate()
    state.write_json(ENROLLING, {"code": digest, "key": _pem(key).decode()})
    return key


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def files(state: StateDir) -> tuple[bytes, Any]:
    """The files of an enrolled device, not verified. Raises StateError if there are none."""
    pem, value = state.read(KEY), state.read_json(IDENTITY)
    if pem is None or value is None:
        raise StateError(
            gettext("this device is not enrolled yet: get the command from your portal, under Settings, Devices.")
        )
    return pem, value


def load(state: StateDir) -> Identity:
    """The device's identity. Raises StateError if there is none or if it does not hold what it did at enrolment."""
    pem, value = files(state)
    try:
        stored = codec.from_value(_Stored, {"portal": None, "site": None} | value)
        trust = documents.open_trust(base64.b64decode(stored.trust, validate=True), stored.fingerprint)
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, dsse.SignatureError) as error:
        told = gettext("the stored identity was changed; remove this device in the portal and add it anew.")
        raise StateError(told) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StateError(
            gettext("the stored key is not a device key; remove this device in the portal and add it anew.")
        )
    known = stored.server, stored.opamp, stored.device, stored.employee, stored.name
    site = None if stored.site is None else place_name(stored.site)
    return Identity(*known, trust, key, stored.exclude, stored.portal, site)


def move(state: StateDir, site: str) -> None:
    """The device is at this site from now on; no server can say so. Raises StateError as `load` does."""
    load(state)
    state.write_json(IDENTITY, (state.read_json(IDENTITY) or {}) | {"site": site})


def forget(state: StateDir) -> None:
    """Destroys the device's key and who it was."""
    state.remove(KEY, IDENTITY, ENROLLING)
