"""After a restore: erase again what was erased since the backup, before anything is served.

The journal beside the database knows every tombstone; the restored database only those that the backup knew. What a
hold of the restored database keeps stays, and goes when that hold ends.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.db import Database
from portal.deletion import burying, claims, store
from portal.deletion.burying import Buried
from portal.deletion.carrying import LOGIN
from portal.deletion.models import Step, Tombstone
from portal.identity.models import Employee, EmployeeKey
from portal.sources.rules import OWN_STORE

EXPORT = Path("key-export") / "employee-keys.jsonl"


@dataclass
class Replayed:
    """What was done: tombstones laid again, items deleted again; the steps of people who are not erased yet."""

    tombstones: int = 0
    items: int = 0
    people: set[UUID] = field(default_factory=set)


def missing(session: Session, journal: Path) -> list[Buried]:
    """What the journal knows and the database does not, of people that the database has."""
    known = burying.known(session)
    lost = [one for one in burying.read(journal) if one.id not in known]
    people = set(session.scalars(select(Employee.id).where(Employee.id.in_({one.person for one in lost}))))
    return [one for one in lost if one.person in people]


def keys_missing(session: Session, export: Path, erased: set[UUID]) -> bool:
    """Whether the newest key export holds keys that the database has not, or has under a destroyed epoch."""
    if not export.exists():
        return False
    here = {str(row.id): row.kms_epoch for row in session.execute(select(EmployeeKey.id, EmployeeKey.kms_epoch))}
    rows = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if row["employee_id"] not in {str(person) for person in erased}]
    return any(here.get(row["id"], 0) < row["kms_epoch"] for row in kept)


def replay(database: Database, journal: Path) -> Replayed:
    """Lay every missing tombstone, and delete what lies under any. May be repeated after a crash."""
    done = Replayed()
    with database.transaction(LOGIN) as session:
        lost = missing(session, journal)
    for one in lost:
        with database.transaction(LOGIN) as session:
            _lay(session, one)
        done.tombstones += 1
    with database.transaction(LOGIN) as session:
        done.people = _take_up(session, journal)
    with database.transaction(LOGIN) as session:
        graves = session.scalars(select(Tombstone)).all()
    for grave in graves:
        done.items += sum(_sweep(database, grave))
    return done


def _lay(session: Session, one: Buried) -> None:
    """The tombstone; for a whole person also the keys, and a step, so that all the rest goes the usual way."""
    session.execute(insert(Tombstone).values(burying.row(one)).on_conflict_do_nothing())
    if not one.chosen.whole_person:
        return
    session.execute(
        delete(EmployeeKey).where(EmployeeKey.employee_id == one.person).execution_options(synchronize_session=False)
    )
    if session.scalar(select(exists(Step.id).where(Step.id == one.id))):
        return
    session.add(
        Step(
            id=one.id,
            employee_id=one.person,
            request_id=uuid4(),
            store=OWN_STORE,
            chosen=one.chosen.to_json(),
            created_at=one.erased_at,
            next_try_at=one.erased_at,
        )
    )


def _take_up(session: Session, journal: Path) -> set[UUID]:
    """Let every step be taken at once, whoever held it before the crash; those that erase a person of the journal."""
    claims.drop(session, clock.now())
    people = {one.id for one in burying.read(journal) if one.chosen.whole_person}
    due = update(Step).where(Step.id.in_(people), Step.state.in_(claims.OPEN)).values(next_try_at=clock.now())
    return set(session.scalars(due.returning(Step.id).execution_options(synchronize_session=False)))


def _sweep(database: Database, grave: Tombstone) -> Iterator[int]:
    """Delete what lies under a tombstone, a batch a transaction; how many each."""
    gone = 1
    while gone:
        with database.transaction(LOGIN) as session:
            gone = sweep(session, grave, clock.now())
        yield gone


def sweep(session: Session, grave: Tombstone, now: datetime) -> int:
    """Delete one batch of what lies under a tombstone; how many."""
    return sum(store.delete_batch(session, _under(grave), now).values())


def lying(session: Session, grave: Tombstone, now: datetime) -> int:
    """How many items lie under a tombstone."""
    return sum(store.count(session, _under(grave), now))


def _under(grave: Tombstone) -> list[ColumnElement[bool]]:
    return store.inside(grave.employee_id, burying.chosen_in(grave), (grave.starts_at, grave.ends_at))
