"""From what a probe saw to a sealed segment: cutting, gates, borders, pictures."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from collector.agent import Agent
from collector.desktop import Field, Rect
from tests.collector.world import World, desk, reports, texts, typed, window
from wire.content import REDACTED
from wire.documents import Kind, ReportKind
from wire.policy import Rule
from wire.segment import LONGEST_MS


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def agent(world: World, tmp_path: Path) -> Agent:
    """A device that records, with a listed window in front."""
    return ready(world, tmp_path)


def ready(world: World, folder: Path) -> Agent:
    agent = world.agent(folder)
    agent.receive(world.message())
    agent.recorder.see(desk(window("code")))
    world.clock.pass_time(100)
    return agent


def settle(world: World, agent: Agent, ms: int = 30_000) -> None:
    """Lets time go by with the lease renewed, until everything closed."""
    for _ in range(ms // 1000 + 62):
        world.clock.pass_time(1_000)
        agent.receive(world.message())
        agent.tick()


def test_typed_text_arrives_with_timing_and_title(world: World, agent: Agent) -> None:
    typed(agent, world.clock, "Hallo Welt\n")
    settle(world, agent)
    ((header, item),) = [one for one in world.spooled(agent) if one[0].kind is Kind.KEY]
    assert item.data["text"] == "Hallo Welt\n"
    assert item.data["title"] == "main.py"
    assert [event[0] for event in item.data["events"]] == [at * 100 for at in range(11)]
    assert header.counts == {"keys": 11, "redacted": 0}
    assert (header.context, header.sensitivity, header.categories) == ("vscode", 2, ("user.content",))
    assert header.policy_version == 1
    assert header.employee == world.employee


def test_no_segment_is_longer_than_a_minute_and_none_overlaps(world: World, agent: Agent) -> None:
    for _ in range(100):
        typed(agent, world.clock, "abcd ", every=500)
        agent.recorder.pointer(world.clock.boot_ms(), 5, 5)
        agent.receive(world.message())
    settle(world, agent)
    for kind in (Kind.KEY, Kind.POINTER):
        spans = sorted((h.start, h.end) for h, _ in world.spooled(agent) if h.kind is kind)
        assert len(spans) >= 4
        assert all(end - start <= LONGEST_MS for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert texts(world.spooled(agent)) == "abcd " * 100


def test_segments_end_with_the_lease_under_which_they_began(world: World, agent: Agent) -> None:
    first = agent.permission.lease
    assert first is not None
    typed(agent, world.clock, "x" * 1300)
    agent.receive(world.message())
    typed(agent, world.clock, "y" * 100)
    settle(world, agent)
    for header, _ in world.spooled(agent):
        if header.lease == first.id:
            assert header.end <= first.issued + 120_000


def test_an_identifier_across_the_border_of_two_segments_is_redacted(world: World, agent: Agent) -> None:
    typed(agent, world.clock, "IBAN DE89 3704 00", every=3_500)
    agent.receive(world.message())
    typed(agent, world.clock, "44 0532 0130 00 thanks", every=1_000)
    settle(world, agent)
    found = world.spooled(agent)
    assert len([header for header, _ in found if header.kind is Kind.KEY]) > 1
    text = texts(found)
    assert text.replace(REDACTED, "").split() == ["IBAN", "thanks"]
    assert all(header.sensitivity == 3 for header, item in found if REDACTED in str(item.data))


def test_a_title_is_redacted_too(world: World, agent: Agent) -> None:
    agent.recorder.see(desk(window("code", "invoice DE89 3704 0044 0532 0130 00.txt")))
    settle(world, agent)
    titles = [item.data["titles"] for header, item in world.spooled(agent) if header.kind is Kind.WINDOW]
    assert "3704" not in str(titles)
    assert "user.financial.bank_account" in world.spooled(agent)[-1][0].categories


def test_too_sensitive_segments_are_not_kept(world: World, tmp_path: Path) -> None:
    world.changed = {"max_sensitivity": 3}
    agent = ready(world, tmp_path)
    typed(agent, world.clock, "I am pregnant. ")
    settle(world, agent)
    assert agent.totals.too_sensitive == 1
    assert texts(world.spooled(agent)) == ""


def test_nothing_is_taken_where_no_context_is(world: World, agent: Agent) -> None:
    agent.recorder.see(desk(window("solitaire"), window("code", id=2)))
    world.clock.pass_time(1_000)
    typed(agent, world.clock, "secret")
    agent.recorder.click(world.clock.boot_ms(), 5, 5, "left")
    agent.recorder.pointer(world.clock.boot_ms(), 5, 5)
    settle(world, agent)
    assert {header.kind for header, _ in world.spooled(agent)} == {Kind.WINDOW}


def test_a_click_counts_for_the_window_under_it(world: World, agent: Agent) -> None:
    above = window("chat-of-others", id=9, rect=Rect(0, 0, 100, 100))
    agent.recorder.see(replace(desk(window("code")), windows=(above, window("code"))))
    agent.recorder.click(world.clock.boot_ms(), 50, 50, "left")
    agent.recorder.click(world.clock.boot_ms(), 500, 500, "left")
    settle(world, agent)
    clicks = [item.data["clicks"] for header, item in world.spooled(agent) if header.kind is Kind.CLICK]
    assert [[click[1:] for click in one] for one in clicks] == [[[500, 500, "left"]]]


def test_keys_shortly_before_a_forbidden_focus_are_lost(world: World, agent: Agent) -> None:
    typed(agent, world.clock, "early ")
    world.clock.pass_time(500)
    typed(agent, world.clock, "pw", every=50)
    agent.recorder.see(desk(window("code"), field=Field.PASSWORD))
    typed(agent, world.clock, "rest", every=50)
    agent.recorder.see(desk(window("code")))
    world.clock.pass_time(100)
    typed(agent, world.clock, "late")
    settle(world, agent)
    assert texts(world.spooled(agent)) == "early late"


def test_a_title_that_changes_while_typing_loses_nothing(world: World, agent: Agent) -> None:
    for step, character in enumerate("changing"):
        agent.recorder.see(desk(window("code", f"main.py {step}")))
        typed(agent, world.clock, character)
    settle(world, agent)
    assert texts(world.spooled(agent)) == "changing"


def test_a_pause_cuts_at_its_start_and_is_confirmed_with_the_last_number(world: World, agent: Agent) -> None:
    typed(agent, world.clock, "before ")
    world.clock.pass_time(1_000)
    agent.tick()
    reports(agent)
    pause = world.pause()
    agent.receive(world.message())
    said = reports(agent)
    assert [one.what for one in said[:2]] == [ReportKind.RECEIVED, ReportKind.STOPPED]
    assert all(one.directive == world.number for one in said)
    kept = world.spooled(agent)
    assert texts(kept) == "before "
    assert said[1].last_seq == max(header.seq for header, _ in kept)
    assert all(header.end <= pause.starts for header, _ in kept)
    typed(agent, world.clock, "during ")
    world.resume()
    agent.receive(world.message())
    assert ReportKind.RESUMED in [one.what for one in reports(agent)]
    typed(agent, world.clock, "after ")
    settle(world, agent)
    assert texts(world.spooled(agent)) == "before after "
    assert all(header.seq > said[1].last_seq for header, _ in world.spooled(agent) if header.start >= pause.starts)


def test_a_pause_that_begins_by_itself_is_confirmed_by_itself(world: World, agent: Agent) -> None:
    world.pause(starts=world.now() + 5_000, ends=world.now() + 9_000)
    agent.receive(world.message())
    assert [one.what for one in reports(agent)][-1:] == [ReportKind.RECEIVED]
    typed(agent, world.clock, "a" * 100)
    said = [one.what for one in reports(agent)]
    assert said.index(ReportKind.STOPPED) < said.index(ReportKind.RESUMED)
    settle(world, agent)
    spans = [(h.start, h.end) for h, _ in world.spooled(agent) if h.kind is Kind.KEY]
    pause = world.pauses[0]
    assert pause.ends is not None
    assert all(end <= pause.starts or start >= pause.ends for start, end in spans)


def test_a_prompt_is_redacted_and_only_taken_in_its_context(world: World, agent: Agent) -> None:
    turns = [("user", "Pay to DE89 3704 0044 0532 0130 00"), ("assistant", "Done.")]
    assert agent.recorder.prompt("chat", turns)
    assert not agent.recorder.prompt("vscode", turns)
    ((header, item),) = world.spooled(agent)
    assert header.counts == {"turns": 2}
    assert "3704" not in str(item.data)
    assert item.data["turns"][1] == {"role": "assistant", "at": 0, "text": "Done."}


def test_a_screenshot_needs_a_window_that_nothing_forbidden_covers(world: World, agent: Agent) -> None:
    active = window("code", rect=Rect(100, 100, 800, 600))
    elsewhere = window("mail", id=2, rect=Rect(1000, 0, 500, 500))
    over = window("mail", id=3, rect=Rect(850, 100, 500, 500))
    friendly = window("code", id=4, rect=Rect(850, 100, 50, 50))
    recorder = agent.recorder
    for windows, allowed in (
        ((active,), True),
        ((active, elsewhere), True),
        ((elsewhere, active), True),
        ((active, over), True),
        ((over, active), False),
        ((friendly, active), True),
        ((elsewhere,), False),
    ):
        recorder.see(replace(desk(active), windows=windows))
        assert (recorder.frame() == ("vscode", active.rect)) is allowed, windows
    for forbidden in (desk(active, field=Field.PASSWORD), desk(active, grabbed=True), desk(window("mail")), desk(None)):
        recorder.see(forbidden)
        assert recorder.frame() is None


def test_a_screenshot_is_cut_to_the_screen_and_never_below_sensitivity_three(world: World, agent: Agent) -> None:
    agent.recorder.see(desk(window("code", rect=Rect(-10, -10, 3000, 100))))
    plan = agent.recorder.frame()
    assert plan == ("vscode", Rect(0, 0, 1920, 90))
    agent.recorder.screenshot("vscode", b"RIFF", (1920, 90), 1)
    ((header, item),) = [one for one in world.spooled(agent) if one[0].kind is Kind.SCREENSHOT]
    assert (header.sensitivity, item.blob) == (3, b"RIFF")


def test_sampling_keeps_whole_segments_or_none(world: World, tmp_path: Path) -> None:
    rules = tuple(Rule(kind, ("vscode",), 500, 0, 30) for kind in (Kind.KEY, Kind.CLICK))
    world.changed = {"rules": rules}
    agent = ready(world, tmp_path)
    draws = iter([499, 500] * 100)
    agent.recorder.draw = lambda: next(draws)
    typed(agent, world.clock, "kept")
    agent.recorder.click(world.clock.boot_ms(), 1, 1, "left")
    agent.recorder.click(world.clock.boot_ms(), 2, 2, "left")
    settle(world, agent)
    assert {header.kind for header, _ in world.spooled(agent)} == {Kind.CLICK} or texts(world.spooled(agent)) == "kept"
    assert len({header.kind for header, _ in world.spooled(agent)}) == 1


def test_R05_without_a_server_recording_ends_and_what_was_recorded_is_kept(world: World, agent: Agent) -> None:
    typed(agent, world.clock, "x" * 1500)
    assert agent.tick().permitted == {}
    text = texts(world.spooled(agent))
    assert 1_100 < len(text) <= 1_200, "two minutes of ten keys a second"


def test_before_the_first_lease_nothing_is_recorded(world: World, tmp_path: Path) -> None:
    agent = world.agent(tmp_path)
    agent.recorder.see(desk(window("code")))
    typed(agent, world.clock, "secret")
    agent.receive(world.message())
    settle(world, agent)
    assert "secret" not in texts(world.spooled(agent))
