"""P03: while the site's own policy lasts, no server makes a device there capture more by the policy for everybody."""

from dataclasses import replace
from typing import Any

import pytest

from collector.permission import Permission
from tests.collector.world import START, World
from tests.councils import Councils, at
from wire import documents
from wire.policy import Audience, Policy

KEYS = Councils(issued=START)
BOTH = (KEYS.officer, *KEYS.central)
EVERYBODY = KEYS.policy()
OWN = at(EVERYBODY, "Berlin", version=2, max_sensitivity=1, expires=START + 86_400_000)
WIDE = replace(EVERYBODY, version=3, max_sensitivity=4)
SIDEWAYS = replace(WIDE, version=4, audience=Audience(None, ("Engineering",), ("DE",)), max_sensitivity=3)


@pytest.fixture
def world() -> World:
    """A server with every online key."""
    return World(organisation=KEYS)


@pytest.fixture
def device(world: World) -> Permission:
    """In Berlin, and it obeys Berlin's own policy."""
    made = world.permission()
    made.obeyed.site = "Berlin"
    assert show(world, made, OWN, documents.sign(EVERYBODY, BOTH), KEYS.officer) == ()
    return made


def show(world: World, device: Permission, policy: Policy, base: bytes | None, *keys: Any) -> tuple[str, ...]:
    """What is refused of the policy and a permit for it."""
    lease = replace(world.lease(), policy=documents.document_hash(policy), permitted=policy.permitted())
    files: dict[str, Any] = {"policy": documents.sign(policy, keys)} | ({"policy_base": base} if base else {})
    return device.take(world.files(**files, lease=documents.sign(lease, [KEYS.lease])))


def test_P03_the_policy_for_everybody_is_no_base_past_the_site_s_own(world: World, device: Permission) -> None:
    refused = show(world, device, SIDEWAYS, documents.sign(WIDE, BOTH), KEYS.officer)
    assert {"policy_base", "policy"} <= set(refused)
    assert device.policy == OWN
    assert not device.scope().permitted, "the permit is for another policy"


def test_P03_nor_in_two_steps(world: World, device: Permission) -> None:
    assert "policy" in show(world, device, WIDE, None, *BOTH)
    assert "policy" in show(world, device, SIDEWAYS, documents.sign(WIDE, BOTH), KEYS.officer)
    assert device.policy == OWN


def test_P03_nor_after_the_keys_have_moved(world: World, device: Permission) -> None:
    device.obeyed.leave()
    assert "policy" in show(world, device, WIDE, None, *BOTH)
    assert device.policy is None


def test_what_both_signed_for_fewer_goes_before_it(world: World, device: Permission) -> None:
    assert show(world, device, SIDEWAYS, None, *BOTH) == ()
    assert device.policy == SIDEWAYS


def test_once_the_own_one_is_over_the_one_for_everybody_holds(world: World, device: Permission) -> None:
    world.clock.pass_time(OWN.expires - START)
    assert show(world, device, WIDE, None, *BOTH) == ()
    assert device.policy == WIDE


def test_a_device_that_was_told_another_site_does_not_count_it_as_its_own(world: World, device: Permission) -> None:
    device.obeyed.site = "München"
    assert show(world, device, WIDE, None, *BOTH) == ()
    assert device.policy == WIDE
