"""Keys wait a moment before they count: if the focus turns out to have been somewhere forbidden, they are gone.

The window system and the accessibility interface report a change of focus a little after it happened, and the first
keys into a password field may come before that report. So a key counts only if no verdict from shortly before it
until SETTLE_MS after it forbids keys.
"""

from collections import deque
from dataclasses import dataclass

from collector.redaction import KeyEvent

SETTLE_MS = 400
BEFORE_MS = 50


@dataclass(frozen=True)
class View:
    """What the focus allowed from `at` (server ms) on: the context for keys, or None; and the window's title."""

    at: int
    context: str | None
    title: str


class KeyGate:
    """Keys in, settled keys out. All times are server ms and do not go back."""

    def __init__(self) -> None:
        self._views: deque[View] = deque([View(-(1 << 60), None, "")])
        self._keys: deque[KeyEvent] = deque()

    def see(self, view: View) -> None:
        """A new verdict on the focus."""
        latest = self._views[-1]
        if (latest.context, latest.title) != (view.context, view.title):
            self._views.append(view)

    def press(self, event: KeyEvent) -> None:
        """A key, not believed yet."""
        self._keys.append(event)

    def settled(self, now: int) -> list[tuple[KeyEvent, View]]:
        """The keys that have waited long enough and stayed allowed, each with the view it was typed into."""
        ready: list[tuple[KeyEvent, View]] = []
        while self._keys and self._keys[0].at + SETTLE_MS <= now:
            event = self._keys.popleft()
            view = self._view(event.at)
            if view is not None:
                ready.append((event, view))
        horizon = (self._keys[0].at if self._keys else now) - BEFORE_MS - SETTLE_MS
        while len(self._views) > 1 and self._views[1].at <= horizon:
            self._views.popleft()
        return ready

    def drop(self) -> None:
        """Forgets the keys that still wait: a pause begins."""
        self._keys.clear()

    def _view(self, at: int) -> View | None:
        current: View | None = None
        for index, view in enumerate(self._views):
            ends = self._views[index + 1].at if index + 1 < len(self._views) else None
            if (ends is not None and ends <= at - BEFORE_MS) or view.at > at + SETTLE_MS:
                continue
            if view.context is None:
                return None
            if view.at <= at:
                current = view
        return current
