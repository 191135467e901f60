"""A device that is connected to the real gateway and does what it is told: received, stopped, resumed."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.browser.people import Someone
from tests.gateway.agent import Agent, Line
from tests.gateway.process import wait_until
from wire.documents import ReportKind


class LiveDevice:
    """Runs in a thread of its own; `obeys` False: it receives, but never says that it stopped."""

    def __init__(self, agent: Agent, *, obeys: bool) -> None:
        self.agent = agent
        self._obeys = obeys
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._paused = False

    def start(self) -> None:
        """Connect, and return once the first lease has come."""
        self._thread.start()
        wait_until(lambda: "lease" in self.agent.files)

    def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(30)

    def _run(self) -> None:
        self._task = self._loop.create_task(self._live())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.close()

    async def _live(self) -> None:
        async with self.agent.connected() as line:
            while True:
                await self._answer(line)
                try:
                    await line.news()
                except TimeoutError:  # nothing new for a while
                    continue

    async def _answer(self, line: Line) -> None:
        paused = not self.agent.permitted
        if paused == self._paused:
            return
        self._paused = paused
        await line.report(ReportKind.RECEIVED)
        if self._obeys:
            await line.report(ReportKind.STOPPED if paused else ReportKind.RESUMED)


@contextmanager
def connected(who: Someone, *, obeys: bool = True) -> Iterator[LiveDevice]:
    """A new device of `who`, recording until told otherwise."""
    address = who.installed.settings.require("gateway_url")
    device = LiveDevice(who.rows.agent(address, who.id), obeys=obeys)
    device.start()
    try:
        yield device
    finally:
        device.stop()
