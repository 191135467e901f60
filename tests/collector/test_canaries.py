"""P10: canaries take the way of real events; what the policy does not say is dropped, and nothing counts them."""

from pathlib import Path
from typing import Any

import pytest
import zstandard

from collector import contexts
from collector.agent import Agent
from collector.contexts import Rules, Verdict
from collector.sensitivity import CLASSES, find
from tests.collector.world import World, desk, window
from wire import canary, segment
from wire.canary import ADDRESS, LAST, Marked, kept
from wire.documents import Kind
from wire.policy import Rule

CODE = ("vscode",)


@pytest.fixture
def world() -> World:
    return World()


def begun(world: World, folder: Path, **changed: Any) -> Agent:
    """An agent that has just been permitted to record."""
    world.changed = changed
    agent = world.agent(folder, canaries=True)
    agent.receive(world.message())
    return agent


def passes(world: World, agent: Agent, ms: int = 1_000) -> None:
    for _ in range(ms // 200):
        world.clock.pass_time(200)
        agent.tick()


def opened(world: World, agent: Agent) -> list[tuple[Marked, bytes]]:
    """All canaries in the spool with what is in them."""
    found = []
    for one in agent.spool.oldest(1_000, 1 << 30):
        marked = canary.read_header(one.header)
        key = canary.private_key(world.device, marked.canary.run)
        found.append((marked, zstandard.decompress(segment.unseal(one.header, one.body, key))))
    return found


def numbers(world: World, agent: Agent) -> list[int]:
    return [marked.canary.number for marked, _ in opened(world, agent)]


def test_P10_each_permitted_kind_is_kept_and_nothing_else(world: World, tmp_path: Path) -> None:
    agent = begun(world, tmp_path)
    passes(world, agent)
    assert numbers(world, agent) == [*(kept(kind) for kind in Kind), LAST]
    policy = world.policy()
    for marked, packed in opened(world, agent):
        assert canary.as_told(policy, marked, packed)


@pytest.mark.parametrize(
    "changed",
    [
        {"redaction": ("email",)},
        {"redaction": ("email",), "max_sensitivity": 3},
        {"max_sensitivity": 2},
        {"max_sensitivity": 1},
        {"exclusions": ()},
        *({"rules": (Rule(kind, CODE, 1, 0, 30),)} for kind in Kind),
    ],
    ids=str,
)
def test_P10_what_arrives_is_what_the_policy_says(world: World, tmp_path: Path, changed: dict[str, Any]) -> None:
    agent = begun(world, tmp_path, **changed)
    passes(world, agent)
    policy = world.policy()
    wanted = [kept(rule.kind) for rule in policy.rules if canary.fits(policy, rule.kind)]
    assert sorted(numbers(world, agent)) == sorted([*wanted, LAST])
    for marked, packed in opened(world, agent):
        assert canary.as_told(policy, marked, packed)
        assert (ADDRESS.encode() in packed) <= ("email" not in policy.redaction)


def lets_all_in(_window: object, rules: Rules) -> Verdict:
    """The allow-list was saved, and never loaded."""
    return Verdict(rules.contexts[0].id)


def test_P10_a_lost_allow_list_shows(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "judge", lets_all_in)
    agent = begun(world, tmp_path)
    passes(world, agent)
    assert {canary.UNLISTED, canary.EXCLUDED} <= set(numbers(world, agent))


def test_P10_a_lost_limit_shows(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = begun(world, tmp_path, max_sensitivity=3)
    monkeypatch.setitem(CLASSES, "credentials", CLASSES["email"])
    passes(world, agent)
    assert canary.TOO_SENSITIVE in numbers(world, agent)


def test_P10_a_lost_redaction_shows(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = begun(world, tmp_path, redaction=("email",))
    monkeypatch.setattr("collector.sensitivity.find", lambda *_: ())
    passes(world, agent)
    policy = world.policy()
    bad = {marked.header.kind for marked, packed in opened(world, agent) if not canary.as_told(policy, marked, packed)}
    assert bad == {Kind.KEY, Kind.WINDOW, Kind.PROMPT}


def test_P10_pauses_and_stops_hold_canaries_too(world: World, tmp_path: Path) -> None:
    world.pause()
    agent = begun(world, tmp_path)
    passes(world, agent, 3_000)
    assert numbers(world, agent) == []
    world.resume()
    agent.receive(world.message())
    passes(world, agent)
    assert LAST in numbers(world, agent)


def test_P10_a_kind_that_is_paused_is_not_tried(world: World, tmp_path: Path) -> None:
    world.pause(kinds=(Kind.KEY, Kind.POINTER))
    agent = begun(world, tmp_path)
    passes(world, agent)
    assert {kept(Kind.KEY), kept(Kind.POINTER)}.isdisjoint(numbers(world, agent))
    assert LAST in numbers(world, agent)


def test_P10_again_each_day_and_after_a_new_policy(world: World, tmp_path: Path) -> None:
    agent = begun(world, tmp_path)
    passes(world, agent, 5_000)
    assert numbers(world, agent).count(LAST) == 1
    world.changed = {"version": 2, "exclusions": ("bank", "webmail", "health", "pictures")}
    agent.receive(world.message())
    passes(world, agent)
    assert numbers(world, agent).count(LAST) == 2
    world.clock.pass_time(25 * 3_600_000)
    agent.receive(world.message())
    passes(world, agent)
    assert numbers(world, agent).count(LAST) == 3


def test_P10_real_work_stays_apart_and_only_it_is_counted(world: World, tmp_path: Path) -> None:
    agent = begun(world, tmp_path, rules=(Rule(Kind.WINDOW, CODE, 1000, 0, 30),), max_sensitivity=2)
    agent.recorder.see(desk(window(title="The person's own title")))
    passes(world, agent)
    agent.recorder.close()
    batch = agent.spool.oldest(1_000, 1 << 30)
    own = []
    for one in batch:
        try:
            own.append(world.opened(one.header, one.body))
        except segment.SegmentError:
            key = canary.private_key(world.device, canary.read_header(one.header).canary.run)
            assert b"own title" not in zstandard.decompress(segment.unseal(one.header, one.body, key))
    assert [item.data["titles"][0][1] for _, item in own] == ["The person's own title"]
    assert (agent.totals.too_sensitive, agent.totals.unfit) == (0, 0)
    agent.ledger.asking(batch)
    agent.ledger.answered(batch)
    assert list(agent.ledger._entries) == [own[0][0].segment]


def test_P10_the_samples_are_what_they_are_meant_to_be() -> None:
    assert find(canary.TITLE, frozenset(CLASSES)) == ()
    (found,) = find(f"{canary.TITLE} {ADDRESS}", frozenset(CLASSES))
    assert (found.name, found.end - found.start) == ("email", len(ADDRESS))
    assert CLASSES["email"].level == canary.ADDRESS_LEVEL
    assert {CLASSES[one.name].level for one in find(canary.SECRET, frozenset())} == {canary.SECRET_LEVEL}


def test_P10_a_marked_header_is_no_segments_header(world: World, tmp_path: Path) -> None:
    agent = begun(world, tmp_path)
    passes(world, agent)
    for one in agent.spool.oldest(1_000, 1 << 30):
        with pytest.raises(segment.SegmentError):
            segment.read_header(one.header)
