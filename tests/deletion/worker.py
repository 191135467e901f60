"""The real worker process, told to wait at a named point, so that it can be killed or outlive its database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from portal.operations.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
OWN = (
    "PORTAL_DATABASE_URL",
    "PORTAL_DB_PASSWORD_WORKER",
    "PORTAL_DB_PASSWORD_READBACK",
    "PORTAL_LOG_KEY",
    "PORTAL_BASE_URL",
    "PORTAL_VAULT_URL",
    "PORTAL_VAR_DIR",
    "PORTAL_LOG_WITNESS",
    "END_SECONDS",
)

# Short leases and small batches; at the point AT say so, and wait until the file `go` is there.
PLUGIN = """
import os, pathlib, sys, time
from datetime import timedelta
from portal import worker
from portal.core import points
from portal.deletion import claims, rules, store
claims.LEASE, rules.SHORTEST_WAIT, store.BATCH = timedelta(seconds=1), timedelta(seconds=0.05), 2
worker.END_SECONDS = float(os.environ.get("END_SECONDS", worker.END_SECONDS))
rules.LOOK_LEASE, worker.KEEP_SECONDS, worker.AGE_SECONDS = timedelta(seconds=1), 1, 1
folder = pathlib.Path(os.environ["AT_FOLDER"])
def reached(name):
    if name == os.environ.get("AT") and not (folder / "go").exists():
        (folder / "reached").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
points.reached = reached
sys.argv = ["portal", "worker"]
from portal.cli import main
main()
"""


class Worker:
    """`python -m portal worker` with only its own settings; `at`: the point where it waits.

    `plain`: with the leases and batches of an installation, and no points.
    """

    def __init__(
        self,
        environment: dict[str, str],
        folder: Path,
        at: str = "",
        seconds: float = SECONDS,
        *,
        plain: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        own = {name: given for name, given in environment.items() if name in OWN or name.startswith("PORTAL_SOURCE_")}
        self._environment = {
            "PATH": os.environ["PATH"],
            "PORTAL_LOG_LEVEL": "warning",
            "PYTHONFAULTHANDLER": "1",
            "AT": at,
            "AT_FOLDER": str(folder),
        } | own
        self._folder = folder
        self._seconds = seconds
        self._command = ["-m", "portal", "worker"] if plain else ["-c", PLUGIN]
        self._log = folder / f"worker-{at or 'free'}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self._command], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self._ended()

    def _ended(self) -> int:
        assert self.process
        try:
            return self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait(SECONDS)
            raise AssertionError(f"it does not end:\n{self._log.read_text()}") from None

    def waits(self) -> None:
        """Return when it waits at its point."""
        self.until((self._folder / "reached").exists)

    def go(self) -> None:
        """Let it go on."""
        (self._folder / "go").touch()

    def asked_to_end(self) -> int:
        """SIGTERM; its exit code. Fails when it does not end in a minute."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def told(self) -> str:
        """What it wrote so far."""
        return self._log.read_text()

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process
        self.process.kill()
        self.process.wait(SECONDS)

    def until(self, holds: Callable[[], bool]) -> None:
        """Return when `holds()`; fail when the worker ends or a minute (`seconds`) passes."""
        assert self.process
        end = time.monotonic() + self._seconds
        while not holds():
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.05)


def restart_at_once(postgres: Postgres) -> None:
    """PostgreSQL's immediate shutdown: no checkpoint, every connection cut; then recovery from the WAL."""
    server = postgres._process
    assert server
    server.send_signal(signal.SIGQUIT)
    server.wait(SECONDS)
    postgres.prepare()
    postgres.start()
