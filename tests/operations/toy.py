"""A supervisor of toy services, for the tests to kill: `python -m tests.operations.toy VAR NAME...`."""

import sys
from pathlib import Path

from portal.operations.processes import Service, python
from portal.operations.runtime import Runtime
from portal.operations.supervisor import Supervisor, run, tell

TOY = """
import os, signal, sys, time
name, journal = sys.argv[1], sys.argv[2]
def say(word):
    with open(journal, "a") as file:
        file.write(f"{word} {name} {os.getpid()}\\n")
def leave(*_):
    say("end")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
signal.signal(signal.SIGINT, lambda *_: say("interrupted"))
say("begin")
while name != "brief":
    time.sleep(0.05)
"""


def service(runtime: Runtime, name: str) -> Service:
    """A process that writes its begin and its end, with its id, into `var/journal`."""
    journal = runtime.var / "journal"

    def has_begun() -> bool:
        return journal.exists() and f"begin {name} " in journal.read_text()

    arguments = python("-c", TOY, name, str(journal))
    return Service(name, arguments, is_ready=has_begun, once=name == "brief", ready_seconds=20)


def main(var: str, *names: str) -> None:
    """Run toys until a signal."""
    runtime = Runtime(Path(var))

    def begin(supervisor: Supervisor) -> None:
        supervisor.start([service(runtime, name) for name in names])
        tell("ready")

    run(runtime, begin)


if __name__ == "__main__":
    main(*sys.argv[1:])
