"""Golden vectors: today's code makes and reads exactly the bytes that were agreed (C02, P01)."""

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.wire import make_vectors, samples
from wire import canonical, content, documents, dsse, grouping, opamp, receipt, segment, servertime, stopping, tally


def stored(topic: str) -> Any:
    return json.loads((make_vectors.FOLDER / f"{topic}.json").read_text())


@pytest.mark.parametrize("topic", make_vectors.TOPICS)
def test_code_makes_the_stored_vectors(topic: str) -> None:
    assert make_vectors.TOPICS[topic]() == stored(topic)


def test_every_vector_file_is_made_by_the_script() -> None:
    assert {path.stem for path in make_vectors.FOLDER.iterdir()} == set(make_vectors.TOPICS)


def test_canonical_vectors_read_back() -> None:
    for case in stored("canonical")["cases"]:
        text = case["text"].encode()
        assert canonical.decode(text) == case["value"]
        assert hashlib.sha256(text).hexdigest() == case["sha256"]


def test_dsse_encodes_as_its_specification_says() -> None:
    vector = stored("dsse")
    assert vector["pae"] == "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    keys = samples.public_keys(samples.OFFICER, samples.COUNCIL)
    verified = dsse.verify(vector["envelope"].encode(), vector["type"], keys)
    assert verified == dsse.Verified(b"hello world", frozenset(keys))


@pytest.mark.parametrize("name", samples.SIGNED)
def test_document_vectors_open(name: str) -> None:
    vector = stored("documents")["documents"][name]
    document, signers = samples.SIGNED[name]
    keys = samples.public_keys(*signers)
    opened, by = documents.open_signed(type(document), vector["envelope"].encode(), keys)
    assert (opened, by) == (document, frozenset(keys))
    assert vector["hash"] == hashlib.sha256(vector["payload"].encode()).hexdigest()


def test_every_document_type_has_a_vector() -> None:
    types = {documents.Trust, documents.Directive, documents.Lease, documents.KeyDocument, documents.Stop}
    types |= {documents.Report, documents.DeviceRequest, documents.Enrolment}
    elsewhere = {
        type(samples.POLICY),
        receipt.Receipt,
        receipt.Restriction,
        servertime.ServerTime,
        stopping.Resume,
        stopping.StopRecord,
        tally.Tally,
    }
    elsewhere.add(grouping.SmallestGroup)
    defined = {
        cls for cls in vars(documents).values() if isinstance(cls, type) and isinstance(vars(cls).get("TYPE"), str)
    }
    signed = {type(document) for document, _ in samples.SIGNED.values()}
    assert signed == types | elsewhere == defined | elsewhere
    assert len({document.TYPE for document, _ in samples.SIGNED.values()}) == len(signed)


def test_trust_vector_opens_by_its_fingerprint() -> None:
    vector = stored("documents")
    envelope = vector["documents"]["trust"]["envelope"].encode()
    shown = " ".join(vector["fingerprint"][at : at + 4] for at in range(0, 64, 4)).upper()
    assert documents.open_trust(envelope, shown) == samples.TRUST
    with pytest.raises(dsse.SignatureError):
        documents.open_trust(envelope, "0" * 64)


def test_authorization_vector_reads_back() -> None:
    envelope = documents.parse_request_header(stored("documents")["authorization"])
    keys = samples.public_keys(samples.DEVICE)
    assert documents.claimed_device(envelope) == samples.REQUEST.device
    assert documents.open_signed(documents.DeviceRequest, envelope, keys)[0] == samples.REQUEST


def test_stored_segment_opens() -> None:
    vector = stored("segment")
    header, body = vector["header"].encode(), bytes.fromhex(vector["body"])
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["private_key"]))
    assert segment.read_header(header) == samples.HEADER
    assert segment.unseal(header, body, key) == vector["payload"].encode()
    assert list(segment.unpack(bytes.fromhex(vector["upload"]))) == [(header, body), (b"", b"\x00")]


def test_content_vector_reads_back() -> None:
    assert content.unpack(bytes.fromhex(stored("content")["packed"])).data == {"titles": [[0, "Büro.py"]]}


def test_config_hash_sees_every_name_and_body() -> None:
    files = make_vectors.FILES
    assert opamp.remote_config(files).config_hash.hex() == stored("opamp")["config_hash"]
    assert opamp.config_files(opamp.remote_config(files)) == files
    others = [files | {"lease": b"\x00"}, files | {"x": b""}, {"polic": b'y{"a":1}'}, {}]
    assert len({opamp.config_hash(other) for other in [files, *others]}) == len(others) + 1
