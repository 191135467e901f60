"""`make record`: the real collector on a real screen, as Amira's, because it was asked for and while the demo runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from portal.operations.demo_machine import NAME
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.processes import python
from portal.operations.runtime import Runtime
from tests.collector.display import Display, display, wait_until
from tests.collector.test_real_input import await_context
from tests.e2e.parts import Demo, supervised

DEVICES = "SELECT d.id FROM device d JOIN employee e ON e.id = d.employee_id WHERE e.subject = 'amira' AND d.name = %s"
ITEMS = "SELECT count(*) FROM segment WHERE device_id = %s"


def told(var: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What the command is given: a display, and where the demo is."""
    without = {name: value for name, value in environment.items() if not name.startswith("PORTAL_")}
    return without | {"PORTAL_VAR_DIR": str(var)}


def refused(var: Path, environment: Mapping[str, str]) -> str:
    """The sentence with which the command ends at once."""
    command = python("-m", "portal", "demo-record")
    done = subprocess.run(command, env=told(var, environment), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert not done.stderr.rstrip().endswith(".."), "a sentence has one full stop"
    return done.stderr


@contextmanager
def recording(running: Demo, screen: Display) -> Iterator["subprocess.Popen[str]"]:
    """The command, which runs; it must end by itself."""
    base = running.portal.rpartition(":")[2]
    process = subprocess.Popen(
        python("-m", "portal", "demo-record"),
        env=told(running.var, screen.environment) | {"PORTAL_DEMO_PORT_BASE": base},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("Recording this computer as Amira's")
        assert running.portal in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def ask(running: Demo, statement: str, value: object) -> list[Any]:
    """The first column of what the database answers."""
    server = Postgres(Runtime(running.var))
    with psycopg.connect(server.superuser_conninfo(DATABASE)) as connection:
        return [row[0] for row in connection.execute(statement.encode(), [value]).fetchall()]


def type_until_stored(running: Demo, screen: Display, device: object, count: int) -> None:
    """Type where the policy allows it, until the gateway has stored more than `count` items of the device."""

    def stored() -> bool:
        screen.xdotool("type", "--delay", "20", "a line of work ")
        return bool(ask(running, ITEMS, device)[0] > count)

    wait_until(stored, 150)


def test_this_computer_is_recorded_when_asked_and_no_longer_than_the_demo(tmp_path: Path) -> None:
    assert "start it first" in refused(tmp_path / "nowhere", os.environ)
    (tmp_path / "screen").mkdir()
    with display(tmp_path / "screen") as screen:
        shown = {"DISPLAY": screen.environment["DISPLAY"]}
        with supervised(tmp_path, "demo", PORTAL_DEMO_COMPANY="0", **shown) as running:
            wait_until(lambda: "make record" in running.output.read_text())
            blind = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
            assert "there is no X display here" in refused(running.var, blind)
            assert ask(running, DEVICES, NAME) == []

            screen.entry("xterm", "Report")
            with recording(running, screen) as first:
                (device,) = ask(running, DEVICES, NAME)
                state = running.var / "collectors" / "this-computer"
                await_context(state, "terminal")
                type_until_stored(running, screen, device, 0)
                assert "already" in refused(running.var, screen.environment)
                first.send_signal(signal.SIGINT)
                assert first.wait(60) == 0
                assert first.stdout
                pausing = f"Pause it without the portal: {sys.executable} -m collector pause --state {state}\n"
                assert first.stdout.read() == f"{pausing}Nothing is recorded any more.\n"

            before = ask(running, ITEMS, device)[0]
            with recording(running, screen) as again:
                assert ask(running, DEVICES, NAME) == [device]
                await_context(state, "terminal")
                type_until_stored(running, screen, device, before)
                os.kill(int((running.var / "run" / "supervisor.lock").read_text()), signal.SIGINT)
                assert again.wait(60) == 0
                assert again.stdout
                assert again.stdout.read() == f"{pausing}The demo has ended.\nNothing is recorded any more.\n"
