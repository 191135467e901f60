"""Whether somebody may be asked for a secret in a terminal: the kernel knows how its pseudo-terminals are set (Linux).

A line that is read without being shown is a password (sudo, passwd, a key's passphrase). What goes on to a terminal on
another computer, or one that is not ours, cannot be looked at, and counts as one.
"""

import contextlib
import os
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from collector.desktop import Field, Window

PROC, PSEUDO_TERMINALS = Path("/proc"), Path("/dev/pts")
REMEMBER_S = 2.0
PASSES_ON = frozenset(
    [
        "docker",
        "kubectl",
        "lxc",
        "machinectl",
        "mosh-client",
        "pinentry-curses",
        "pinentry-tty",
        "podman",
        "screen",
        "ssh",
        "su",
        "sudo",
        "telnet",
        "tmux: client",
        "zellij",
    ]
)
"""Programs, by their names in the kernel, behind which there is another terminal, or which read secrets key by key."""

PGRP, TTY_NR, TPGID = 2, 4, 5
"""Places behind the name in /proc/<pid>/stat (proc_pid_stat(5))."""

_FIRST_MAJOR, _MAJORS = 136, 8
"""Device numbers of pseudo-terminals (Linux, admin-guide/devices)."""


class Terminals:
    """Remembers for a moment which pseudo-terminals belong to the window asked about last: number → processes there."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._known: dict[int, list[int]] = {}
        self._read_at = 0.0

    def field(self, window: Window | None) -> Field:
        """PASSWORD if a secret may be asked for in one of the window's terminals; UNKNOWN otherwise."""
        if window is None or window.pid is None:
            return Field.UNKNOWN
        if window.pid != self._pid or time.monotonic() - self._read_at > REMEMBER_S:
            self._known, self._pid, self._read_at = _below(window.pid), window.pid, time.monotonic()
        return Field.PASSWORD if any(_secret(*one) for one in self._known.items()) else Field.UNKNOWN


def _below(window: int) -> dict[int, list[int]]:
    """The pseudo-terminals of the processes that this one started, other than the one it was started from."""
    found: dict[int, list[int]] = {}
    for pid in _descendants(window):
        number = _terminal(pid)
        if number is not None and number != _terminal(window):
            found.setdefault(number, []).append(pid)
    return found


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)


def _children(pid: int) -> Iterator[int]:
    for told in (PROC / str(pid) / "task").glob("*/children"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            yield from map(int, told.read_text().split())


def _secret(number: int, pids: list[int]) -> bool:
    """Whether the line is read without being shown, or nobody can say."""
    foreground = next((group for pid in pids if (group := _stat(pid, TPGID)) is not None), None)
    if foreground is None:
        return False
    here = {foreground, *(pid for pid in pids if _stat(pid, PGRP) == foreground)}
    return any(_name(pid) in PASSES_ON for pid in here) or _hides(number)


def _hides(number: int) -> bool:
    """Whether the terminal reads lines without showing them, or does not say."""
    try:
        terminal = os.open(PSEUDO_TERMINALS / str(number), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        local: int = termios.tcgetattr(terminal)[3]
    except termios.error:
        return True
    finally:
        os.close(terminal)
    return bool(local & termios.ICANON and not local & termios.ECHO)


def _terminal(pid: int) -> int | None:
    """The number of its controlling pseudo-terminal."""
    device = _stat(pid, TTY_NR) or 0
    major, minor = device >> 8 & 0xFFF, device & 0xFF | device >> 12 & 0xFFF00
    known = _FIRST_MAJOR <= major < _FIRST_MAJOR + _MAJORS
    return (major - _FIRST_MAJOR) * 256 + minor if known else None


def _name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text().removesuffix("\n")
    except OSError:
        return ""


def _stat(pid: int, field: int) -> int | None:
    """A number of /proc/<pid>/stat, None if the process is gone."""
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[field])
    except (OSError, IndexError):
        return None
