"""Trust moves by the pinned keys only, also when every key that is online is the attacker's (P03)."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import identity
from collector.agent import Agent, Options
from collector.permission import Permission, Reason
from collector.state import StateDir
from tests.cast import Organisation
from tests.collector.world import NOON, World
from wire import documents, dsse, succession
from wire.documents import Kind, Signer, Trust, TrustedKey
from wire.policy import Policy, Rule

DAY = 86_400_000


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def permission(world: World) -> Permission:
    """A device that may record."""
    fresh = world.permission()
    assert fresh.take(world.files()) == ()
    return fresh


def heirs(old: Organisation, version: int = 2) -> tuple[Organisation, bytes]:
    """New keys of officer and council, and the chain that leads to them."""
    new = Organisation(lease=old.lease, vault=old.vault, issued=old.issued)
    document = replace(new.trust(), version=version)
    envelope = documents.sign(document, [old.officer, old.council, new.officer, new.council])
    return new, succession.chain([envelope.decode()])


def test_P03_the_pin_moves_and_only_the_new_keys_count(world: World, permission: Permission) -> None:
    old = world.organisation
    new, chain = heirs(old)
    resigned = new.policy_envelope(world.policy())
    assert permission.take(world.files(trust=chain, policy=resigned)) == ()
    assert permission.trust.version == 2
    assert permission.scope().reason is Reason.RECORDING
    by_old_keys = old.policy_envelope(world.policy())
    assert permission.take(world.files(trust=chain, policy=by_old_keys)) == ("policy",)
    assert permission.scope().permitted == {}


def test_P03_after_a_move_nothing_of_the_old_keys_stays_in_force(world: World, permission: Permission) -> None:
    _, chain = heirs(world.organisation)
    files = world.files(trust=chain)
    assert "policy" in permission.take(files)
    assert permission.scope().permitted == {}
    kept = {name: data for name, data in files.items() if name != "policy"}
    assert "lease" in permission.take(kept)
    assert permission.scope().permitted == {}


def test_P03_the_moved_pin_is_kept_on_disk_and_never_goes_back(world: World, tmp_path: Path) -> None:
    agent = world.agent(tmp_path)
    old = world.organisation
    new, chain = heirs(old)
    agent.receive(world.message(trust=chain, policy=new.policy_envelope(world.policy())))
    kept = identity.load(StateDir(tmp_path))
    assert kept.trust == agent.identity.trust
    assert kept.trust.keys_of(Signer.OFFICER).keys() == {dsse.key_id(dsse.raw_public(new.officer))}
    again = Agent(StateDir(tmp_path), kept, world.clock, Options(local_time=lambda _: NOON))
    assert again.permission.trust.version == 2
    assert again.permission.policy == world.policy()
    older = succession.chain([old.trust_envelope().decode()])
    assert "trust" in again.permission.take(world.files(trust=older))
    assert again.permission.scope().permitted == {}


def wider(world: World) -> Policy:
    """A policy that keeps what people type for ten years."""
    policy = world.policy()
    rules = (Rule(Kind.KEY, tuple(context.id for context in policy.contexts), 1000, 0, 3650),)
    return replace(policy, version=2, rules=rules, redaction=(), expires=policy.expires + 1000 * DAY)


def test_P03_a_server_with_every_online_key_widens_nothing(world: World, permission: Permission) -> None:
    """The attacker holds lease, vault and log keys and the database, and one signer's key or the other's."""
    keys, own = world.organisation, Ed25519PrivateKey.generate()
    policy = wider(world)
    stolen = (keys.lease, keys.vault, Ed25519PrivateKey.generate(), own)
    by_attackers = Trust(2, keys.issued, tuple(TrustedKey(signer, dsse.raw_public(key)) for signer, key in (
        (Signer.OFFICER, own), (Signer.COUNCIL, stolen[2]), (Signer.LEASE, keys.lease), (Signer.VAULT, keys.vault),
    )))  # fmt: skip
    chains = [
        succession.chain([documents.sign(by_attackers, signers).decode()])
        for signers in (stolen, [own, stolen[2]], [keys.officer, own, stolen[2]], [keys.council, own, stolen[2]])
    ]
    envelopes = [documents.sign(policy, signers) for signers in ([*stolen], [keys.lease], [keys.officer], [own, stolen[2]])]  # fmt: skip  # noqa: E501
    before = permission.policy
    for chain in [None, *chains]:
        for envelope in envelopes:
            lease = replace(world.lease(), policy=documents.document_hash(policy), permitted=policy.permitted())
            files = world.files(policy=envelope, lease=documents.sign(lease, [keys.lease]), trust=chain)
            assert {"policy"} <= set(permission.take(files))
            assert permission.policy == before
            assert permission.trust.version == 1
            assert permission.scope().permitted == {}


def test_P02_a_base_from_outside_is_no_way_back(world: World, tmp_path: Path) -> None:
    """A device that holds policy 3 does not come back after a restart with policy 1, which was wider."""
    agent, keys = world.agent(tmp_path), world.organisation
    first = world.policy()
    world.changed = {"version": 2, "rules": first.rules[:2], "purpose": replace(first.purpose, en="Another purpose.")}
    agent.receive(world.message())
    second = world.policy()
    world.changed |= {"version": 3, "rules": first.rules[:1]}
    third = world.policy()
    by_officer = documents.sign(third, [keys.officer])
    agent.receive(world.message(policy=by_officer))
    assert agent.permission.policy == third
    agent.receive(world.message(policy=by_officer, policy_base=keys.policy_envelope(first)))
    assert agent.permission.policy == third
    again = Agent(
        StateDir(tmp_path), identity.load(StateDir(tmp_path)), world.clock, Options(local_time=lambda _: NOON)
    )
    assert again.permission.policy == third != second


def test_a_new_device_takes_the_base_first(world: World, tmp_path: Path) -> None:
    """What the officer alone signed is a part of what the council signed: a device without a policy takes both."""
    keys, first = world.organisation, world.policy()
    world.changed = {"version": 2, "rules": first.rules[:1]}
    narrow = documents.sign(world.policy(), [keys.officer])
    alone = world.permission()
    assert "policy" in alone.take(world.files(policy=narrow))
    both = world.permission()
    assert both.take(world.files(policy=narrow, policy_base=keys.policy_envelope(first))) == ()
    assert both.policy == world.policy()
    forged = documents.sign(first, [keys.officer])
    assert both.take(world.files(policy=narrow, policy_base=forged)) == (), "not looked at where it is not needed"
    assert "policy_base" in world.permission().take(world.files(policy=narrow, policy_base=forged))


def test_P02_a_device_that_missed_a_policy_takes_it_before_the_narrower_one(world: World, tmp_path: Path) -> None:
    """It slept, or no ring had reached it: 1, then 2 by both, then 3 by the officer alone, which is more than 1."""
    agent, keys = world.agent(tmp_path), world.organisation
    first = world.policy()
    agent.receive(world.message())
    world.changed = {"version": 2, "purpose": replace(first.purpose, en="Another purpose.")}
    missed = keys.policy_envelope(world.policy())
    world.changed |= {"version": 3, "rules": first.rules[:1]}
    third = world.policy()
    by_officer = documents.sign(third, [keys.officer])
    agent.receive(world.message(policy=by_officer))
    assert agent.permission.policy == first, "alone it widens what this device obeys"
    agent.receive(world.message(policy=by_officer, policy_base=missed))
    assert agent.permission.policy == third
    again = Agent(
        StateDir(tmp_path), identity.load(StateDir(tmp_path)), world.clock, Options(local_time=lambda _: NOON)
    )
    assert again.permission.policy == third, "after a restart, too"
    unsigned = documents.sign(replace(first, version=4, max_sensitivity=4, purpose=first.purpose), [keys.officer])
    world.changed |= {"version": 5, "rules": first.rules}
    wider = documents.sign(world.policy(), [keys.officer])
    agent.receive(world.message(policy=wider, policy_base=unsigned))
    assert agent.permission.policy == third, "a base without the council opens nothing"
