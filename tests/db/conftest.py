"""What the database tests share."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from portal.core.config import Settings
from portal.operations.postgres import Postgres
from portal.operations.schema import migrate
from tests.fresh_database import fresh_database


@dataclass(frozen=True)
class Apart:
    """A migrated database of its own, with rows no other test should meet."""

    settings: Settings
    superuser: str


@pytest.fixture(scope="module")
def apart(postgres: Postgres, environment: dict[str, str]) -> Iterator[Apart]:
    """One for each module."""
    with fresh_database(postgres, environment) as (name, variables):
        settings = Settings.from_env(variables)
        migrate(settings)
        yield Apart(settings, postgres.superuser_conninfo(name))
