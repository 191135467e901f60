"""Starts processes in order, watches them, starts a crashed one again, and ends all in reverse order.

A killed supervisor leaves its children running; the next one ends them first, by the ids and start times it finds in
`var/run`, and never touches a process that it did not start.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from portal.operations.processes import Service, end, end_orphans, launch, wait_until_ready
from portal.operations.runtime import OperationsError, Runtime

TICK_SECONDS: Final = 0.1
FIRST_DELAY_SECONDS: Final = 0.5
LONGEST_DELAY_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """A signal asked to stop before everything was up."""


def tell(line: str) -> None:
    """One line for the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass
class _Child:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    delay: float = FIRST_DELAY_SECONDS
    due: float | None = None
    """When to start it again, on the monotonic clock; None while it runs or has done its work."""


class Supervisor:
    """The children of one installation."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._children: list[_Child] = []
        self._stop = threading.Event()

    @contextmanager
    def session(self) -> Iterator[None]:
        """Hold the installation's lock and catch signals; at the end every child is ended, last started first.

        Raises OperationsError when another supervisor runs this installation.
        """
        self._runtime.prepare()
        with _lock(self._runtime), self._signals():
            for name in end_orphans(self._runtime):
                tell(f"Ended {name}, which an earlier run had left behind.")
            shutil.rmtree(self._runtime.temporary)
            self._runtime.prepare()
            try:
                yield
            finally:
                self._end_all()
                self._runtime.clear_sockets()

    def start(self, services: Sequence[Service]) -> None:
        """Start these in order and return when all answer. Raises OperationsError when one fails, StoppedError."""
        begun = []
        for service in services:
            self._go_on()
            begun.append(_Child(service, launch(service, self._runtime), time.monotonic()))
            self._children.append(begun[-1])
        for child in begun:
            wait_until_ready(child.service, child.process, self._runtime, self._go_on)

    def watch(self) -> None:
        """Start crashed children again, later each time, until a signal says stop."""
        while not self._stop.wait(TICK_SECONDS):
            for child in self._children:
                self._mind(child)

    def _mind(self, child: _Child) -> None:
        if child.due is not None:
            if time.monotonic() >= child.due:
                self._start_again(child)
            return
        code = child.process.poll()
        if code is None or (code == 0 and child.service.once):
            return
        if time.monotonic() - child.started > STEADY_SECONDS:
            child.delay = FIRST_DELAY_SECONDS
        self._postpone(child, f"{child.service.name} ended ({_how(code)})")

    def _start_again(self, child: _Child) -> None:
        try:
            child.process = launch(child.service, self._runtime)
        except (OperationsError, OSError) as error:  # on a full disk the others go on
            self._postpone(child, str(error))
            return
        child.started, child.due = time.monotonic(), None

    def _postpone(self, child: _Child, reason: str) -> None:
        log = self._runtime.log / f"{child.service.name}.log"
        tell(f"{reason}; starting it again in {child.delay:.3g} s. See {log}.")
        child.due = time.monotonic() + child.delay
        child.delay = min(2 * child.delay, LONGEST_DELAY_SECONDS)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise StoppedError

    def _end_all(self) -> None:
        for child in reversed(self._children):
            end(child.process, child.service.stop_signal)
            (self._runtime.run / f"{child.service.name}.pid").unlink(missing_ok=True)
        self._children.clear()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, lambda *_: self._stop.set()) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run(runtime: Runtime, begin: Callable[[Supervisor], None]) -> None:
    """Run an installation until a signal: `begin` starts what belongs to it. Raises OperationsError."""
    supervisor = Supervisor(runtime)
    with supervisor.session(), suppress(StoppedError):
        begin(supervisor)
        supervisor.watch()


def is_running(runtime: Runtime) -> bool:
    """Whether a supervisor runs this installation."""
    try:
        with (runtime.run / "supervisor.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


@contextmanager
def _lock(runtime: Runtime) -> Iterator[None]:
    """The kernel frees it when we die, however we die; children do not inherit it."""
    with (runtime.run / "supervisor.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise OperationsError(f"Daylight already runs from {runtime.var} (process id {holder}).") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
