"""One server for the run, and the connectors of two logins to it."""

from collections.abc import Iterator

import pytest

from portal.sources.connectors.hive.connector import HiveConnector, open_hive
from tests.cast import Organisation
from tests.deletion.conftest import installed
from tests.deletion.installation import Installation
from tests.hive.corpus import Corpus, fill
from tests.hive.server import Server, spark_thrift


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with spark_thrift(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture(scope="session")
def hive(server: Server) -> Iterator[HiveConnector]:
    """Who erases."""
    connector = open_hive(server.address())
    yield connector
    connector.close()


@pytest.fixture(scope="session")
def reader(server: Server) -> Iterator[HiveConnector]:
    """Who reads back, as another user."""
    connector = open_hive(server.address("auditor"))
    yield connector
    connector.close()


@pytest.fixture(scope="session")
def corpus(server: Server, hive: HiveConnector) -> Corpus:
    """300 tables of 3 partitions and 50 people, 30 of which hold Amira."""
    made = Corpus(300)
    fill(hive, server.warehouse, made)
    return made


@pytest.fixture(scope="session")
def small(hive: HiveConnector) -> str:
    """A database for single tables."""
    hive._sessions.rows("CREATE DATABASE small")
    return "small"


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], organisation: Organisation
) -> Iterator[Installation]:
    """One whose worker deletes in the server's tables."""
    with installed(tmp_path_factory.mktemp("portal"), environment, organisation) as made:
        yield made
