"""Asked to end, the worker begins nothing more, breaks off where it can, and waits for no store for ever (R03)."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portal.core import points
from portal.core.ending import Ending
from portal.deletion.planning import Place
from portal.deletion.rules import Chosen
from portal.sources.rules import readback_name, setting_name
from portal.worker import carrier
from tests.deletion.elsewhere import Elsewhere
from tests.deletion.installation import Installation
from tests.deletion.worker import Worker

FILES = 12
STEP = (
    "SELECT state, claimed_until, next_try_at <= now(), pending_since, reason, parts_done "
    "FROM request_step WHERE request_id = %s ORDER BY dataset_id"
)


@contextmanager
def silent() -> Iterator[tuple[int, Event]]:
    """A server that takes what it is sent and never answers: its port, and whether somebody asked it something."""
    asked, kept = Event(), []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                kept.append(connection)
                connection.recv(1)
                asked.set()

        Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], asked
        for connection in kept:
            connection.close()
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("what", ["a step", "the daily look for undeclared tables"])
def test_R03_a_worker_ends_although_a_store_never_answers(
    installation: Installation, tmp_path: Path, what: str
) -> None:
    installation.cancel_steps()
    with silent() as (port, asked):
        address = f"hive://daylight@127.0.0.1:{port}/default?auth=NOSASL"
        store = Elsewhere.described(installation, "hive", "default.events", address, address)
        if what == "a step":
            installation.request(installation.person(), Chosen(), places=[store.place])
        with Worker(store.environment | {"END_SECONDS": "0.2"}, tmp_path) as worker:
            worker.until(asked.is_set)
            assert worker.asked_to_end() == 0
            assert "worker.cut_off" in worker.told()
    installation.cancel_steps()
    installation.ask("DELETE FROM source WHERE name = %s", store.place.name)


def test_R03_what_breaks_off_within_a_store_is_given_back(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.cancel_steps()
    amira, ending, source, dataset = installation.person(), Ending(), uuid4(), uuid4()
    name, events = f"lake{source.hex[:8]}", tmp_path / "lake" / "events"
    events.mkdir(parents=True)
    (tmp_path / "read").symlink_to(tmp_path / "lake")
    for number in range(FILES):
        pq.write_table(pa.table({"who": [f"{amira}@daylight.example", "ben"]}), events / f"{number:02}.parquet")
    installation.ask(
        "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'parquet', %s)",
        source, name, setting_name(name),
    )  # fmt: skip
    installation.ask(
        "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state) "
        "VALUES (%s, %s, %s, 'events', 'who', 'email', 'yaml', 'usable')",
        dataset, source, name,
    )  # fmt: skip
    given = {setting_name(name): f"file://{tmp_path / 'lake'}", readback_name(name): f"file://{tmp_path / 'read'}"}
    settings = replace(installation.settings, sources=given)
    request = installation.request(amira, Chosen(), places=[Place(name, dataset)])

    def reached(point: str) -> None:
        if point == "parquet_replaced":
            ending.ask()

    monkeypatch.setattr(points, "reached", reached)
    steps = carrier(installation.database, settings, ending=ending)
    steps.run()
    steps.stop()
    monkeypatch.undo()
    *stands, parts = installation.ask(STEP, request)[0]
    assert stands == ["waiting", None, True, None, None]
    assert 0 < parts < FILES
    carrier(installation.database, settings).run()
    assert set(installation.state(request)) == {"done"}
    deleted = "SELECT deleted FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL"
    assert installation.one(deleted, request) == FILES
    left = [who for file in events.glob("*.parquet") for who in pq.read_table(file)["who"].to_pylist()]
    assert left == FILES * ["ben"]


def test_R03_a_deletion_in_the_own_store_breaks_off_between_two_batches(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.cancel_steps()
    amira, ending = installation.person(items=5), Ending()
    request = installation.request(amira, Chosen())
    monkeypatch.setattr("portal.deletion.store.BATCH", 2)
    monkeypatch.setattr(points, "reached", lambda point: ending.ask() if point == "batch" else None)
    carrier(installation.database, installation.settings, ending=ending).run()
    assert installation.left(amira)["segment"] == 3
    assert installation.ask(STEP, request)[0][:3] == ("waiting", None, True)
    monkeypatch.undo()
    carrier(installation.database, installation.settings).run()
    assert installation.state(request) == ["done"]
    assert installation.left(amira)["segment"] == 0
