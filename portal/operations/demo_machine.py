"""How to add the very machine that the demo runs on, where its desktop can be watched."""

import os
import subprocess
from typing import Final
from uuid import UUID

from portal.agents.actions import issue_code
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.operations.processes import python
from portal.operations.runtime import Runtime
from portal.policies.queries import trust

PROBES: Final = "from collector.probes.chosen import probes_of_this_machine; probes_of_this_machine()"
NAME: Final = "This computer"
SECONDS: Final = 20


def invitation(settings: Settings, runtime: Runtime, amira: UUID) -> list[str]:
    """Lines for the terminal: the commands that add this machine as Amira's, or nothing without a display."""
    if not os.environ.get("DISPLAY"):
        return []
    if not _can_watch():
        return ["To record this computer too, its collector must be installed: `make collector` (needs a C compiler)."]
    database = Database(settings)
    with database.transaction("web_employee", amira) as session:
        published = trust(session)
        code = issue_code(session, amira, NAME, clock.now())
    database.dispose()
    if published is None:
        return []
    state = runtime.var / "collectors" / "this-computer"
    run = " ".join(python("-m", "collector", "--state", str(state)))
    return [
        "To record this computer too, as Amira's, run in another terminal (the code holds for 15 minutes):",
        f"  {run} enrol --server {settings.require('gateway_url')} --trust {published.fingerprint} --code {code}",
        f"  {run} run",
    ]


def _can_watch() -> bool:
    """Whether the real probes work here, asked in a process of its own: they talk to the display when they load."""
    try:
        tried = subprocess.run(python("-c", PROBES), capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return tried.returncode == 0
