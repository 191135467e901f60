"""A running collector: agent, connection, uploads, probes and the files other commands write. Many fit in a process."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from collector import control, identity, status, store
from collector.agent import Agent, Options
from collector.clock import Clock, SystemClock
from collector.state import StateDir, replace
from collector.tallies import keep_telling
from collector.transport import Gateway, new_session, stay_connected
from collector.uploads import keep_uploading
from wire import canonical

log = logging.getLogger("collector")
TICK_S = 0.2
STATUS_EVERY = 5


class Probe(Protocol):
    """Something that sees what the person does and tells the agent's recorder."""

    async def run(self, agent: Agent) -> None:
        """Works until cancelled; opens and closes what it listens to as the agent's scope changes."""
        ...


class Collector:
    """`await run()` works until `stop()` or until the device is removed. `prompts`: open the local socket."""

    def __init__(
        self,
        state: StateDir,
        probes: Sequence[Probe],
        options: Options | None = None,
        *,
        clock: Clock | None = None,
        http_only: bool = False,
        prompts: bool = True,
    ) -> None:
        self.agent = Agent(state, identity.load(state), clock or SystemClock(), options)
        self._probes, self._http_only, self._prompts = probes, http_only, prompts
        self._ended = asyncio.Event()
        self._files: dict[str, int] = {}
        self._told: dict[str, Any] = {}

    def stop(self) -> None:
        """Ends `run` soon."""
        self._ended.set()

    async def run(self) -> None:
        """Holds the state directory's lock meanwhile. Raises StateError if another collector holds it."""
        agent = self.agent
        with agent.state.lock():
            self._changed(store.PAUSE)
            async with new_session() as http:
                gateway = Gateway(agent, http)
                works: list[Awaitable[None]] = [
                    stay_connected(gateway, http_only=self._http_only),
                    keep_uploading(gateway),
                    keep_telling(gateway),
                    self._tick(),
                    *(probe.run(agent) for probe in self._probes),
                ]
                if self._prompts:
                    works.append(control.serve(agent))
                await self._until_ended([asyncio.ensure_future(work) for work in works])
            agent.recorder.close()
            agent.state.remove(store.STATUS)

    async def _until_ended(self, tasks: list["asyncio.Future[Any]"]) -> None:
        waits = [asyncio.ensure_future(self._ended.wait()), asyncio.ensure_future(self.agent.removed.wait())]
        try:
            pending: set[asyncio.Future[Any]] = {*tasks, *waits}
            while not any(wait.done() for wait in waits):
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (*tasks, *waits):
                task.cancel()
            await asyncio.gather(*tasks, *waits, return_exceptions=True)

    async def _tick(self) -> None:
        count = 0
        while True:
            self._read_files()
            self.agent.tick()
            if count % STATUS_EVERY == 0:
                self._tell_status()
            count += 1
            await asyncio.sleep(TICK_S)

    def _read_files(self) -> None:
        state, agent = self.agent.state, self.agent
        if not self._changed("."):
            return
        if self._changed(store.PAUSE):
            pause = store.load_pause(state, agent.clock)
            if pause != agent.permission.local_pause:
                agent.adopt_pause(pause)
        if self._changed(store.EXCLUSIONS):
            agent.adopt_exclusions(store.exclusions(state))
        if state.read(store.FORGET) is not None:
            log.info("collector.forgot segments=%d", agent.forget())
            state.remove(store.FORGET)

    def _tell_status(self) -> None:
        told = status.of_agent(self.agent)
        if told | {"server_time": 0} != self._told:
            self._told = told | {"server_time": 0}
            with contextlib.suppress(OSError):
                replace(self.agent.state.path / store.STATUS, canonical.encode(told), durable=False)

    def _changed(self, name: str) -> bool:
        try:
            modified = (self.agent.state.path / name).stat().st_mtime_ns
        except FileNotFoundError:
            modified = 0
        old, self._files[name] = self._files.get(name, 0), modified
        return modified != old
