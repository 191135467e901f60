"""The portal as it is served: gunicorn with its own configuration."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.installation import ROOT, Installation

START_SECONDS = 30
OK = 200


@contextmanager
def serving(installed: Installation) -> Iterator[int]:
    """The port on which the portal answers."""
    port = int(installed.variables["PORTAL_WEB_BIND"].rpartition(":")[2])
    command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    with (installed.files / "gunicorn.log").open("ab") as log:
        environment = installed.variables | {"PORTAL_LOG_LEVEL": "warning"}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _await_health(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _await_health(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == OK:
                return
        time.sleep(0.1)
    raise TimeoutError("gunicorn did not start")
