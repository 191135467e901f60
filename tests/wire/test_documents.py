"""P01, P09: what is truly signed must still be the right document by the right people, in one reading."""

import base64
import dataclasses
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.core import clock
from tests.wire import samples
from tests.wire.samples import COUNCIL, LEASE_KEY, OFFICER, public_keys
from wire import canonical, codec, documents, dsse
from wire.canary import Canary
from wire.codec import DocumentError
from wire.dsse import SignatureError

REFUSED = (SignatureError, DocumentError)
KEYS = public_keys(OFFICER, COUNCIL)


def resigned(payload: bytes, kind: str = samples.POLICY.TYPE) -> bytes:
    """An envelope over any payload, truly signed by officer and council."""
    return dsse.sign(kind, payload, [OFFICER, COUNCIL])


@pytest.mark.parametrize("missing", [OFFICER, COUNCIL])
def test_P01_trust_needs_officer_and_council(missing: Any) -> None:
    keys = [key for key in (OFFICER, COUNCIL) if key is not missing]
    envelope = documents.sign(samples.TRUST, keys)
    with pytest.raises(SignatureError):
        documents.open_trust(envelope, documents.fingerprint(envelope))


def test_P01_trust_signed_by_its_lease_key_is_refused() -> None:
    envelope = documents.sign(samples.TRUST, [OFFICER, COUNCIL, LEASE_KEY])
    with pytest.raises(SignatureError):
        documents.open_trust(envelope, documents.fingerprint(envelope))


def test_P01_trust_lists_no_key_twice() -> None:
    officer, *_ = samples.TRUST.keys
    council = documents.TrustedKey(documents.Signer.COUNCIL, officer.public_key)
    with pytest.raises(DocumentError):
        documents.Trust(1, samples.NOW, (officer, council))


WRONG_PAYLOADS: list[bytes] = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"1.5",
    b"\xff",
    canonical.encode(codec.to_value(samples.POLICY) | {"more": 1}),
    canonical.encode({k: v for k, v in codec.to_value(samples.POLICY).items() if k != "hours"}),
    canonical.encode(codec.to_value(samples.POLICY) | {"version": True}),
    canonical.encode(codec.to_value(samples.POLICY) | {"version": "3"}),
    canonical.encode(codec.to_value(samples.POLICY) | {"version": None}),
    canonical.encode(codec.to_value(samples.POLICY) | {"rules": {}}),
    canonical.encode(codec.to_value(samples.POLICY) | {"rules": [None]}),
    canonical.encode(codec.to_value(samples.POLICY) | {"impact_assessment": "a\x00b"}),
    canonical.encode(codec.to_value(samples.POLICY)) + b"\n",
]


@pytest.mark.parametrize("payload", WRONG_PAYLOADS)
def test_P01_truly_signed_but_not_the_document(payload: bytes) -> None:
    with pytest.raises(DocumentError):
        documents.open_signed(type(samples.POLICY), resigned(payload), KEYS)


def test_an_error_never_repeats_what_the_document_said() -> None:
    value = codec.to_value(samples.POLICY) | {"Amira took part": 1}
    for secret, wrong in (("Amira", value), ("Berlin", value | {"version": "Berlin"})):
        with pytest.raises(DocumentError) as caught:
            codec.from_value(type(samples.POLICY), wrong)
        assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "change"),
    [
        (samples.LEASE, {"ttl_s": 0}),
        (samples.LEASE, {"ttl_s": 601}),
        (samples.LEASE, {"ttl_s": canonical.MAX_INT}),
        (samples.KEY, {"public_key": bytes(31)}),
        (samples.REQUEST, {"nonce": b""}),
        (samples.REQUEST, {"nonce": bytes(17)}),
        (samples.REQUEST, {"body_sha256": bytes(31)}),
    ],
)
def test_documents_refuse_values_out_of_bounds(document: Any, change: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        dataclasses.replace(document, **change)
    value = codec.to_value(document) | {name: codec.to_value(item) for name, item in change.items()}
    with pytest.raises(DocumentError):
        codec.from_value(type(document), value)


TIMES = {
    "issued",
    "at",
    "created",
    "starts",
    "ends",
    "not_before",
    "expires",
    "stopped",
    "resumed",
    "start",
    "end",
    "run",
}
READ = [document for document, _ in samples.SIGNED.values()] + [samples.HEADER, Canary(samples.NOW, 1), samples.PAUSE]


@pytest.mark.parametrize("document", READ, ids=lambda document: type(document).__name__)
def test_R06_no_document_names_a_time_at_which_a_calendar_ends(document: Any) -> None:
    value = codec.to_value(document)
    for name in TIMES & {name for name, one in value.items() if type(one) is int}:
        for wrong in (-1, codec.MAX_TIME + 1, 253_402_300_799_999, canonical.MAX_INT):
            with pytest.raises(DocumentError):
                codec.from_value(type(document), value | {name: wrong})


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "America/Los_Angeles"])
@pytest.mark.parametrize("at", [0, codec.MAX_TIME])
def test_R06_any_zone_and_calendar_goes_on_beyond_the_times_of_documents(zone: str, at: int) -> None:
    for days in (-400, 400):
        assert (clock.from_ms(at) + timedelta(days=days)).astimezone(ZoneInfo(zone)).date()


def test_P09_request_header_has_one_reading() -> None:
    requests = [dataclasses.replace(samples.REQUEST, path="/" * length) for length in (1, 2, 3)]
    request = next(entry for entry in requests if len(documents.sign(entry, [samples.DEVICE])) % 3)
    value = documents.request_header(request, samples.DEVICE)
    scheme, _, token = value.partition(" ")
    assert token.endswith("=")
    assert documents.parse_request_header(value) == documents.sign(request, [samples.DEVICE])
    spare = token.rstrip("=")
    wrong = [token + "\n", " " + token, token[:-1], token + "====", token + "ä", token + "\udcff", "", token[:4] + "!"]
    wrong.append(spare[:-1] + chr(ord(spare[-1]) + 1) + token[len(spare) :])
    for text in wrong:
        with pytest.raises(REFUSED):
            documents.claimed_device(documents.parse_request_header(f"{scheme} {text}"))
    for other in ("Bearer", "daylight-device", ""):
        with pytest.raises(SignatureError):
            documents.parse_request_header(f"{other} {token}")
    standard = base64.b64encode(b"\xfb\xff\xfe").decode()
    assert set("+/") & set(standard)
    with pytest.raises(SignatureError):
        documents.parse_request_header(f"{scheme} {standard}")
