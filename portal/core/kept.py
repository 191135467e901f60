"""What another server says, kept for a while, so that one slow answer makes few people wait and never all of them."""

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
KEPT_S: Final = 3600.0
LONGEST_S: Final = 2 * KEPT_S
"""How old it may grow while the other server does not answer."""
REST_S: Final = 3.0
"""So that a server which hangs does not hold up a thread for each person who tries."""


class Kept(Generic[T]):
    """What `ask` gives. One asks at a time; what is known serves everybody else, as long as it is not too old.

    `ask` raises `failing` when there is no good answer, and so do `get` and `renew` where nothing else serves.
    """

    def __init__(
        self, ask: Callable[[], T], failing: type[Exception], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._failing = failing
        self._monotonic = monotonic
        self._asking = threading.Lock()
        self._known: tuple[float, T] | None = None
        self._tried: float | None = None
        self._failed: float | None = None

    def get(self) -> T:
        """What is known, asked for anew when it is an hour old."""
        known = self._known
        if known is not None and self._age(known[0]) <= KEPT_S:
            return known[1]
        serves = known is not None and self._age(known[0]) <= LONGEST_S
        if not self._asking.acquire(blocking=not serves):
            return known[1]  # type: ignore[index]  # it serves
        try:
            if self._known is known:
                self._now(REST_S)
        except self._failing:
            if not serves:
                raise
        finally:
            self._asking.release()
        return self._known[1]  # type: ignore[index]  # else `ask` has raised

    def renew(self, seen: T, each: float) -> bool:
        """Ask anew, unless what is known is newer than `seen` or that was tried within `each` seconds.

        Whether what is known is another now.
        """
        with self._asking:
            if self._known is not None and self._known[1] is not seen:
                return True
            if self._failed is None and self._tried is not None and self._age(self._tried) <= each:
                return False
            self._now(each)
            return True

    def _now(self, rest: float) -> None:
        """Ask, unless that failed within `rest` seconds."""
        if self._failed is not None and self._age(self._failed) < rest:
            raise self._failing("It did not answer a moment ago.")
        self._tried = self._monotonic()
        self._failed = self._tried
        try:
            self._known = (self._tried, self._ask())
            self._failed = None
        except self._failing:
            self._failed = self._monotonic()  # from when on it is left alone: it may have taken long to fail
            raise

    def _age(self, moment: float) -> float:
        return self._monotonic() - moment
