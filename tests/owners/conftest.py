"""A store with one dataset, described in the shared installation for the length of a test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core.db import Database
from portal.owners.jobs import tell_owners
from portal.sources.actions import set_owner

Superuser = psycopg.Connection[tuple[Any, ...]]


@dataclass
class Store:
    """A store that may have an owner, and steps of people's deletions in it."""

    superuser: Superuser
    database: Database
    person: Callable[..., UUID]
    source: UUID
    dataset: UUID
    name: str

    def do(self, statement: str, *values: object) -> None:
        """As the superuser; committed."""
        self.superuser.execute(statement.encode(), values)
        self.superuser.commit()

    def owned_by(self, address: str | None, now: datetime) -> None:
        """As a description or the officer says."""
        with self.database.transaction("worker") as session:
            set_owner(session, self.source, address, now)

    def step(self, state: str, made: datetime, ended: datetime | None = None, **columns: object) -> UUID:
        """A deletion of somebody in this store, with its receipt if it has ended."""
        person, step = self.person("Amira Kaya"), uuid4()
        values = {
            "id": step, "employee_id": person, "request_id": uuid4(), "dataset_id": self.dataset, "store": self.name,
            "chosen": "{}", "state": state, "created_at": made, **columns,
        }  # fmt: skip
        names, slots = ", ".join(values), ", ".join(["%s"] * len(values))
        self.do(f"INSERT INTO request_step ({names}) VALUES ({slots})", *values.values())
        if ended:
            self.do(
                "INSERT INTO receipt (id, employee_id, request_id, step_id, envelope, issued_at) "
                "VALUES (%s, %s, %s, %s, '', %s)",
                uuid4(), person, values["request_id"], step, ended,
            )  # fmt: skip
        return step

    def tell(self, now: datetime) -> int:
        """What the worker does every ten minutes."""
        with self.database.transaction("worker") as session:
            return tell_owners(session, now)

    def mails(self) -> list[tuple[UUID | None, str | None, dict[str, Any]]]:
        """To whom, and what they say."""
        statement = "SELECT employee_id, address, params FROM outbox WHERE params ->> 'store' = %s ORDER BY created_at"
        rows = self.superuser.execute(statement, [self.name]).fetchall()
        self.superuser.rollback()
        return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
def store(superuser: Superuser, database: Database, person: Callable[..., UUID]) -> Iterator[Store]:
    """Nobody answers for it yet."""
    source, dataset, name = uuid4(), uuid4(), f"lake{uuid4().hex[:8]}"
    made = Store(superuser, database, person, source, dataset, name)
    made.do("INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'sql', 'X')", source, name)
    made.do(
        "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state) "
        "VALUES (%s, %s, %s, 'events', 'who', 'email', 'yaml', 'usable')",
        dataset, source, f"Chat of {name}",
    )  # fmt: skip
    yield made
    made.do("UPDATE request_step SET state = 'cancelled' WHERE dataset_id = %s", dataset)
    made.do("DELETE FROM source WHERE id = %s", source)
