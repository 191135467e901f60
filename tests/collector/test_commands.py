"""The commands as a person types them, against a small gateway: refusals first."""

import asyncio
import io
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from collector import cli, control, identity, store
from collector.state import StateDir
from tests.collector.display import wait_until
from tests.collector.gateway import SmallGateway
from tests.collector.test_real_input import LiveWorld
from tests.collector.world import World
from tests.gateway.process import ROOT
from wire import documents, dsse, opamp
from wire.documents import Kind, ReportKind


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    world = LiveWorld()
    world.changed = {"not_before": world.now() - 10**6, "expires": world.now() + 10**9}
    with SmallGateway(world).serving() as serving:
        yield serving


def fingerprint(world: World) -> str:
    return documents.fingerprint(world.organisation.trust_envelope())


def enrol(gateway: SmallGateway, state: Path, **changed: str) -> int:
    values = {"server": gateway.url, "trust": fingerprint(gateway.world), "code": gateway.code} | changed
    return run(state, "enrol", *(part for name, value in values.items() for part in (f"--{name}", value)))


def run(state: Path, *arguments: str) -> int:
    return cli.main([*arguments, "--state", str(state)])


@contextmanager
def collecting(state: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "collector", "run", *arguments, "--segment-seconds", "1", "--state", str(state)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert "Traceback" not in process.communicate(timeout=30)[1]


def told(state: Path) -> dict[str, Any]:
    value = StateDir(state).read_json(store.STATUS)
    return value if isinstance(value, dict) else {}


def test_a_wrong_fingerprint_keeps_the_code_secret(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(gateway, tmp_path, trust="0" * 64) == 1
    assert gateway.codes == []
    assert "could not prove" in capsys.readouterr().err
    assert not (tmp_path / "identity.json").exists()


def test_a_trust_document_that_lost_a_signature_keeps_the_code_secret(gateway: SmallGateway, tmp_path: Path) -> None:
    world = gateway.world
    gateway.replaced_trust = documents.sign(world.organisation.trust(), [world.organisation.officer])
    assert documents.fingerprint(gateway.replaced_trust) == fingerprint(world)
    assert enrol(gateway, tmp_path) == 1
    assert gateway.codes == []


def test_a_wrong_code_is_explained(gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert enrol(gateway, tmp_path, code="OLD") == 1
    assert "This code is wrong" in capsys.readouterr().err
    assert run(tmp_path, "status") == 1
    assert "not enrolled" in capsys.readouterr().err


def test_P09_after_a_lost_answer_the_same_command_adds_the_same_device(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.lose_answers = 1
    assert enrol(gateway, tmp_path) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert (tmp_path / identity.ENROLLING).stat().st_mode & 0o077 == 0
    device = gateway.world.device
    assert enrol(gateway, tmp_path) == 0
    assert gateway.keys[0] == gateway.keys[-1]
    assert identity.load(StateDir(tmp_path)).device == device
    assert dsse.raw_public(identity.load(StateDir(tmp_path)).key) == gateway.keys[0]
    assert not (tmp_path / identity.ENROLLING).exists()


def test_P09_another_code_is_tried_with_another_key(gateway: SmallGateway, tmp_path: Path) -> None:
    gateway.lose_answers = 1
    assert enrol(gateway, tmp_path) == 1
    gateway.code = "ANOTHER-CODE"
    assert enrol(gateway, tmp_path) == 0
    assert len(set(gateway.keys)) == 2


def test_a_code_that_was_refused_or_forgotten_leaves_no_key(gateway: SmallGateway, tmp_path: Path) -> None:
    assert enrol(gateway, tmp_path, code="OLD") == 1
    assert not (tmp_path / identity.ENROLLING).exists()
    gateway.lose_answers = 1
    assert enrol(gateway, tmp_path) == 1
    assert run(tmp_path, "forget", "--device") == 0
    assert not (tmp_path / identity.ENROLLING).exists()


@pytest.mark.parametrize("server", ["http://gateway.example", "ftp://localhost", "localhost:8010"])
def test_only_https_or_this_machine(
    gateway: SmallGateway, tmp_path: Path, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(gateway, tmp_path, server=server) == 1
    assert "https" in capsys.readouterr().err


def test_an_unreachable_server_is_explained(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert enrol(gateway, tmp_path, server=f"http://127.0.0.1:{unused.getsockname()[1]}") == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_a_first_policy_without_the_works_council_is_refused(gateway: SmallGateway, tmp_path: Path) -> None:
    world = gateway.world
    lonely = documents.sign(world.policy(), [world.organisation.officer])
    files = world.files(policy=lonely)
    world.files = lambda **_: files  # type: ignore[method-assign]
    assert enrol(gateway, tmp_path) == 1
    assert not (tmp_path / "identity.json").exists()


def test_enrolled_status_pause_exclude_forget(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(gateway, tmp_path) == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    assert enrol(gateway, tmp_path) == 1
    assert "enrolled already" in capsys.readouterr().err
    assert run(tmp_path, "status") == 0
    assert "not running" in capsys.readouterr().out
    assert run(tmp_path, "status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["running"] is False
    assert run(tmp_path, "exclude", "add", "Signal", "Diary.example") == 0
    assert capsys.readouterr().out.split() == ["diary.example", "signal"]
    assert run(tmp_path, "exclude", "remove", "signal") == 0
    assert run(tmp_path, "exclude", "list") == 0
    assert capsys.readouterr().out.split() == ["diary.example"] * 2
    assert run(tmp_path, "exclude", "add") == 1
    assert run(tmp_path, "pause", "--minutes", "0") == 1
    assert run(tmp_path, "prompt", "--prompt", "x") == 1
    assert "not running" in capsys.readouterr().err
    assert run(tmp_path, "forget", "--device") == 0
    assert run(tmp_path, "status") == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("HTTPS://Somebody:secret@Diary.Example:8443/page?x=1#y", ["diary.example"]),
        ("diary.example/page", ["diary.example"]),
        ("*.Diary.example.", ["*.diary.example"]),
        ("https://bücher.example/neu", ["bücher.example", "xn--bcher-kva.example"]),
        ("Company Wiki", ["wiki.daylight.example"]),
    ],
)
def test_P07_what_is_excluded_here_is_understood_as_on_the_page(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str, kept: list[str]
) -> None:
    assert enrol(gateway, tmp_path) == 0
    capsys.readouterr()
    assert run(tmp_path, "exclude", "add", written) == 0
    assert capsys.readouterr().out.split() == kept
    assert run(tmp_path, "exclude", "remove", written) == 0
    assert not store.exclusions(StateDir(tmp_path))


@pytest.mark.parametrize("written", ["my diary!", "/etc/passwd", "https://", "two words"])
def test_P07_what_could_match_nothing_is_not_excluded_in_vain(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    assert enrol(gateway, tmp_path) == 0
    assert run(tmp_path, "exclude", "add", "diary.example", written) == 1
    assert f"“{written}” matches no program and no site" in capsys.readouterr().err
    assert not store.exclusions(StateDir(tmp_path)), "all or nothing"
    store.save_exclusions(StateDir(tmp_path), frozenset({written}))
    assert run(tmp_path, "exclude", "remove", written) == 0, "what was kept before can be taken away"
    assert not store.exclusions(StateDir(tmp_path))


def test_a_pause_says_what_holds(gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "nothing-here", "pause") == 1
    assert "not enrolled yet" in capsys.readouterr().err
    assert enrol(gateway, tmp_path) == 0
    capsys.readouterr()
    for minutes, says in (
        (("--minutes", "30"), "for 30 minutes."),
        (("--minutes", "10"), "the longer pause goes on."),
        ((), "until you resume."),
        (("--minutes", "30"), "until you resume."),
    ):
        assert run(tmp_path, "pause", *minutes) == 0
        assert capsys.readouterr().out.strip().endswith(says)


def test_the_redaction_can_be_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "redact", "Konto DE89 3704 0044 0532 0130 00, amira@example.com") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Konto ████ ████")
    assert said[0].endswith(", amira@example.com")
    assert said[1:] == ["bank: user.financial.bank_account, sensitivity 3"]
    assert run(tmp_path, "redact", "--also", "email", "amira@example.com") == 0
    assert "amira" not in capsys.readouterr().out


def test_a_changed_identity_is_not_believed(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(gateway, tmp_path) == 0
    path = tmp_path / "identity.json"
    stored = json.loads(path.read_text())
    other = World().organisation
    for changed in (
        {"trust": dsse.base64.b64encode(other.trust_envelope()).decode()},  # type: ignore[attr-defined]
        {"fingerprint": "0" * 64},
        {"device": "x"},
        {"extra": 1},
    ):
        path.write_text(json.dumps(stored | changed))
        assert run(tmp_path, "status") == 1
        assert "changed" in capsys.readouterr().err
    path.write_text(json.dumps(stored))
    (tmp_path / "device.key").write_bytes(b"-----BEGIN")
    assert run(tmp_path, "status") == 1


def test_a_running_collector_sends_pauses_tells_and_stops(gateway: SmallGateway, tmp_path: Path) -> None:
    assert enrol(gateway, tmp_path) == 0
    gateway.refuse_uploads = 3
    with collecting(tmp_path, "--scripted", "3", "--pace", "4"):
        wait_until(lambda: Kind.KEY in gateway.kinds())
        assert gateway.refuse_uploads == 0
        assert opamp.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED in gateway.statuses
        assert run(tmp_path, "pause", "--minutes", "5") == 0
        wait_until(lambda: told(tmp_path).get("reason") == "paused_here")
        wait_until(lambda: [one.what for one in gateway.reports if one.what is ReportKind.PAUSED_HERE])
        assert run(tmp_path, "resume") == 0
        wait_until(lambda: told(tmp_path).get("reason") == "recording")
        wait_until(lambda: [one.what for one in gateway.reports if one.what is ReportKind.RESUMED_HERE])
    assert not (tmp_path / store.STATUS).exists()


def test_a_second_collector_is_refused_clearly(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(gateway, tmp_path) == 0
    with collecting(tmp_path, "--no-probes"):
        wait_until(lambda: told(tmp_path))
        assert run(tmp_path, "run", "--no-probes") == 1
        assert "already running" in capsys.readouterr().err


def test_prompts_come_in_by_the_local_door_and_forget_empties_the_spool(
    gateway: SmallGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert enrol(gateway, tmp_path) == 0
    gateway.refuse_uploads = 10**6
    with collecting(tmp_path, "--no-probes"):
        wait_until(lambda: told(tmp_path).get("reason") == "recording")
        assert (tmp_path / "prompts.sock").stat().st_mode & 0o077 == 0
        assert run(tmp_path, "prompt", "--context", "chat", "--prompt", "Why?", "--answer", "So.") == 0
        assert capsys.readouterr().out.splitlines()[-1] == "recorded"
        monkeypatch.setattr(
            sys, "stdin", io.StringIO('{"context": "chat", "turns": [{"role": "system", "text": "x"}]}')
        )
        assert run(tmp_path, "prompt") == 1
        assert "role" in capsys.readouterr().err
        wait_until(lambda: told(tmp_path).get("waiting"))
        assert run(tmp_path, "forget") == 0
        wait_until(lambda: told(tmp_path).get("waiting") == 0)
    assert gateway.uploads == []


@pytest.mark.parametrize(
    ("prompt", "why"),
    [("[" * 100_000, "not JSON"), ('{"context": "chat", "turns": ["%s"]}' % ("x" * (1 << 20)), "longer than 1 MiB")],
)
def test_a_prompt_too_deep_or_too_long_is_refused_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, prompt: str, why: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(prompt))
    assert run(tmp_path, "prompt") == 1
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "why"), [(b"[" * 100_000, "not JSON"), (b'"' + b"x" * (1 << 20) + b'"', "longer than 1 MiB")]
)
def test_the_local_door_answers_what_is_too_deep_or_too_long(tmp_path: Path, line: bytes, why: str) -> None:
    agent = World().agent(tmp_path)

    def ask() -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(tmp_path / control.NAME))
            connection.sendall(line + b"\n")
            return connection.makefile("rb").readline()

    async def scenario() -> bytes:
        door = asyncio.create_task(control.serve(agent))
        await asyncio.sleep(0.2)
        try:
            return await asyncio.to_thread(ask)
        finally:
            door.cancel()
            await asyncio.gather(door, return_exceptions=True)

    assert json.loads(asyncio.run(scenario())) == {"error": why}


def hand_in(folder: Path, prompt: dict[str, Any]) -> dict[str, Any]:
    """What the collector answers; nothing if it hangs up."""
    try:
        return control.hand_in(folder, prompt)
    except ConnectionError:
        return {}


def test_another_user_finds_the_local_door_shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    agent = world.agent(tmp_path)
    agent.receive(world.message())
    prompt = {"context": "chat", "turns": [{"role": "user", "text": "x"}]}

    async def scenario() -> tuple[dict[str, Any], dict[str, Any]]:
        door = asyncio.create_task(control.serve(agent))
        await asyncio.sleep(0.2)
        try:
            mine = await asyncio.to_thread(hand_in, tmp_path, prompt)
            # The kernel says who comes; it is another user if this process were one.
            monkeypatch.setattr("os.getuid", lambda: 12345)
            return mine, await asyncio.to_thread(hand_in, tmp_path, prompt)
        finally:
            door.cancel()
            await asyncio.gather(door, return_exceptions=True)

    assert asyncio.run(scenario()) == ({"recorded": True}, {})
    assert len(agent.spool) == 1
