"""What the real collector costs while somebody types: real keys on a virtual display, against the real gateway."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import psutil

from benchmarks.installation import ROOT, Installation, installation
from benchmarks.measure import Figure
from tests.cast import make_person
from tests.collector.display import Display, display, wait_until
from tests.collector.test_real_input import await_context, status
from tests.gateway.process import Gateway, Rows
from wire import documents

SECONDS, QUICK_SECONDS = 300, 30
KEYS_PER_SECOND = 5
TARGET_PERCENT = 2.0
TARGET_MB = 80
TEXT = "the quarterly figures for Dublin are in the sheet "


def run(*, quick: bool) -> Iterator[Figure]:
    """Share of a core and resident memory, idle and while 5 keys a second are typed."""
    seconds = QUICK_SECONDS if quick else SECONDS
    with installation() as installed, Gateway(installed.variables, PORTAL_LOG_LEVEL="warning") as gateway:
        folder = installed.files / "desk"
        folder.mkdir()
        with display(folder) as screen:
            state = _enrol(installed, gateway, screen, folder / "state")
            process = screen.start(sys.executable, "-m", "collector", "run", "--state", str(state))
            wait_until(lambda: status(state).get("reason") == "recording")
            screen.entry("xterm", "Report")
            await_context(state, "terminal")
            seen = psutil.Process(process.pid)
            idle = _share(seen, lambda: time.sleep(seconds / 5))
            typing = _share(seen, lambda: _type(screen, seconds))
            resident = seen.memory_info().rss / 1_000_000
    what = f"collector, {KEYS_PER_SECOND} keys/s typed for {seconds} s"
    yield Figure(
        f"{what}: share of a core",
        f"{typing:.2f} %",
        f"idle {idle:.2f} %",
        f"{typing / max(idle, 0.01):.1f}x",
        f"≤ {TARGET_PERCENT:.0f} %",
        typing <= TARGET_PERCENT,
    )
    yield Figure(f"{what}: memory", f"{resident:.1f} MB", "-", "-", f"≤ {TARGET_MB} MB", resident <= TARGET_MB)


def _enrol(installed: Installation, gateway: Gateway, screen: Display, state: Path) -> Path:
    """A person with one device, enrolled by the command that the settings page shows."""
    with installed.superuser() as connection:
        rows, person = Rows(connection, installed.organisation), make_person(connection)
        rows.key(person)
        code = rows.code(person)
    pinned = documents.fingerprint(installed.organisation.trust_envelope())
    command = [sys.executable, "-m", "collector", "enrol", "--server", gateway.url, "--trust", pinned, "--code", code]
    subprocess.run([*command, "--state", str(state)], cwd=ROOT, env=screen.environment, check=True)
    return state


def _share(process: psutil.Process, work: Callable[[], None]) -> float:
    """Per cent of one core that `process` takes while `work()` runs."""
    before, begins = process.cpu_times(), time.perf_counter()
    work()
    after, passed = process.cpu_times(), time.perf_counter() - begins
    return 100 * (after.user + after.system - before.user - before.system) / passed


def _type(screen: Display, seconds: float) -> None:
    """Type for so long, 5 keys a second."""
    end, keys = time.perf_counter() + seconds, cycle(TEXT)
    while time.perf_counter() < end:
        words = "".join(next(keys) for _ in range(5 * KEYS_PER_SECOND))
        screen.xdotool("type", "--delay", str(1000 // KEYS_PER_SECOND), words)
