"""A partition that is due holds up no upload, whoever reads `segment`; one that has to wait is made later."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.operations.postgres import DATABASE, Postgres
from tests.captured import store_item
from tests.db.catalogue import Superuser
from tests.db.test_schema import snapshot

NAME = "SELECT 'segment_' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months', 'YYYYMM')"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query = 'SELECT ensure_partitions()'"


def ensure(settings: Settings, login: str = "worker") -> None:
    """As that login; 20 s at most, so that a function that waits is a test that fails."""
    with psycopg.connect(settings.conninfo(login), options="-c statement_timeout=20000") as connection:
        connection.execute("SELECT ensure_partitions()")


def there(superuser: Superuser, name: str) -> bool:
    row = superuser.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone()
    superuser.commit()
    return bool(row and row[0])


@pytest.fixture
def other(postgres: Postgres) -> Iterator[Superuser]:
    """A second connection of the superuser's."""
    with psycopg.connect(postgres.superuser_conninfo(DATABASE)) as connection:
        yield connection


@pytest.fixture
def due(superuser: Superuser, settings: Settings) -> Iterator[str]:
    """The name of the newest partition, which is gone until somebody makes it."""
    (name,) = superuser.execute(NAME).fetchone() or ()
    superuser.execute(f"DROP TABLE {name}".encode())
    superuser.commit()
    yield str(name)
    ensure(settings)


def test_uploads_go_on_while_somebody_reads_and_a_partition_is_due(
    settings: Settings, superuser: Superuser, other: Superuser, person: Callable[..., UUID], due: str
) -> None:
    amira = person()
    other.execute("SELECT count(*) FROM segment")  # and its transaction stays open
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(ensure, settings)
        try:
            while not making.done() and not _waits(superuser):
                pass
            superuser.execute("SET lock_timeout = '5s'")
            superuser.commit()
            store_item(superuser, amira, clock.now() - timedelta(minutes=1))
            making.result(timeout=30)
            assert there(superuser, due)
        finally:
            other.rollback()


def test_a_partition_that_cannot_be_made_now_is_made_later_and_nothing_of_it_is_left(
    settings: Settings, superuser: Superuser, other: Superuser, person: Callable[..., UUID], due: str
) -> None:
    other.execute("UPDATE employee SET name = name WHERE id = %s", [person()])
    ensure(settings, "gateway")
    assert not there(superuser, due)
    other.rollback()
    ensure(settings, "gateway")
    assert there(superuser, due)


def test_a_partition_attached_later_is_like_the_others(settings: Settings, superuser: Superuser, due: str) -> None:
    ensure(settings)
    rows = snapshot(superuser)
    superuser.execute(f"DROP TABLE {due}".encode())
    bounds = superuser.execute(
        "SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '3 months', "
        "date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '4 months'"
    ).fetchone()
    assert bounds
    superuser.execute(
        f"CREATE TABLE {due} PARTITION OF segment FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')".encode()
    )
    superuser.execute(f"ALTER TABLE {due} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY".encode())
    superuser.execute(f"ALTER TABLE {due} OWNER TO owner".encode())
    superuser.commit()
    assert snapshot(superuser) == rows


def _waits(superuser: Superuser) -> bool:
    row = superuser.execute(WAITS).fetchone()
    superuser.commit()
    return bool(row and row[0])
