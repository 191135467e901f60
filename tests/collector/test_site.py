"""Where the server says that the person works is shown on the device, and changes nothing (P03)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from collector import identity, status, store
from collector.cli import main
from collector.state import StateDir
from tests.collector.world import START, World
from tests.councils import Councils, at


@pytest.fixture
def world() -> World:
    return World(organisation=Councils(issued=START))


def said(world: World, path: Path, site: str | None, told: bytes | None) -> str:
    """What the status says on a running device at `site` of which the server says `told`."""
    agent = world.agent(path)
    state = StateDir(path)
    if site is not None:
        identity.move(state, site)
    agent.receive(world.message(site=told))
    assert agent.permission.scope().permitted, "and goes on recording what is for everybody"
    known = json.loads(json.dumps(status.of_agent(agent)))
    state.write_json(store.STATUS, known)
    return "\n".join(status.lines(identity.load(state), running=True, status=known))


def test_the_status_says_that_the_devices_site_is_not_the_persons(world: World, tmp_path: Path) -> None:
    text = said(world, tmp_path, "Berlin", "München".encode())
    assert "This device's site is Berlin, and the server says that you work at München." in text
    assert "The device does not take the server's word." in text
    assert 'python -m collector site "München"' in text


def test_a_device_without_a_site_says_so(world: World, tmp_path: Path) -> None:
    assert "This device is told no site, and the server says that you work at Berlin." in said(
        world, tmp_path, None, b"Berlin"
    )


@pytest.mark.parametrize("told", [b"Berlin", None, b"", b"\xff\x1b[2J", b"x" * 300])
def test_nothing_is_said_where_both_agree_or_the_server_says_nothing_that_can_be_shown(
    world: World, tmp_path: Path, told: bytes | None
) -> None:
    assert "the server says" not in said(world, tmp_path, "Berlin", told)


def test_nothing_is_said_where_no_site_has_a_council(tmp_path: Path) -> None:
    assert "the server says" not in said(World(), tmp_path, "Berlin", b"Bonn")


def test_a_command_for_a_hostile_name_runs_nothing_else(world: World, tmp_path: Path) -> None:
    assert "collector site -- '$(id)'" in said(world, tmp_path, "Berlin", b"$(id)")


def test_P03_the_word_of_the_server_opens_nothing(world: World, tmp_path: Path) -> None:
    """A device in Berlin that is told it was in München does not take what München's council signed."""
    agent = world.agent(tmp_path)
    agent.permission.obeyed.site = "Berlin"
    agent.receive(world.message(site="München".encode()))
    before = agent.permission.policy
    assert before
    wider = at(before, "München", version=2, purpose=replace(before.purpose, en="Something else."))
    envelope = world.organisation.policy_envelope(wider)
    agent.receive(world.message(policy=envelope, site="München".encode()))
    assert agent.permission.policy == before
    assert not agent.permission.scope().permitted, "a refusal drops the permit"
    assert identity.load(StateDir(tmp_path)).site is None


def test_the_command_ends_it(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(world, tmp_path, "Berlin", "München".encode())
    assert main(["site", "München", "--state", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["status", "--state", str(tmp_path)]) == 0
    assert "München" in capsys.readouterr().out
