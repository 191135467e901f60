"""The real gateway process beside the real PostgreSQL, and devices that talk to it."""

from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg
import pytest

from tests.cast import Organisation
from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows


@pytest.fixture(scope="session")
def gateway(environment: dict[str, str]) -> Iterator[Gateway]:
    """One gateway for the tests that leave it whole."""
    with Gateway(environment) as process:
        yield process


@pytest.fixture
def rows(superuser: psycopg.Connection[tuple[object, ...]], organisation: Organisation) -> Rows:
    """Arranges and reads rows as superuser."""
    return Rows(superuser, organisation)


@pytest.fixture
def agent(gateway: Gateway, rows: Rows, person: Callable[..., UUID]) -> Agent:
    """An enrolled collector of a new person with a key."""
    return rows.agent(gateway.url, person())
