"""One child process: start it with its own environment, know when it answers, end it, find what a killed run left."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from portal.operations.runtime import OperationsError, Runtime, write_private

TAIL = 4096
STOP_SECONDS: Final = 20
SAME_START_SECONDS: Final = 0.5
INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "DISPLAY")
"""What a child may see of our own environment; everything else, secrets above all, is given by name."""


def _always() -> bool:
    return True


def _nothing() -> None:
    return


@dataclass(frozen=True)
class Service:
    """A process the supervisor runs: how to start it, how to ask whether it works, how to end it."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_ready: Callable[[], bool] = _always
    prepare: Callable[[], None] = _nothing
    stop_signal: int = signal.SIGTERM
    ready_seconds: int = 60
    failure: Callable[[], str] | None = None
    once: bool = False
    """It ends by itself when its work is done, with exit code 0."""


def python(*arguments: str) -> list[str]:
    """A command line of this Python."""
    return [sys.executable, *arguments]


def answers(url: str) -> Callable[[], bool]:
    """A readiness check: GET `url` on this machine answers 200."""

    def check() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:  # noqa: S310 - our own address
                return bool(reply.status == 200)  # noqa: PLR2004
        except (urllib.error.URLError, OSError):
            return False

    return check


def launch(service: Service, runtime: Runtime) -> subprocess.Popen[bytes]:
    """Prepare and start a service; its output goes to `var/log/<name>.log`, its id to `var/run/<name>.pid`.

    It gets a session of its own, so that Ctrl-C reaches only the supervisor, which ends the children in order.
    """
    service.prepare()
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    with (runtime.log / f"{service.name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - no shell, our own command
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment | dict(service.environment),
            start_new_session=True,
        )
    try:
        remember(runtime, service.name, process.pid)
    except OSError:  # a full disk: what the next start could not find must not go on
        end(process, service.stop_signal)
        raise
    return process


def wait_until_ready(
    service: Service, process: subprocess.Popen[bytes], runtime: Runtime, go_on: Callable[[], None] = _nothing
) -> None:
    """Return when the service answers; `go_on` is asked in between and may raise.

    Raises OperationsError, having ended the process, when it ends by itself or takes too long.
    """
    deadline = time.monotonic() + service.ready_seconds
    while not service.is_ready():
        go_on()
        if process.poll() is not None or time.monotonic() > deadline:
            end(process, service.stop_signal)
            log = runtime.log / f"{service.name}.log"
            raise OperationsError(service.failure() if service.failure else _not_started(service.name, log))
        time.sleep(0.05)


def _not_started(name: str, log: Path) -> str:
    """With the sentence in which the process said why, if it is the last that it wrote."""
    with log.open("rb") as written:
        written.seek(max(log.stat().st_size - TAIL, 0))
        last = written.read().decode(errors="replace").strip().rpartition("\n")[2]
    why = last.partition(" does not start: ")[2]
    return f"{name} did not start: {why} (see {log})" if why else f"{name} did not start; see {log}."


def end(process: subprocess.Popen[bytes], stop_signal: int = signal.SIGTERM) -> None:
    """Ask a process to end, wait, and kill it with its group when it does not."""
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def running(service: Service, runtime: Runtime) -> Iterator[subprocess.Popen[bytes]]:
    """A service for the length of a `with` block."""
    runtime.prepare()
    process = launch(service, runtime)
    try:
        wait_until_ready(service, process, runtime)
        yield process
    finally:
        end(process, service.stop_signal)


def remember(runtime: Runtime, name: str, pid: int) -> None:
    """Note a child's id with its start time: an id alone may belong to somebody else by the next run."""
    try:
        started = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return  # ended at once; nothing to find later
    write_private(runtime.run / f"{name}.pid", json.dumps({"pid": pid, "started": started}))


def end_orphans(runtime: Runtime) -> list[str]:
    """End what an earlier, killed supervisor left running; gives the names. Touches only processes it noted."""
    ended = []
    for note in sorted(runtime.run.glob("*.pid"), key=lambda path: path.stat().st_mtime, reverse=True):
        process = _noted(note)
        if process is not None:
            process.send_signal(signal.SIGINT if note.stem == "postgres" else signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(STOP_SECONDS)
            ended.append(note.stem)
        note.unlink()
    return ended


def _noted(note: Path) -> psutil.Process | None:
    """The living process that a note names, if it is still the same one."""
    try:
        facts = json.loads(note.read_text(encoding="utf-8"))
        process = psutil.Process(facts["pid"])
        same = abs(process.create_time() - facts["started"]) < SAME_START_SECONDS
    except (psutil.NoSuchProcess, ValueError, KeyError, TypeError):
        return None
    return process if same and process.status() != psutil.STATUS_ZOMBIE else None
