"""A ballot that is killed at one of its steps: `python -m tests.petitions.killed`.

Each line of its input is a directory, a step and tokens (JSON). A child of its own hands tokens in, takes the first one
back, and empties its box; it says each thing once that is acknowledged. A step is a write, a sync or a commit, and the
child is killed before or after it.
"""

import json
import os
import signal
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import SessionTransaction

from ballot.box import Box
from ballot.keys import Keys
from ballot.service import Ballot, Token
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database

steps = 0


def killed(last: int, call: Callable[..., Any]) -> Callable[..., Any]:
    """`call`, with a step before and a step after it."""

    def step() -> None:
        global steps  # noqa: PLW0603 - one process, one count
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def called(*given: Any, **named: Any) -> Any:
        step()
        answer = call(*given, **named)
        step()
        return answer

    return called


def say(what: str) -> None:
    """Acknowledge."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def work(directory: str, last: int, tokens: list[dict[str, str]]) -> None:
    """What the child does until it is killed, or to the end."""
    settings, opened = Settings.from_env(os.environ), Box(Path(directory))
    ballot = Ballot(Database(settings), Keys(bytes.fromhex(settings.require("ballot_seal"))), opened)
    given = [Token(UUID(one["petition"]), b64decode(one["prepared"]), b64decode(one["signature"])) for one in tokens]
    for name in ("pwrite", "fsync"):
        setattr(os, name, killed(last, getattr(os, name)))
    SessionTransaction.commit = killed(last, SessionTransaction.commit)  # type: ignore[method-assign]
    for number, token in enumerate(given):
        ballot.hand_in(token)
        say(f"in {number}")
    ballot.take_back(given[0])
    say("back 0")
    ballot.empty(clock.now().date())
    say("emptied")


def main() -> None:
    """A child for each line; a line of its own says that it has ended."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(*json.loads(line))
            os._exit(0)
        os.waitpid(child, 0)
        say("end")


if __name__ == "__main__":
    main()
