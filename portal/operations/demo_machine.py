"""`python -m portal demo-record`: record the very computer that the demo runs on, as Amira's, with the real collector.

Only because somebody asked for it, with its sign on the screen, and no longer than the demo runs.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Final

import click
from sqlalchemy.exc import OperationalError

from collector import identity, store
from collector.agent import Options
from collector.probes.chosen import probes_of_this_machine
from collector.runtime import Collector, Probe
from collector.state import StateDir, StateError
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.vault_client import VaultClient, VaultUnavailable
from portal.operations.demo_arrange import people_of, require_demo
from portal.operations.demo_calendar import STAR
from portal.operations.demo_command import settings_of
from portal.operations.demo_devices import enrol, follow
from portal.operations.publish import as_owner
from portal.operations.runtime import OperationsError, Runtime
from portal.operations.supervisor import is_running, tell

NAME: Final = "This computer"
LOOK_SECONDS: Final = 0.5
SEGMENT_MS: Final = 10_000
"""Shorter than usual, so that visitors soon read what they typed."""


@click.command("demo-record")
def demo_record() -> None:
    """Record this computer as Amira's, in sight, until Ctrl-C or the end of the demo."""
    runtime = Runtime(Settings.from_env(os.environ).var_dir.resolve())
    if not is_running(runtime):
        raise OperationsError("The demo does not run; start it first, in another terminal: make demo")
    try:
        probes = probes_of_this_machine()
        asyncio.run(_record(settings_of(os.environ), runtime, probes))
    except StateError as error:
        raise OperationsError(f"This computer is not recorded: {error}") from error
    except (OperationalError, VaultUnavailable) as error:
        raise OperationsError("The demo is not ready yet; wait until it says so.") from error


async def _record(settings: Settings, runtime: Runtime, probes: list[Probe]) -> None:
    state = await _enrolled(settings, runtime.var / "collectors" / "this-computer")
    work = Collector(state, probes, Options(segment_ms=SEGMENT_MS))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, work.stop)
    # It begins when the collector first waits, which is after it has locked its state, or never.
    beside = asyncio.create_task(_tell_and_end_with_the_demo(settings, runtime, work))
    try:
        await work.run()
    finally:
        beside.cancel()
    tell("This computer was removed in the portal." if work.agent.removed.is_set() else "Nothing is recorded any more.")


async def _enrolled(settings: Settings, folder: Path) -> StateDir:
    """The state of this computer, which is added as any other device unless it is there and was not removed."""
    with as_owner(settings) as session:
        require_demo(session)
    state = StateDir(folder)
    if state.read(identity.IDENTITY) is None or state.read(store.REMOVED) is not None:
        amira, database = people_of(settings)[STAR], Database(settings)
        VaultClient(settings.require("vault_url")).ensure_key(amira)
        await enrol(settings, database, amira, NAME, state)
        database.dispose()
    else:
        follow(settings, state)
    return state


async def _tell_and_end_with_the_demo(settings: Settings, runtime: Runtime, work: Collector) -> None:
    tell("Recording this computer as Amira's, where the policy allows it. A sign on the screen says so.")
    tell(f"See and pause it as amira: {settings.require('base_url')}. It ends with Ctrl-C, or with the demo.")
    tell(f"Pause it without the portal: {sys.executable} -m collector pause --state {work.agent.state.path}")
    while is_running(runtime):  # noqa: ASYNC110 - no event tells when a lock is free
        await asyncio.sleep(LOOK_SECONDS)
    tell("The demo has ended.")
    work.stop()
