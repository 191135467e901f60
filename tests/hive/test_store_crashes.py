"""R03 in Hive: the worker is killed at each named point of a rewriting, and no row is lost, kept, or counted twice."""

from pathlib import Path

import pytest

from portal.core import points
from portal.deletion.rules import Chosen
from portal.sources.connectors.hive import rewriting
from portal.sources.connectors.hive.connector import HiveConnector
from tests.deletion.elsewhere import ENDED, Elsewhere
from tests.deletion.installation import Installation
from tests.hive.server import Server
from tests.hive.test_kills import PARTS, held, make

SECONDS = 300.0
"""A statement may take Spark long on a busy machine."""


@pytest.mark.slow
@pytest.mark.parametrize("point", points.ELSEWHERE["hive"])
def test_R03_the_end_in_hive_is_the_same_from_every_crash_point(
    hive: HiveConnector, server: Server, installation: Installation, small: str, tmp_path: Path, point: str
) -> None:
    amira = installation.person()
    table = f"crashed_{point}"
    staying = make(hive, table, f"{amira}@daylight.example")
    writer, readback = (server.address(user, small) for user in ("writer", "auditor"))
    store = Elsewhere.described(installation, "hive", f"{small}.{table}", writer, readback)
    request = installation.request(amira, Chosen(), places=[store.place])
    store.killed_twice(request, tmp_path, point, SECONDS)
    assert held(hive, table) == staying
    assert store.ended(request) == ENDED | {"deleted": PARTS}
    stages = rewriting.prefix(hive._table(f"{small}.{table}"))
    assert hive._sessions.rows(f"SHOW TABLES IN {small} LIKE '{stages}*'") == []
