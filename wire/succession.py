"""How a pinned trust document gives way to the next one, step by step, as roots do in TUF (theupdateframework.io, 5.3).

Version n+1 counts for who pinned version n if an officer and the central works council of version n signed it, with as
many keys as that version asks for, and officer and council of version n+1 likewise. So no server can bring new keys or
ask for fewer, and a lost key is replaced by deputies.
"""

from collections.abc import Iterable

from wire import canonical, codec, councils, documents, dsse
from wire.documents import Signer, Trust

MAX_STEPS = 64


def succeed(pinned: Trust, envelope: bytes) -> Trust:
    """The trust document after `pinned`. Raises SignatureError or DocumentError."""
    new = documents.read(Trust, dsse.payload_of(envelope))
    if new.version != pinned.version + 1:
        raise codec.DocumentError("a trust document follows the one before it, version by version")
    signers = dsse.verify(envelope, Trust.TYPE, holders(pinned) | holders(new)).signers
    if not all(councils.both(trust, None, signers) for trust in (pinned, new)):
        raise dsse.SignatureError("it needs the signatures of officer and council, of the old keys and of the new ones")
    return new


def follow(pinned: Trust, chain: bytes) -> tuple[Trust, bytes] | None:
    """The newest trust document that `chain` leads to from `pinned`, with its own envelope; None where that is pinned.

    Raises SignatureError or DocumentError for any step that does not hold, another document under the pinned version,
    and a chain that ends before it.
    """
    newest: tuple[Trust, bytes] | None = None
    trust = pinned
    versions = []
    for envelope in _steps(chain):
        offered = documents.read(Trust, dsse.payload_of(envelope))
        versions.append(offered.version)
        if offered.version == trust.version and offered != trust:
            raise codec.DocumentError("another trust document under the pinned version")
        if offered.version > trust.version:
            trust = succeed(trust, envelope)
            newest = trust, own(envelope, trust)
    if not versions or versions != list(range(versions[0], versions[0] + len(versions))):
        raise codec.DocumentError("trust documents come version by version")
    if versions[-1] < pinned.version:
        raise codec.DocumentError("these trust documents are older than the pinned one")
    return newest


def chain(envelopes: Iterable[str]) -> bytes:
    """Trust documents with the signatures of both generations, oldest first, as devices are offered them."""
    return canonical.encode(list(envelopes))


def own(envelope: bytes, trust: Trust) -> bytes:
    """The envelope with only the signatures of the document's own keys: what a new device pins."""
    return dsse.only(envelope, holders(trust))


def holders(trust: Trust) -> dict[str, bytes]:
    """Key id → key of officers and councils: who signs policies and trust documents."""
    return trust.keys_of(Signer.OFFICER) | trust.keys_of(Signer.COUNCIL)


def _steps(data: bytes) -> list[bytes]:
    try:
        value = canonical.decode(data)
    except canonical.CanonicalError as error:
        raise codec.DocumentError("trust documents come as a list in canonical form") from error
    if not isinstance(value, list) or len(value) > MAX_STEPS or not all(isinstance(one, str) for one in value):
        raise codec.DocumentError("trust documents come as a short list of envelopes")
    return [one.encode() for one in value]
