"""Canaries: made-up events by which the server sees that a device keeps and drops what its policy says.

A device feeds them through the code that real events take, some that the policy permits and some that it does not, and
last one that it permits: once that arrives, all that was let through before it has arrived, too. A canary is a segment
whose header is `Marked`; nothing that reads items takes such a header. What is in one follows from the policy, so that
the server can compare it. It is sealed to a key that follows from device and run, and never to a person's.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wire import canonical, codec, content
from wire.codec import Moment
from wire.content import BASE, REDACTED, ContentError
from wire.documents import Kind
from wire.policy import Policy
from wire.segment import MAX_HEADER, Header, SegmentError

KINDS: Final = tuple(Kind)
LAST: Final = 99
"""The permitted one that comes after all others."""

UNLISTED, EXCLUDED, TOO_SENSITIVE = 21, 22, 23
MUST_DROP: Final = frozenset({UNLISTED, EXCLUDED, TOO_SENSITIVE})
"""Made in a window of no context; in one that the policy excludes; with a text above its highest sensitivity."""

RUN_MS: Final = 60_000
"""How long a run may take on the device."""

DEADLINE_MS: Final = 600_000
"""What arrives later after the run began shows nothing of now."""

MAX_SEALED: Final = 4_096
TITLE, ADDRESS, SECRET = "Canary", "canary@example.org", "password: canary-4711"
UNLISTED_NAME: Final = "canary-unlisted"
SCREEN, SPOT, SIZE = (64, 64), (8, 8), (1, 1)
IMAGE: Final = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
ADDRESS_LEVEL, SECRET_LEVEL = 3, 4
_KEY = b"daylight canary v1\x00"


@dataclass(frozen=True)
class Canary:
    """Which canary of which run. `run`: server's Unix ms when it began."""

    run: Moment
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= LAST:
            raise codec.DocumentError("Canary: outside its bounds")


@dataclass(frozen=True)
class Marked:
    """The header of a canary: what a segment's header says, and that it is none."""

    canary: Canary
    header: Header


def kept(kind: Kind) -> int:
    """The number of the canary of a kind where the policy permits it."""
    return 1 + KINDS.index(kind)


def outside(kind: Kind) -> int:
    """The number of the canary of a kind in a context for which the policy does not permit it."""
    return 11 + KINDS.index(kind)


def header_bytes(marked: Marked) -> bytes:
    """The canonical bytes of a canary's header."""
    return canonical.encode(codec.to_value(marked))


def read_header(data: bytes) -> Marked:
    """The canary's header whose canonical bytes are `data`. Raises SegmentError."""
    if len(data) > MAX_HEADER:
        raise SegmentError("the header is too long")
    try:
        return codec.from_value(Marked, canonical.decode(data))
    except (canonical.CanonicalError, codec.DocumentError) as error:
        raise SegmentError(str(error)) from error


def private_key(device: UUID, run: int) -> X25519PrivateKey:
    """The key that opens the canaries of a run: no secret."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha256(_KEY + device.bytes + run.to_bytes(8)).digest())


def public_key(device: UUID, run: int) -> bytes:
    """The raw X25519 key to which they are sealed."""
    return private_key(device, run).public_key().public_bytes_raw()


def fits(policy: Policy, kind: Kind) -> bool:
    """Whether a canary of this kind is not above the policy's highest sensitivity."""
    return BASE[kind][0] <= policy.max_sensitivity


def text_of(policy: Policy) -> str:
    """The text of a permitted canary: with something to redact where that does not make it too sensitive."""
    return f"{TITLE} {ADDRESS}" if policy.max_sensitivity >= ADDRESS_LEVEL else TITLE


def as_told(policy: Policy, marked: Marked, packed: bytes) -> bool:
    """Whether the opened content (wire.content) is that of a permitted canary, redacted as the policy says."""
    try:
        found = content.unpack(packed)
    except ContentError:
        return False
    kind, masked = marked.header.kind, _masked(policy)
    level = max(BASE[kind][0], ADDRESS_LEVEL if REDACTED in masked and kind in _TEXTS else 0)
    image = IMAGE if kind is Kind.SCREENSHOT else b""
    said = not content.differences(found, len(packed), marked.header) and marked.header.sensitivity == level
    return said and found.blob == image and _at_once(found.data) == _data(kind, masked)


_TEXTS = frozenset({Kind.KEY, Kind.WINDOW, Kind.PROMPT})


def _masked(policy: Policy) -> str:
    text = text_of(policy)
    return text.replace(ADDRESS, REDACTED * len(ADDRESS)) if "email" in policy.redaction else text


def _data(kind: Kind, text: str) -> dict[str, Any]:
    """The data of a canary as wire.content says, all offsets 0."""
    match kind:
        case Kind.POINTER:
            return {"screen": [*SCREEN], "points": [[0, *SPOT]]}
        case Kind.CLICK:
            return {"screen": [*SCREEN], "clicks": [[0, *SPOT, "left"]]}
        case Kind.KEY:
            events = [[0, "redacted", ""] if one == REDACTED else [0, "char", one] for one in text]
            return {"title": TITLE, "events": events, "text": text}
        case Kind.WINDOW:
            return {"titles": [[0, text]]}
        case Kind.SCREENSHOT:
            return {"size": [*SIZE], "monitor": 0}
        case Kind.PROMPT:
            return {"turns": [{"role": "user", "at": 0, "text": text}]}


def _at_once(data: dict[str, Any]) -> dict[str, Any]:
    """Valid data with all offsets 0: how quick a machine is says nothing."""
    names = data.keys() & {"points", "clicks", "events", "titles"}
    rows = {name: [[0, *row[1:]] for row in data[name]] for name in names}
    turns = {"turns": [turn | {"at": 0} for turn in data["turns"]]} if "turns" in data else {}
    return data | rows | turns
