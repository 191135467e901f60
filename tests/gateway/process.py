"""Starts the gateway as its own process, and arranges rows the way the portal and the vault would."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import psycopg
import requests
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from portal.agents.actions import code_hash
from portal.agents.rules import new_code
from portal.core import clock
from tests.cast import Organisation
from tests.gateway.agent import Agent
from wire import documents
from wire.documents import KeyDocument

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
OWN = ("PORTAL_DATABASE_URL", "PORTAL_DB_PASSWORD_GATEWAY", "PORTAL_LEASE_KEY", "PORTAL_GATEWAY_URL")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Gateway:
    """`python -m gateway` with only its own settings."""

    def __init__(self, environment: dict[str, str], **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = {name: environment[name] for name in OWN} | settings
        self.environment = {"PATH": os.environ["PATH"], "PORTAL_GATEWAY_BIND": f"127.0.0.1:{self.port}"} | own
        self.process: subprocess.Popen[str] | None = None
        self.log = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and return once it is healthy."""
        # A file, since a pipe that nobody reads would stop the gateway at its next log line.
        self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when the process ends
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway"], cwd=ROOT, env=self.environment, stderr=self._stderr, text=True
        )
        wait_until(self.healthy, START_SECONDS)

    def healthy(self) -> bool:
        """Whether `/healthz` says so."""
        assert self.process
        if self.process.poll() is not None:
            raise AssertionError(self._end(signal.SIGTERM))
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def kill(self) -> None:
        """SIGKILL: nothing is finished."""
        self._end(signal.SIGKILL)

    def stop(self) -> str:
        """SIGTERM; its log lines."""
        return self._end(signal.SIGTERM)

    def lines(self) -> list[str]:
        """The log lines so far, while it runs."""
        written = os.pread(self._stderr.fileno(), 1 << 26, 0)  # seeking would move where the process writes
        return written.decode().splitlines()

    def memory(self) -> int:
        """Resident bytes now."""
        assert self.process
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _end(self, number: signal.Signals) -> str:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(30)
        if not self._stderr.closed:
            self._stderr.seek(0)
            self.log += self._stderr.read()
            self._stderr.close()
        return self.log


def wait_until(condition: Any, seconds: float = 30) -> None:
    """Return when `condition()` holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this state did not come"
        time.sleep(0.02)


class Rows:
    """Rows as the portal and the vault write them, by a superuser's connection."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], organisation: Organisation) -> None:
        self.connection, self._organisation = connection, organisation

    def one(self, query: str, *values: object) -> Any:
        """The first column of the first row."""
        row = self.connection.execute(query.encode(), values).fetchone()
        self.connection.commit()
        return None if row is None else row[0]

    def all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows."""
        found = self.connection.execute(query.encode(), values).fetchall()
        self.connection.commit()
        return found

    def do(self, query: str, *values: object) -> None:
        """Run and commit."""
        self.connection.execute(query.encode(), values)
        self.connection.commit()

    def key(self, person: UUID) -> tuple[UUID, X25519PrivateKey]:
        """A key pair of the person, as the vault makes it at sign-in."""
        private = X25519PrivateKey.generate()
        key = uuid4()
        now = clock.to_ms(clock.now())
        document = KeyDocument(key, person, private.public_key().public_bytes_raw(), now)
        envelope = documents.sign(document, [self._organisation.vault]).decode()
        self.do("UPDATE employee_key SET retired_at = now() WHERE employee_id = %s AND retired_at IS NULL", person)
        self.do(
            "INSERT INTO employee_key (id, employee_id, document, wrapped_private, kms_epoch) "
            "VALUES (%s, %s, %s, %s, 1)",
            key,
            person,
            envelope,
            b"wrapped",
        )
        return key, private

    def code(self, person: UUID, lifetime: timedelta = timedelta(minutes=15)) -> str:
        """A one-time code, as the settings page makes it."""
        code = new_code()
        self.do(
            "INSERT INTO enrolment_code (id, employee_id, code_hash, device_name, expires_at) "
            "VALUES (%s, %s, %s, 'Laptop', %s)",
            uuid4(),
            person,
            code_hash(code),
            datetime.now(UTC) + lifetime,
        )
        return code

    def agent(self, url: str, person: UUID) -> Agent:
        """An enrolled collector of this person, who gets a key if there is none."""
        if self.one("SELECT id FROM employee_key WHERE employee_id = %s", person) is None:
            self.key(person)
        agent = Agent(url)
        agent.enrol(self.code(person))
        return agent

    def pause(self, person: UUID, **columns: Any) -> UUID:
        """A pause from now on, as the page makes it, with the notification."""
        pause = uuid4()
        number = self.connection.execute(
            "UPDATE employee SET directive_number = directive_number + 1 WHERE id = %s RETURNING directive_number",
            [person],
        ).fetchone()
        assert number
        values = {"id": pause, "employee_id": person, "source": "page", "number": number[0]}
        values |= {"starts_at": datetime.now(UTC)} | columns
        names, slots = ", ".join(values), ", ".join(["%s"] * len(values))
        self.connection.execute(f"INSERT INTO pause ({names}) VALUES ({slots})".encode(), list(values.values()))
        self.notify("pause", pause)
        return pause

    def resume(self, person: UUID, pause: UUID) -> None:
        """End a pause now."""
        self.connection.execute(
            "WITH n AS (UPDATE employee SET directive_number = directive_number + 1 WHERE id = %s "
            "RETURNING directive_number) "
            "UPDATE pause SET ended_at = now(), ended_number = n.directive_number FROM n WHERE id = %s",
            [person, pause],
        )
        self.notify("pause", pause)

    def remove(self, device: UUID) -> None:
        """Remove a device, as the settings page does."""
        self.connection.execute("UPDATE device SET removed_at = now() WHERE id = %s", [device])
        self.notify("device", device)

    def notify(self, channel: str, row: UUID) -> None:
        """Commit with a notification."""
        self.connection.execute("SELECT wake_gateways(%s, %s)", [channel, row])
        self.connection.commit()
