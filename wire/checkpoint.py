"""What a log says of itself: a checkpoint (c2sp.org/tlog-checkpoint) as a signed note (c2sp.org/signed-note).

Its lines: origin, number of leaves, root hash in base64, an empty one; for each signature a dash, the key's name, and
base64 of key id and Ed25519 signature.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wire.dsse import is_public_key, raw_public
from wire.merkle import HASH_BYTES

MAX_NOTE = 1 << 16
_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_NOTE = re.compile(r"^[^\n—][^\n]*\n[0-9]+\n[A-Za-z0-9+/=]{44}\n(?:[^\n]+\n)*\n(?:— [^\n]+\n)+", re.MULTILINE)


class NoteError(ValueError):
    """The note is malformed, or not signed by the key that is asked for."""


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: which log, how many leaves, and their root hash."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name it signs under."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that say which key a signature line is meant for."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_b64(_ED25519 + self.public_key)}"


def parse_verifier_key(text: str) -> VerifierKey:
    """Read `<name>+<key id>+<base64>`. Raises NoteError."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _unb64(encoded)
    key = VerifierKey(name, raw[1:])
    known = raw[:1] == _ED25519 and is_public_key(raw[1:])
    if not (_NAME.fullmatch(name) and known and key.key_id.hex() == key_id):
        raise NoteError("not an Ed25519 verifier key: <name>+<key id>+<base64> is expected")
    return key


def verifier_key(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """The public half of `key`, under `name`."""
    return VerifierKey(name, raw_public(key))


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a note, signed under its origin's name."""
    if not _NAME.fullmatch(checkpoint.origin):
        raise NoteError("an origin has no blank and no plus sign")
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{_b64(checkpoint.root)}\n"
    key_id = verifier_key(checkpoint.origin, key).key_id
    return f"{text}\n— {checkpoint.origin} {_b64(key_id + key.sign(text.encode()))}\n"


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint that `key` signed. Raises NoteError for anything else."""
    origin, size, root, *_ = [*open_note(note, key).split("\n"), "", ""]
    if origin != key.name or not _SIZE.fullmatch(size):
        raise NoteError("not a checkpoint of this log")
    raw = _unb64(root)
    if len(raw) != HASH_BYTES:
        raise NoteError("a root hash has 32 bytes")
    return Checkpoint(origin, int(size), raw)


def open_note(note: str, key: VerifierKey) -> str:
    """The text of a note that `key` signed; lines of other keys are passed over, as the format wants it."""
    if len(note) > MAX_NOTE:
        raise NoteError("the note is too long")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise NoteError("not a signed note")
    text += "\n"
    for line in signatures[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "—" or not _NAME.fullmatch(name):
            raise NoteError("not a signature line")
        raw = _unb64(encoded)
        if name == key.name and raw[:_KEY_ID_BYTES] == key.key_id:
            _check(text, raw[_KEY_ID_BYTES:], key)
            return text
    raise NoteError(f"not signed by {key.name}")


def notes_in(text: str) -> Iterator[str]:
    """The notes of a file to which a witness appended one after the other; torn ends are passed over."""
    return (found[0] for found in _NOTE.finditer(text))


def _check(text: str, signature: bytes, key: VerifierKey) -> None:
    if not is_public_key(key.public_key):
        raise NoteError("not a public key")
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, text.encode())
    except (InvalidSignature, UnicodeEncodeError) as error:
        raise NoteError("the signature is wrong") from error


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError("not base64") from error
    if _b64(data) != text:
        raise NoteError("base64 with more than one reading")
    return data
