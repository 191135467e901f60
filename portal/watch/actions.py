"""Writes of the worker: what a look found."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.watch.models import Watch
from portal.watch.rules import Seen, Watched, told

EVERY: Final = timedelta(minutes=1)


def note(session: Session, name: Watched, seen: Seen, now: datetime) -> None:
    """Write what a look found; where it cannot say since when, it is since the first look that found it."""
    may = told(name, seen)
    since = None if may.found == 0 else may.since or now
    statement = insert(Watch).values(name=name, found=may.found, since=since, looked_at=now)
    new = statement.excluded
    before = func.coalesce(Watch.since, new.since) if may.found != 0 and may.since is None else new.since
    changed = {"found": new.found, "since": before, "looked_at": new.looked_at}
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def noter(name: Watched) -> Callable[[Session, int, datetime], None]:
    """For a job that rings more often than once a minute: writes what it found when that changes, else each minute."""
    last: tuple[int, datetime] | None = None

    def note_found(session: Session, found: int, now: datetime) -> None:
        nonlocal last
        if last is None or last[0] != found or now - last[1] >= EVERY:
            note(session, name, Seen(found), now)
            last = found, now

    return note_found
