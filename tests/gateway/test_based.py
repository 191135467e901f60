"""P03: the gateway gives permits for what devices take, and for nothing that only its own table says."""

from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.permits import Published
from gateway.store import based, still
from tests.collector.world import START, World
from tests.councils import Councils, at
from wire import difference, documents, precedence
from wire.policy import Audience, Policy

KEYS = Councils(issued=START)
SITES = st.sampled_from([(), ("Berlin",), ("München",), ("Berlin", "München")])
HOLDERS = (KEYS.officer, *KEYS.central, *KEYS.berlin, *KEYS.munich, KEYS.lease, KEYS.vault)
SIGNERS = st.one_of(
    st.sampled_from([KEYS.officer]).map(lambda one: {one}),
    st.sampled_from([KEYS.central, KEYS.berlin, KEYS.munich]).map(lambda two: {KEYS.officer, *two}),
    st.sets(st.sampled_from(HOLDERS), max_size=5),
)
STEPS = st.lists(st.tuples(SITES, st.integers(1, 4), SIGNERS), min_size=1, max_size=5)


def published(policy: Policy, *keys: Ed25519PrivateKey) -> Published:
    return Published(policy, documents.document_hash(policy), documents.sign(policy, keys))


def taken(one: Published, site: str | None) -> bool:
    """Whether a new device at this site obeys what the gateway would send."""
    world = World(organisation=KEYS)
    device = world.permission()
    device.obeyed.site = site
    files: dict[str, Any] = {"policy": one.envelope} | ({"policy_base": one.base} if one.base else {})
    lease = replace(world.lease(), policy=one.hash, permitted=one.policy.permitted())
    device.take(world.files(**files, lease=documents.sign(lease, [KEYS.lease])))
    return device.policy == one.policy


@settings(max_examples=60)
@given(STEPS)
def test_P03_gateway_and_collector_agree(steps: list[tuple[tuple[str, ...], int, set[Ed25519PrivateKey]]]) -> None:
    """Whatever was signed by whomever: a policy is given out exactly if a new device of its audience obeys it."""
    rows: list[Published] = []
    for version, (sites, sensitivity, keys) in enumerate(steps, 1):
        policy = at(KEYS.policy(), *sites, version=version, max_sensitivity=sensitivity)
        stated = difference.stated(*precedence.change((one.policy for one in rows), policy))
        rows.append(published(stated, *sorted(keys, key=HOLDERS.index)))
    kept = {one.hash: one for one in based(rows, KEYS.trust_envelope())}
    for row in rows:
        site = row.policy.audience.sites[0] if row.policy.audience.sites else "Berlin"
        assert taken(kept.get(row.hash, row), site) is (row.hash in kept)


def test_P03_no_permit_for_what_the_table_alone_says() -> None:
    """Written into the table by somebody who holds the database and every online key."""
    first = published(KEYS.policy(), KEYS.officer, *KEYS.central)
    wide = at(KEYS.policy(), "Berlin", version=2, max_sensitivity=4, self_service_hours=1)
    narrow = at(KEYS.policy(), "Berlin", version=3, max_sensitivity=1)
    forged = (
        published(wide),
        published(wide, KEYS.lease, KEYS.vault),
        published(wide, KEYS.officer),
        published(wide, KEYS.officer, KEYS.berlin[0]),
        published(wide, KEYS.officer, *KEYS.munich),
        published(wide, KEYS.officer, *KEYS.central),
        published(wide, *KEYS.berlin),
        replace(published(wide, KEYS.officer, *KEYS.berlin), envelope=first.envelope.replace(b"sig", b"gis")),
    )
    for row in forged:
        assert based([first, row], KEYS.trust_envelope()) == (first,)
    good, less = published(wide, KEYS.officer, *KEYS.berlin), published(narrow, KEYS.officer)
    assert based([first, good, less], KEYS.trust_envelope()) == (first, good, replace(less, base=good.envelope))
    assert based([first, less], KEYS.trust_envelope()) == (first, replace(less, base=first.envelope))
    assert based([less], KEYS.trust_envelope()) == (), "it narrows nothing that a council signed"


def test_P03_no_permit_for_what_goes_before_a_stricter_policy_by_the_officer_alone() -> None:
    """A department in a country goes before the site; the site's people would have more, and no council was asked."""
    everybody = published(KEYS.policy(), KEYS.officer, *KEYS.central)
    strict = published(at(KEYS.policy(), "Berlin", version=2, max_sensitivity=1), KEYS.officer)
    renewed = published(replace(KEYS.policy(), version=3, self_service_hours=1), KEYS.officer, *KEYS.central)
    sideways = replace(renewed.policy, version=4, audience=Audience(None, ("Engineering",), ("DE",)))
    alone, both = published(sideways, KEYS.officer), published(sideways, KEYS.officer, *KEYS.central)
    rows = [everybody, strict, renewed]
    assert alone not in based([*rows, alone], KEYS.trust_envelope())
    assert [one.policy.version for one in based([*rows, alone], KEYS.trust_envelope())] == [1, 2, 3]
    assert both in based([*rows, both], KEYS.trust_envelope())


def test_P03_what_one_that_is_over_has_ended_does_not_come_back() -> None:
    wide, narrow = published(KEYS.policy()), published(replace(KEYS.policy(), version=2, expires=START + 9))
    site = published(at(KEYS.policy(), "Berlin", version=3))
    held_back = replace(narrow, reached=50)
    assert still([wide, narrow, site], START + 8) == (wide, narrow, site)
    assert still([wide, narrow, site], START + 9) == (site,)
    assert still([wide, held_back], START + 9) == (wide,)
