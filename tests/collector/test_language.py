"""The collector speaks to people in their language, and to programs and logs always the same."""

import ast
import io
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector import cli, language, refusals, status, store
from collector.contexts import Why
from collector.permission import Reason
from collector.state import StateDir
from portal.capture.rules import Refusal
from tests.collector.gateway import SmallGateway
from tests.collector.test_commands import enrol, run
from tests.collector.test_commands import gateway as gateway
from tests.collector.world import World
from tests.gateway.process import ROOT
from wire.documents import Kind

GERMAN, ENGLISH = "de_DE.UTF-8", "C.UTF-8"
COMMANDS = ("enrol", "run", "status", "pause", "resume", "site", "prompt", "redact", "exclude", "forget")
CODES = re.compile(
    r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
    r"|`[^`]*`|\{.*?\}|--?[a-z][\w-]*|\b[A-Z][A-Z_]+\b|\S*[/\\]\S*|'\w+'|\w+:? \w+\.[\w.]+"
)
WORD = re.compile(r"[^\W\d_]{4,}")
SAME = {"browser", "bytes", "code", "codes", "collector", "daylight", "gateway", "hostname", "http", "json", "laptop"}
SAME |= {
    "minute",
    "name",
    "option",
    "portal",
    "private",
    "python",
    "server",
    "status",
    "text",
    "version",
    "websocket",
    *COMMANDS,
}
"""What German says with the same word, and names."""


def said(command: list[str], language_of: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """The real command, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_"))}
    return subprocess.run(
        [sys.executable, "-m", "collector", *command],
        cwd=ROOT,
        env=environment | {"LANG": language_of} | more,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_the_real_command_speaks_as_its_environment_says(tmp_path: Path) -> None:
    state = ["--state", str(tmp_path)]
    german, english = said(["forget", *state], GERMAN), said(["forget", *state], "C")
    assert (german.returncode, german.stdout) == (0, "0 noch nicht gesendete Abschnitte wurden vernichtet.\n")
    assert (english.returncode, english.stdout) == (0, "Destroyed 0 segments that had not been sent.\n")
    german, english = said(["status", *state], GERMAN), said(["status", *state], "C")
    assert german.returncode == english.returncode == 1
    assert german.stderr.startswith("Daylight-Collector: Dieses Gerät ist noch nicht hinzugefügt")
    assert english.stderr.startswith("Daylight collector: this device is not enrolled yet")
    german, english = said(["paint"], GERMAN), said(["paint"], "C")
    assert german.returncode == english.returncode == 2
    assert "Aufruf: python -m collector" in german.stderr
    assert "Fehler: Angabe BEFEHL: 'paint' gibt es nicht" in german.stderr
    assert "error: argument COMMAND: invalid choice: 'paint'" in english.stderr
    over = said(["resume", *state], "C", LC_ALL=GERMAN, LC_MESSAGES="en_GB.UTF-8")
    assert over.stdout.startswith("Die eigene Pause")


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    """What a command says in English and in German; each has to end as the other does."""

    def compare(work: Callable[[], object]) -> tuple[str, str]:
        texts, ends = [], []
        for chosen in (ENGLISH, GERMAN):
            monkeypatch.setenv("LC_ALL", chosen)
            try:
                ends.append(work())
            except SystemExit as ending:
                ends.append(ending.code)
            captured = capsys.readouterr()
            texts.append(captured.out + captured.err)
        assert ends[0] == ends[1]
        assert left_in_english(*texts) == set(), texts
        return texts[0], texts[1]

    return compare


def left_in_english(english: str, german: str) -> set[str]:
    """Words that stand in both and are no names."""
    found = [set(WORD.findall(CODES.sub(" ", text).lower())) for text in (english, german)]
    assert found[0], "nothing was said"
    return (found[0] & found[1]) - SAME


def test_the_search_for_english_finds_it() -> None:
    assert left_in_english("the code is wrong", "the code is wrong") == {"wrong"}
    assert left_in_english("this code is wrong", "dieser Code ist falsch") == set()


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_is_translated(both: Callable[..., tuple[str, str]], command: tuple[str, ...]) -> None:
    both(lambda: cli.main([*command, "--help"]))


WRONG = [
    [],
    ["paint"],
    ["enrol"],
    ["enrol", "--server"],
    ["status", "--json=1"],
    ["status", "1"],
    ["run", "--s", "1"],
    ["run", "--segment-seconds", "99"],
    ["run"],
    ["pause", "--minutes", "soon"],
    ["pause", "--minutes", "0"],
    ["pause", "--minutes", "1"],
    ["pause", "--minutes", "2"],
    ["pause"],
    ["resume"],
    ["status"],
    ["prompt", "--prompt", "x"],
    ["prompt"],
    ["redact", "DE89 3704 0044 0532 0130 00"],
    ["exclude", "list"],
    ["exclude", "add"],
    ["site"],
    ["site", "Berlin"],
    ["forget"],
    ["forget", "--device"],
    ["enrol", "--server", "ftp://x", "--trust", "0", "--code", "0"],
]


@pytest.mark.parametrize("command", WRONG, ids=" ".join)
def test_answers_and_refusals_are_translated(
    both: Callable[..., tuple[str, str]], command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("no JSON"))
    both(lambda: run(tmp_path, *command) if command else cli.main([]))


@pytest.mark.parametrize("code", sorted(refusals.ENROLMENT))
def test_a_refused_enrolment_is_translated_by_its_code(
    both: Callable[..., tuple[str, str]], gateway: SmallGateway, code: str, tmp_path: Path
) -> None:
    gateway.refusal = {"error": code, "message": "The server's own words."}
    english, german = both(lambda: enrol(gateway, tmp_path, code="WRONG"))
    assert refusals.ENROLMENT[code] in english
    assert "Der Server hat abgelehnt: " in german
    assert "own words" not in german


def test_an_unknown_code_shows_the_servers_own_words(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", GERMAN)
    gateway.refusal = {"error": "moon_is_full", "message": "The moon is full."}
    assert enrol(gateway, tmp_path, code="WRONG") == 1
    assert "Daylight-Collector: Der Server hat abgelehnt: The moon is full.\n" in capsys.readouterr().err


def test_other_failures_to_enrol_are_translated(
    both: Callable[..., tuple[str, str]], gateway: SmallGateway, tmp_path: Path
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
        both(lambda: enrol(gateway, tmp_path, server=nowhere))
    both(lambda: enrol(gateway, tmp_path, server=gateway.url + "/elsewhere"))
    both(lambda: enrol(gateway, tmp_path, trust="0" * 64))
    enrolled = tmp_path / "1"
    fresh = iter((enrolled, tmp_path / "2"))
    both(lambda: enrol(gateway, next(fresh)))
    both(lambda: enrol(gateway, enrolled))
    both(lambda: run(enrolled, "status"))
    with StateDir(enrolled).lock():
        both(lambda: run(enrolled, "run", "--no-probes"))
        both(lambda: run(enrolled, "forget"))
        both(lambda: run(enrolled, "forget", "--device"))
    (enrolled / "sequence").write_text("x")
    both(lambda: run(enrolled, "run", "--no-probes"))
    (enrolled / "identity.json").write_text("{}")
    both(lambda: run(enrolled, "status"))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What the state directory of a running collector says."""
    world = World()
    agent = world.agent(tmp_path)
    agent.receive(world.message())
    with agent.state.lock():
        yield json.loads(json.dumps(status.of_agent(agent)))


def test_the_whole_status_is_translated(
    both: Callable[..., tuple[str, str]], running: dict[str, object], tmp_path: Path
) -> None:
    state = StateDir(tmp_path)
    every = {kind.value: ["a"] for kind in Kind}
    changes: list[dict[str, object]] = [{"reason": one, "permitted": {}, "paused_here": True} for one in Reason]
    changes += [{"not_recorded_because": one, "context": None, "policy_version": None} for one in Why]
    changes += [
        {"permitted": every, "paused_here": True, "paused_here_until": 1_800_000_000_000, "waiting": 1},
        {"refused": dict.fromkeys(refusals.SEGMENTS, 2), "context": "a", "connected": True},
    ]
    for change in changes:
        state.write_json(store.STATUS, running | {"permitted": {"key": ["a"]}} | change)
        both(lambda: run(tmp_path, "status"))
    assert {kind.value for kind in Kind} == status.KINDS.keys()
    assert {why.value for why in Why} == status.WHY.keys()
    assert {reason.value for reason in Reason} == status.SENTENCES.keys()
    assert {one.value for one in Refusal} <= refusals.SEGMENTS.keys()


def test_the_status_of_a_newer_collector_is_shown_as_it_comes(
    running: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer: dict[str, object] = {
        "reason": "moon",
        "sentence": "The moon is full.",
        "not_recorded_because": "tide",
        "context": None,
    }
    newer |= {"permitted": {"smell": ["a"]}, "refused": {"eclipse": 3}}
    StateDir(tmp_path).write_json(store.STATUS, running | newer)
    assert run(tmp_path, "status") == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("The moon is full.", "smell in a", "3 eclipse", "not recorded: tide"))


def test_programs_read_the_same_in_every_language(
    running: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    StateDir(tmp_path).write_json(store.STATUS, running)
    monkeypatch.setenv("LC_ALL", GERMAN)
    assert run(tmp_path, "status", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert running.items() <= told.items()
    assert told["sentence"] == "Recording what your policy allows."


def test_nothing_a_person_reads_goes_around_the_catalogue() -> None:
    """Sentences stand inside `gettext` or `marked`, not bare in what prints, raises or describes."""
    bare = []
    for path in (ROOT / "collector").rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            given = list(call.args) if name in {"StateError", "PromptError", "_say", "Entry"} else []
            given += [word.value for word in call.keywords if word.arg in {"help", "description"}]
            bare += [f"{path.name}:{one.lineno}" for one in given if _speaks(one)]
    assert bare == []


def _speaks(node: ast.expr) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(one, ast.Constant) and re.search(r"[^\W\d]", str(one.value)) for one in parts)


def test_every_reason_the_gateway_can_give_at_enrolment_is_known() -> None:
    source = "".join((ROOT / "gateway" / name).read_text() for name in ("enrol.py", "errors.py", "limits.py"))
    found = set(re.findall(r'(?:RefusedError\(\d+, |unavailable\(|slug: str = |\d+: \()"([a-z_]+)"', source))
    assert {"code_invalid", "key_not_ready", "policy_not_ready", "unavailable", "not_found"} <= found
    # A collector that enrols is no removed device and encodes nothing.
    assert found - {"device_removed", "encoded"} <= refusals.ENROLMENT.keys()


def test_argparse_still_asks_for_what_is_translated() -> None:
    assert len(set(language.ARGPARSE)) == len(language.ARGPARSE)
