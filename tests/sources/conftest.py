"""What tests of stores leave in the shared installation goes, since nothing of it answers any more."""

from collections.abc import Iterator

import psycopg
import pytest

from portal.core.config import Settings
from portal.operations.postgres import DATABASE, Postgres


@pytest.fixture(scope="package", autouse=True)
def forgotten(postgres: Postgres, settings: Settings) -> Iterator[None]:
    """No source stays behind."""
    assert settings.database_url
    yield
    with psycopg.connect(postgres.superuser_conninfo(DATABASE)) as superuser:
        superuser.execute("DELETE FROM source")
