"""The witness's files: checkpoints out of the database's reach, which also show when a database is an older one."""

import os
from pathlib import Path

from wire.checkpoint import notes_in

FILE = "file:"
MAIL = "mailto:"
TAIL = 1 << 16


def files(witnesses: str | None) -> list[Path]:
    """The files among the addresses of PORTAL_LOG_WITNESS."""
    return [Path(one.removeprefix(FILE)) for one in addresses(witnesses) if one.startswith(FILE)]


def addresses(witnesses: str | None) -> list[str]:
    """PORTAL_LOG_WITNESS taken apart."""
    return [one for one in (witnesses or "").split(",") if one]


def last_size(path: Path) -> int | None:
    """How many entries the log had when the last checkpoint was handed to this file; None when it tells nothing.

    The signature is not asked for: whoever can write here can only make a start refuse.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    sizes = [int(note.split("\n")[1]) for note in notes_in(text)]
    return sizes[-1] if sizes else None


def append(path: Path, note: str) -> None:
    """Add a note to the end of a file, on a line of its own even after a torn one, and wait until the disk has it."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        data = f"\n{note}".encode()
        if os.write(file, data) != len(data):
            raise OSError(0, "written in part only")
        os.fsync(file)
    finally:
        os.close(file)
