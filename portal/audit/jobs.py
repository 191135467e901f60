"""The log's bells: sequence what waits, and hand each new checkpoint to the witness."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from portal.audit import queries, sequencing
from portal.audit.keys import log_key
from portal.core.config import Settings

log = structlog.get_logger()


def sequencer(settings: Settings) -> Callable[[Session, datetime], bool]:
    """The job that appends to the log. Raises ConfigError when there is no key to sign with."""
    key = log_key(settings)

    def sequence_next(session: Session, now: datetime) -> bool:
        """One batch; a log that was tampered with is not continued, and every bell says so."""
        try:
            return sequencing.sequence(session, key, now)
        except sequencing.BrokenLogError as error:
            log.error("log.broken", reason=str(error))
            return False

    return sequence_next


def witness(settings: Settings) -> Callable[[Session, datetime], None]:
    """The job that appends the newest checkpoint to the witness's file, after its commit; at a start, once more."""
    path = Path((settings.log_witness or "").removeprefix("file:"))
    handed = 0

    def hand_out_head(session: Session, _now: datetime) -> None:
        nonlocal handed
        head = queries.newest_head(session) if settings.log_witness else None
        if head is None or head.number == handed:
            return
        try:
            append(path, head.note)
        except OSError as error:
            log.warning("log.witness_unreachable", error=error.strerror)
            return
        handed = head.number

    return hand_out_head


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
