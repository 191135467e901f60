"""An installation on a cluster of its own, which a test may crash: people, items, requests, what is left."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.orm import Session

from portal.audit import verifying
from portal.audit.keys import log_key
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.deletion import planning
from portal.deletion.rules import Chosen
from portal.operations.postgres import DATABASE, Postgres
from tests.captured import store_item
from tests.cast import make_person

EVERYBODY = Chosen(whole_person=True)
REQUEST = (
    "INSERT INTO request (id, employee_id, type, state, law, received_at, due_at) "
    "VALUES (%s, %s, 'erase', 'running', 'gdpr', now(), now() + interval '1 month')"
)


@dataclass
class Installation:
    """The settings of all its processes, and a superuser's eyes."""

    environment: dict[str, str]
    postgres: Postgres
    folder: Path
    settings: Settings = field(init=False)
    database: Database = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings.from_env(self.environment)
        self.database = Database(self.settings)

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """As the superuser; committed."""
        with psycopg.connect(self.postgres.superuser_conninfo(DATABASE), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.ask(statement, *values)[0][0]

    def superuser(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the superuser's."""
        return psycopg.connect(self.postgres.superuser_conninfo(DATABASE))

    def person(self, name: str = "Amira Kaya", items: int = 0, **columns: Any) -> UUID:
        """Somebody with items of the last minutes."""
        with self.superuser() as connection:
            person = make_person(connection, name, **columns)
            for number in range(items):
                store_item(connection, person, clock.now() - timedelta(minutes=number + 1), seq=number + 1)
        return person

    def item(self, person: UUID, at: datetime, **changes: Any) -> UUID:
        """One more item."""
        with self.superuser() as connection:
            return store_item(connection, person, at, **changes).segment

    def request(self, person: UUID, chosen: Chosen, **given: Any) -> UUID:
        """An approved request with its steps."""
        request = uuid4()
        self.ask(REQUEST, request, person)
        with self.worker() as session:
            planning.plan(session, person, request, chosen, now=clock.now(), **given)
        return request

    def cancel_steps(self) -> None:
        """Nothing waits any more of what other tests have left behind."""
        self.ask("UPDATE request_step SET state = 'cancelled' WHERE state IN ('waiting', 'running', 'pending')")

    def worker(self) -> Any:
        """A transaction of the worker."""
        return self.database.transaction("worker")

    def state(self, request: UUID) -> list[str]:
        """How the request's steps stand."""
        rows = self.ask("SELECT state FROM request_step WHERE request_id = %s ORDER BY round, store", request)
        return [row[0] for row in rows]

    def left(self, person: UUID) -> dict[str, int]:
        """What is left of a person: rows by table."""
        tables = ("segment", "employee_day", "upload", "tombstone", "employee_key", "device", "notification", "look")
        statement = " UNION ALL ".join(
            f"SELECT '{name}', count(*) FROM {name} WHERE employee_id = %s" for name in tables
        )
        return dict(self.ask(statement, *[person] * len(tables)))

    def findings(self, session: Session | None = None) -> list[str]:
        """What `log verify` finds."""
        assert session is None
        with self.worker() as opened:
            return verifying.verify(opened, log_key(self.settings).public()).findings
