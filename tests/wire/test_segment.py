"""C02: a sealed segment opens only with its own header, its own bytes and its person's key."""

import dataclasses
import struct
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import samples
from wire import canonical, codec, segment
from wire.codec import DocumentError
from wire.documents import Kind
from wire.segment import Header, SegmentError

PAYLOAD = b"what was typed"
PUBLIC = samples.PERSON.public_key().public_bytes_raw()
HEADER = segment.header_bytes(samples.HEADER)
BODY = segment.seal(HEADER, PAYLOAD, PUBLIC)


def other(value: Any) -> Any:
    """Another valid value of the same type."""
    match value:
        case Kind():
            return Kind.WINDOW
        case int():
            return value + 1
        case str():
            return value + "x"
        case UUID():
            return uuid4()
        case tuple():
            return (*value, "user.financial")
        case dict():
            return value | {"keys": 1}
    raise AssertionError(value)


def refused(header: bytes, body: bytes, key: X25519PrivateKey = samples.PERSON) -> bool:
    try:
        segment.unseal(header, body, key)
    except SegmentError:
        return True
    return False


def test_segment_opens_for_its_person() -> None:
    assert segment.unseal(HEADER, BODY, samples.PERSON) == PAYLOAD
    assert segment.unseal(HEADER, segment.seal(HEADER, b"", PUBLIC), samples.PERSON) == b""


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Header)])
def test_C02_header_field_changed(name: str) -> None:
    changed = dataclasses.replace(samples.HEADER, **{name: other(getattr(samples.HEADER, name))})
    assert refused(segment.header_bytes(changed), BODY)


def test_C02_header_byte_changed() -> None:
    passed = [
        at for at in range(len(HEADER)) if not refused(HEADER[:at] + bytes([HEADER[at] ^ 1]) + HEADER[at + 1 :], BODY)
    ]
    assert passed == []
    assert refused(b"", BODY)
    assert refused(HEADER + b" ", BODY)


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_C02_body_byte_changed(bit: int) -> None:
    # The top bit of the sender's X25519 key (byte 31 of it) is not part of the point; HPKE binds it all the same.
    passed = [
        at for at in range(len(BODY)) if not refused(HEADER, BODY[:at] + bytes([BODY[at] ^ bit]) + BODY[at + 1 :])
    ]
    assert passed == []


def test_C02_body_cut_or_longer() -> None:
    assert [length for length in range(len(BODY)) if not refused(HEADER, BODY[:length])] == []
    assert refused(HEADER, BODY + b"\x00")
    assert refused(HEADER, BODY + BODY)


def test_C02_key_of_another_person() -> None:
    assert refused(HEADER, BODY, samples.OTHER_PERSON)


def test_C02_parts_of_two_segments_mixed() -> None:
    second = segment.seal(HEADER, b"something else", PUBLIC)
    wrapped, nonce = slice(4, 84), slice(84, 96)
    for part in (wrapped, nonce, slice(96, None)):
        mixed = bytearray(BODY)
        mixed[part] = second[part]
        assert refused(HEADER, bytes(mixed))


def test_C02_sender_key_of_small_order() -> None:
    assert refused(HEADER, BODY[:4] + bytes(32) + BODY[36:])
    assert refused(HEADER, BODY[:4] + b"\x01" + bytes(31) + BODY[36:])


def test_C02_two_seals_share_nothing() -> None:
    second = segment.seal(HEADER, PAYLOAD, PUBLIC)
    assert second[4:36] != BODY[4:36]
    assert second[84:96] != BODY[84:96]
    assert second[96:] != BODY[96:]


def test_content_hash_sees_where_the_header_ends() -> None:
    pairs = [(b"ab", b"c"), (b"a", b"bc"), (b"", b"abc"), (b"abc", b"")]
    assert len({segment.content_hash(*pair) for pair in pairs}) == len(pairs)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": -1},
        {"policy_version": 0},
        {"sensitivity": 0},
        {"sensitivity": 5},
        {"start": -1},
        {"start": samples.NOW + 1},
        {"end": codec.MAX_TIME + 1},
        {"counts": {"keys": -1}},
        {"counts": {"keys": True}},
        {"counts": []},
        {"size": -1},
        {"size": segment.MAX_SIZE + 1},
        {"kind": "microphone"},
        {"context": None},
        {"context": "a\x00"},
        {"categories": ["\x00"]},
        {"categories": "user.content"},
        {"segment": "ABCDEF00-0000-4000-8000-000000000000"},
        {"segment": "{" + str(samples.uid(6)) + "}"},
        {"more": 1},
    ],
)
def test_header_refuses(change: dict[str, Any]) -> None:
    value = codec.to_value(samples.HEADER)
    with pytest.raises(SegmentError):
        segment.read_header(canonical.encode(value | change))


def test_header_refuses_other_spellings() -> None:
    assert segment.read_header(HEADER) == samples.HEADER
    for data in (
        HEADER + b"\n",
        b"",
        b"{}",
        HEADER.replace(b'"seq":41', b'"seq":41,"seq":41'),
        b" " * 9000,
        b"[" * 8192,
    ):
        with pytest.raises(SegmentError):
            segment.read_header(data)
    with pytest.raises(DocumentError):
        dataclasses.replace(samples.HEADER, sensitivity=7)


PAIRS = st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=40)), max_size=8)


@given(PAIRS)
def test_upload_reads_back(pairs: list[tuple[bytes, bytes]]) -> None:
    assert list(segment.unpack(segment.pack(pairs))) == pairs


@given(PAIRS.filter(bool), st.data())
def test_upload_cut_off_gives_nothing(pairs: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    packed = segment.pack(pairs)
    ends = {len(segment.pack(pairs[:count])) for count in range(len(pairs) + 1)}
    cut = data.draw(st.integers(0, len(packed) - 1).filter(lambda length: length not in ends))
    with pytest.raises(SegmentError):
        segment.unpack(packed[:cut])


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        struct.pack(">II", segment.MAX_HEADER + 1, 0) + bytes(segment.MAX_HEADER + 1),
        struct.pack(">II", 0, segment.MAX_BODY + 1) + bytes(segment.MAX_BODY + 1),
        struct.pack(">II", 2**32 - 1, 2**32 - 1),
        struct.pack(">II", 0, 0) * (segment.MAX_BATCH + 1),
        segment.pack([(b"good", b"good")]) + b"\x00",
    ],
)
def test_upload_out_of_bounds_gives_nothing(data: bytes) -> None:
    with pytest.raises(SegmentError):
        segment.unpack(data)


def test_upload_within_bounds() -> None:
    largest = (bytes(segment.MAX_HEADER), bytes(segment.MAX_BODY))
    assert list(segment.unpack(segment.pack([largest]))) == [largest]
    assert len(list(segment.unpack(segment.pack([(b"", b"")] * segment.MAX_BATCH)))) == segment.MAX_BATCH
    assert list(segment.unpack(b"")) == []
