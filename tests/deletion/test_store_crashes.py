"""R03 in other stores: killed inside a connector, or before the proof, the next worker ends in the same state."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portal.core import points
from portal.deletion.planning import Place
from portal.deletion.rules import Chosen
from portal.sources.rules import readback_name, setting_name
from tests.deletion.installation import Installation
from tests.deletion.worker import Worker

ROWS, FILES = 6, 3
CASES = [(kind, point) for kind, inside in points.ELSEWHERE.items() for point in (*inside, *points.PROVING)]
Left = Callable[[], Counter[str]]


def _database(folder: Path, holders: list[str]) -> tuple[str, str, str, Left]:
    """A table; its address, the one to read back with, its location, and who holds how many rows of it."""
    path = folder / "store.db"
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE events (who TEXT)")
        store.executemany("INSERT INTO events VALUES (?)", [(who,) for who in holders])

    def left() -> Counter[str]:
        with closing(sqlite3.connect(path)) as store:
            return Counter(who for (who,) in store.execute("SELECT who FROM events"))

    return f"sqlite:///{path}?timeout=20", f"sqlite:///file:{path}?mode=ro&uri=true", "main.events", left


def _folder(folder: Path, holders: list[str]) -> tuple[str, str, str, Left]:
    """The same in files, of which each holds its share."""
    events = folder / "lake" / "events"
    events.mkdir(parents=True)
    for number in range(FILES):
        pq.write_table(pa.table({"who": holders[number::FILES]}), events / f"{number}.parquet")

    def left() -> Counter[str]:
        return Counter(who for file in events.glob("*.parquet") for who in pq.read_table(file)["who"].to_pylist())

    (folder / "read").symlink_to(folder / "lake")
    return f"file://{folder / 'lake'}", f"file://{folder / 'read'}", "events", left


MADE = {"sql": _database, "parquet": _folder}


def _described(installation: Installation, kind: str, location: str) -> tuple[str, Place]:
    name, source, dataset = f"lake{uuid4().hex[:8]}", uuid4(), uuid4()
    installation.ask(
        "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, %s, %s)",
        source, name, kind, setting_name(name),
    )  # fmt: skip
    installation.ask(
        "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state) "
        "VALUES (%s, %s, %s, %s, 'who', 'email', 'yaml', 'usable')",
        dataset, source, name, location,
    )  # fmt: skip
    return name, Place(name, dataset)


def _final(installation: Installation, request: UUID, place: Place) -> list[tuple[object, ...]]:
    return installation.ask(
        "SELECT s.state, s.deleted, s.held, s.remaining, s.apart, s.reason, s.pending_since, "
        "(SELECT count(*) FROM receipt r WHERE r.step_id = s.id), "
        "(SELECT count(*) FROM audit_entry e WHERE e.action = 'step.ended' AND e.object_id = s.id) "
        "FROM request_step s WHERE s.request_id = %s AND s.dataset_id = %s",
        request, place.dataset,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "point"), CASES)
def test_R03_the_end_in_another_store_is_the_same_from_every_crash_point(
    installation: Installation, tmp_path: Path, kind: str, point: str
) -> None:
    amira, ben = installation.person(), installation.person("Ben Okafor")
    mine, his = f"{amira}@daylight.example", f"{ben}@daylight.example"
    address, readback, location, left = MADE[kind](tmp_path, [mine, his] * ROWS)
    name, place = _described(installation, kind, location)
    environment = installation.environment | {setting_name(name): address, readback_name(name): readback}
    request = installation.request(amira, Chosen(), places=[place])
    with Worker(environment, tmp_path, at=point) as worker:
        worker.waits()
        worker.kill()
    with Worker(environment, tmp_path / "second") as second:
        second.until(lambda: set(installation.state(request)) == {"done"})
    assert left() == {his: ROWS}
    ((state, deleted, *rest),) = _final(installation, request, place)
    assert (state, rest) == ("done", [0, 0, True, None, None, 1, 1])
    # of files it counts those whose end it could write down: a file that was replaced right before the kill is not
    assert deleted == (ROWS - ROWS // FILES if point == "parquet_replaced" else ROWS)
