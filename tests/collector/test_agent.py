"""The agent's word: what it accepts, refuses and reports (P01, P02, P08), and what it finds on its disk again."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from collector import store
from collector.agent import Agent
from collector.contexts import Verdict, Why
from collector.permission import Reason
from collector.reporting import MOST_UNHEARD
from tests.collector.test_permission import MUTATIONS
from tests.collector.world import World, desk, reports, typed, window
from wire import documents, dsse, opamp
from wire.documents import Kind, Report, ReportKind
from wire.policy import Rule


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def agent(world: World, tmp_path: Path) -> Agent:
    agent = world.agent(tmp_path)
    agent.receive(world.message())
    assert agent.tick().reason is Reason.RECORDING
    agent.outbox.clear()
    return agent


def offer(name: str) -> opamp.ServerToAgent:
    """A message that offers what no server may give this agent."""
    message = opamp.ServerToAgent()
    match name:
        case "connection_settings":
            message.connection_settings.hash = b"x"
            message.connection_settings.opamp.destination_endpoint = "wss://elsewhere.example/"
            message.connection_settings.opamp.heartbeat_interval_seconds = 30
        case "heartbeat_0":
            message.connection_settings.opamp.heartbeat_interval_seconds = 0
        case "packages_available":
            message.packages_available.all_packages_hash = b"x"
        case "command":
            message.command.SetInParent()
        case "agent_identification":
            message.agent_identification.new_instance_uid = b"0" * 16
    return message


OFFERS = ("connection_settings", "heartbeat_0", "packages_available", "command", "agent_identification")


@pytest.mark.parametrize("name", OFFERS)
def test_P08_an_offer_is_ignored_and_reported_once(agent: Agent, name: str) -> None:
    before = agent.permission.scope(), agent.identity, agent.poll().instance_uid
    agent.receive(offer(name))
    agent.receive(offer(name))
    said = reports(agent)
    assert name in [one.detail for one in said]
    assert all(one.what is ReportKind.OFFER_REFUSED for one in said)
    assert len({one.detail for one in said}) == len(said)
    assert (agent.permission.scope(), agent.identity, agent.poll().instance_uid) == before


def test_P08_capabilities_do_not_invite_offers(agent: Agent) -> None:
    hello = agent.hello()
    named = opamp.AgentCapabilities
    for refused in (
        named.AgentCapabilities_AcceptsPackages,
        named.AgentCapabilities_AcceptsOpAMPConnectionSettings,
        named.AgentCapabilities_AcceptsOtherConnectionSettings,
        named.AgentCapabilities_AcceptsRestartCommand,
    ):
        assert not hello.capabilities & refused
    assert hello.custom_capabilities.capabilities == [opamp.REPORT_CAPABILITY]


def statuses(agent: Agent) -> list[tuple[int, str]]:
    return [
        (message.remote_config_status.status, message.remote_config_status.error_message)
        for message in agent.outbox
        if message.HasField("remote_config_status")
    ]


def test_a_policy_is_applied_once_and_a_renewed_lease_is_silent(world: World, tmp_path: Path) -> None:
    agent = world.agent(tmp_path)
    agent.receive(world.message())
    assert [status for status, _ in statuses(agent)] == [opamp.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED]
    (applied,) = [one for one in reports(agent) if one.what is ReportKind.APPLIED]
    assert applied.policy == documents.document_hash(world.policy())
    files = world.files()
    agent.outbox.clear()
    for _ in range(3):
        world.clock.pass_time(40_000)
        lease = documents.sign(world.lease(), [world.organisation.lease])
        message = opamp.ServerToAgent()
        message.remote_config.CopyFrom(opamp.remote_config(files | {"lease": lease}))
        agent.receive(message)
    assert list(agent.outbox) == []
    assert agent.permission.scope().permitted


def acknowledged(agent: Agent, envelope: bytes) -> None:
    message = opamp.ServerToAgent()
    message.custom_message.CopyFrom(opamp.custom(opamp.ACK, hashlib.sha256(envelope).digest()))
    agent.receive(message)


def envelopes(agent: Agent, what: ReportKind) -> list[bytes]:
    """The reports of a kind in the outbox, which stays as it is."""
    said = [message.custom_message.data for message in agent.outbox if message.HasField("custom_message")]
    return [one for one in said if documents.read(Report, dsse.payload_of(one)).what is what]


def test_R02_a_word_that_the_server_has_not_kept_is_said_again(world: World, tmp_path: Path) -> None:
    agent = world.agent(tmp_path)
    agent.receive(world.message())
    (applied,) = envelopes(agent, ReportKind.APPLIED)
    for _ in range(2):  # the server ended before it had written that down
        agent.hello()
        assert envelopes(agent, ReportKind.APPLIED) == [applied]
    acknowledged(agent, b"something else")
    acknowledged(agent, applied)
    agent.hello()
    assert envelopes(agent, ReportKind.APPLIED) == []


def test_R02_the_end_of_a_pause_is_said_until_it_is_kept(world: World, agent: Agent) -> None:
    world.pause()
    agent.receive(world.message())
    world.clock.pass_time(1_000)
    world.resume()
    agent.receive(world.message())
    (stopped,), (resumed,) = (envelopes(agent, what) for what in (ReportKind.STOPPED, ReportKind.RESUMED))
    agent.hello()
    assert envelopes(agent, ReportKind.RESUMED) == [resumed]
    assert envelopes(agent, ReportKind.STOPPED) == [stopped], "what happened offline is told, too"
    acknowledged(agent, resumed)
    agent.hello()
    assert envelopes(agent, ReportKind.RESUMED) == envelopes(agent, ReportKind.STOPPED) == []


def test_R02_each_connection_confirms_the_configuration_it_brings(world: World, agent: Agent) -> None:
    for _ in range(2):
        agent.hello()
        agent.receive(world.message())
        assert [status for status, _ in statuses(agent)] == [opamp.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED]
        agent.outbox.clear()
        agent.receive(world.message())
        assert statuses(agent) == []


def test_words_that_nobody_confirms_do_not_pile_up(world: World, agent: Agent) -> None:
    for _ in range(50):
        world.pause()
        agent.receive(world.message())
        world.clock.pass_time(1_000)
        world.resume()
        agent.receive(world.message())
        agent.hello()
        assert len(agent.outbox) <= MOST_UNHEARD
    assert documents.read(Report, dsse.payload_of(agent.outbox[-1].custom_message.data)).directive == world.number


def test_what_still_holds_is_said_once_in_a_connection(world: World, agent: Agent) -> None:
    world.pause()
    agent.receive(world.message())
    (stopped,) = envelopes(agent, ReportKind.STOPPED)
    for _ in range(3):
        agent.hello()
        assert envelopes(agent, ReportKind.STOPPED) == [stopped]
    acknowledged(agent, stopped)
    world.clock.pass_time(1_000)
    agent.hello()
    (again,) = envelopes(agent, ReportKind.STOPPED)
    assert again != stopped, "a new word that it still holds"


def test_a_refused_policy_is_reported_failed_and_the_old_one_stays(world: World, agent: Agent) -> None:
    old = agent.permission.policy
    world.changed = {"version": 2, "rules": (Rule(Kind.KEY, ("vscode",), 1000, 0, 9999),)}
    lying = documents.sign(world.policy(), [world.organisation.officer])
    agent.receive(world.message(policy=lying))
    assert statuses(agent)[0][0] == opamp.RemoteConfigStatuses.RemoteConfigStatuses_FAILED
    assert "policy" in statuses(agent)[0][1]
    assert ReportKind.FAILED in [one.what for one in reports(agent)]
    assert agent.permission.policy == old
    assert not agent.tick().permitted


def test_a_configuration_that_is_not_what_its_hash_says_is_refused(world: World, agent: Agent) -> None:
    message = world.message()
    message.remote_config.config_hash = b"0" * 32
    agent.receive(message)
    assert statuses(agent)[0][0] == opamp.RemoteConfigStatuses.RemoteConfigStatuses_FAILED
    assert agent.tick().reason is Reason.NO_PERMIT


def test_a_restart_keeps_the_pause_and_the_policy_but_no_lease(world: World, agent: Agent, tmp_path: Path) -> None:
    world.pause()
    agent.receive(world.message())
    again = world.agent(tmp_path)
    assert again.permission.policy == world.policy()
    assert again.permission.directive is not None
    assert again.permission.directive.number == world.number
    assert again.permission.lease is None
    world.number -= 1
    again.receive(world.message())
    assert not again.tick().permitted, "an older directive does not undo the pause"
    world.number += 1
    again.receive(world.message())
    assert again.tick().reason is Reason.PAUSED


@pytest.mark.parametrize("name", ["policy", "key", "directive"])
@pytest.mark.parametrize("mutate", MUTATIONS)
def test_P01_a_file_changed_on_disk_is_not_believed(
    world: World, agent: Agent, tmp_path: Path, name: str, mutate: Callable[[bytes], bytes]
) -> None:
    path = agent.state.path / f"{name}.dsse"
    path.write_bytes(mutate(path.read_bytes()))
    if name == "policy":
        (agent.state.path / "policy_base.dsse").unlink()
    again = world.agent(tmp_path)
    assert getattr(again.permission, name) is None
    assert again.permission.scope().permitted == {}


def test_P05_the_lease_is_nowhere_on_disk(agent: Agent, tmp_path: Path) -> None:
    lease = agent.permission.lease
    assert lease is not None
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert str(lease.id).encode() not in everything


def test_a_pause_here_is_told_once_the_server_is_there_and_always_in_the_same_words(
    world: World, tmp_path: Path
) -> None:
    agent = world.agent(tmp_path)
    agent.pause_here(30)
    assert reports(agent) == [], "its end is not known in the server's time yet"
    agent.receive(world.message())
    (told,) = [one for one in reports(agent) if one.what is ReportKind.PAUSED_HERE]
    assert told.detail == f"until={world.now() + 30 * 60_000}"
    again = world.agent(tmp_path)
    again.hello()
    assert [one for one in reports(again) if one.what is ReportKind.PAUSED_HERE] == [told]
    again.resume_here()
    again.outbox.clear()
    again.hello()
    local = [one.what for one in reports(again) if one.what.value.endswith("_here")]
    assert local == [ReportKind.PAUSED_HERE, ReportKind.RESUMED_HERE]


def test_a_damaged_pause_file_pauses(world: World, agent: Agent, tmp_path: Path) -> None:
    (agent.state.path / store.PAUSE).write_bytes(b"{")
    again = world.agent(tmp_path)
    again.receive(world.message())
    assert again.tick().reason is Reason.PAUSED_HERE


def test_probes_are_closed_before_a_stop_is_reported(world: World, agent: Agent) -> None:
    seen: list[tuple[bool, list[ReportKind]]] = []
    agent.on_scope.append(lambda scope: seen.append((bool(scope.permitted), [one.what for one in reports(agent)])))
    world.pause()
    agent.receive(world.message())
    assert seen == [(False, [ReportKind.RECEIVED])]
    assert ReportKind.STOPPED in [one.what for one in reports(agent)]


def test_P06_each_stretch_is_answered_with_stopped_when_it_begins(world: World, agent: Agent) -> None:
    """The page counts on it: a part, and a weekly pause that the device has known of, are answered like a whole one."""
    part = world.pause(kinds=(Kind.SCREENSHOT,))
    begins = world.now() + 60_000
    world.pause(starts=begins, ends=begins + 60_000)
    agent.receive(world.message())
    said = [one for one in reports(agent) if one.what is ReportKind.STOPPED]
    assert [one.at >= part.starts for one in said] == [True]
    world.clock.pass_time(60_000)
    agent.tick()
    again = [one for one in reports(agent) if one.what is ReportKind.STOPPED]
    assert [one.at >= begins for one in again] == [True]


def test_a_removed_device_keeps_nothing(world: World, agent: Agent, tmp_path: Path) -> None:
    agent.recorder.see(desk(window("code")))
    typed(agent, world.clock, "text")
    agent.recorder.close()
    assert len(agent.spool)
    agent.remove()
    assert len(agent.spool) == 0
    assert not list((tmp_path / "spool").iterdir())
    assert agent.removed.is_set()
    assert not agent.tick().permitted


def test_personal_exclusions_of_the_portal_and_of_the_device_hold_at_once(world: World, agent: Agent) -> None:
    agent.recorder.see(desk(window("code")))
    assert agent.recorder.verdict == Verdict("vscode")
    agent.adopt_exclusions(frozenset({"code"}))
    assert agent.recorder.verdict == Verdict(None, Why.EXCLUDED)
    agent.adopt_exclusions(frozenset())
    world.exclusions, world.number = ("code",), world.number + 1
    agent.receive(world.message())
    agent.recorder.see(desk(window("code")))
    assert agent.recorder.verdict == Verdict(None, Why.EXCLUDED)
