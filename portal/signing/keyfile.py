"""A private key under a passphrase, in a file on its holder's own disk. The signing file writes and reads the same."""

import os
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from wire import canonical, dsse
from wire.documents import Signer

FORMAT: Final = "daylight-key-1"
ITERATIONS: Final = 600_000
MOST_ITERATIONS: Final = 10_000_000
SHORTEST_PASSPHRASE: Final = 12
HOLDERS: Final = (Signer.OFFICER, Signer.COUNCIL)
PEM: Final = "-----BEGIN"
_HEAD: Final = frozenset({"format", "iterations", "iv", "name", "public_key", "salt", "signer"})


class KeyFileError(ValueError):
    """The file cannot be opened; the message is a sentence for its holder."""


@dataclass(frozen=True)
class HeldKey:
    """An opened key. `signer` and `name` are None in a PEM file, which does not say whose it is."""

    key: Ed25519PrivateKey
    signer: Signer | None = None
    name: str | None = None

    @property
    def id(self) -> str:
        """The key's id."""
        return dsse.key_id(dsse.raw_public(self.key))


def written(held: HeldKey, passphrase: str) -> str:
    """The text of the key file for `held`, which has a signer and a name."""
    if held.signer not in HOLDERS or held.name is None:
        raise KeyFileError("A key file says whose key it is: of the privacy officer or of the works council.")
    salt, nonce = os.urandom(16), os.urandom(12)
    head = {
        "format": FORMAT,
        "iterations": ITERATIONS,
        "iv": nonce.hex(),
        "name": held.name,
        "public_key": dsse.raw_public(held.key).hex(),
        "salt": salt.hex(),
        "signer": held.signer.value,
    }
    secret = held.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = AESGCM(_derived(passphrase, salt, ITERATIONS)).encrypt(nonce, secret, canonical.encode(head))
    return canonical.encode(head | {"private_key": sealed.hex()}).decode()


def written_pem(held: HeldKey, passphrase: str) -> str:
    """The same private key as an encrypted PEM (PKCS #8)."""
    encryption = BestAvailableEncryption(_bytes(passphrase))
    return held.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def opened(text: str, passphrase: str) -> HeldKey:
    """The key in a key file or in an encrypted PEM. Raises KeyFileError."""
    return _opened_pem(text, passphrase) if text.lstrip().startswith(PEM) else _opened_file(text.strip(), passphrase)


def _opened_pem(text: str, passphrase: str) -> HeldKey:
    try:
        key = load_pem_private_key(text.encode(), _bytes(passphrase))
    except (ValueError, TypeError) as error:
        raise KeyFileError("The passphrase is wrong, or this PEM file has none or was changed.") from error
    return HeldKey(_ed25519(key))


def _opened_file(text: str, passphrase: str) -> HeldKey:
    try:
        value = canonical.decode(text.encode())
        sealed = bytes.fromhex(value.pop("private_key"))
        fits = value.keys() == _HEAD and value["format"] == FORMAT and 0 < value["iterations"] <= MOST_ITERATIONS
        if not fits:
            raise KeyFileError("This is not a key file.")
        secret = _secret(value, sealed, passphrase)
        return HeldKey(_ed25519(load_der_private_key(secret, None)), Signer(value["signer"]), str(value["name"]))
    except InvalidTag as error:
        raise KeyFileError("The passphrase is wrong, or the file was changed.") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise KeyFileError("This is not a key file.") from error


def _secret(head: dict[str, Any], sealed: bytes, passphrase: str) -> bytes:
    cipher = AESGCM(_derived(passphrase, bytes.fromhex(head["salt"]), head["iterations"]))
    return cipher.decrypt(bytes.fromhex(head["iv"]), sealed, canonical.encode(head))


def _derived(passphrase: str, salt: bytes, iterations: int) -> bytes:
    return PBKDF2HMAC(hashes.SHA256(), 32, salt, iterations).derive(_bytes(passphrase))


def _bytes(passphrase: str) -> bytes:
    return unicodedata.normalize("NFC", passphrase).encode()


def _ed25519(key: object) -> Ed25519PrivateKey:
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("This is not an Ed25519 key.")
    return key
