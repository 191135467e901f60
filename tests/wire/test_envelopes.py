"""P01: an envelope that was touched in any way opens no more, and only with the declared errors."""

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.wire import samples
from tests.wire.samples import COUNCIL, OFFICER, STRANGER, public_keys
from wire import canonical, documents, dsse
from wire.codec import DocumentError
from wire.dsse import SignatureError

REFUSED = (SignatureError, DocumentError)
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
NAMES = sorted(samples.SIGNED)
KEYS = public_keys(OFFICER, COUNCIL)


def envelope_of(name: str) -> bytes:
    return documents.sign(*samples.SIGNED[name])


def opens(name: str, envelope: bytes) -> bool:
    document, signers = samples.SIGNED[name]
    try:
        documents.open_signed(type(document), envelope, public_keys(*signers))
    except REFUSED:
        return False
    return True


def one_byte_changes(data: bytes) -> Iterator[bytes]:
    """At every position: two changed bytes, the byte left out, the byte doubled, the data cut off."""
    for at, byte in enumerate(data):
        yield data[:at] + bytes([byte ^ 0x01]) + data[at + 1 :]
        yield data[:at] + bytes([byte ^ 0x20]) + data[at + 1 :]
        yield data[:at] + data[at + 1 :]
        yield data[: at + 1] + data[at:]
        yield data[:at]


@pytest.mark.parametrize("name", NAMES)
def test_P01_one_byte_changed_anywhere(name: str) -> None:
    envelope = envelope_of(name)
    assert opens(name, envelope)
    passed = [changed for changed in one_byte_changes(envelope) if changed != envelope and opens(name, changed)]
    assert passed == []


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The envelope after `change` on its parsed form, in canonical bytes again."""
    parsed = json.loads(envelope_of(name))
    change(parsed)
    return canonical.encode(parsed)


def swap_key_ids(parsed: dict[str, Any]) -> None:
    first, second = parsed["signatures"]
    first["keyid"], second["keyid"] = second["keyid"], first["keyid"]


def add_multiple_of_group_order(parsed: dict[str, Any]) -> None:
    signature = base64.b64decode(parsed["signatures"][0]["sig"])
    scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    parsed["signatures"][0]["sig"] = base64.b64encode(signature[:32] + scalar.to_bytes(32, "little")).decode()


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "unsigned": lambda e: e.update(signatures=[]),
    "signature twice": lambda e: e["signatures"].append(e["signatures"][0]),
    "signature empty": lambda e: e["signatures"][0].update(sig=""),
    "signature of zeros": lambda e: e["signatures"][0].update(sig=base64.b64encode(bytes(64)).decode()),
    "signature too short": lambda e: e["signatures"][0].update(sig=e["signatures"][0]["sig"][:-8]),
    "signature of the other key": swap_key_ids,
    "malleable signature": add_multiple_of_group_order,
    "second signature wrong": lambda e: e["signatures"][1].update(sig=e["signatures"][0]["sig"]),
    "unknown key beside": lambda e: e["signatures"].append({"keyid": "0" * 64, "sig": "AAAA"}),
    "key id upper case": lambda e: e["signatures"][0].update(keyid=e["signatures"][0]["keyid"].upper()),
    "key id a number": lambda e: e["signatures"][0].update(keyid=1),
    "signature null": lambda e: e["signatures"][0].update(sig=None),
    "signature without key id": lambda e: e["signatures"][0].pop("keyid"),
    "signature with more": lambda e: e["signatures"][0].update(alg="none"),
    "signature a text": lambda e: e.update(signatures=["x"]),
    "signatures a text": lambda e: e.update(signatures="x"),
    "signatures an object": lambda e: e.update(signatures={}),
    "nine signatures": lambda e: e.update(signatures=e["signatures"] * 5),
    "wrong type": lambda e: e.update(payloadType=documents.Stop.TYPE),
    "type null": lambda e: e.update(payloadType=None),
    "payload null": lambda e: e.update(payload=None),
    "payload empty": lambda e: e.update(payload=""),
    "payload base64url": lambda e: e.update(payload=e["payload"].replace("/", "_").replace("+", "-") + "-_"),
    "payload with line end": lambda e: e.update(payload=e["payload"] + "\n"),
    "payload with more padding": lambda e: e.update(payload=e["payload"] + "===="),
    "payload not ASCII": lambda e: e.update(payload="ä" + e["payload"]),
    "more fields": lambda e: e.update(version=1),
    "fewer fields": lambda e: e.pop("payloadType"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_P01_envelope_changed(name: str) -> None:
    with pytest.raises(REFUSED):
        documents.open_signed(type(samples.POLICY), changed("policy", CHANGES[name]), KEYS)


SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "trailing byte": lambda e: e + b"\x00",
    "trailing line end": lambda e: e + b"\n",
    "leading space": lambda e: b" " + e,
    "byte order mark": lambda e: b"\xef\xbb\xbf" + e,
    "another envelope behind": lambda e: e + e,
    "duplicate key, same value": lambda e: e[:-1] + b',"signatures":' + e.partition(b'"signatures":')[2],
    "duplicate key, other value": lambda e: b'{"payload":"",' + e[1:],
    "other key order": lambda e: json.dumps(dict(reversed(json.loads(e).items())), separators=(",", ":")).encode(),
    "indented": lambda e: json.dumps(json.loads(e), indent=1).encode(),
    "escaped letter": lambda e: e.replace(b'"payload"', b'"\\u0070ayload"', 1),
    "an array": lambda e: b"[" + e + b"]",
    "null": lambda _: b"null",
    "empty": lambda _: b"",
    "too large": lambda e: e + b" " * dsse.MAX_ENVELOPE,
    "deep": lambda _: b"[" * 200_000,
    "UTF-16": lambda e: e.decode().encode("utf-16"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_P01_envelope_spelled_otherwise(name: str) -> None:
    with pytest.raises(SignatureError):
        documents.open_signed(type(samples.POLICY), SPELLINGS[name](envelope_of("policy")), KEYS)


def test_P01_non_canonical_base64_in_payload_and_signature() -> None:
    # The last characters before the padding carry unused bits: several texts, one value.
    envelope = dsse.sign("t", b"x", [OFFICER])
    for old, new in ((b'"eA=="', b'"eB=="'), (b'=="}', b'"}')):
        assert old in envelope
        with pytest.raises(SignatureError):
            dsse.verify(envelope.replace(old, new), "t", KEYS)
    parsed = json.loads(envelope)
    signature = parsed["signatures"][0]["sig"]
    spare = signature[:-3] + chr(ord(signature[-3]) + 1) + "=="
    assert base64.b64decode(spare) == base64.b64decode(signature)
    parsed["signatures"][0]["sig"] = spare
    with pytest.raises(SignatureError):
        dsse.verify(canonical.encode(parsed), "t", KEYS)


@pytest.mark.parametrize("name", NAMES)
def test_P01_wrong_key(name: str) -> None:
    document, signers = samples.SIGNED[name]
    forged = documents.sign(document, [STRANGER])
    with pytest.raises(SignatureError):
        documents.open_signed(type(document), forged, public_keys(*signers))
    with pytest.raises(SignatureError):
        documents.open_signed(type(document), envelope_of(name), public_keys(STRANGER))
    with pytest.raises(SignatureError):
        documents.open_signed(type(document), envelope_of(name), {})


def test_P01_a_key_listed_under_the_id_of_another() -> None:
    (officer_id,) = public_keys(OFFICER)
    (forged_id,) = public_keys(STRANGER)
    stranger = dsse.raw_public(STRANGER)
    envelope = json.loads(dsse.sign("t", b"x", [STRANGER]))
    for keyid in (officer_id, forged_id):
        envelope["signatures"][0]["keyid"] = keyid
        with pytest.raises(SignatureError):
            dsse.verify(canonical.encode(envelope), "t", {officer_id: stranger})


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_P01_a_listed_key_of_another_length(length: int) -> None:
    key = bytes(length)
    envelope = json.loads(dsse.sign("t", b"x", [OFFICER]))
    envelope["signatures"][0]["keyid"] = dsse.key_id(key)
    with pytest.raises(SignatureError):
        dsse.verify(canonical.encode(envelope), "t", {dsse.key_id(key): key})


@pytest.mark.parametrize("name", NAMES)
def test_P01_signed_as_one_type_read_as_another(name: str) -> None:
    document, signers = samples.SIGNED[name]
    for other in {type(entry) for entry, _ in samples.SIGNED.values()} - {type(document)}:
        with pytest.raises(SignatureError):
            documents.open_signed(other, envelope_of(name), public_keys(*signers))


def test_P01_payload_under_another_type_of_the_same_length() -> None:
    # The encoding is length-prefixed: moving bytes between type and payload changes what is signed.
    assert dsse.pae("ab", b"c") != dsse.pae("a", b"bc")
    envelope = json.loads(dsse.sign("ab", b"c", [OFFICER]))
    envelope |= {"payloadType": "a", "payload": base64.b64encode(b"bc").decode()}
    with pytest.raises(SignatureError):
        dsse.verify(canonical.encode(envelope), "a", KEYS)


SMALL_ORDER = [height.to_bytes(32, "little") for height in sorted(dsse._SMALL_ORDER)]
SMALL_ORDER += [(dsse._FIELD + height).to_bytes(32, "little") for height in (0, 1)]
SMALL_ORDER += [raw[:31] + bytes([raw[31] | 0x80]) for raw in SMALL_ORDER]


@pytest.mark.parametrize("key", SMALL_ORDER, ids=bytes.hex)
def test_P01_a_key_under_which_anybody_can_sign(key: bytes) -> None:
    assert not dsse.is_public_key(key)
    signature = base64.b64encode(b"\x01" + bytes(63)).decode()
    for number in range(16):
        payload = base64.b64encode(b"%d" % number).decode()
        entry = {"keyid": dsse.key_id(key), "sig": signature}
        forged = canonical.encode({"payload": payload, "payloadType": "t", "signatures": [entry]})
        with pytest.raises(SignatureError):
            dsse.verify(forged, "t", {dsse.key_id(key): key})
    with pytest.raises(DocumentError):
        documents.TrustedKey(documents.Signer.COUNCIL, key)
    with pytest.raises(DocumentError):
        dataclasses.replace(samples.ENROLMENT, public_key=key)


def test_P01_the_stripped_council_signature_leaves_one_signer() -> None:
    stripped = changed("policy", lambda e: e["signatures"].pop())
    _, signers = documents.open_signed(type(samples.POLICY), stripped, KEYS)
    assert len(signers) == 1
