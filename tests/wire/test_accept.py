"""P02, P03: which policy an agent takes. The attacks are those of the table in TUF's specification, section 1.5."""

import base64
import dataclasses
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.wire import samples
from tests.wire.samples import COUNCIL, DAY, DEVICE, LEASE_KEY, NOW, OFFICER, POLICY, STRANGER, TRUST, VAULT
from wire import canonical, documents, dsse
from wire.codec import DocumentError
from wire.dsse import SignatureError
from wire.policy import LONGEST_STEP, Policy, Words, accept, widens

REFUSED = (SignatureError, DocumentError)
NARROWER = dataclasses.replace(POLICY, version=4, max_sensitivity=2)
WIDER = dataclasses.replace(POLICY, version=4, max_sensitivity=4)


def signed(policy: Policy, *keys: Ed25519PrivateKey) -> bytes:
    return documents.sign(policy, keys)


def changed(**fields: Any) -> Policy:
    return dataclasses.replace(NARROWER, **fields)


def test_accept_takes_what_it_should() -> None:
    assert accept(signed(POLICY, OFFICER, COUNCIL), TRUST, None, NOW) == POLICY
    assert accept(signed(NARROWER, OFFICER), TRUST, POLICY, NOW) == NARROWER
    assert accept(signed(WIDER, OFFICER, COUNCIL), TRUST, POLICY, NOW) == WIDER
    assert accept(signed(POLICY, OFFICER), TRUST, POLICY, NOW) == POLICY


def test_P02_rollback() -> None:
    for version in (1, 2, 3):
        older = dataclasses.replace(NARROWER, version=version)
        with pytest.raises(DocumentError):
            accept(signed(older, OFFICER, COUNCIL), TRUST, POLICY, NOW)
    with pytest.raises(DocumentError):
        accept(signed(POLICY, OFFICER, COUNCIL), TRUST, NARROWER, NOW)


def test_P02_two_policies_of_one_version() -> None:
    twin = dataclasses.replace(POLICY, max_sensitivity=2)
    with pytest.raises(DocumentError):
        accept(signed(twin, OFFICER, COUNCIL), TRUST, POLICY, NOW)


def test_P02_fast_forward() -> None:
    for version in (POLICY.version + LONGEST_STEP + 1, canonical.MAX_INT):
        with pytest.raises(DocumentError):
            accept(signed(changed(version=version), OFFICER), TRUST, POLICY, NOW)
    last = changed(version=POLICY.version + LONGEST_STEP)
    assert accept(signed(last, OFFICER), TRUST, POLICY, NOW) == last
    both = changed(version=POLICY.version + LONGEST_STEP + 1)
    assert accept(signed(both, OFFICER, COUNCIL), TRUST, POLICY, NOW) == both


def test_P02_version_below_the_first() -> None:
    for version in (0, -1):
        with pytest.raises(DocumentError):
            changed(version=version)


@pytest.mark.parametrize("now", [POLICY.expires, POLICY.expires + 1, canonical.MAX_INT])
def test_P02_expired_or_frozen(now: int) -> None:
    with pytest.raises(DocumentError):
        accept(signed(POLICY, OFFICER, COUNCIL), TRUST, None, now)
    with pytest.raises(DocumentError):
        accept(signed(POLICY, OFFICER, COUNCIL), TRUST, POLICY, now)


@pytest.mark.parametrize("now", [POLICY.not_before - 1, 0, -1])
def test_P02_not_yet(now: int) -> None:
    with pytest.raises(DocumentError):
        accept(signed(POLICY, OFFICER, COUNCIL), TRUST, None, now)


def test_P02_in_force_is_half_open() -> None:
    for now in (POLICY.not_before, POLICY.expires - 1):
        assert accept(signed(POLICY, OFFICER, COUNCIL), TRUST, None, now) == POLICY


def mixed(payload_of: bytes, signatures_of: bytes) -> bytes:
    """The payload of one envelope with the signatures of the other."""
    return canonical.encode(json.loads(payload_of) | {"signatures": json.loads(signatures_of)["signatures"]})


def test_P02_mix_and_match_signatures_of_another_policy() -> None:
    with pytest.raises(SignatureError):
        accept(mixed(signed(WIDER, OFFICER), signed(POLICY, OFFICER, COUNCIL)), TRUST, POLICY, NOW)


def test_P02_mix_and_match_council_signature_of_another_policy() -> None:
    wider, old = json.loads(signed(WIDER, OFFICER)), json.loads(signed(POLICY, COUNCIL))
    wider["signatures"] = sorted(wider["signatures"] + old["signatures"], key=lambda entry: entry["keyid"])
    with pytest.raises(SignatureError):
        accept(canonical.encode(wider), TRUST, POLICY, NOW)


@pytest.mark.parametrize("name", sorted(set(samples.SIGNED) - {"policy"}))
def test_P02_mix_and_match_another_document_as_policy(name: str) -> None:
    document, _ = samples.SIGNED[name]
    with pytest.raises(SignatureError):
        accept(documents.sign(document, [OFFICER, COUNCIL]), TRUST, None, NOW)


def test_P02_endless_data() -> None:
    huge = signed(changed(impact_assessment="x" * canonical.MAX_BYTES), OFFICER)
    with pytest.raises(SignatureError):
        accept(huge, TRUST, POLICY, NOW)


@pytest.mark.parametrize(
    "keys",
    [
        (COUNCIL,),
        (LEASE_KEY,),
        (VAULT,),
        (DEVICE,),
        (STRANGER,),
        (OFFICER, LEASE_KEY),
        (OFFICER, COUNCIL, STRANGER),
        (),
    ],
)
@pytest.mark.parametrize("policy", [NARROWER, WIDER])
def test_P01_policy_signed_by_those_who_may_not(policy: Policy, keys: tuple[Ed25519PrivateKey, ...]) -> None:
    with pytest.raises(SignatureError):
        accept(signed(policy, *keys), TRUST, POLICY, NOW)


def test_P03_wider_needs_the_council() -> None:
    with pytest.raises(SignatureError):
        accept(signed(WIDER, OFFICER), TRUST, POLICY, NOW)
    stripped = json.loads(signed(WIDER, OFFICER, COUNCIL))
    (officer_id,) = samples.public_keys(OFFICER)
    stripped["signatures"] = [entry for entry in stripped["signatures"] if entry["keyid"] == officer_id]
    with pytest.raises(SignatureError):
        accept(canonical.encode(stripped), TRUST, POLICY, NOW)


def test_P03_the_first_policy_needs_the_council() -> None:
    with pytest.raises(SignatureError):
        accept(signed(POLICY, OFFICER), TRUST, None, NOW)


def test_P03_small_steps_do_not_widen_in_the_end() -> None:
    # Each step is compared with the policy in force, so narrowing first opens no way back.
    narrow = accept(signed(NARROWER, OFFICER), TRUST, POLICY, NOW)
    with pytest.raises(SignatureError):
        accept(signed(dataclasses.replace(POLICY, version=5), OFFICER), TRUST, narrow, NOW)


def test_P03_all_online_keys_together_widen_nothing() -> None:
    online = [LEASE_KEY, VAULT, DEVICE]
    for policy in (WIDER, NARROWER, changed(expires=POLICY.expires + DAY)):
        with pytest.raises(SignatureError):
            accept(signed(policy, *online), TRUST, POLICY, NOW)


@pytest.mark.parametrize("words", ["purpose", "legal_basis"])
def test_P03_other_words_need_the_council(words: str) -> None:
    assert widens(POLICY, changed(**{words: Words("Anything", "Alles")}))


def test_P01_refusal_leaves_the_old_policy_as_it_was() -> None:
    before = documents.document_hash(POLICY)
    envelope = signed(WIDER, OFFICER)
    for forged in (envelope, envelope[:-1], base64.b64encode(envelope), dsse.sign("x", b"{}", [OFFICER, COUNCIL])):
        with pytest.raises(REFUSED):
            accept(forged, TRUST, POLICY, NOW)
    assert documents.document_hash(POLICY) == before
