"""Copies of one small log, so that each test may break its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from portal.operations.postgres import Postgres
from portal.operations.schema import migrate
from tests.audit.logs import Log
from tests.fresh_database import fresh_database

BATCHES = (5, 9, 7)


@pytest.fixture(scope="package")
def template(postgres: Postgres, environment: dict[str, str]) -> Iterator[Log]:
    """21 entries under three checkpoints, and two that wait."""
    with fresh_database(postgres, environment) as (name, variables):
        log = Log(variables, postgres.superuser_conninfo(name))
        migrate(log.settings)
        for count in BATCHES:
            log.write(count)
            log.sequence()
        log.write(2, "waiting")
        log.database.dispose()
        yield log


@contextmanager
def copy_of(template: Log, postgres: Postgres) -> Iterator[Log]:
    """A database with the same log."""
    name = f"copy_{uuid4().hex[:12]}"
    url = make_url(template.environment["PORTAL_DATABASE_URL"])
    with psycopg.connect(postgres.superuser_conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER owner TEMPLATE {url.database}".encode())
        variables = {**template.environment, "PORTAL_DATABASE_URL": url.set(database=name).render_as_string()}
        log = Log(variables, postgres.superuser_conninfo(name))
        yield log
        log.database.dispose()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def another(template: Log, postgres: Postgres) -> Iterator[Callable[[], Log]]:
    """As many copies as a test asks for."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(copy_of(template, postgres))


@pytest.fixture
def log(another: Callable[[], Log]) -> Log:
    """One copy."""
    return another()
