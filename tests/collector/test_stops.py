"""A stop for all, on the device: it holds until officer and council end that very one (P01, P03, P05)."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from collector import store
from collector.agent import Agent
from collector.permission import Permission, Reason
from collector.state import StateDir
from tests.collector.test_permission import MUTATIONS
from tests.collector.world import World, reports, without
from wire import documents
from wire.documents import Report, ReportKind, Stop
from wire.stopping import Resume, resume_of

HOUR = 3_600_000


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def permission(world: World) -> Permission:
    """A device that may record."""
    fresh = world.permission()
    assert fresh.take(world.files()) == ()
    assert fresh.scope().reason is Reason.RECORDING
    return fresh


@pytest.fixture
def agent(world: World, tmp_path: Path) -> Agent:
    agent = world.agent(tmp_path)
    agent.receive(world.message())
    assert agent.tick().reason is Reason.RECORDING
    agent.outbox.clear()
    return agent


def stop_of(world: World, sites: tuple[str, ...] | None = None) -> Stop:
    return Stop(uuid4(), 1, world.now(), sites)


def signed(world: World, stop: Stop) -> bytes:
    return documents.sign(stop, [world.organisation.lease])


def by_both(world: World, resume: Resume) -> bytes:
    return documents.sign(resume, [world.organisation.officer, world.organisation.council])


def ended(world: World, stop: Stop) -> bytes:
    return by_both(world, resume_of(stop))


def told(agent: Agent) -> list[tuple[ReportKind, str]]:
    said: list[Report] = reports(agent)
    return [(one.what, one.detail) for one in said if one.detail.startswith("stop=")]


def test_P03_a_stop_holds_when_the_server_says_no_more_of_it(world: World, permission: Permission) -> None:
    permission.take(world.files(stop=signed(world, stop_of(world, ("berlin",)))))
    assert permission.scope().reason is Reason.STOPPED
    for _ in range(3):
        world.clock.pass_time(HOUR)
        assert permission.take(world.files()) == ()
        assert permission.lease is not None
        assert permission.scope().reason is Reason.STOPPED
        assert permission.scope().permitted == {}


def test_P03_officer_and_council_end_it(world: World, permission: Permission) -> None:
    stop = stop_of(world)
    permission.take({"stop": signed(world, stop)})
    assert permission.take(world.files(resume=ended(world, stop))) == ()
    assert permission.scope().permitted
    assert permission.take(world.files()) == ()
    assert permission.scope().permitted


@pytest.mark.parametrize("who", [("officer",), ("council",), ("lease",), ("vault",), ("officer", "lease")])
def test_P03_a_compromised_server_cannot_end_it(world: World, permission: Permission, who: tuple[str, ...]) -> None:
    stop = stop_of(world)
    permission.take({"stop": signed(world, stop)})
    forged = documents.sign(resume_of(stop), [getattr(world.organisation, name) for name in who])
    assert "resume" in permission.take(world.files(resume=forged))
    assert permission.lease is None
    permission.take(world.files())
    assert permission.scope().reason is Reason.STOPPED


@pytest.mark.parametrize("mutate", MUTATIONS)
def test_P01_a_broken_resume_ends_nothing(
    world: World, permission: Permission, mutate: Callable[[bytes], bytes]
) -> None:
    stop = stop_of(world)
    permission.take({"stop": signed(world, stop)})
    assert permission.take(world.files(resume=mutate(ended(world, stop)))) == ("resume",)
    permission.take(world.files())
    assert permission.scope().reason is Reason.STOPPED


def test_P03_the_end_of_another_stop_ends_nothing(world: World, permission: Permission) -> None:
    first, second = stop_of(world, ("berlin",)), stop_of(world)
    permission.take(world.files(**{"stop": signed(world, first), "stop-2": signed(world, second)}))
    permission.take(world.files(resume=ended(world, first)))
    assert permission.stops.held == {second.id}
    assert permission.scope().reason is Reason.STOPPED
    permission.take(world.files(resume=ended(world, second)))
    assert permission.scope().permitted


def test_P03_an_end_that_its_signers_read_as_another_stops_ends_nothing(world: World, permission: Permission) -> None:
    small = Stop(uuid4(), 7, world.now() - HOUR, None, ("Lab",))
    everybody = Stop(uuid4(), 12, world.now(), None)
    permission.take(world.files(stop=signed(world, everybody)))
    read_as_the_small_one = by_both(world, replace(resume_of(small), stop=everybody.id))
    assert permission.take(world.files(resume=read_as_the_small_one)) == ("resume",)
    assert permission.lease is None, "as after any document that is refused"
    assert permission.take(world.files(stop=signed(world, everybody), resume=read_as_the_small_one)) == ("resume",)
    assert permission.take(world.files()) == ()
    assert permission.scope().reason is Reason.STOPPED
    assert permission.take(world.files(resume=ended(world, everybody))) == ()
    assert permission.scope().permitted


@pytest.mark.parametrize(
    "other",
    [{"number": 7}, {"stopped": 1}, {"sites": None}, {"sites": ("lisbon",)}, {"departments": ("Lab",)},
     {"countries": ("DE",)}, {"sites": ("berlin", "lisbon")}],
    ids=str,
)  # fmt: skip
def test_P03_all_that_signers_read_is_compared(
    world: World, agent: Agent, tmp_path: Path, other: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    stop = stop_of(world, ("berlin",))
    agent.receive(world.message(stop=signed(world, stop)))
    again = world.agent(tmp_path)
    with caplog.at_level(logging.WARNING, "collector"):
        again.receive(world.message(resume=by_both(world, replace(resume_of(stop), **other))))
    assert "collector.config_refused names=resume" in caplog.messages
    assert again.tick().reason is Reason.STOPPED
    again.receive(world.message(resume=ended(world, stop)))
    assert again.tick().permitted


def test_P03_a_second_document_with_the_id_of_a_stop_changes_nothing(world: World, permission: Permission) -> None:
    stop = stop_of(world)
    permission.take(world.files(stop=signed(world, stop)))
    small = replace(stop, number=7, departments=("Lab",))
    permission.take(world.files(stop=signed(world, small)))
    assert permission.take(world.files(resume=ended(world, small))) == ("resume",)
    assert permission.scope().reason is Reason.STOPPED
    assert permission.take(world.files(resume=ended(world, stop))) == ()
    assert permission.scope().permitted


def test_an_end_does_not_reach_into_the_future(world: World, permission: Permission) -> None:
    stop, later = stop_of(world), stop_of(world)
    permission.take(world.files(resume=ended(world, stop)))
    assert permission.scope().permitted
    permission.take(world.files(stop=signed(world, later), resume=ended(world, stop)))
    assert permission.scope().reason is Reason.STOPPED


def test_a_stop_that_does_not_verify_stops_while_it_is_shown(world: World, permission: Permission) -> None:
    assert permission.take(world.files(stop=b"{}")) == ("stop",)
    assert permission.scope().reason is Reason.STOPPED
    assert permission.take(world.files()) == ()
    assert permission.scope().permitted


def test_P05_a_stop_outlives_restart_reboot_and_a_new_policy(world: World, agent: Agent, tmp_path: Path) -> None:
    stop = stop_of(world)
    agent.receive(world.message(stop=signed(world, stop)))
    assert agent.tick().reason is Reason.STOPPED
    again = world.agent(tmp_path)
    world.clock.name = "second boot"
    world.clock.pass_time(HOUR)
    assert again.tick().reason is Reason.STOPPED
    world.changed = {"version": 2}
    again.receive(world.message())
    assert again.tick().reason is Reason.STOPPED, "the server says nothing of the stop any more"
    again.receive(world.message(resume=ended(world, stop)))
    assert again.tick().permitted
    third = world.agent(tmp_path)
    third.receive(world.message())
    assert third.tick().permitted, "what was ended stays ended"


@pytest.mark.parametrize("content", [b"", b"{", b'"x"', b'["x"]', b"[1]", b"{}", b"[[]]", b'[["x", ""]]', b"[[1, 2]]"])
def test_P05_what_cannot_be_read_on_disk_is_a_stop(world: World, agent: Agent, tmp_path: Path, content: bytes) -> None:
    agent.state.write(store.STOPS, content)
    again = world.agent(tmp_path)
    again.receive(world.message(resume=ended(world, stop_of(world))))
    assert again.tick().reason is Reason.STOPPED


def test_P03_a_stop_kept_before_its_document_was_holds(world: World, agent: Agent, tmp_path: Path) -> None:
    stop, later = stop_of(world), stop_of(world)
    agent.state.write(store.STOPS, json.dumps([str(stop.id)]).encode())
    again = world.agent(tmp_path)
    again.receive(world.message(resume=ended(world, stop)))
    again.receive(world.message(stop=signed(world, stop)))
    again.receive(world.message(stop=signed(world, later)))
    third = world.agent(tmp_path)
    third.receive(world.message(**{"resume": ended(world, stop), "resume-2": ended(world, later)}))
    assert third.permission.stops.held == {stop.id}
    assert third.tick().reason is Reason.STOPPED


def test_a_stop_and_its_end_are_confirmed_once_and_again_after_a_restart(
    world: World, agent: Agent, tmp_path: Path
) -> None:
    stop = stop_of(world)
    agent.receive(world.message(stop=signed(world, stop)))
    agent.receive(world.message(stop=signed(world, stop)))
    agent.tick()
    assert told(agent) == [(ReportKind.STOPPED, f"stop={stop.id}")]
    agent.outbox.clear()
    agent.hello()
    assert told(agent) == [(ReportKind.STOPPED, f"stop={stop.id}")], "the gateway may have lost it"
    again = world.agent(tmp_path)
    again.tick()
    assert told(again) == [], "nothing before the first message"
    again.hello()
    assert told(again) == [(ReportKind.STOPPED, f"stop={stop.id}")]
    again.outbox.clear()
    again.receive(world.message(resume=ended(world, stop)))
    assert told(again) == [(ReportKind.RESUMED, f"stop={stop.id}")]


def test_it_is_on_disk_before_it_is_confirmed(world: World, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = stop_of(world)
    kept: list[UUID] = []
    send = agent.send

    def look(message: object) -> None:
        kept.extend(UUID(one) for one, _ in StateDir(agent.state.path).read_json(store.STOPS) or ())
        send(message)  # type: ignore[arg-type]

    monkeypatch.setattr(agent, "send", look)
    agent.receive(world.message(stop=signed(world, stop)))
    assert kept
    assert set(kept) == {stop.id}


def test_the_stop_alone_is_enough(world: World, permission: Permission) -> None:
    """The gateway sends everybody one and the same map, without what is each person's own."""
    policy, key = permission.policy, permission.key
    assert permission.take({"stop": signed(world, stop_of(world))}) == ()
    assert (permission.policy, permission.key) == (policy, key)
    assert permission.scope().reason is Reason.STOPPED
    assert permission.take(without(world.files(), "lease")) == ()


def test_a_pause_of_ones_own_goes_on_under_a_stop(world: World, permission: Permission) -> None:
    stop = stop_of(world)
    world.pause()
    permission.take(world.files(stop=signed(world, stop)))
    permission.take(world.files(resume=ended(world, stop)))
    assert permission.scope().reason is Reason.PAUSED
