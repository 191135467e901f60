"""The demo's external store: a database file that "the AI team" has filled from captures; so there are two stores.

One table names people by address, one by a pseudonym, and one is a view, which is refused.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import select

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.identity.models import Employee
from portal.operations.demo_people import PEOPLE, DemoPerson
from portal.operations.runtime import Runtime
from portal.sources import actions, queries, surveying
from portal.sources.connections import CONNECTORS, Connections
from portal.sources.description import read
from portal.worker import LOGIN

NAME: Final = "training"
DAYS: Final = 30
PROMPTS: Final = (
    "Shorten this paragraph for the release notes.",
    "Why does this query scan the whole table?",
    "Write a friendly reminder about the open invoice.",
    "Translate the meeting notes into German.",
    "Which tests are missing for this function?",
)
TABLES: Final = """
CREATE TABLE prompt_archive (
    employee_email TEXT, asked_at TIMESTAMP, kind TEXT, app TEXT, sensitivity INTEGER, prompt TEXT
);
CREATE TABLE training_rows (pseudonym TEXT, made_at TIMESTAMP, tokens INTEGER);
CREATE VIEW weekly_totals AS SELECT app, count(*) AS prompts FROM prompt_archive GROUP BY app;
"""
DESCRIPTION: Final = """
source: training
connector: sql
datasets:
  - location: main.prompt_archive
    name: Prompt archive
    subject: {column: employee_email, kind: email}
    time: asked_at
    kind: kind
    context: app
    sensitivity: sensitivity
    physical_days: 14
    readable_by: 412
  - location: main.training_rows
    name: Training rows (pseudonyms)
    subject: {column: pseudonym, kind: handle}
    time: made_at
"""


def addresses(runtime: Runtime) -> dict[str, str]:
    """The store's settings: to erase, and to read back with a connection that cannot write."""
    return {
        "PORTAL_SOURCE_TRAINING_URL": f"sqlite:///{_file(runtime)}",
        "PORTAL_SOURCE_TRAINING_READBACK_URL": f"sqlite:///file:{_file(runtime)}?mode=ro&uri=true",
    }


def provide(settings: Settings, runtime: Runtime) -> None:
    """Make and describe the store; once it is there, what people erased in it stays erased."""
    if not _file(runtime).exists():
        _make(_file(runtime), clock.now())
    database = Database(settings)
    with Connections(settings) as stores, database.transaction(LOGIN) as session:
        surveying.describe(session, stores, read(DESCRIPTION, CONNECTORS), clock.now())
        source = queries.source_named(session, NAME)
        if source is not None:
            surveying.discover(session, stores, source, clock.now())
            known = {str(mail): person for mail, person in session.execute(select(Employee.email, Employee.id))}
            pairs = [(known[person.email], pseudonym(person)) for person in PEOPLE if person.email in known]
            actions.add_handles(session, source.id, pairs)
    database.dispose()


def pseudonym(person: DemoPerson) -> str:
    """The name under which a demo person's training rows stand."""
    return sha256(person.email.encode()).hexdigest()[:16]


def _file(runtime: Runtime) -> Path:
    return runtime.var / "stores" / "training.db"


def _make(file: Path, now: datetime) -> None:
    """Write the file beside its place and move it there, so that it is never seen half filled."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    half = file.with_suffix(".making")
    half.unlink(missing_ok=True)
    with closing(sqlite3.connect(half)) as connection, connection:
        connection.executescript(TABLES)
        connection.executemany("INSERT INTO prompt_archive VALUES (?, ?, 'prompt', ?, ?, ?)", _prompts(now))
        connection.executemany("INSERT INTO training_rows VALUES (?, ?, ?)", _training_rows(now))
    half.chmod(0o600)
    half.rename(file)


def _prompts(now: datetime) -> Iterator[tuple[str, str, str, int, str]]:
    for number, person in enumerate(PEOPLE):
        for day in range(1, DAYS + 1, 1 + number % 2):
            at = now - timedelta(days=day, minutes=37 * number)
            text = PROMPTS[(day + number) % len(PROMPTS)]
            yield person.email, f"{at:%Y-%m-%d %H:%M:%S}", ("assistant", "editor")[day % 2], 1 + day % 3, text


def _training_rows(now: datetime) -> Iterator[tuple[str, str, int]]:
    for person in PEOPLE:
        for day in range(2, DAYS, 3):
            yield pseudonym(person), f"{now - timedelta(days=day):%Y-%m-%d %H:%M:%S}", 40 + 7 * day
