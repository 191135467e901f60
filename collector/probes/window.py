"""Follows the desktop: a thread waits at the window system, the recorder is told what it saw."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Protocol

from collector.agent import Agent
from collector.desktop import Snapshot

LOOK_EVERY_S = 1.0
LEAST_S = 0.1
KEYS_EVERY_S = 0.3
SILENT_S = 3.0


class Watched(Protocol):
    """A desktop that also tells when to look again."""

    def look(self) -> Snapshot: ...

    def wait(self, seconds: float) -> None: ...

    def note_key(self) -> None: ...


class Eyes(Protocol):
    """What adds the focused field and the page of a browser."""

    async def run(self) -> None: ...

    async def complete(self, snapshot: Snapshot) -> Snapshot: ...


class WindowProbe:
    """`connect` makes a desktop; it is called once for each thread. `eyes` gets a function to call when focus moved."""

    def __init__(self, connect: Callable[[], Watched], eyes: Callable[[Callable[[], None]], Eyes] | None) -> None:
        self._connect = connect
        self._news = asyncio.Event()
        self._eyes = eyes(self._news.set) if eyes else None
        self._latest = Snapshot()
        self._desktop: Watched | None = None
        self._second: Watched | None = None
        self._failed: Exception | None = None
        self._ended = threading.Event()
        self._last_key = 0.0

    async def run(self, agent: Agent) -> None:
        """Works until cancelled. Raises OSError when the window system is gone."""
        self._desktop = await asyncio.to_thread(self._connect)
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, args=(self._desktop, loop), daemon=True).start()
        followers = [asyncio.create_task(self._eyes.run())] if self._eyes else []
        try:
            while True:
                await self._tell(agent)
        finally:
            self._ended.set()
            for follower in followers:
                follower.cancel()
            await asyncio.gather(*followers, return_exceptions=True)

    async def _tell(self, agent: Agent) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), SILENT_S)
        except TimeoutError:
            # Nobody has looked for a while: what is on the screen is not known.
            self._latest = Snapshot()
        self._news.clear()
        if self._failed is not None:
            agent.recorder.see(Snapshot())
            raise self._failed
        agent.recorder.see(await self._completed(self._latest))

    async def look_now(self, agent: Agent) -> None:
        """Looks once more, at once, and tells the recorder."""
        agent.recorder.see(await self._completed(await asyncio.to_thread(self._look_again)))

    def note_key(self) -> None:
        """A key was pressed: look soon, whether the keyboard is still where it was."""
        if self._desktop is not None and time.monotonic() - self._last_key > KEYS_EVERY_S:
            self._last_key = time.monotonic()
            self._desktop.note_key()

    async def _completed(self, snapshot: Snapshot) -> Snapshot:
        return await self._eyes.complete(snapshot) if self._eyes else snapshot

    def _look_again(self) -> Snapshot:
        if self._second is None:
            self._second = self._connect()
        return self._second.look()

    def _watch(self, desktop: Watched, loop: asyncio.AbstractEventLoop) -> None:
        while not self._ended.is_set():
            try:
                self._latest = desktop.look()
            except Exception as problem:  # noqa: BLE001 - whatever it is, the person must not be recorded blindly
                self._failed = problem
                self._ended.set()
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._news.set)
            desktop.wait(LOOK_EVERY_S)
            self._ended.wait(LEAST_S)
