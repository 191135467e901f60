"""How a process that works without a person ends: asked by a signal, it stops between two steps, and in time."""

import os
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger()


class EndingError(Exception):
    """The process is to end: what was begun stays as far as it came, and the next process goes on with it."""


class Ending:
    """Whether this process was asked to end; shared by all its threads."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @property
    def asked(self) -> bool:
        """Whether to begin nothing more."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask every thread to come to an end; may be repeated."""
        self._asked.set()

    def wait(self) -> None:
        """Return once it was asked for."""
        self._asked.wait()

    def go_on(self) -> None:
        """Raise EndingError once the process is to end; called where breaking off is safe."""
        if self.asked:
            raise EndingError

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """The items, until the process is to end; then EndingError."""
        for item in items:
            self.go_on()
            yield item


def end_in_time(seconds: float) -> None:
    """End the process after `seconds`, whatever its threads still wait for: all it does is safe to repeat (R03)."""
    timer = threading.Timer(seconds, _cut_off)
    timer.daemon = True
    timer.start()


def _cut_off() -> None:
    waiting = [one.name for one in threading.enumerate() if not one.daemon and one is not threading.main_thread()]
    log.warning("worker.cut_off", threads=sorted(waiting))
    os._exit(0)
