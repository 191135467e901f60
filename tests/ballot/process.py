"""Starts the ballot as its own process, with only its own settings."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

import requests

from tests.gateway.process import START_SECONDS, free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
OWN = (
    "PORTAL_DATABASE_URL", "PORTAL_DB_PASSWORD_BALLOT", "PORTAL_BALLOT_KEY", "PORTAL_BALLOT_SEAL", "PORTAL_BASE_URL"
)  # fmt: skip


class BallotProcess:
    """`python -m ballot`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = {
            name: environment[name]
            for name in (*OWN, "PORTAL_DEMO", "PORTAL_VAR_DIR")
            if name in environment or name in OWN
        }
        own["PORTAL_BALLOT_BIND"] = f"127.0.0.1:{self.port}"
        self.environment = {"PATH": os.environ["PATH"], "PORTAL_LOG_LEVEL": "debug"} | own
        self.log = ""

    def __enter__(self) -> Self:
        self._var = tempfile.TemporaryDirectory()
        self.environment.setdefault("PORTAL_VAR_DIR", self._var.name)
        # A file, since a pipe that nobody reads would stop the process at its next line.
        self._output = tempfile.TemporaryFile("w+")
        command = [sys.executable, "-m", "ballot"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=self._output, stderr=self._output, text=True
        )
        wait_until(self._healthy, START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self._var.cleanup()
        self.log = self.printed()
        self._output.close()

    @property
    def box(self) -> Path:
        """Where its box is."""
        return Path(self.environment["PORTAL_VAR_DIR"]) / "ballot"

    def printed(self) -> str:
        """All it has said so far."""
        self._output.flush()
        self._output.seek(0)
        return self._output.read()

    def _healthy(self) -> bool:
        assert self.process.poll() is None, self.printed()
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False
