"""Ask several at once, and wait for none of them for ever."""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta
from typing import Generic, TypeVar

from portal.core.ending import EndingError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Patience(Generic[K, T]):
    """Gives every job a thread, and `longest` to all of them. Who still owes an answer is not asked anew."""

    def __init__(self, longest: timedelta) -> None:
        self._seconds = longest.total_seconds()
        self._owing: dict[K, threading.Thread] = {}

    def ask(self, jobs: Mapping[K, Callable[[], T]]) -> dict[K, T]:
        """What the jobs gave that came to an end. Raises what one of them raised, EndingError before all else."""
        given: dict[K, T] = {}
        raised: list[BaseException] = []

        def one(key: K) -> None:
            try:
                given[key] = jobs[key]()
            except BaseException as error:  # noqa: BLE001 - raised again below, where somebody hears it
                raised.append(error)

        busy = {key: thread for key, thread in self._owing.items() if thread.is_alive()}
        begun = {key: threading.Thread(target=one, args=(key,), name="ask", daemon=True) for key in jobs.keys() - busy}
        for thread in begun.values():
            thread.start()
        until = time.monotonic() + self._seconds
        for thread in begun.values():
            thread.join(max(0.0, until - time.monotonic()))
        self._owing = busy | begun
        for error in sorted(raised, key=lambda it: not isinstance(it, EndingError)):
            raise error
        return {key: given[key] for key, thread in begun.items() if not thread.is_alive()}
