"""The demo people's devices: `python -m portal.operations.demo_devices amira=<employee id> …`, all in one process.

It is the collector itself with scripted probes: enrolled once through the gateway with a one-time code, as any other
device, with its state under `var/collectors`, so that it survives restarts. A device removed in the portal stays so.
"""

import asyncio
import logging
import os
import random
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from collector import enrolment, identity, store
from collector.clock import SystemClock
from collector.probes.scripted import ScriptedProbe
from collector.runtime import Collector
from collector.spool import SEQUENCE
from collector.state import StateDir
from portal.agents.actions import issue_code
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.vault_client import VaultClient
from portal.identity.queries import employee
from portal.operations.demo_contents import fill
from portal.operations.demo_people import DUBLIN, PEOPLE, DemoPerson
from portal.operations.demo_texts import ASKED, TITLES, TYPED
from portal.policies.queries import trust

FIRST_NUMBER: Final = 1_000_000
"""Lower segment numbers are left to the past that `demo_data` fills in."""

REST_S: Final = (2.0, 9.0)
LONGEST_LINE: Final = 90


class OfficeWork(ScriptedProbe):
    """Gently paced work with the demo's texts."""

    def __init__(self, seed: int, *, german: bool) -> None:
        super().__init__(seed, rest=REST_S)
        self._words = random.Random(seed)  # noqa: S311 - a script, not a secret
        self._german = german

    def line(self, context: str) -> str:
        """A line somebody would type there."""
        text = self._words.choice(TYPED[self._german][context])
        return " ".join(fill(text, self._german, self._words).split())[:LONGEST_LINE]

    def title(self, context: str) -> str:
        """A window's title there."""
        return fill(self._words.choice(TITLES[context]), self._german, self._words)

    def conversation(self) -> tuple[str, str]:
        """A question to the assistant, and its answer."""
        question, answer = self._words.choice(ASKED[self._german])
        return fill(question, self._german, self._words), fill(answer, self._german, self._words)


async def enrol_all(settings: Settings, people: Mapping[str, UUID]) -> dict[str, StateDir]:
    """Add the devices that are not there yet; directory name → state. Raises StateError, VaultUnavailable."""
    database, vault = Database(settings), VaultClient(settings.require("vault_url"))
    found = {}
    for person in PEOPLE:
        for name, directory in zip(person.devices, person.directories, strict=True):
            state = found[directory] = StateDir(Path(settings.var_dir) / "collectors" / directory)
            if state.read(identity.IDENTITY) is not None:
                follow(settings, state)
            else:
                vault.ensure_key(people[person.user])
                await enrol(settings, database, people[person.user], name, state)
    database.dispose()
    return found


async def enrol(settings: Settings, database: Database, person: UUID, name: str, state: StateDir) -> None:
    """Add the device `name` with a one-time code, as the settings page does. Raises StateError."""
    with database.transaction("web_employee", person) as session:
        published = trust(session)
        code = issue_code(session, person, name, clock.now())
        site = employee(session, person).site
    if published is None:
        raise RuntimeError("the demo's trust document comes before its devices")
    state.write(SEQUENCE, str(FIRST_NUMBER).encode())
    gateway = settings.require("gateway_url")
    asked = enrolment.Asked(gateway, published.fingerprint, code, name, site)
    await enrolment.enrol(state, SystemClock(), asked)


def follow(settings: Settings, state: StateDir) -> None:
    """Lead an enrolled device to the addresses of this start: PORTAL_DEMO_PORT_BASE may be another than last time."""
    known = state.read_json(identity.IDENTITY)
    state.write_json(
        identity.IDENTITY, known | {"server": settings.require("gateway_url"), "portal": settings.require("base_url")}
    )


async def work(states: Mapping[str, StateDir]) -> None:
    """Run all devices until a signal."""
    ended = asyncio.Event()
    collectors = [
        Collector(states[directory], [OfficeWork(at, german=_is_german(person, at))], prompts=False)
        for at, (person, directory) in enumerate((one, name) for one in PEOPLE for name in one.directories)
        if states[directory].read(store.REMOVED) is None
    ]

    def stop() -> None:
        ended.set()
        for one in collectors:
            one.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await asyncio.gather(*(one.run() for one in collectors))
    await ended.wait()  # when every device was removed, there is nothing left to do


def _is_german(person: DemoPerson, at: int) -> bool:
    return person.site is not DUBLIN and at % 2 == 1


async def main(arguments: list[str]) -> None:
    """`arguments`: `user=employee id` for each demo person."""
    settings = Settings.from_env(os.environ)
    people = {user: UUID(person) for user, _, person in (argument.partition("=") for argument in arguments)}
    await work(await enrol_all(settings, people))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    asyncio.run(main(sys.argv[1:]))
