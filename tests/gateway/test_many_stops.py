"""R01: a thousand devices answer a stop at once, and the gateway is killed as soon as the last is acknowledged."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import psycopg
import pytest

from benchmarks.fleet import Fleet
from benchmarks.installation import Installation, crowd
from portal.operations.postgres import DATABASE, Postgres
from tests.cast import Organisation
from tests.gateway.process import Gateway, Rows

MANY = 1_000
SECONDS = 240


@contextmanager
def many_files() -> Iterator[None]:
    """Room for a socket each, here and in the gateway."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
def test_R01_no_answer_of_a_thousand_is_lost(
    postgres: Postgres, organisation: Organisation, rows: Rows, environment: dict[str, str]
) -> None:
    site, stop = f"site {uuid4()}", uuid4()
    arranged: Any = SimpleNamespace(
        organisation=organisation, superuser=lambda: psycopg.connect(postgres.superuser_conninfo(DATABASE))
    )
    members = crowd(cast(Installation, arranged), MANY)
    rows.do("UPDATE employee SET site = %s WHERE id = ANY(%s)", site, [one.employee for one in members])
    with many_files(), Gateway(environment, PORTAL_LOG_LEVEL="warning") as own, Fleet(own.port, members) as fleet:
        fleet.connect(SECONDS)
        fleet.sign_stopped(0, f"stop={stop}")
        rows.do(
            "WITH made AS (INSERT INTO stop (id, sites, reason, by_role, asked_at) VALUES (%s, %s, 'A leak.', "
            "'works_council', date_trunc('milliseconds', clock_timestamp())) RETURNING id) "
            "SELECT wake_gateways('stop', id) FROM made",
            stop,
            [site],
        )
        fleet.until(lambda: fleet.done == MANY, SECONDS)
        own.kill()
    kept = {row[0] for row in rows.all("SELECT device_id FROM stop_answer WHERE stop_id = %s", stop)}
    assert kept == {one.device for one in members}
