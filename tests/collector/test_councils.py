"""P03: a server with every online key, and with councils that do not decide here, widens nothing on a device."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import cli, identity
from collector.agent import Agent, Options
from collector.cli import main
from collector.obeyed import Obeyed
from collector.permission import Permission, Reason
from collector.state import StateDir
from tests.cast import Organisation
from tests.collector.gateway import SmallGateway
from tests.collector.test_commands import enrol, gateway
from tests.collector.world import NOON, START, World
from tests.councils import Councils, at
from wire import canonical, documents, dsse, succession
from wire.documents import Stop
from wire.policy import Audience, Policy
from wire.stopping import resume_of

__all__ = ["gateway"]
Key = Ed25519PrivateKey


@pytest.fixture
def keys() -> Councils:
    return Councils(issued=START)


@pytest.fixture
def world(keys: Councils) -> World:
    return World(organisation=keys)


@pytest.fixture
def permission(world: World) -> Permission:
    """A device in Berlin that obeys the policy for everybody."""
    fresh = world.permission()
    fresh.obeyed.site = "Berlin"
    assert fresh.take(world.files()) == ()
    assert fresh.scope().reason is Reason.RECORDING
    return fresh


def started(world: World, state: StateDir) -> Agent:
    """The collector, started on what it kept."""
    return Agent(StateDir(state.path), identity.load(state), world.clock, Options(local_time=lambda _: NOON))


def shown(world: World, policy: Policy, envelope: bytes, **more: bytes) -> dict[str, bytes]:
    """What a server sends that holds the lease key: the policy, and a permit of all that it allows."""
    lease = replace(world.lease(), policy=documents.document_hash(policy), permitted=policy.permitted())
    changed: dict[str, Any] = {"policy": envelope, "lease": documents.sign(lease, [world.organisation.lease])}
    return world.files(**(changed | more))


def wider(policy: Policy, *sites: str, version: int = 2) -> Policy:
    """It keeps everything for longer."""
    rules = tuple(replace(rule, retention_days=rule.retention_days + 100) for rule in policy.rules)
    return at(policy, *sites, version=version, rules=rules)


def twice(envelope: bytes, key: Key) -> bytes:
    """The envelope with one of its signatures a second time."""
    value = canonical.decode(envelope)
    name = dsse.key_id(dsse.raw_public(key))
    value["signatures"] = sorted(
        [*value["signatures"], *(one for one in value["signatures"] if one["keyid"] == name)],
        key=lambda one: str(one["keyid"]),
    )
    return canonical.encode(value)


def test_P03_a_server_with_every_online_key_and_other_councils_widens_nothing(
    world: World, keys: Councils, permission: Permission
) -> None:
    """It holds the lease, vault and log keys, and the officer's; councils signed for elsewhere, or one key too few."""
    first, own = world.policy(), Key.generate()
    online: tuple[Key, ...] = (keys.lease, keys.vault, own)
    berlin, munich, both = wider(first, "Berlin"), wider(first, "München"), wider(first, "Berlin", "München")
    attacks: Iterable[tuple[Policy, bytes]] = [
        *((one, documents.sign(one, [keys.officer, *online])) for one in (berlin, munich, both)),
        (berlin, documents.sign(berlin, [keys.officer, *keys.munich])),
        (berlin, documents.sign(berlin, [keys.officer, *keys.central])),
        (berlin, documents.sign(berlin, [keys.officer, keys.berlin[0]])),
        (berlin, documents.sign(berlin, [keys.officer, keys.berlin[0], keys.munich[0], keys.council])),
        (berlin, twice(documents.sign(berlin, [keys.officer, keys.berlin[0]]), keys.berlin[0])),
        (berlin, documents.sign(berlin, keys.berlin)),
        (munich, documents.sign(munich, [keys.officer, *keys.munich])),
        (both, documents.sign(both, [keys.officer, *keys.berlin, *keys.munich])),
        (both, documents.sign(both, [keys.officer, keys.council])),
        (both, documents.sign(both, [keys.officer, *keys.central, own])),
    ]
    for policy, envelope in attacks:
        for more in ({}, {"policy_base": envelope}):
            assert "policy" in permission.take(shown(world, policy, envelope, **more))
            assert permission.policy == first
            assert permission.scope().permitted == {}
    good = documents.sign(berlin, [keys.officer, *keys.berlin])
    assert permission.take(shown(world, berlin, good)) == ()
    assert permission.scope().reason is Reason.RECORDING


def test_P03_a_chain_of_narrowings_is_no_way_back(world: World, keys: Councils, tmp_path: Path) -> None:
    """Berlin got less by the officer alone; what was before comes back with Berlin's council, also after a restart."""
    state = world.state(tmp_path)
    identity.move(state, "Berlin")
    agent = Agent(state, identity.load(state), world.clock, Options(local_time=lambda _: NOON))
    first = world.policy()
    agent.receive(world.message())
    second, third = at(first, "Berlin", version=2, rules=first.rules[:2]), at(first, "Berlin", version=3)
    third = replace(third, rules=first.rules[:1])
    for narrow in (second, third):
        agent.receive(world.message(**shown(world, narrow, documents.sign(narrow, [keys.officer]))))
        assert agent.permission.policy == narrow
    back = at(first, "Berlin", version=4)
    for base in (keys.policy_envelope(first), documents.sign(second, [keys.officer, *keys.central])):
        for signers in ([], [keys.berlin[0]], keys.munich, keys.central):
            envelope = documents.sign(back, [keys.officer, *signers])
            for more in ({}, {"policy_base": base}):
                agent.receive(world.message(**shown(world, back, envelope, **more)))
                assert agent.permission.policy == third
    again = Agent(StateDir(tmp_path), identity.load(state), world.clock, Options(local_time=lambda _: NOON))
    assert again.permission.policy == third
    again.receive(world.message(**shown(world, back, documents.sign(back, [keys.officer, *keys.berlin]))))
    assert again.permission.policy == back


def test_P03_a_device_that_does_not_know_its_site_takes_no_sites_policy(world: World, keys: Councils) -> None:
    berlin = wider(world.policy(), "Berlin")
    envelope = documents.sign(berlin, [keys.officer, *keys.berlin])
    lost = world.permission()
    assert lost.take(world.files()) == (), "what is for everybody holds for it, too"
    assert "policy" in lost.take(shown(world, berlin, envelope))
    lost.obeyed.site = "Berlin"
    assert lost.take(shown(world, berlin, envelope)) == ()


def test_P03_a_raised_quorum_holds_from_the_next_policy_on(world: World, keys: Councils) -> None:
    """The pin moves from one key to two; a server that offers fewer afterwards gets nothing."""
    old = Organisation(keys.officer, keys.council, keys.lease, keys.vault, keys.issued)
    device = replace(world.permission(), trust=old.trust(), obeyed=Obeyed("Berlin"))
    assert device.take(world.files(policy=old.policy_envelope(world.policy()))) == ()
    raised = replace(keys.trust(), version=2)
    chain = succession.chain([documents.sign(raised, [keys.officer, *keys.central]).decode()])
    assert device.take(world.files(trust=chain)) == ()
    assert device.trust.quorum == 2
    wide = wider(world.policy())
    assert "policy" in device.take(shown(world, wide, old.policy_envelope(wide), trust=chain))
    lowered = documents.sign(replace(old.trust(), version=3), [keys.officer, keys.council, *keys.berlin])
    longer = succession.chain([documents.sign(raised, [keys.officer, *keys.central]).decode(), lowered.decode()])
    assert "trust" in device.take(shown(world, wide, old.policy_envelope(wide), trust=longer))
    assert device.trust.quorum == 2
    assert device.scope().permitted == {}


def test_P03_a_raised_quorum_reaches_who_obeys_the_policy_already(world: World, keys: Councils, tmp_path: Path) -> None:
    """The server goes on with the old envelope: that is over at once, and nothing wider or older takes its place."""
    old = Organisation(keys.officer, keys.council, keys.lease, keys.vault, keys.issued)
    state, first = world.state(tmp_path), world.policy()
    identity.save(state, replace(identity.load(state), trust=old.trust(), site="Berlin"), old.trust_envelope())
    agent = started(world, state)
    agent.receive(world.message(policy=old.policy_envelope(first)))
    narrow = at(first, version=2, rules=first.rules[:2])
    second = documents.sign(narrow, [keys.officer])
    agent.receive(world.message(**shown(world, narrow, second)))
    assert agent.permission.scope().reason is Reason.RECORDING
    raised = documents.sign(replace(keys.trust(), version=2), [keys.officer, *keys.central])
    chain = succession.chain([raised.decode()])
    one, both = old.policy_envelope(first), keys.policy_envelope(first)
    for _ in range(2):
        for more in ({}, {"policy_base": one}):
            agent.receive(world.message(**shown(world, narrow, second, trust=chain, **more)))
            assert agent.permission.scope().reason is Reason.NO_POLICY
        agent.receive(world.message(**shown(world, first, both, trust=chain)))
        assert agent.permission.scope().reason is Reason.NO_POLICY, "an older one, though both keys signed it"
        base = {name: data for name, data in shown(world, first, both).items() if name != "policy"}
        agent.receive(world.message(**dict.fromkeys(world.files(), None) | base, policy_base=both))
        assert agent.permission.scope().reason is Reason.NO_POLICY, "a base is a step, and nothing alone"
        later = at(first, version=3)
        more = shown(world, later, documents.sign(later, [keys.officer]), policy_base=both)
        agent.receive(world.message(**more))
        assert agent.permission.scope().reason is Reason.NO_POLICY, "wider than what was obeyed"
        agent = started(world, state)
        assert agent.permission.policy is None
    agent.receive(world.message(**shown(world, narrow, second, policy_base=both)))
    assert agent.permission.policy == narrow
    assert agent.permission.scope().reason is Reason.RECORDING


def test_P02_another_sites_stricter_policy_and_a_restart_are_no_way_back(
    world: World, keys: Councils, tmp_path: Path
) -> None:
    state, wide = world.state(tmp_path), world.policy()
    identity.move(state, "Berlin")
    agent = started(world, state)
    narrow, munich = at(wide, version=2, rules=wide.rules[:2]), at(wide, "München", version=3, rules=wide.rules[:1])
    agent.receive(world.message())
    agent.receive(world.message(**shown(world, narrow, keys.policy_envelope(narrow))))
    for _ in range(2):
        agent.receive(world.message(**shown(world, munich, keys.policy_envelope(munich))))
        assert agent.permission.policy == munich, "less is always taken"
        agent = started(world, state)
        assert agent.permission.policy == munich
        for older in (wide, narrow):
            agent.receive(world.message(**shown(world, older, keys.policy_envelope(older))))
            assert agent.permission.policy == munich


def test_P02_what_is_for_elsewhere_by_now_still_bounds_the_next_one(
    world: World, keys: Councils, tmp_path: Path
) -> None:
    """A device that was never told its site obeyed a narrow policy when councils of sites came, and starts anew."""
    plain = Organisation(keys.officer, keys.council, keys.lease, keys.vault, keys.issued)
    state, wide = world.state(tmp_path), world.policy()
    identity.save(state, replace(identity.load(state), trust=plain.trust()), plain.trust_envelope())
    agent = started(world, state)
    narrow = at(wide, "Berlin", version=2, rules=wide.rules[:2])
    agent.receive(world.message(**shown(world, narrow, plain.policy_envelope(narrow))))
    assert agent.permission.policy == narrow
    identity.save(state, replace(agent.identity, trust=keys.trust()), keys.trust_envelope())
    for _ in range(2):
        agent = started(world, state)
        agent.receive(world.message(**shown(world, wide, keys.policy_envelope(wide))))
        assert agent.permission.scope().reason is Reason.NO_POLICY
    everybody = at(wide, version=3)
    agent.receive(world.message(**shown(world, everybody, keys.policy_envelope(everybody))))
    assert agent.permission.scope().reason is Reason.RECORDING


@pytest.mark.parametrize("sites", [None, ("Berlin",), ("München",), ("Berlin", "München"), ("Lisbon",)])
def test_P03_a_stop_ends_by_the_council_of_its_site(
    world: World, keys: Councils, permission: Permission, sites: tuple[str, ...] | None
) -> None:
    stop = Stop(world.device, 1, world.now(), sites)
    permission.take(world.files(stop=documents.sign(stop, [keys.lease])))
    right = keys.decides(sites)
    for council in (keys.central, keys.berlin, keys.munich):
        signers = [keys.officer, council[0]] if council == right else [keys.officer, *council]
        assert "resume" in permission.take(world.files(resume=documents.sign(resume_of(stop), signers)))
        permission.take(world.files())
        assert permission.scope().reason is Reason.STOPPED
    assert permission.take(world.files(resume=documents.sign(resume_of(stop), [keys.officer, *right]))) == ()
    assert permission.scope().permitted


@pytest.mark.parametrize("site", [None, "München", "berlin"])
def test_P03_enrolled_at_another_site_it_says_so_and_keeps_nothing(
    gateway: SmallGateway, keys: Councils, tmp_path: Path, capsys: pytest.CaptureFixture[str], site: str | None
) -> None:
    gateway.world.organisation = keys
    gateway.world.changed |= {"audience": Audience(("Berlin",), None, None)}
    assert enrol(gateway, tmp_path, **({"site": site} if site else {})) == 1
    assert "another site than the command says" in capsys.readouterr().err
    assert not (tmp_path / "identity.json").exists()
    assert not (tmp_path / "policy.dsse").exists()
    assert enrol(gateway, tmp_path, site="Berlin") == 0
    assert identity.load(StateDir(tmp_path)).site == "Berlin"
    assert (tmp_path / "policy.dsse").exists()


def test_a_device_is_told_its_site_here_and_by_nobody_else(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = world.state(tmp_path)
    assert identity.load(state).site is None, "a device that was added before"
    assert main(["site", "Zu\u0308rich ", "--state", str(tmp_path)]) == 0, "as a shell may hand it over"
    assert identity.load(state).site == "Zürich"
    assert main(["status", "--state", str(tmp_path)]) == 0
    assert "Zürich" in capsys.readouterr().out
    agent = Agent(state, identity.load(state), world.clock, Options(local_time=lambda _: NOON))
    assert agent.permission.obeyed.site == "Zürich"
    held = state.lock()
    assert main(["site", "Berlin", "--state", str(tmp_path)]) == 1, "not beside a running collector"
    monkeypatch.setattr(cli, "_is_running", lambda _: False)
    assert main(["site", "Berlin", "--state", str(tmp_path)]) == 1, "nor beside one that starts in this moment"
    held.close()
    assert identity.load(state).site == "Zürich"
    assert main(["site", "Berlin", "--state", str(tmp_path / "none")]) == 1
