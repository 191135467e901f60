"""P03: which council decides, and with how many keys; of whatever the server shows, devices take nothing else."""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import samples
from tests.wire.samples import (
    BERLIN,
    BERLIN_2,
    COUNCIL,
    COUNCILS,
    LEASE_KEY,
    MUNICH,
    MUNICH_2,
    NOW,
    OFFICER,
    SECOND,
    STRANGER,
    TRUST,
)
from wire import canonical, codec, councils, documents, dsse, grouping, stopping, succession
from wire.codec import DocumentError
from wire.documents import Signer, Trust, TrustedKey
from wire.dsse import SignatureError, key_id, raw_public
from wire.policy import Audience, Policy, accept, accept_here

REFUSED = (SignatureError, DocumentError)
CENTRAL = (COUNCIL, SECOND)
OWN = {"Berlin": (BERLIN, BERLIN_2), "München": (MUNICH, MUNICH_2)}
HOLDERS = (OFFICER, *CENTRAL, *OWN["Berlin"], *OWN["München"])
SITES = ("Berlin", "München", "Lisbon")
OLD = dataclasses.replace(samples.POLICY, audience=Audience(None, None, None))
SIGNERS = st.sets(st.sampled_from(HOLDERS), max_size=7)
AUDIENCES = st.none() | st.lists(st.sampled_from(SITES), max_size=3).map(tuple)


def for_sites(sites: tuple[str, ...] | None, **changed: Any) -> Policy:
    """A policy for these sites that asks for more than OLD."""
    wider: dict[str, Any] = {"version": 4, "max_sensitivity": 4, "audience": Audience(sites, None, None)}
    return dataclasses.replace(OLD, **(wider | changed))


def ids(keys: Iterable[Ed25519PrivateKey]) -> list[str]:
    return [key_id(raw_public(key)) for key in keys]


def council_of(sites: tuple[str, ...] | None) -> tuple[Ed25519PrivateKey, ...]:
    """Said anew for the test: a site alone that has its own, else the central one."""
    return OWN.get(sites[0], CENTRAL) if sites and all(one == sites[0] for one in sites) else CENTRAL


def taken(policy: Policy, keys: Iterable[Ed25519PrivateKey], trust: Trust = COUNCILS, old: Policy | None = OLD) -> bool:
    try:
        accept(documents.sign(policy, keys), trust, old, NOW)
    except REFUSED:
        return False
    return True


@given(SIGNERS, AUDIENCES)
def test_P03_a_widening_needs_as_many_keys_of_the_council_that_decides(
    keys: set[Ed25519PrivateKey], sites: tuple[str, ...] | None
) -> None:
    agreed = OFFICER in keys and set(council_of(sites)) <= keys
    assert taken(for_sites(sites), keys) is agreed
    assert councils.both(COUNCILS, sites, ids(keys)) is agreed
    assert councils.both(COUNCILS, sites, ids(keys) * 3) is agreed, "a key is counted once"
    narrower = for_sites(sites, max_sensitivity=1)
    assert taken(narrower, keys) is (OFFICER in keys), "less needs the officer alone, everywhere"


@given(SIGNERS, AUDIENCES, st.sampled_from([None, "Berlin", "München", "Lisbon"]))
def test_P03_a_device_takes_no_other_sites_consent(
    keys: set[Ed25519PrivateKey], sites: tuple[str, ...] | None, here: str | None
) -> None:
    envelope = documents.sign(for_sites(sites), keys)
    try:
        accept_here(envelope, COUNCILS, OLD, NOW, here)
    except REFUSED:
        return
    assert sites is None or here in sites
    assert set(council_of(sites)) <= keys


def test_P03_another_sites_council_one_key_of_two_and_the_central_one_are_refused() -> None:
    berlin = for_sites(("Berlin",))
    for keys in (CENTRAL, OWN["München"], (BERLIN,), (BERLIN, MUNICH), (BERLIN, COUNCIL), ()):
        assert not taken(berlin, (OFFICER, *keys))
    assert taken(berlin, (OFFICER, *OWN["Berlin"]))
    assert taken(berlin, (OFFICER, *OWN["Berlin"], MUNICH)), "what another council signs besides changes nothing"
    for sites in (None, ("Berlin", "München"), ("Lisbon",), ()):
        assert not taken(for_sites(sites), (OFFICER, *OWN["Berlin"], *OWN["München"]))
        assert not taken(for_sites(sites), (OFFICER, COUNCIL))
        assert taken(for_sites(sites), (OFFICER, *CENTRAL))


def test_P03_the_same_key_twice_is_one_key() -> None:
    """Twice on the envelope, twice in the trust document, or signed by it twice: one voice."""
    once = json.loads(documents.sign(for_sites(("Berlin",)), (OFFICER, BERLIN)))
    (entry,) = (one for one in once["signatures"] if one["keyid"] == ids([BERLIN])[0])
    once["signatures"].append(entry)
    with pytest.raises(SignatureError):
        accept(canonical.encode(once), COUNCILS, OLD, NOW)
    again = TrustedKey(Signer.COUNCIL, raw_public(BERLIN), "München")
    with pytest.raises(DocumentError, match="one key speaks for one signer only"):
        dataclasses.replace(COUNCILS, keys=(*COUNCILS.keys, again))
    assert not COUNCILS.enough(ids([BERLIN, BERLIN]), "Berlin")


def test_P03_narrowing_first_opens_no_way_back() -> None:
    """Berlin gets less by the officer alone. To get back what everybody has, Berlin's council must sign."""
    less = for_sites(("Berlin",), max_sensitivity=1)
    narrow = accept_here(documents.sign(less, [OFFICER]), COUNCILS, OLD, NOW, "Berlin")
    back = for_sites(("Berlin",), version=5, max_sensitivity=OLD.max_sensitivity)
    for keys in ((), CENTRAL, (BERLIN,), OWN["München"]):
        assert not taken(back, (OFFICER, *keys), old=narrow)
    assert taken(back, (OFFICER, *OWN["Berlin"]), old=narrow)
    munich = documents.sign(for_sites(("München",), version=5), [OFFICER, *OWN["München"]])
    with pytest.raises(DocumentError, match="not for the site"):
        accept_here(munich, COUNCILS, narrow, NOW, "Berlin")
    assert accept_here(munich, COUNCILS, narrow, NOW, "München").version == 5


def test_a_leap_of_versions_needs_the_same_council() -> None:
    leap = for_sites(("Berlin",), version=OLD.version + 5000, max_sensitivity=1)
    assert not taken(leap, (OFFICER, *CENTRAL))
    assert taken(leap, (OFFICER, *OWN["Berlin"]))


def test_without_sites_and_quorum_all_is_as_it_was() -> None:
    assert codec.to_value(TRUST).keys() == {"version", "issued", "keys"}
    assert all(key.keys() == {"signer", "public_key"} for key in codec.to_value(TRUST)["keys"])
    berlin = documents.sign(for_sites(("Berlin",)), [OFFICER, COUNCIL])
    for here in (None, "Berlin", "München"):
        assert accept_here(berlin, TRUST, OLD, NOW, here), "no site has a council of its own"


BROKEN: dict[str, dict[str, Any]] = {
    "one key is no quorum": {"quorum": 1},
    "none": {"quorum": 0},
    "below none": {"quorum": -2},
    "more than any council has": {"quorum": 3},
    "more than an envelope holds": {"quorum": 7},
    "a council that cannot reach it": {
        "keys": (*COUNCILS.keys, TrustedKey(Signer.COUNCIL, raw_public(STRANGER), "Lisbon"))
    },
    "no central council": {"keys": tuple(key for key in COUNCILS.keys if key.site or key.signer is not Signer.COUNCIL)},
}


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
def test_P03_no_trust_document_asks_for_what_cannot_be(changed: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        dataclasses.replace(COUNCILS, **changed)


@pytest.mark.parametrize(
    ("signer", "site"), [(Signer.OFFICER, "Berlin"), (Signer.LEASE, "Berlin"), (Signer.COUNCIL, "")]
)
def test_only_a_councils_key_has_a_site(signer: Signer, site: str) -> None:
    with pytest.raises(DocumentError):
        TrustedKey(signer, raw_public(STRANGER), site)


def test_P01_a_trust_document_is_pinned_with_all_keys_of_its_central_council() -> None:
    for keys in ((OFFICER, COUNCIL), (OFFICER, COUNCIL, BERLIN), (OFFICER, *OWN["Berlin"]), CENTRAL):
        envelope = documents.sign(COUNCILS, keys)
        with pytest.raises(SignatureError):
            documents.open_trust(envelope, documents.fingerprint(envelope))
    envelope = documents.sign(COUNCILS, [OFFICER, *CENTRAL])
    assert documents.open_trust(envelope, documents.fingerprint(envelope)) == COUNCILS


def test_P03_a_quorum_ends_only_by_the_quorum() -> None:
    """Neither fewer keys, nor a site's, take the second signature or a site's council away."""
    lower = dataclasses.replace(COUNCILS, version=2, quorum=None)
    taken_over = tuple(dataclasses.replace(key, site=None) for key in COUNCILS.keys)
    for new in (lower, dataclasses.replace(COUNCILS, version=2, keys=taken_over)):
        for keys in ((OFFICER, COUNCIL), (OFFICER, COUNCIL, BERLIN, BERLIN_2, MUNICH), CENTRAL, (OFFICER, LEASE_KEY)):
            with pytest.raises(SignatureError):
                succession.succeed(COUNCILS, documents.sign(new, keys))
        assert succession.succeed(COUNCILS, documents.sign(new, [OFFICER, *CENTRAL])) == new
    raised = dataclasses.replace(COUNCILS, version=2)
    with pytest.raises(SignatureError):
        succession.succeed(TRUST, documents.sign(raised, [OFFICER, COUNCIL]))
    assert succession.succeed(TRUST, documents.sign(raised, [OFFICER, *CENTRAL])) == raised


@given(SIGNERS, AUDIENCES)
def test_P03_a_stop_ends_by_the_council_that_decides(
    keys: set[Ed25519PrivateKey], sites: tuple[str, ...] | None
) -> None:
    resume = dataclasses.replace(samples.RESUME, sites=sites, departments=("Lab",))
    try:
        opened = stopping.open_resume(documents.sign(resume, keys), COUNCILS) == resume
    except REFUSED:
        opened = False
    assert opened is (OFFICER in keys and set(council_of(sites)) <= keys)


def test_A04_the_smallest_group_is_the_central_councils() -> None:
    for keys in ((COUNCIL,), (BERLIN, BERLIN_2), (COUNCIL, BERLIN), (OFFICER, *CENTRAL)):
        with pytest.raises(SignatureError):
            grouping.open_agreed(documents.sign(samples.GROUP, keys), COUNCILS)
    assert grouping.open_agreed(documents.sign(samples.GROUP, CENTRAL), COUNCILS) == samples.GROUP


@pytest.mark.parametrize("here", [None, "berlin", "Berlin ", "München", "Lisbon"])
def test_P03_a_site_is_its_very_name(here: str | None) -> None:
    envelope = documents.sign(for_sites(("Berlin",)), [OFFICER, *OWN["Berlin"]])
    with pytest.raises(DocumentError):
        accept_here(envelope, COUNCILS, OLD, NOW, here)
    other = documents.sign(for_sites((here or "", "Lisbon")), [OFFICER, *CENTRAL])
    with pytest.raises(DocumentError):
        accept_here(other, COUNCILS, OLD, NOW, "Berlin")


def test_dsse_still_takes_all_that_a_quorum_needs() -> None:
    """An officer's key before and after, and the largest quorum, fit on one envelope."""
    assert documents.MOST_QUORUM + 2 == dsse.MAX_SIGNATURES


@dataclasses.dataclass(frozen=True)
class KeyOfBefore:
    """As collectors knew it that do not know of councils."""

    signer: Signer
    public_key: bytes


@dataclasses.dataclass(frozen=True)
class TrustOfBefore:
    """The same."""

    version: int
    issued: int
    keys: tuple[KeyOfBefore, ...]


def test_an_older_collector_refuses_what_it_does_not_know() -> None:
    """It captures nothing until it is brought up to date; what says nothing of councils it reads as ever."""
    assert len(codec.from_value(TrustOfBefore, codec.to_value(TRUST)).keys) == len(TRUST.keys)
    for trust in (COUNCILS, dataclasses.replace(COUNCILS, quorum=None)):
        with pytest.raises(DocumentError):
            codec.from_value(TrustOfBefore, codec.to_value(trust))


def test_P03_the_highest_quorum_fits_an_envelope_however_many_have_signed() -> None:
    """Three officers and seven of the council: an envelope holds eight signatures, and six and one are asked for."""
    officers, council = ([Ed25519PrivateKey.generate() for _ in range(count)] for count in (3, 7))
    held = [*((Signer.OFFICER, key) for key in officers), *((Signer.COUNCIL, key) for key in council)]
    trust = Trust(1, 1, tuple(TrustedKey(role, dsse.raw_public(key)) for role, key in held), quorum=6)
    each = [documents.sign(OLD, [key]) for _, key in held]
    whole = councils.gathered(trust, None, each)
    assert councils.both(trust, None, dsse.signers_of(whole))
    assert len(dsse.signers_of(whole)) == 7
    assert accept(whole, trust, None, NOW) == OLD
    few = councils.gathered(trust, None, each[2:8])
    assert dsse.signers_of(few) == {dsse.key_id(dsse.raw_public(key)) for _, key in held[2:8]}, "none is lost"
    assert dsse.signers_of(councils.gathered(COUNCILS, ("Berlin",), [documents.sign(OLD, OWN["München"])])) == set()
