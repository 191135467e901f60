"""Signatures: DSSE envelopes (github.com/secure-systems-lab/dsse, v1.0) with Ed25519 (RFC 8032)."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wire import canonical

MAX_ENVELOPE = 1 << 20
MAX_SIGNATURES = 8
PUBLIC_KEY_BYTES = 32
_FIELD = 2**255 - 19
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
# Heights of the points of small order: under such a "key" one signature holds for every message.
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})


class SignatureError(ValueError):
    """The envelope is malformed, or not every signature on it is a valid one by a known key."""


@dataclass(frozen=True)
class Verified:
    """What a verified envelope said, and whose keys signed it."""

    payload: bytes
    signers: frozenset[str]


def key_id(public_key: bytes) -> str:
    """The id of a raw 32-byte Ed25519 public key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()


def is_public_key(raw: bytes) -> bool:
    """Whether `raw` may serve as an Ed25519 public key: 32 bytes, not of small order, where anybody could sign."""
    height = int.from_bytes(raw, "little") & (2**255 - 1)
    return len(raw) == PUBLIC_KEY_BYTES and height % _FIELD not in _SMALL_ORDER


def raw_public(key: Ed25519PrivateKey) -> bytes:
    """The raw 32-byte public key of a private key."""
    return key.public_key().public_bytes_raw()


def sign(payload_type: str, payload: bytes, keys: Iterable[Ed25519PrivateKey]) -> bytes:
    """An envelope over `payload` in canonical bytes, signed by each of `keys`."""
    message = pae(payload_type, payload)
    signatures = sorted((key_id(raw_public(key)), key.sign(message)) for key in keys)
    return canonical.encode(
        {
            "payload": _b64(payload),
            "payloadType": payload_type,
            "signatures": [{"keyid": keyid, "sig": _b64(signature)} for keyid, signature in signatures],
        }
    )


def joined(envelopes: Iterable[bytes]) -> bytes:
    """One envelope with the signatures of all of `envelopes`, which hold the same payload. Checks no signature."""
    parsed = [_parse(envelope) for envelope in envelopes]
    if not parsed or len({(one["payloadType"], one["payload"]) for one in parsed}) != 1:
        raise SignatureError("these signatures are not over the same document")
    found = {entry["keyid"]: entry for one in parsed for entry in one["signatures"]}
    if len(found) > MAX_SIGNATURES:
        raise SignatureError("too many signatures")
    return canonical.encode(parsed[0] | {"signatures": [found[keyid] for keyid in sorted(found)]})


def only(envelope: bytes, keys: Iterable[str]) -> bytes:
    """The envelope with only the signatures that bear these key ids."""
    parsed, kept = _parse(envelope), set(keys)
    return canonical.encode(parsed | {"signatures": [one for one in parsed["signatures"] if one["keyid"] in kept]})


def verify(envelope: bytes, payload_type: str, keys: Mapping[str, bytes]) -> Verified:
    """The payload and its signers. `keys`: key id → raw public key.

    Fails closed: refused are another type, no signature, a key id twice, a key id that is unknown or does not belong
    to its key, and an envelope on which any one signature is wrong.
    """
    parsed = _parse(envelope)
    if parsed["payloadType"] != payload_type:
        raise SignatureError("another payload type")
    payload = _unb64(parsed["payload"])
    message = pae(payload_type, payload)
    signers = [_check(entry, message, keys) for entry in parsed["signatures"]]
    if not signers or len(set(signers)) != len(signers):
        raise SignatureError("no signature, or a key id twice")
    return Verified(payload, frozenset(signers))


def payload_of(envelope: bytes) -> bytes:
    """The payload without any check of its signatures: to show or to hash, never to obey."""
    return _unb64(_parse(envelope)["payload"])


def signers_of(envelope: bytes) -> set[str]:
    """The key ids on an envelope, without any check: to look, never to obey."""
    return {entry["keyid"] for entry in _parse(envelope)["signatures"]}


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: what is really signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _check(entry: dict[str, str], message: bytes, keys: Mapping[str, bytes]) -> str:
    public = keys.get(entry["keyid"])
    if public is None or key_id(public) != entry["keyid"] or not is_public_key(public):
        raise SignatureError("signed by an unknown key")
    signature = _unb64(entry["sig"])
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise SignatureError("a signature is wrong") from error
    return entry["keyid"]


def _parse(envelope: bytes) -> dict[str, Any]:
    if len(envelope) > MAX_ENVELOPE:
        raise SignatureError("envelope too large")
    try:
        parsed = canonical.decode(envelope)
    except canonical.CanonicalError as error:
        raise SignatureError("not an envelope in canonical form") from error
    if not isinstance(parsed, dict) or parsed.keys() != {"payload", "payloadType", "signatures"}:
        raise SignatureError("not an envelope")
    signatures = parsed["signatures"]
    if not isinstance(signatures, list) or len(signatures) > MAX_SIGNATURES:
        raise SignatureError("signatures are not a short list")
    for entry in signatures:
        if not isinstance(entry, dict) or entry.keys() != {"keyid", "sig"}:
            raise SignatureError("not a signature")
    texts = [parsed["payload"], parsed["payloadType"], *(text for entry in signatures for text in entry.values())]
    if not all(isinstance(text, str) for text in texts):
        raise SignatureError("a field is not text")
    return parsed


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise SignatureError("not base64") from error
    if _b64(data) != text:
        raise SignatureError("base64 with more than one reading")
    return data
