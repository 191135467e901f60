"""Vault and web of an installation as processes of their own, which a test kills and starts again."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode
from uuid import UUID

from portal.core.vault_client import VaultClient
from portal.identity.queries import SESSION_COOKIE
from portal.operations.ports import free_port
from portal.operations.processes import Service, answers, end, launch, python, wait_until_ready
from portal.operations.runtime import Runtime
from tests.deletion.installation import Installation
from tests.vault.arrange import VAULT_TAKES
from tests.web_client import sign_in

CHECKOUT: Final = Path(__file__).parents[2]
SECONDS: Final = 60


class Part:
    """One process with its children, for the length of a `with` block."""

    def __init__(self, service: Service, runtime: Runtime) -> None:
        self._service, self._runtime = service, runtime
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._runtime.prepare()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            end(self._process)

    def start(self) -> None:
        """Return when it answers."""
        self._process = launch(self._service, self._runtime)
        wait_until_ready(self._service, self._process, self._runtime)

    def kill(self) -> None:
        """SIGKILL, its children too."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(SECONDS)


def vault(installation: Installation) -> Part:
    """The vault, with only its own settings."""
    own = {name: installation.environment[name] for name in VAULT_TAKES}
    client = VaultClient(own["PORTAL_VAULT_URL"])
    service = Service("vault", python("-m", "vault"), own | {"PYTHONPATH": str(CHECKOUT)}, client.healthy)
    return Part(service, Runtime(installation.folder / "vault"))


class Web(Part):
    """The web application, and forms that are sent to it over the wire."""

    def __init__(self, installation: Installation) -> None:
        self._installation, self._port = installation, free_port()
        self._base = f"http://localhost:{self._port}"
        told = {
            "PORTAL_BASE_URL": self._base,
            "PORTAL_WEB_BIND": f"127.0.0.1:{self._port}",
            "PYTHONPATH": str(CHECKOUT),
        }
        command = python("-m", "gunicorn", "--config", str(CHECKOUT / "gunicorn.conf.py"), "wsgi:app")
        ready = answers(f"http://127.0.0.1:{self._port}/healthz")
        super().__init__(
            Service("web", command, installation.environment | told, ready), Runtime(installation.folder / "web")
        )

    def ask(self, person: UUID, form: dict[str, str]) -> UUID:
        """Send a request as the person's browser does; its id, once the answer has come."""
        return self._sent(self._send(person, form))

    def ask_and_die(self, person: UUID, form: dict[str, str], when: Callable[[], bool]) -> UUID:
        """Killed with the form on its way, as soon as `when()`; started again, the person sends it once more."""
        connection = self._send(person, form)
        end_at = time.monotonic() + SECONDS
        while not when():
            assert time.monotonic() < end_at
        self.kill()
        connection.close()
        self.start()
        return self.ask(person, form)

    def _send(self, person: UUID, form: dict[str, str]) -> HTTPConnection:
        """The connection on which the answer comes."""
        with self._installation.superuser() as superuser:
            signed_in = f"{SESSION_COOKIE}={sign_in(superuser, person)}"
        page = self._connection()
        page.request("GET", "/about", headers={"Cookie": signed_in})
        drawn = page.getresponse()
        token = re.search(r'name="csrf-token" content="([^"]+)"', drawn.read().decode())
        page.close()
        assert token
        connection = self._connection()
        headers = {
            "Cookie": f"{signed_in}; {_form_cookie(drawn)}",
            "Origin": self._base,
            "Referer": f"{self._base}/",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", "/requests", urlencode(form | {"csrf_token": token[1]}), headers)
        return connection

    def _connection(self) -> HTTPConnection:
        return HTTPConnection("localhost", self._port, timeout=SECONDS)

    @staticmethod
    def _sent(connection: HTTPConnection) -> UUID:
        answer = connection.getresponse()
        said, where = answer.read(), answer.getheader("Location", "")
        connection.close()
        assert answer.status == 303, (answer.status, said[-2000:])
        return UUID(where.rpartition("/")[2])


def _form_cookie(answer: HTTPResponse) -> str:
    (given,) = [it for it in answer.headers.get_all("Set-Cookie", []) if it.startswith(f"{SESSION_COOKIE}-form=")]
    return given.partition(";")[0]
