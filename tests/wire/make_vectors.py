"""Write the golden vectors: `python -m tests.wire.make_vectors`. A changed vector is a changed protocol: think twice.

Everything is made from fixed keys and ids. Only the sealed body holds randomness: the stored one is kept as long as it
opens, and replaced when the header that it is bound to has changed.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.wire import samples
from tests.wire.differences import BESIDE, PAIRS
from wire import canonical, codec, content, difference, documents, dsse, opamp, segment
from wire.precedence import Change

FOLDER = Path(__file__).parent / "vectors"
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    canonical.MAX_INT,
    -canonical.MAX_INT,
    "",
    'quote " backslash \\ slash / tab \t line \n return \r bell \x07 delete \x7f',
    "zero \x00, Grüße, 日本語, 🗝, separator \u2028",
    [],
    {},
    {"b": [1, {"z": None, "a": "ä"}], "a": {}, "A": -7, "": False, "~": "end"},
)
FILES = {"policy": b'{"a":1}', "lease": b"", "directive": "ä".encode()}
PAYLOAD = b"What was typed, compressed."


def canonical_vectors() -> dict[str, Any]:
    """Values, their canonical text and its hash."""
    rows = [(value, canonical.encode(value).decode(), canonical.digest(value)) for value in VALUES]
    return {"cases": [{"value": value, "text": text, "sha256": digest} for value, text, digest in rows]}


def dsse_vectors() -> dict[str, Any]:
    """The DSSE specification's own example, as PAE and as an envelope by two keys."""
    kind, payload = "http://example.com/HelloWorld", b"hello world"
    envelope = dsse.sign(kind, payload, [samples.OFFICER, samples.COUNCIL])
    return {
        "type": kind,
        "payload": payload.decode(),
        "pae": dsse.pae(kind, payload).decode(),
        "seeds": ["01" * 32, "02" * 32],
        "envelope": envelope.decode(),
    }


def document_vectors() -> dict[str, Any]:
    """Each document type: canonical payload, hash, signed envelope."""
    rows = {
        name: {
            "type": document.TYPE,
            "payload": canonical.encode(codec.to_value(document)).decode(),
            "hash": documents.document_hash(document),
            "envelope": documents.sign(document, keys).decode(),
        }
        for name, (document, keys) in samples.SIGNED.items()
    }
    request = documents.request_header(samples.REQUEST, samples.DEVICE)
    return {"documents": rows, "fingerprint": documents.document_hash(samples.TRUST), "authorization": request}


def segment_vectors() -> dict[str, Any]:
    """A header, a sealed body that opens, and an upload of it."""
    header = segment.header_bytes(samples.HEADER)
    body = _stored_body(header) or segment.seal(header, PAYLOAD, samples.PERSON.public_key().public_bytes_raw())
    return {
        "header": header.decode(),
        "payload": PAYLOAD.decode(),
        "private_key": samples.PERSON.private_bytes_raw().hex(),
        "body": body.hex(),
        "content_hash": segment.content_hash(header, body).hex(),
        "upload": segment.pack([(header, body), (b"", b"\x00")]).hex(),
    }


def _stored_body(header: bytes) -> bytes | None:
    path = FOLDER / "segment.json"
    if not path.exists():
        return None
    body = bytes.fromhex(json.loads(path.read_text())["body"])
    try:
        segment.unseal(header, body, samples.PERSON)
    except segment.SegmentError:
        return None
    return body


def content_vectors() -> dict[str, Any]:
    """A packed content, before compression."""
    summary = content.Summary(documents.Kind.WINDOW, "vscode", samples.NOW, samples.NOW + 1000, {"titles": 1}, 1, ())
    return {"packed": content.pack(content.Content(summary, {"titles": [[0, "Büro.py"]]})).hex()}


def opamp_vectors() -> dict[str, Any]:
    """A configuration's files and their hash."""
    return {
        "files": {name: body.decode() for name, body in FILES.items()},
        "config_hash": opamp.config_hash(FILES).hex(),
        "empty": opamp.config_hash({}).hex(),
    }


def difference_vectors() -> dict[str, Any]:
    """A policy each and what it is held against, what differs, and its sentences; for signers' own file, too."""
    changes = {name: Change(*pair) for name, pair in PAIRS.items()} | BESIDE
    return {"cases": [{"name": name, **_difference(change)} for name, change in changes.items()]}


def _difference(change: Change) -> dict[str, Any]:
    found = difference.lines(*change)
    return {
        "old": codec.to_value(change.old),
        "new": codec.to_value(change.new),
        "beside": [codec.to_value(one) for one in change.beside],
        "lines": [codec.to_value(line) for line in found],
        **{language: [difference.text(line, language) for line in found] for language in difference.LANGUAGES},
        "canonical": difference.canonical_bytes(*change).decode(),
        "sha256": difference.digest(*change),
        "widens": change.wider,
    }


TOPICS: dict[str, Callable[[], dict[str, Any]]] = {
    "canonical": canonical_vectors,
    "dsse": dsse_vectors,
    "documents": document_vectors,
    "segment": segment_vectors,
    "content": content_vectors,
    "opamp": opamp_vectors,
    "difference": difference_vectors,
}


def main() -> None:
    """Write one file per topic."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in TOPICS.items():
        text = json.dumps(make(), indent=1, ensure_ascii=False, sort_keys=True)
        (FOLDER / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
