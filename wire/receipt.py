"""The receipt: what was done in one store, as the person can prove it to anybody (RFC 6962 log, DSSE, offline).

`Receipt` is signed by the log's key. The log's entry holds the SHA-256 of the envelope; `Proof` carries that entry with
its salt, its leaf's way to the root, and the signed checkpoint. `verify_receipt.py` checks all of it alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wire import documents
from wire.codec import Moment

FORMAT = 1


@dataclass(frozen=True)
class Asked:
    """What was to go, without content: times in Unix ms, half-open; None: all. `items`: how many single ones."""

    starts: int | None
    ends: int | None
    kinds: tuple[str, ...] | None
    contexts: tuple[str, ...] | None
    sensitivities: tuple[int, ...] | None
    items: int | None
    whole_person: bool


@dataclass(frozen=True)
class Receipt:
    """How a request's step ended in one store. Times in Unix ms; `physical`: a day, YYYY-MM-DD, None: not known.

    `remaining`: what was still found after the deletion, None: nobody could look; `apart`: by another credential.
    `deleted`: what the store said it deleted, less what was still found then; `reason` "not_gone:" has what it said.
    A receipt with something `remaining` and no such reason is of an earlier release, which gave what the store said.
    """

    TYPE: ClassVar[str] = "application/vnd.daylight.receipt.v1+json"
    step: UUID
    request: UUID
    store: str
    asked: Asked
    state: str
    reason: str | None
    deleted: int
    held: int
    remaining: int | None
    logical: int | None
    physical: str | None
    read_back: int | None
    apart: bool | None
    issued: Moment


@dataclass(frozen=True)
class Restriction:
    """How a freeze (GDPR 18) or its lifting ended in one store: `action` "freeze" or "thaw". Times in Unix ms.

    `readable`: of a freeze, rows still found where the company reads; `apart_rows`: rows found in the quarantine; None:
    nobody could look; `held`: those that stay there for another freeze. `since`: frozen since, None: it is not.
    `moved`: what the store said it moved, less what lay where it was; `reason` "not_frozen:" or "not_back:" has the
    former.
    """

    TYPE: ClassVar[str] = "application/vnd.daylight.restriction.v1+json"
    step: UUID
    request: UUID
    store: str
    asked: Asked
    action: str
    state: str
    reason: str | None
    moved: int
    readable: int | None
    apart_rows: int | None
    held: int
    since: int | None
    lifted: int | None
    read_back: int | None
    apart: bool | None
    issued: Moment


@dataclass(frozen=True)
class Proof:
    """What the log adds, as made by the server: entry and salt, leaf, path of hashes, signed note, public key."""

    entry: dict[str, Any]
    salt: bytes
    leaf: int
    path: tuple[bytes, ...]
    checkpoint: str
    key: str


def sign(receipt: Receipt | Restriction, key: Ed25519PrivateKey) -> bytes:
    """The envelope over the receipt."""
    return documents.sign(receipt, [key])


def digest(envelope: bytes) -> str:
    """What the log's entry holds of the envelope: its SHA-256 in hexadecimal."""
    return hashlib.sha256(envelope).hexdigest()


def bundle(envelope: bytes, proof: Proof) -> dict[str, Any]:
    """The file that the person downloads, as a JSON value."""
    return {
        "format": FORMAT,
        "envelope": envelope.decode(),
        "entry": proof.entry,
        "salt": proof.salt.hex(),
        "leaf": proof.leaf,
        "path": [step.hex() for step in proof.path],
        "checkpoint": proof.checkpoint,
        "key": proof.key,
    }


def consistency(old: int, path: Sequence[bytes], checkpoint: str, key: str) -> dict[str, Any]:
    """What joins a checkpoint of `old` entries to this later one (RFC 9162, 2.1.4), as a JSON value."""
    return {"format": FORMAT, "old": old, "path": [step.hex() for step in path], "checkpoint": checkpoint, "key": key}
