"""A company in a database of its own, and weeks in which its people worked."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core.config import Settings
from portal.core.db import Database
from portal.operations.postgres import Postgres
from portal.operations.schema import migrate
from portal.releases.jobs import releaser
from portal.releases.periods import WEEK
from tests.cast import make_person
from tests.db.catalogue import Superuser
from tests.fresh_database import fresh_database

MONDAY = date(2026, 10, 5)
PLACES = (
    ("DE", "Berlin", "Engineering", 31),
    ("DE", "Berlin", "Sales", 17),
    ("DE", "Berlin", "Legal", 4),
    ("DE", "Berlin", "Finance", 12),
    ("IE", "Dublin", "Engineering", 21),
    ("IE", "Dublin", "Sales", 13),
    ("CH", "Zürich", "Research", 16),
)
DAY = (
    "INSERT INTO employee_day (employee_id, local_day, kind, context, sensitivity, items, milliseconds, bytes) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


@dataclass
class Company:
    """The database, and hands to fill it. `who`: people by (site, department)."""

    settings: Settings
    database: Database
    superuser: Superuser
    who: dict[tuple[str, str], list[UUID]] = field(default_factory=dict)

    def hire(self, country: str, site: str, department: str, count: int) -> list[UUID]:
        """New people of a department."""
        hired = [
            make_person(self.superuser, f"{department} {at}", country=country, site=site, department=department)
            for at in range(count)
        ]
        self.who.setdefault((site, department), []).extend(hired)
        self.superuser.commit()
        return hired

    def everybody(self) -> list[UUID]:
        """All people."""
        return [one for people in self.who.values() for one in people]

    def works(
        self, people: Sequence[UUID], monday: date, kind: str = "click", context: str = "jira", **more: int
    ) -> None:
        """A week of work of these people, a little different for each."""
        draw = random.Random(f"{monday}{kind}")  # noqa: S311 - invented work
        rows = []
        for one in people:
            for day in range(5):
                items = more.get("items") or draw.randint(20, 40)
                at = monday + timedelta(days=day)
                rows.append((one, at, kind, context, more.get("sensitivity", 1), items, items * 1000, items))
        with self.superuser.cursor() as cursor:
            cursor.executemany(DAY, rows)
        self.superuser.commit()

    def pauses(self, person: UUID, starts: datetime, ends: datetime | None = None) -> None:
        """One pause."""
        self.superuser.execute(
            "INSERT INTO pause (id, employee_id, source, number, asked_at, starts_at, ends_at) "
            "VALUES (%s, %s, 'page', 1, %s, %s, %s)",
            [uuid4(), person, starts, starts, ends],
        )
        self.superuser.commit()

    def release(self, until: date, since: date = MONDAY, k: int = 10) -> int:
        """Let the job run as on the day after this week's end; how many releases it made."""
        made, job, now = 0, releaser(k, since=since), datetime.combine(until + 2 * timedelta(days=1), time(), UTC)
        while True:
            with self.database.transaction("worker") as session:
                if not job(session, now):
                    return made
            made += 1

    def figures(self, starts_on: date | str = MONDAY, span: str = "week") -> dict[tuple[str, str, str, str, str], Any]:
        """(level, country, site, department, item) → value, or the word why it is hidden."""
        rows = self.superuser.execute(
            "SELECT level, country, site, department, item, value, why FROM pub.figure f JOIN pub.release r "
            "ON r.id = f.release_id WHERE r.starts_on = %s AND span = %s",
            [starts_on, span],
        ).fetchall()
        self.superuser.rollback()
        return {(row[0], row[1], row[2], row[3], row[4]): row[6] if row[5] is None else row[5] for row in rows}

    def value(self, statement: str, *values: Any) -> Any:
        """The one value that a statement finds."""
        found = self.superuser.execute(statement.encode(), values).fetchone()
        self.superuser.rollback()
        assert found
        return found[0]


@pytest.fixture(scope="session")
def migrated(postgres: Postgres, environment: dict[str, str]) -> Iterator[str]:
    """A migrated database that is only copied."""
    with fresh_database(postgres, environment) as (name, variables):
        migrate(Settings.from_env(variables), demo=True)
        yield name


@contextmanager
def founded(postgres: Postgres, environment: dict[str, str], migrated: str) -> Iterator[Company]:
    """114 people in three countries, a legal department of four among them; nobody has worked yet."""
    with fresh_database(postgres, environment, migrated) as (name, variables):
        settings = Settings.from_env(variables)
        database = Database(settings)
        with psycopg.connect(postgres.superuser_conninfo(name)) as superuser:
            made = Company(settings, database, superuser)
            for place in PLACES:
                made.hire(*place)
            yield made
        database.dispose()


@pytest.fixture
def company(postgres: Postgres, environment: dict[str, str], migrated: str) -> Iterator[Company]:
    """A company for one test."""
    with founded(postgres, environment, migrated) as made:
        yield made


def week(number: int) -> date:
    """The Monday so many weeks after the first."""
    return MONDAY + number * WEEK
