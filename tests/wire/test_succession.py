"""A trust document gives way to the next one only by the keys of both (P03), step by step (P02)."""

from dataclasses import replace
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.wire import samples
from tests.wire.samples import COUNCIL, LEASE_KEY, OFFICER, STRANGER, TRUST, VAULT
from wire import canonical, documents, dsse, succession
from wire.codec import DocumentError
from wire.documents import Signer, Trust, TrustedKey

NEW_OFFICER, NEW_COUNCIL, DEPUTY = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (21, 22, 23))
REFUSED = (dsse.SignatureError, DocumentError)


def trust(version: int, *officers: Ed25519PrivateKey, council: Ed25519PrivateKey = COUNCIL) -> Trust:
    """A trust document with these officers."""
    rest = ((Signer.COUNCIL, council), (Signer.LEASE, LEASE_KEY), (Signer.VAULT, VAULT))
    holders = (*((Signer.OFFICER, key) for key in officers), *rest)
    return Trust(version, samples.NOW, tuple(TrustedKey(signer, dsse.raw_public(key)) for signer, key in holders))


def test_P03_the_next_document_counts_when_old_and_new_keys_sign() -> None:
    new = trust(2, NEW_OFFICER)
    envelope = documents.sign(new, [OFFICER, NEW_OFFICER, COUNCIL])
    assert succession.succeed(TRUST, envelope) == new


@pytest.mark.parametrize(
    "keys",
    [
        [OFFICER, COUNCIL],
        [NEW_OFFICER, COUNCIL],
        [OFFICER, NEW_OFFICER],
        [OFFICER, NEW_OFFICER, COUNCIL, STRANGER],
        [OFFICER, NEW_OFFICER, LEASE_KEY],
        [LEASE_KEY, VAULT],
        [],
    ],
)
def test_P03_a_step_without_all_four_voices_is_refused(keys: list[Ed25519PrivateKey]) -> None:
    with pytest.raises(dsse.SignatureError):
        succession.succeed(TRUST, documents.sign(trust(2, NEW_OFFICER), keys))


def test_P03_a_lost_key_is_replaced_by_the_deputy() -> None:
    pinned = trust(1, OFFICER, DEPUTY)
    new = trust(2, NEW_OFFICER, DEPUTY)
    assert succession.succeed(pinned, documents.sign(new, [DEPUTY, COUNCIL])) == new


def steps() -> list[bytes]:
    """Versions 2 to 5, each with another officer."""
    keys = [OFFICER, *(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(40, 44))]
    return [
        documents.sign(trust(version, new), [old, new, COUNCIL]) for version, (old, new) in enumerate(pairwise(keys), 2)
    ]


def chain(*envelopes: bytes) -> bytes:
    return succession.chain(one.decode() for one in envelopes)


def test_P02_missed_versions_are_followed_one_by_one() -> None:
    found = succession.follow(TRUST, chain(*steps()))
    assert found
    newest, envelope = found
    assert newest.version == 5
    assert documents.open_trust(envelope, documents.fingerprint(envelope)) == newest
    assert succession.follow(newest, chain(*steps())) is None


def test_P02_a_gap_a_rollback_and_another_document_under_the_pinned_version_are_refused() -> None:
    first, second, *rest = steps()
    pinned = succession.succeed(TRUST, first)
    for offered in (
        chain(first, *rest),
        chain(second, first, rest[0]),
        chain(),
        chain(documents.sign(replace(pinned, issued=1), [OFFICER, COUNCIL])),
        b"[1]",
        b"{}",
        b"nonsense",
        canonical.encode(["x"] * 65),
    ):
        with pytest.raises(REFUSED):
            succession.follow(pinned if offered != chain(first, *rest) else TRUST, offered)
    newest = succession.follow(TRUST, chain(*steps()))
    assert newest
    with pytest.raises(DocumentError):
        succession.follow(newest[0], chain(first, second))


def test_P01_what_new_devices_pin_bears_only_its_own_signatures() -> None:
    new = trust(2, NEW_OFFICER)
    envelope = documents.sign(new, [OFFICER, NEW_OFFICER, COUNCIL])
    own = succession.own(envelope, new)
    assert documents.open_trust(own, documents.fingerprint(envelope)) == new
    with pytest.raises(dsse.SignatureError):
        documents.open_trust(envelope, documents.fingerprint(envelope))
