"""One request through the real worker, over a warehouse of many tables: a receipt each, and nobody else's rows touched.

`HIVE_TABLES=300` makes it as large as the warehouse of test_corpus.py; a tenth of the tables holds her.
"""

import os
import time
from pathlib import Path
from uuid import UUID

import pytest

from portal.sources.connectors.base import Count
from portal.sources.connectors.hive.connector import HiveConnector
from tests.deletion.elsewhere import warehouse
from tests.deletion.installation import Installation
from tests.deletion.worker import Worker
from tests.hive.corpus import Corpus, fill, notes, staying, untouched
from tests.hive.server import Server
from tests.requests.arrange import decided, sent

TABLES = int(os.environ.get("HIVE_TABLES", "60"))
SECONDS = 1500.0
ENDED = "SELECT state, count(*) FROM request_step WHERE request_id = %s GROUP BY state"
STEPS = """
SELECT d.location, s.deleted, s.held, s.remaining, s.apart,
       (SELECT count(*) FROM receipt r WHERE r.step_id = s.id),
       (SELECT count(*) FROM audit_entry e WHERE e.action = 'step.ended' AND e.object_id = s.id)
  FROM request_step s JOIN dataset d ON d.id = s.dataset_id WHERE s.request_id = %s
"""
PROVED = "SELECT count(*), count(proof) FROM receipt WHERE request_id = %s"


@pytest.mark.slow
def test_R03_one_request_through_the_worker_takes_a_person_out_of_every_table(
    hive: HiveConnector,
    reader: HiveConnector,
    server: Server,
    installation: Installation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    amira = installation.person(items=2)
    holder = f"{amira}@daylight.example"
    corpus = Corpus(TABLES, (holder,), "asked")
    fill(hive, server.warehouse, corpus)
    before = untouched(corpus, server.warehouse)
    ways = warehouse(
        installation, corpus.layouts(), server.address("writer", "asked"), server.address("auditor", "asked")
    )
    request = sent(installation.database, amira).id
    decided(installation.database, request)
    begins = time.monotonic()
    with Worker(ways, tmp_path, seconds=SECONDS, plain=True) as worker:
        worker.until(lambda: _proved(installation, request, capsys, begins))
    assert installation.one("SELECT state FROM request WHERE id = %s", request) == "done"
    assert dict(installation.ask(ENDED, request)) == {"done": TABLES + 1}
    held = {f"asked.{name}" for name in corpus.holding()}
    whole = {f"asked.{name}": (4 if f"asked.{name}" in held else 0, 0, 0, True, 1, 1) for name in corpus.names()}
    assert {row[0]: row[1:] for row in installation.ask(STEPS, request)} == whole
    assert [count for _, count in reader.counts(corpus.targets(holder)) if count != Count(0, {})] == []
    assert untouched(corpus, server.warehouse) == before
    for table in corpus.holding():
        assert notes(reader, corpus, table) == staying(corpus, table, holder)
    assert hive._sessions.rows("SHOW TABLES IN asked LIKE 'daylight*'") == []
    assert installation.left(amira)["segment"] == 0


def _proved(installation: Installation, request: UUID, capsys: pytest.CaptureFixture[str], begins: float) -> bool:
    """Whether every store has its receipt with its proof; says how far it is."""
    made, proved = installation.ask(PROVED, request)[0]
    with capsys.disabled():
        told = f"{made} of {TABLES + 1} stores receipted, {proved} proved, {time.monotonic() - begins:.0f} s"
        print(f"\r  {told} ", end="", flush=True)  # noqa: T201 - the progress
    time.sleep(0.5)
    return (made, proved) == (TABLES + 1, TABLES + 1)
