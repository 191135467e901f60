"""What redaction makes of a sample, line by line: `python -m collector.bench`, JSON on standard input and output.

The portal's test bench runs this very code, in a process of its own, so that people try what devices do and nothing
else. Nothing is kept, and nothing is logged.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

from collector import redaction, sensitivity
from collector.sealing import BASE
from collector.sensitivity import CLASSES, Finding
from wire.documents import Kind

LOWEST = BASE[Kind.KEY][0]


def lines(text: str, names: frozenset[str]) -> list[dict[str, Any]]:
    """Each line before and after, the classes found in it, and the level that a stretch with it would carry.

    The text is read as a whole, as typed text is: a sentence or a key may span lines.
    """
    marked, _ = redaction.redact_text(text, names)
    found = sensitivity.find(text, names)
    rows, start = [], 0
    for before, after in zip(text.split("\n"), marked.split("\n"), strict=True):
        classes = _within(found, start, start + len(before))
        level = max([LOWEST, *(CLASSES[name].level for name in classes)])
        rows.append({"before": before, "after": after, "classes": classes, "level": level})
        start += len(before) + 1
    return rows


def _within(found: Iterable[Finding], start: int, end: int) -> list[str]:
    return sorted({one.name for one in found if one.start < end and one.end > start})


def main() -> None:
    """Answer one request."""
    asked = json.loads(sys.stdin.buffer.read())
    answer = lines(asked["text"], frozenset(asked["redaction"]))
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
