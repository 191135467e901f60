"""A log of its own for a test: write entries, sequence them, read it as the worker, break it as the superuser."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.orm import Session

from portal.audit import sequencing, verifying
from portal.audit.keys import LogKey, log_key
from portal.audit.verifying import Report
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from wire import checkpoint
from wire.checkpoint import Checkpoint

ENTRY = (
    "INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail) "
    "VALUES (%s, 'employee', %s, %s, %s, %s)"
)


@dataclass
class Log:
    """One database's log."""

    environment: dict[str, str]
    superuser_conninfo: str

    def __post_init__(self) -> None:
        self.settings = Settings.from_env(self.environment)
        self.database = Database(self.settings)
        self.key: LogKey = log_key(self.settings)

    @contextmanager
    def worker(self) -> Iterator[Session]:
        """A transaction of the worker."""
        with self.database.transaction("worker") as session:
            yield session

    def write(self, count: int, action: str = "written") -> None:
        """Entries as a service appends them, each in a transaction of its own."""
        with psycopg.connect(self.settings.conninfo("gateway"), autocommit=True) as connection:
            for _ in range(count):
                write_entry(connection, action)

    def sequence(self) -> bool:
        """One batch."""
        with self.worker() as session:
            return sequencing.sequence(session, self.key, clock.now())

    def notes(self) -> list[str]:
        """Every signed checkpoint, oldest first."""
        return [row[0] for row in self.ask("SELECT note FROM log_head ORDER BY number")]

    def heads(self) -> list[Checkpoint]:
        """Every checkpoint, oldest first."""
        return [checkpoint.open_checkpoint(note, self.key.public()) for note in self.notes()]

    def verify(self, kept: Sequence[Checkpoint] = ()) -> Report:
        """What an outsider finds."""
        with self.worker() as session:
            return verifying.verify(session, self.key.public(), kept)

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """As the superuser; what changes something is committed."""
        with psycopg.connect(self.superuser_conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


def write_entry(connection: psycopg.Connection[Any], action: str = "written") -> UUID:
    """Append one entry through a login that may; returns the object it names."""
    about = uuid4()
    connection.execute(ENTRY, [uuid4(), action, about, uuid4(), '{"n": 1.50, "ü": ["x", null]}'])
    return about
