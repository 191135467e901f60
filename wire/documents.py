"""The signed documents that server and agent exchange, and the one way to sign and to read each.

All times are Unix milliseconds of the server's clock. A document is read only through `open_signed`, which checks the
signatures against the roles that may sign it and then the fields, and refuses anything else.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wire import canonical, codec, dsse
from wire.codec import Digest, Moment, Number

LONGEST_LEASE_S = 600
MOST_QUORUM = dsse.MAX_SIGNATURES - 2
HASH_BYTES = 32
NONCE_BYTES = 16


class Kind(StrEnum):
    """What a segment holds."""

    POINTER = "pointer"
    CLICK = "click"
    KEY = "key"
    SCREENSHOT = "screenshot"
    WINDOW = "window"
    PROMPT = "prompt"


class Signer(StrEnum):
    """For whom a key of the trust document speaks."""

    OFFICER = "officer"
    COUNCIL = "council"
    LEASE = "lease"
    VAULT = "vault"


class Document(Protocol):
    """A frozen dataclass with the payload type under which it is signed."""

    TYPE: ClassVar[str]


D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class TrustedKey:
    """One Ed25519 public key (32 raw bytes) and for whom it signs. `site`: whose own council; None: the central one."""

    signer: Signer
    public_key: bytes
    site: str | None = codec.later()

    def __post_init__(self) -> None:
        _require(self.site is None or (self.signer is Signer.COUNCIL and self.site != ""), "councils alone have a site")
        _require(dsse.is_public_key(self.public_key), "a public key has 32 bytes and a large order")


@dataclass(frozen=True)
class Trust:
    """Which keys may sign what, how many of a council (None: one), with which file (SHA-256); pinned by fingerprint."""

    TYPE: ClassVar[str] = "application/vnd.daylight.trust.v1+json"
    version: int
    issued: Moment
    keys: tuple[TrustedKey, ...]
    quorum: int | None = codec.later()
    signing_file: Digest | None = codec.later()  # noqa: RUF009 - None, as with the quorum

    def __post_init__(self) -> None:
        _require(len({key.public_key for key in self.keys}) == len(self.keys), "one key speaks for one signer only")
        fewest = min(len(self.council(site)) for site in (None, *(key.site for key in self.keys)))
        reachable = self.quorum is None or 1 < self.quorum <= min(MOST_QUORUM, fewest)
        _require(reachable, "a quorum is 2 to 6, and each council has so many keys")

    def keys_of(self, signer: Signer) -> dict[str, bytes]:
        """Key id → raw public key of everybody who signs as `signer`."""
        return {dsse.key_id(key.public_key): key.public_key for key in self.keys if key.signer is signer}

    def council(self, site: str | None = None) -> dict[str, bytes]:
        """The same of the council of a site, or of the central one."""
        theirs = {key.public_key for key in self.keys if key.site == site}
        return {name: raw for name, raw in self.keys_of(Signer.COUNCIL).items() if raw in theirs}

    def enough(self, signers: Collection[str], site: str | None = None) -> bool:
        """Whether these ids, whose signatures were checked, speak for that council."""
        return len(self.council(site).keys() & signers) >= (self.quorum or 1)


@dataclass(frozen=True)
class PauseSpan:
    """A stretch in which nothing of the scope is captured. None means: no end, all kinds, all contexts, all devices."""

    pause: UUID
    starts: Moment
    ends: Moment | None
    kinds: tuple[Kind, ...] | None
    contexts: tuple[str, ...] | None
    device: UUID | None


@dataclass(frozen=True)
class Directive:
    """One person's pauses and personal exclusions as of `number`; signed by the online lease key: it only narrows.

    `number` grows with each change; a repeated pause rolls forward under the same number with a later `issued`.
    """

    TYPE: ClassVar[str] = "application/vnd.daylight.directive.v1+json"
    employee: UUID
    number: int
    issued: Moment
    pauses: tuple[PauseSpan, ...]
    exclusions: tuple[str, ...]


@dataclass(frozen=True)
class Lease:
    """Permission for one person's devices to capture for `ttl_s` seconds: kinds → contexts left after pauses."""

    TYPE: ClassVar[str] = "application/vnd.daylight.lease.v1+json"
    id: UUID
    employee: UUID
    devices: tuple[UUID, ...]
    policy: str
    directive: int
    permitted: dict[Kind, tuple[str, ...]]
    key: UUID
    issued: Moment
    ttl_s: int

    def __post_init__(self) -> None:
        _require(1 <= self.ttl_s <= LONGEST_LEASE_S, "a lease lasts 1 to 600 seconds")


@dataclass(frozen=True)
class KeyDocument:
    """The person's HPKE public key (X25519, 32 raw bytes), vouched for by the vault."""

    TYPE: ClassVar[str] = "application/vnd.daylight.key.v1+json"
    id: UUID
    employee: UUID
    public_key: bytes
    created: Moment

    def __post_init__(self) -> None:
        _require(len(self.public_key) == dsse.PUBLIC_KEY_BYTES, "a public key has 32 bytes")


@dataclass(frozen=True)
class Stop:
    """Stop for everyone, or for those of an audience: it only narrows, so that the online lease key may sign it."""

    TYPE: ClassVar[str] = "application/vnd.daylight.stop.v1+json"
    id: UUID
    number: int
    issued: Moment
    sites: tuple[str, ...] | None
    departments: tuple[str, ...] | None = codec.later()
    countries: tuple[str, ...] | None = codec.later()


class ReportKind(StrEnum):
    """What a device says about itself."""

    RECEIVED = "received"
    STOPPED = "stopped"
    RESUMED = "resumed"
    APPLIED = "applied"
    FAILED = "failed"
    OFFER_REFUSED = "offer_refused"
    PAUSED_HERE = "paused_here"
    RESUMED_HERE = "resumed_here"


@dataclass(frozen=True)
class Report:
    """A device's signed word. `stopped` means: probes closed, `last_seq` is the last number used before that."""

    TYPE: ClassVar[str] = "application/vnd.daylight.report.v1+json"
    device: UUID
    what: ReportKind
    directive: Number
    policy: Digest | None
    last_seq: Number
    at: Moment
    detail: str


@dataclass(frozen=True)
class DeviceRequest:
    """Signed beside each HTTP request of a device: binds method, path and body, once, around `at`."""

    TYPE: ClassVar[str] = "application/vnd.daylight.request.v1+json"
    device: UUID
    method: str
    path: str
    body_sha256: bytes
    at: Moment
    nonce: bytes

    def __post_init__(self) -> None:
        _require(len(self.body_sha256) == HASH_BYTES and len(self.nonce) == NONCE_BYTES, "32 and 16 bytes")


@dataclass(frozen=True)
class Enrolment:
    """What a new device sends with its one-time code; signed by the device's own new key as proof of possession."""

    TYPE: ClassVar[str] = "application/vnd.daylight.enrolment.v1+json"
    code: str
    public_key: bytes
    platform: str
    at: Moment

    def __post_init__(self) -> None:
        _require(dsse.is_public_key(self.public_key), "a public key has 32 bytes and a large order")


def _require(holds: bool, sentence: str) -> None:  # noqa: FBT001
    if not holds:
        raise codec.DocumentError(sentence)


def sign(document: Document, keys: Iterable[Ed25519PrivateKey]) -> bytes:
    """The envelope of `document`, signed by each of `keys`."""
    return dsse.sign(document.TYPE, canonical.encode(codec.to_value(document)), keys)


def open_signed(cls: type[D], envelope: bytes, keys: dict[str, bytes]) -> tuple[D, frozenset[str]]:
    """The document of type `cls` and the ids of its signers. Raises SignatureError or DocumentError.

    `keys` (key id → raw public key) are those that may sign this type; whether enough of them did is the caller's rule.
    """
    verified = dsse.verify(envelope, cls.TYPE, keys)
    return read(cls, verified.payload), verified.signers


def read(cls: type[D], payload: bytes) -> D:
    """The document in canonical bytes `payload`. Raises DocumentError."""
    try:
        value: Any = canonical.decode(payload)
    except canonical.CanonicalError as error:
        raise codec.DocumentError(f"{cls.__name__}: {error}") from error
    return codec.from_value(cls, value)


def document_hash(document: Document) -> str:
    """SHA-256 of the document's canonical bytes, hexadecimal: its name in logs, leases and reports."""
    return canonical.digest(codec.to_value(document))


def fingerprint(trust_envelope: bytes) -> str:
    """The trust document's payload hash as typed in the enrolment command: 64 hexadecimal digits."""
    return hashlib.sha256(dsse.payload_of(trust_envelope)).hexdigest()


def open_trust(envelope: bytes, pinned: str) -> Trust:
    """The trust document whose fingerprint was pinned, signed by one of its own officers and one of its own council."""
    if fingerprint(envelope) != pinned.replace(":", "").replace(" ", "").lower():
        raise dsse.SignatureError("the trust document is not the one named in the command")
    trust = read(Trust, dsse.payload_of(envelope))
    officers, council = trust.keys_of(Signer.OFFICER), trust.keys_of(Signer.COUNCIL)
    signers = dsse.verify(envelope, Trust.TYPE, officers | council).signers
    if not (signers & officers.keys() and trust.enough(signers)):
        raise dsse.SignatureError("the trust document needs the signatures of officer and council")
    return trust


def request_header(request: DeviceRequest, key: Ed25519PrivateKey) -> str:
    """The value of `Authorization` for a device's signed request."""
    return "Daylight-Device " + base64.urlsafe_b64encode(sign(request, [key])).decode()


def parse_request_header(value: str) -> bytes:
    """The envelope inside an `Authorization: Daylight-Device …` value. Raises SignatureError."""
    scheme, _, token = value.partition(" ")
    if scheme != "Daylight-Device":
        raise dsse.SignatureError("another authorization scheme")
    try:
        envelope = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except ValueError as error:
        raise dsse.SignatureError("not base64url") from error
    if base64.urlsafe_b64encode(envelope).decode() != token:
        raise dsse.SignatureError("base64url with more than one reading")
    return envelope


def claimed_device(envelope: bytes) -> UUID:
    """The device a request says it is from, unchecked: to look up the key with which to check it."""
    return read(DeviceRequest, dsse.payload_of(envelope)).device
