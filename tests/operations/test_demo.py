"""The whole demo, as `make demo` starts it: every process, an own port range, an own `var`."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from portal.operations.demo_devices import FIRST_NUMBER
from portal.operations.demo_people import PEOPLE
from portal.operations.postgres import Postgres
from portal.operations.processes import end_orphans, python
from portal.operations.runtime import Runtime

Start = Callable[..., subprocess.Popen[str]]
SERVICES = {"postgres", "vault", "worker", "gateway", "identity-provider", "ballot", "web", "demo-devices"}
HISTORY = "demo-data"  # starts after the ready line and ends by itself


def _free_base() -> int:
    """Three free ports, ten apart."""
    for base in range(20000, 30000, 100):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for probe, port in ((one, base), (two, base + 10), (three, base + 20)):
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return base
    raise AssertionError("no free ports")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a demo on `base`; whatever is left of it ends with the test."""
    begun: list[subprocess.Popen[str]] = []

    def go(base: int, command: str = "demo", **variables: str) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        own = {"PORTAL_VAR_DIR": str(tmp_path), "PORTAL_DEMO_PORT_BASE": str(base), "HOME": str(home)} | variables
        process = subprocess.Popen(
            python("-m", "portal", command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=inherited | own,
        )
        begun.append(process)
        return process

    yield go
    for process in begun:
        process.kill()
        process.communicate()
    end_orphans(Runtime(tmp_path))


def _until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.fullmatch(r"Daylight is ready: (\S+)\n", line):
            return found[1]
    raise AssertionError("".join(said))


def _noted(var: Path) -> dict[str, int]:
    return {note.stem: int(re.findall(r'"pid": (\d+)', note.read_text())[0]) for note in (var / "run").glob("*.pid")}


def _see_live_items(var: Path) -> None:
    """The demo people's devices were enrolled once, in both starts together, and what they record arrives."""
    devices = sorted(name for person in PEOPLE for name in person.devices)
    live = "SELECT count(*) FROM segment WHERE seq > %s"
    deadline = time.monotonic() + 120
    with psycopg.connect(Postgres(Runtime(var)).superuser_conninfo("daylight"), autocommit=True) as connection:
        own = "SELECT d.name FROM device d JOIN employee e ON e.id = d.employee_id WHERE e.subject = ANY (%s)"
        found = connection.execute(own, [[person.user for person in PEOPLE]]).fetchall()
        assert sorted(str(row[0]) for row in found) == devices
        while not connection.execute(live, [FIRST_NUMBER]).fetchall()[0][0]:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def _written_outside(demo: subprocess.Popen[str], var: Path) -> set[str]:
    """Files outside `var` that a process of the demo holds open for writing, or has in its memory to write to."""
    found = set()
    for process in [(whole := psutil.Process(demo.pid)), *whole.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended meanwhile
            found |= {file.path for file in process.open_files() if file.mode != "r"}
            found |= {part.path for part in process.memory_maps(grouped=False) if "ws" in part.perms}
    return {path for path in found if path.startswith("/") and not path.startswith((f"{var}/", "/dev/zero"))}


def test_the_demo_starts_says_who_can_sign_in_survives_kill_9_and_stops(tmp_path: Path, start: Start) -> None:
    base = _free_base()
    first = start(base)
    address = _until_ready(first)
    assert address == f"http://localhost:{base}"
    assert first.stdout is not None
    assert "Demo keys" in first.stdout.readline()
    first.stdout.readline()
    people = [first.stdout.readline().split(maxsplit=2)[:2] for _ in PEOPLE]
    assert people == [[person.user, f"{person.user}-demo"] for person in PEOPLE]
    for port in (base, base + 10):
        assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code == 200
    left = _noted(tmp_path)
    assert set(left) - {HISTORY} == SERVICES
    with psycopg.connect(Postgres(Runtime(tmp_path)).superuser_conninfo("daylight")) as connection:
        assert connection.execute("SELECT demo FROM installation").fetchall() == [(True,)]
        assert connection.execute("SELECT count(*) FROM policy").fetchall() == [(1,)]

    first.kill()
    first.wait()
    second = start(_free_base())  # what the README says when a port is taken
    assert _until_ready(second) != address
    assert not any(psutil.pid_exists(pid) for pid in left.values())
    now = _noted(tmp_path)
    assert set(now) - {HISTORY} == SERVICES
    _see_live_items(tmp_path)

    assert _written_outside(second, tmp_path) == set()
    second.send_signal(signal.SIGINT)
    assert second.wait(60) == 0
    assert not any(psutil.pid_exists(pid) for pid in now.values())
    assert list((tmp_path / "home").iterdir()) == []


def test_a_taken_port_stops_the_demo_before_anything_starts(tmp_path: Path, start: Start) -> None:
    base = _free_base()
    with socket.create_server(("127.0.0.1", base + 10)):
        output, _ = start(base).communicate(timeout=60)
    assert f"Error: Port {base + 10} (gateway) is taken by another program" in output
    assert "Traceback" not in output
    assert not (tmp_path / "postgres").exists()


def test_without_an_identity_provider_up_says_which_setting_is_missing(start: Start) -> None:
    process = start(_free_base(), "up")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == "Error: PORTAL_OIDC_ISSUER is missing, and this process needs it.\n"


def test_a_wrong_setting_is_one_sentence(start: Start) -> None:
    output, _ = start(_free_base(), "migrate", PORTAL_DATABASE_URL="mysql://x/y").communicate(timeout=60)
    assert output.startswith("Error: PORTAL_DATABASE_URL is wrong: ")
    assert "Traceback" not in output
