"""Samples through the collector's own redaction, in a process of its own: nothing is stored, nothing is logged.

The process gets the text by a pipe and none of our secrets; it ends with the answer, or after some seconds in any case.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

LONGEST: Final = 10_000
SECONDS: Final = 20
ROOT: Final = Path(__file__).resolve().parents[3]
_FREE = BoundedSemaphore(2)
"""How many run at once in one web process: each takes a core for a moment."""


class BenchError(Exception):
    """No answer came: too busy, too slow, or its program is not here."""


@dataclass(frozen=True)
class Tried:
    """One line of a sample: as it was, as it would be kept, the classes found in it, and its level."""

    before: str
    after: str
    classes: tuple[str, ...]
    level: int


def run(text: str, redaction: tuple[str, ...]) -> list[Tried]:
    """What devices would make of each line under a policy that asks for `redaction`. Raises BenchError."""
    if not _FREE.acquire(timeout=SECONDS):
        raise BenchError
    try:
        answer = _ask(json.dumps({"text": text, "redaction": redaction}).encode())
    finally:
        _FREE.release()
    return [Tried(row["before"], row["after"], tuple(row["classes"]), row["level"]) for row in answer]


def _ask(question: bytes) -> list[dict[str, Any]]:
    try:
        done = subprocess.run(
            [sys.executable, "-s", "-B", "-m", "collector.bench"],
            input=question,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )
        answer: list[dict[str, Any]] = json.loads(done.stdout)
        return answer
    except (OSError, subprocess.SubprocessError, ValueError):
        # Without its cause: an error's text could hold the sample.
        raise BenchError from None
