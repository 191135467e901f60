import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from portal.core.config import Settings
from portal.core.logins import LOGINS, PASSWORD_PREFIX
from portal.operations.installation import PROGRAMS, complete, local_addresses, services
from portal.operations.ports import free_port, refuse_taken
from portal.operations.processes import INHERITED, Service, end_orphans, python, remember, running
from portal.operations.runtime import OperationsError, Runtime
from portal.operations.supervisor import Supervisor, is_running

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a toy supervisor; whatever is left of it ends with the test."""
    begun: list[subprocess.Popen[str]] = []

    def go(*names: str) -> subprocess.Popen[str]:
        command = python("-m", "tests.operations.toy", str(tmp_path), *names)
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return begun[-1]

    yield go
    for process in begun:
        process.kill()
        process.communicate()
    end_orphans(Runtime(tmp_path))


def _lines(tmp_path: Path) -> list[list[str]]:
    journal = tmp_path / "journal"
    return [line.split() for line in journal.read_text().splitlines()] if journal.exists() else []


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line == "ready\n":
            return
    raise AssertionError("it ended before it was ready")


def test_nothing_stays_outside_of_var(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path / ("deep-" * 30) / "var")
    with Supervisor(runtime).session():
        outside = runtime.socket_directory()
        assert outside.is_dir()
        assert runtime.var not in outside.parents
        (outside / "vault.sock").touch()
        assert is_running(runtime)
    assert not outside.exists()
    assert not is_running(runtime)
    assert runtime.socket_directory() != outside
    runtime.clear_sockets()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_last_started_first(tmp_path: Path, start: Start, number: int) -> None:
    supervisor = start("one", "two", "three")
    _ready(supervisor)
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    words = [(word, name) for word, name, _ in _lines(tmp_path)]
    assert sorted(words[:3]) == [("begin", "one"), ("begin", "three"), ("begin", "two")]
    assert words[3:] == [("end", "three"), ("end", "two"), ("end", "one")]
    assert list((tmp_path / "run").glob("*.pid")) == []


def test_a_crashed_process_is_started_again_and_the_others_go_on(tmp_path: Path, start: Start) -> None:
    supervisor = start("one", "two")
    _ready(supervisor)
    victim = next(int(pid) for _, name, pid in _lines(tmp_path) if name == "one")
    os.kill(victim, signal.SIGKILL)
    _wait(lambda: len([line for line in _lines(tmp_path) if line[:2] == ["begin", "one"]]) == 2)
    assert len([line for line in _lines(tmp_path) if line[1] == "two"]) == 1
    assert supervisor.stdout is not None
    assert "one ended (killed by signal 9); starting it again in 0.5 s." in supervisor.stdout.readline()


def test_work_that_is_done_is_not_done_again(tmp_path: Path, start: Start) -> None:
    supervisor = start("one", "brief")
    _ready(supervisor)
    pid = next(int(pid) for _, name, pid in _lines(tmp_path) if name == "brief")
    _wait(lambda: not psutil.pid_exists(pid))
    time.sleep(1)
    assert len([line for line in _lines(tmp_path) if line[1] == "brief"]) == 1


def test_the_next_run_ends_what_a_killed_one_left_behind(tmp_path: Path, start: Start) -> None:
    first = start("one", "two")
    _ready(first)
    first.kill()
    left = {name: int(pid) for _, name, pid in _lines(tmp_path)}
    assert all(psutil.pid_exists(pid) for pid in left.values())
    second = start("one", "two")
    _ready(second)
    assert [line[:2] for line in _lines(tmp_path) if line[0] == "end"] in (
        [["end", "two"], ["end", "one"]],
        [["end", "one"], ["end", "two"]],
    )
    assert not any(psutil.pid_exists(pid) for pid in left.values())


def test_a_process_that_only_has_the_same_id_is_left_alone(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path)
    runtime.prepare()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    remember(runtime, "web", stranger.pid)
    note = runtime.run / "web.pid"
    note.write_text(note.read_text().replace('"started": 1', '"started": 9'))
    assert end_orphans(runtime) == []
    assert stranger.poll() is None
    remember(runtime, "web", stranger.pid)
    stranger.kill()
    stranger.wait()
    assert end_orphans(runtime) == []


def test_a_second_supervisor_is_refused(tmp_path: Path, start: Start) -> None:
    first = start("one")
    _ready(first)
    second = start("one")
    output, _ = second.communicate(timeout=20)
    assert second.returncode != 0
    assert f"Daylight already runs from {tmp_path} (process id {first.pid})." in output
    assert first.poll() is None


def test_a_taken_port_is_named() -> None:
    port = free_port()
    refuse_taken({"gateway": port})
    listener = subprocess.Popen(python("-m", "http.server", "--bind", "127.0.0.1", str(port)), stderr=subprocess.PIPE)
    try:
        _wait(lambda: psutil.Process(listener.pid).net_connections(kind="tcp"))
        with pytest.raises(OperationsError, match=f"Port {port} \\(gateway\\) is taken by another program"):
            refuse_taken({"gateway": port})
    finally:
        listener.kill()
        listener.communicate()


def test_a_number_that_is_no_port_is_named() -> None:
    with pytest.raises(OperationsError, match="70020 \\(sign-in\\) is no port: the highest is 65535"):
        refuse_taken({"sign-in": 70020})


def test_each_process_holds_only_its_own_secrets(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path)
    runtime.prepare()
    variables = complete({"PORTAL_OIDC_CLIENT_SECRET": "s"}, runtime, local_addresses(8000, runtime))
    held = {service.name: Settings.from_env(service.environment) for service in services(variables)}
    assert {name: set(settings.database_passwords) for name, settings in held.items()} == {
        "vault": {"vault"},
        "worker": {"worker", "readback"},
        "gateway": {"gateway"},
        "ballot": {"ballot"},
        "web": {"web_session", "web_employee", "web_delegate", "web_hr", "web_council", "web_officer", "web_directory"},
    }
    assert [name for name, settings in held.items() if settings.vault_key] == ["vault"]
    assert [name for name, settings in held.items() if settings.lease_key] == ["gateway"]
    assert [name for name, settings in held.items() if settings.log_key] == ["worker"]
    assert [name for name, settings in held.items() if settings.actor_key] == ["web"]
    assert [name for name, settings in held.items() if settings.oidc_client_secret] == ["web"]
    assert [name for name, settings in held.items() if settings.ballot_seal] == ["ballot"]
    assert [name for name, settings in held.items() if settings.ballot_key] == ["ballot", "web"]
    assert [name for name, settings in held.items() if settings.eligible_key] == ["web"]
    assert not any(program for program in PROGRAMS if "migrator" in program.logins)


def test_a_proxy_is_told_to_those_who_ask_the_identity_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = Runtime(tmp_path)
    runtime.prepare()
    variables = complete({}, runtime, local_addresses(8000, runtime))
    told = {"HTTPS_PROXY": "http://proxy.example:3128", "no_proxy": "firm.example"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    held = {service.name for service in services(variables) if told.items() <= dict(service.environment).items()}
    assert held == {"vault", "web"}
    assert {name for name in INHERITED if "PROXY" in name.upper()} == set()


def test_secrets_are_made_once_and_the_operators_own_are_kept(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path)
    runtime.prepare()
    given = {"PORTAL_DB_PASSWORD_VAULT": "mine", "PATH": "/bin"}
    first = Settings.from_env(complete(given, runtime, {}))
    assert first == Settings.from_env(complete(given, runtime, {}))
    assert first.database_passwords["vault"] == "mine"
    assert len(set(first.database_passwords.values())) == len(LOGINS)
    assert f"{PASSWORD_PREFIX}VAULT_FILE" not in complete(given, runtime, {})


def test_why_a_process_did_not_start_is_said_in_its_own_sentence(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path)
    runtime.prepare()
    said = "import sys; sys.exit('The vault does not start: the login may read bodies; revoke that.')"
    service = Service("vault", python("-c", said), is_ready=lambda: False)
    with (
        pytest.raises(OperationsError, match="vault did not start: the login may read bodies; revoke that"),
        running(service, runtime),
    ):
        pass
