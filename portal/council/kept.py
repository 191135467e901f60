"""What a process has read or drawn of releases, kept: a release never changes, so nothing kept of one is ever stale.

Every key begins with the ids of the releases it is of, which are random; whether a release is there and who may read
it is asked anew each time. Nothing about a reader is ever kept.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """Values by key, together at most `room` large; what was not used for longest makes room. For all threads."""

    def __init__(self, room: int) -> None:
        self._room: Final = room
        self._lock: Final = Lock()
        self._used = 0
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """The value, None where there is none."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep a value that is `size` large; one larger than the room is not kept."""
        with self._lock:
            before = self._values.pop(key, None)
            self._used += size - (before[1] if before else 0)
            self._values[key] = value, size
            while self._used > self._room:
                _, (_, gone) = self._values.popitem(last=False)
                self._used -= gone

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._values.clear()
            self._used = 0
