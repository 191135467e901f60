"""What the kernel says of a window's terminals: real pseudo-terminals, real programs in them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.desktop import Field
from collector.terminals import PASSES_ON, Terminals
from tests.collector.display import wait_until
from tests.collector.world import window

TERMINAL = "import pty, sys; pty.spawn(sys.argv[1:])"


@contextmanager
def terminal(*program: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has a program in a pseudo-terminal of its own, as a terminal's window has."""
    command = [sys.executable, "-c", TERMINAL, *program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def field(process: "subprocess.Popen[bytes]") -> Field:
    """What a look finds that remembers nothing."""
    return Terminals().field(window("xterm", pid=process.pid))


def say(process: "subprocess.Popen[bytes]", text: bytes) -> None:
    """Types into it."""
    assert process.stdin
    process.stdin.write(text)
    process.stdin.flush()


def told(process: "subprocess.Popen[bytes]", words: bytes) -> None:
    """Waits until the terminal shows these words."""
    assert process.stdout
    shown = b""
    while words not in shown:
        shown += process.stdout.read(1)


@pytest.mark.parametrize("command", ["read -r line", "exec cat", "exec bash --norc --noprofile -i"])
def test_what_is_shown_while_it_is_typed_is_no_secret(command: str) -> None:
    with terminal("bash", "-c", f"echo ready; {command}") as process:
        told(process, b"ready")
        say(process, b"x")
        assert field(process) is Field.UNKNOWN


def test_a_line_that_is_not_shown_is_a_secret_until_it_is_read() -> None:
    with terminal("bash", "-c", "read -rs -p 'Password: '; echo done; exec cat") as process:
        told(process, b"Password")
        wait_until(lambda: field(process) is Field.PASSWORD)
        say(process, b"hunter2\n")
        told(process, b"done")
        wait_until(lambda: field(process) is Field.UNKNOWN)


@pytest.mark.parametrize("name", sorted(PASSES_ON))
def test_what_goes_on_to_another_terminal_counts_as_a_secret(name: str, tmp_path: Path) -> None:
    shutil.copy("/bin/sleep", tmp_path / name)
    with terminal("bash", "-c", f"echo ready; '{tmp_path / name}' 60; exec cat") as process:
        told(process, b"ready")
        wait_until(lambda: field(process) is Field.PASSWORD)


def test_the_terminal_that_a_program_was_started_from_is_not_its_own() -> None:
    with terminal("bash", "-c", "bash -c 'sleep 60; true' & echo $!; read -rs") as process:
        assert process.stdout
        started = int(process.stdout.readline())
        wait_until(lambda: field(process) is Field.PASSWORD)
        assert Terminals().field(window("editor", pid=started)) is Field.UNKNOWN


def test_a_window_without_a_terminal_or_process_is_nothing_special() -> None:
    assert Terminals().field(None) is Field.UNKNOWN
    assert Terminals().field(window("code")) is Field.UNKNOWN
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert field(process) is Field.UNKNOWN


def test_a_terminal_that_cannot_be_opened_counts_as_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("collector.terminals.PSEUDO_TERMINALS", tmp_path)
    with terminal("bash", "-c", "echo ready; exec cat") as process:
        told(process, b"ready")
        assert field(process) is Field.PASSWORD
