"""Tombstones: what was erased, in the database for late uploads, and in a journal beside it for older backups."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.core.config import Settings
from portal.core.db import lock_person
from portal.deletion.models import Tombstone
from portal.deletion.rules import Chosen

JOURNAL = "tombstones.jsonl"
NARROWED = ("kinds", "contexts", "sensitivities", "segments")


@dataclass(frozen=True)
class Buried:
    """One line of the journal: whose, what, the bounds in time, when."""

    id: UUID
    person: UUID
    chosen: Chosen
    bounds: tuple[datetime, datetime]
    erased_at: datetime


def journal(settings: Settings) -> Path:
    """Where the journal is: out of the database's reach, and in every backup's company."""
    return settings.tombstones or settings.var_dir / JOURNAL


def bury(session: Session, path: Path, one: Buried) -> None:
    """Lay the tombstone, once, and write it down outside before this transaction can commit.

    Takes the person's lock: from the commit on, no upload into the range is stored, and none is under way that did not
    see it. What the journal holds without a commit is erased at the next attempt, so it may be replayed in any case.
    """
    lock_person(session, one.person)
    laid = session.execute(insert(Tombstone).values(row(one)).on_conflict_do_nothing().returning(Tombstone.id)).all()
    if laid or not path.exists():
        append(path, one)


def row(one: Buried) -> dict[str, Any]:
    """The tombstone's columns."""
    narrowed = {name: _sorted(getattr(one.chosen, name)) for name in NARROWED}
    return narrowed | {
        "id": one.id,
        "employee_id": one.person,
        "starts_at": one.bounds[0],
        "ends_at": one.bounds[1],
        "whole_person": one.chosen.whole_person,
        "erased_at": one.erased_at,
    }


def chosen_in(grave: Tombstone) -> Chosen:
    """What a tombstone covers, within its bounds."""
    narrowed = {name: getattr(grave, name) for name in NARROWED}
    parts: dict[str, Any] = {name: None if part is None else frozenset(part) for name, part in narrowed.items()}
    return Chosen(**parts)


def append(path: Path, one: Buried) -> None:
    """Add a line, and wait until the disk has it. Raises OSError; then nothing may be erased."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = {"id": str(one.id), "person": str(one.person), "chosen": one.chosen.to_json()}
    times = [moment.astimezone(UTC).isoformat() for moment in (*one.bounds, one.erased_at)]
    data = ("\n" + json.dumps(value | {"times": times}, sort_keys=True) + "\n").encode()
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.write(file, data) != len(data):
            raise OSError(0, "written in part only")
        os.fsync(file)
    finally:
        os.close(file)


def read(path: Path) -> Iterator[Buried]:
    """Every tombstone of the journal, each once; a torn line was never committed and is passed over."""
    seen: set[UUID] = set()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
        try:
            one = _parsed(json.loads(line))
        except (ValueError, KeyError, TypeError):
            continue
        if one.id not in seen:
            seen.add(one.id)
            yield one


def known(session: Session) -> set[UUID]:
    """The ids of the tombstones in the database."""
    return set(session.scalars(select(Tombstone.id)))


def _parsed(value: dict[str, Any]) -> Buried:
    starts, ends, erased = (datetime.fromisoformat(text) for text in value["times"])
    chosen = Chosen.from_json(value["chosen"])
    return Buried(UUID(value["id"]), UUID(value["person"]), chosen, (starts, ends), erased)


def _sorted(part: frozenset[Any] | None) -> list[Any] | None:
    return None if part is None else sorted(part)
