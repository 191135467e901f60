"""One document of each type with fixed keys and ids: what golden vectors, mutations and fuzzing start from."""

from dataclasses import replace
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wire import documents
from wire.documents import (
    Directive,
    Document,
    Enrolment,
    KeyDocument,
    Kind,
    Lease,
    PauseSpan,
    Report,
    ReportKind,
    Signer,
    Stop,
    Trust,
    TrustedKey,
)
from wire.dsse import key_id, raw_public
from wire.grouping import SmallestGroup
from wire.policy import Audience, Context, Hours, Policy, Rule, Words
from wire.receipt import Asked, Receipt, Restriction
from wire.segment import Header
from wire.servertime import ServerTime
from wire.stopping import Step, StopRecord, resume_of
from wire.tally import Sent, Tally, ids_hash

OFFICER, COUNCIL, LEASE_KEY, VAULT, DEVICE, STRANGER = (
    Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(1, 7)
)
LOG = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
PERSON = X25519PrivateKey.from_private_bytes(bytes([7]) * 32)
OTHER_PERSON = X25519PrivateKey.from_private_bytes(bytes([8]) * 32)
NOW = 1_800_000_000_000
DAY = 86_400_000


def uid(number: int) -> UUID:
    """A fixed id of version 4."""
    return UUID(int=number, version=4)


def public_keys(*keys: Ed25519PrivateKey) -> dict[str, bytes]:
    """Key id → raw public key, as `dsse.verify` wants them."""
    return {key_id(raw_public(key)): raw_public(key) for key in keys}


TRUST = Trust(
    version=1,
    issued=NOW,
    keys=(
        TrustedKey(Signer.OFFICER, raw_public(OFFICER)),
        TrustedKey(Signer.COUNCIL, raw_public(COUNCIL)),
        TrustedKey(Signer.LEASE, raw_public(LEASE_KEY)),
        TrustedKey(Signer.VAULT, raw_public(VAULT)),
    ),
)
SECOND, BERLIN, BERLIN_2, MUNICH, MUNICH_2 = (
    Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(11, 16)
)
COUNCILS = Trust(
    version=1,
    issued=NOW,
    keys=(
        *TRUST.keys,
        TrustedKey(Signer.COUNCIL, raw_public(SECOND)),
        *(TrustedKey(Signer.COUNCIL, raw_public(key), "Berlin") for key in (BERLIN, BERLIN_2)),
        *(TrustedKey(Signer.COUNCIL, raw_public(key), "München") for key in (MUNICH, MUNICH_2)),
    ),
    quorum=2,
)
"""Berlin and München have councils of their own; two keys of a council sign together."""
FILED = replace(TRUST, signing_file="c0ffee" * 10 + "c0de")
"""It names a signing file."""

POLICY = Policy(
    version=3,
    issued=NOW - DAY,
    not_before=NOW - DAY,
    expires=NOW + 90 * DAY,
    audience=Audience(sites=("berlin", "köln"), departments=("dev", "ops"), countries=("de",)),
    contexts=(
        Context("vscode", "Visual Studio Code", apps=("code", "Code"), sites=()),
        Context("wiki", "Wiki", apps=(), sites=("wiki.example.com", "*.docs.example.com")),
    ),
    rules=(
        Rule(Kind.KEY, ("vscode",), sampling=500, interval_s=0, retention_days=30),
        Rule(Kind.SCREENSHOT, ("vscode", "wiki"), sampling=1000, interval_s=60, retention_days=14),
    ),
    exclusions=("keepass", "*.bank.example"),
    hours=Hours(weekdays=(1, 2, 3, 4, 5), from_minute=480, to_minute=1080),
    redaction=("bank", "health"),
    max_sensitivity=3,
    purpose=Words("Train a model that helps with code.", "Ein Modell trainieren, das beim Programmieren hilft."),
    legal_basis=Words("Works agreement 12, clause 4", "Betriebsvereinbarung 12, § 4"),
    impact_assessment="DPIA-7",
    pause_min_minutes=30,
    self_service_hours=72,
    lease_ttl_s=120,
)
PAUSE = PauseSpan(uid(40), NOW, NOW + 1_800_000, (Kind.KEY,), ("vscode",), uid(2))
DIRECTIVE = Directive(
    uid(1), 7, NOW, pauses=(PAUSE, PauseSpan(uid(41), NOW, None, None, None, None)), exclusions=("signal",)
)
LEASE = Lease(
    id=uid(3),
    employee=uid(1),
    devices=(uid(2),),
    policy=documents.document_hash(POLICY),
    directive=7,
    permitted={Kind.KEY: ("vscode",), Kind.SCREENSHOT: ("vscode", "wiki")},
    key=uid(4),
    issued=NOW,
    ttl_s=120,
)
KEY = KeyDocument(uid(4), uid(1), PERSON.public_key().public_bytes_raw(), NOW - DAY)
STOP = Stop(uid(5), 2, NOW, ("berlin",))
RESUME = resume_of(STOP)
GROUP = SmallestGroup(2, 8, 10, "2027-04-01", "Our smallest teams want to see themselves.", NOW)
RECORD = StopRecord(
    stop=STOP.id,
    number=2,
    by="works_council",
    reason="Tax numbers were found in what was captured.",
    sites=("berlin",),
    stopped=NOW,
    resumed=NOW + DAY,
    devices=120,
    answered=None,
    unreached=None,
    last_ms=None,
    steps=(Step(50, 180), Step(90, 640)),
    stop_sha256="ab" * 32,
    resume_sha256=None,
    issued=NOW + DAY + 5,
)
REPORT = Report(uid(2), ReportKind.STOPPED, 7, documents.document_hash(POLICY), 41, NOW + 400, "")
REQUEST = documents.DeviceRequest(uid(2), "POST", "/v1/segments", bytes(range(32)), NOW, bytes(range(16)))
TIME = ServerTime(uid(2), bytes(range(16)), NOW)
RECEIPT = Receipt(
    step=uid(50),
    request=uid(51),
    store="daylight",
    asked=Asked(NOW - DAY, NOW, ("key",), None, (3, 4), None, whole_person=False),
    state="partial",
    reason=None,
    deleted=41,
    held=1,
    remaining=0,
    logical=NOW,
    physical="2026-12-29",
    read_back=NOW,
    apart=True,
    issued=NOW + 5,
)
RESTRICTION = Restriction(
    step=uid(52),
    request=uid(53),
    store="Clicks",
    asked=Asked(None, None, None, None, None, None, whole_person=False),
    action="thaw",
    state="partial",
    reason=None,
    moved=40,
    readable=None,
    apart_rows=1,
    held=1,
    since=NOW - DAY,
    lifted=NOW,
    read_back=NOW,
    apart=True,
    issued=NOW + 5,
)
ENROLMENT = Enrolment("7KQF-2MPX", raw_public(DEVICE), "linux/x11", NOW)
TALLY = Tally(
    device=uid(2),
    day="2027-01-14",
    first=37,
    last=41,
    n=3,
    ids=ids_hash([uid(60), uid(61), uid(62)]),
    sent=(
        Sent(Kind.KEY, "vscode", 2, ids_hash([uid(60), uid(62)])),
        Sent(Kind.SCREENSHOT, "wiki", 1, ids_hash([uid(61)])),
    ),
    unsure=(uid(63),),
    at=NOW,
)

SIGNED: dict[str, tuple[Document, tuple[Ed25519PrivateKey, ...]]] = {
    "trust": (TRUST, (OFFICER, COUNCIL)),
    "trust of three councils": (COUNCILS, (OFFICER, COUNCIL, SECOND)),
    "trust with a signing file": (FILED, (OFFICER, COUNCIL)),
    "policy": (POLICY, (OFFICER, COUNCIL)),
    "directive": (DIRECTIVE, (LEASE_KEY,)),
    "lease": (LEASE, (LEASE_KEY,)),
    "key": (KEY, (VAULT,)),
    "stop": (STOP, (LEASE_KEY,)),
    "resume": (RESUME, (OFFICER, COUNCIL)),
    "smallest group": (GROUP, (COUNCIL,)),
    "stop record": (RECORD, (LOG,)),
    "report": (REPORT, (DEVICE,)),
    "request": (REQUEST, (DEVICE,)),
    "time": (TIME, (LEASE_KEY,)),
    "enrolment": (ENROLMENT, (DEVICE,)),
    "receipt": (RECEIPT, (LOG,)),
    "restriction": (RESTRICTION, (LOG,)),
    "tally": (TALLY, (DEVICE,)),
}

HEADER = Header(
    segment=uid(6),
    device=uid(2),
    employee=uid(1),
    seq=41,
    kind=Kind.KEY,
    context="vscode",
    start=NOW - 60_000,
    end=NOW,
    counts={"keys": 312, "redacted": 2},
    sensitivity=2,
    categories=("user.content",),
    policy=documents.document_hash(POLICY),
    policy_version=3,
    lease=uid(3),
    key=uid(4),
    size=1234,
)
