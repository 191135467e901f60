"""One parser under random input: `python -m tests.fuzz.targets <name> [libFuzzer options] [corpus folder]`.

A target feeds bytes to a parser and lets its declared errors pass; anything else is a crash that atheris reports. Where
a signature would stop random input at the door, the target signs what it made up, so that the code behind is reached.
"""

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["wire"]):
    from tests.wire import samples
    from tests.wire.test_content import DATA
    from wire import canonical, codec, content, documents, dsse, opamp, segment
    from wire.policy import Policy, accept

KEYS = samples.public_keys(samples.OFFICER, samples.COUNCIL)
TYPES = tuple(type(document) for document, _ in samples.SIGNED.values())
NAMES = ("payload", "payloadType", "signatures", "keyid", "sig", "version", "")


def made_up(data: atheris.FuzzedDataProvider, depth: int = 0) -> object:
    """A value of the canonical subset, or nearly."""
    match data.ConsumeIntInRange(0, 7 if depth < 4 else 4):
        case 0:
            return None
        case 1:
            return data.ConsumeBool()
        case 2:
            return data.ConsumeInt(8)
        case 3:
            return data.ConsumeUnicode(12)
        case 4:
            return data.PickValueInList(list(samples.SIGNED["policy"][0].__dict__))
        case 5:
            return [made_up(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 3))]
    return {data.PickValueInList(list(NAMES)): made_up(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 4))}


def fuzz_dsse(data: bytes) -> None:
    """`dsse.verify`, `payload_of` and the reader of the Authorization header: raw bytes, and envelopes made up."""
    given = atheris.FuzzedDataProvider(data)
    if given.ConsumeBool():
        envelope = given.ConsumeBytes(len(data))
    else:
        entries = [{"keyid": given.PickValueInList([*KEYS, "x"]), "sig": made_up(given)}, made_up(given)]
        parts = {"payload": made_up(given), "payloadType": "t", "signatures": entries[: given.ConsumeIntInRange(0, 2)]}
        try:
            envelope = canonical.encode(parts)
        except canonical.CanonicalError:
            return
    for read in (lambda: dsse.verify(envelope, "t", KEYS), lambda: dsse.payload_of(envelope)):
        try:
            read()
        except dsse.SignatureError:
            continue
    try:
        documents.claimed_device(documents.parse_request_header(envelope.decode("latin-1")))
    except (dsse.SignatureError, codec.DocumentError):
        return


def fuzz_documents(data: bytes) -> None:
    """`open_signed` of every type and `accept`, on payloads that are truly signed."""
    given = atheris.FuzzedDataProvider(data)
    cls = given.PickValueInList(list(TYPES))
    payload = given.ConsumeBytes(len(data)) if given.ConsumeBool() else changed_document(given, cls)
    envelope = dsse.sign(cls.TYPE, payload, [samples.OFFICER, samples.COUNCIL])
    try:
        documents.open_signed(cls, envelope, KEYS)
        if cls is Policy:
            accept(envelope, samples.TRUST, samples.POLICY, samples.NOW)
    except (dsse.SignatureError, codec.DocumentError):
        return


def changed_document(given: atheris.FuzzedDataProvider, cls: type[documents.Document]) -> bytes:
    """A document of the type with one field made up."""
    document = next(entry for entry, _ in samples.SIGNED.values() if type(entry) is cls)
    value = codec.to_value(document)
    value[given.PickValueInList([*value, "more"])] = made_up(given)
    try:
        return canonical.encode(value)
    except canonical.CanonicalError:
        return b""


def fuzz_segment(data: bytes) -> None:
    """Uploads, headers, sealed bodies and opened content."""
    for read in (
        lambda: [segment.read_header(header) for header, _ in segment.unpack(data)],
        lambda: segment.read_header(data),
        lambda: segment.unseal(data, data, samples.PERSON),
        lambda: content.unpack(data),
    ):
        try:
            read()
        except (segment.SegmentError, content.ContentError):
            continue


def fuzz_content(data: bytes) -> None:
    """What is inside a seal: each kind with one field made up, packed by the stranger, unpacked by us."""
    given = atheris.FuzzedDataProvider(data)
    kind = given.PickValueInList(list(DATA))
    inside = DATA[kind] | {given.PickValueInList([*DATA[kind], "more"]): made_up(given)}
    summary = {
        "kind": given.PickValueInList(list(DATA)),
        "context": "x",
        "start": 0,
        "end": given.ConsumeIntInRange(0, 70_000),
    }
    summary |= {"counts": made_up(given), "sensitivity": 1, "categories": []}
    try:
        text = canonical.encode({"v": made_up(given) or 1, "header": summary, "data": inside})
    except canonical.CanonicalError:
        return
    try:
        content.unpack(len(text).to_bytes(4, "big") + text + given.ConsumeBytes(8))
    except content.ContentError:
        return


def fuzz_opamp(data: bytes) -> None:
    """Messages of agents and of servers, with and without WebSocket framing, and what we read from them."""
    for framed in (True, False):
        try:
            message = opamp.agent_message(data, framed=framed)
            opamp.agent_message(opamp.to_frame(message), framed=True)
            opamp.config_files(opamp.server_message(data, framed=framed).remote_config)
        except opamp.FramingError:
            continue


TARGETS: dict[str, Callable[[bytes], None]] = {
    "dsse": fuzz_dsse,
    "documents": fuzz_documents,
    "segment": fuzz_segment,
    "content": fuzz_content,
    "opamp": fuzz_opamp,
}

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
