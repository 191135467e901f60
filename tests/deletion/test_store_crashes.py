"""R03 in other stores: killed in a connector or before the proof, worker or database, it ends in the same state."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portal.core import clock, points
from portal.deletion import moving
from portal.deletion.models import StepAction
from portal.deletion.rules import Chosen
from tests.deletion.elsewhere import ENDED, Elsewhere
from tests.deletion.installation import Installation
from tests.deletion.worker import Worker

ROWS, FILES = 6, 3
FAULTS = ("process", "database")
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
"""Hive's points: tests/hive/test_store_crashes.py."""
CASES = [(kind, point) for kind in MADE for point in (*points.ELSEWHERE[kind], *points.PROVING)]


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("kind", "point"), CASES)
def test_R03_the_end_in_another_store_is_the_same_from_every_crash_point(
    installation: Installation, tmp_path: Path, kind: str, point: str, fault: str
) -> None:
    amira, ben = installation.person(), installation.person("Ben Okafor")
    mine, his = f"{amira}@daylight.example", f"{ben}@daylight.example"
    address, readback, location, left = MADE[kind](tmp_path, [mine, his] * ROWS)
    store = Elsewhere.described(installation, kind, location, address, readback)
    request = installation.request(amira, Chosen(), places=[store.place])
    store.struck(fault, request, tmp_path, point)
    assert left() == {his: ROWS}
    assert store.ended(request) == ENDED | {"deleted": ROWS}


FROZEN = [(kind, point) for kind in points.MOVING for point in (*points.MOVING[kind], *points.PROVING)]


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("action", ["freeze", "thaw"])
@pytest.mark.parametrize(("kind", "point"), [case for case in FROZEN if case[0] in MADE])
def test_R03_a_freeze_and_its_lifting_end_the_same_from_every_crash_point(
    installation: Installation, tmp_path: Path, kind: str, point: str, action: str, fault: str
) -> None:
    amira, ben = installation.person(), installation.person("Ben Okafor")
    mine, his = f"{amira}@daylight.example", f"{ben}@daylight.example"
    address, readback, location, left = MADE[kind](tmp_path, [mine, his] * ROWS)
    store = Elsewhere.described(installation, kind, location, address, readback)
    request = installation.request(amira, Chosen(), places=[store.place], action=StepAction.FREEZE)
    if action == "thaw":
        store.carried_out(request, tmp_path)
        assert left() == {his: ROWS}
        with installation.worker() as session:
            moving.lift(session, amira, request, clock.now())
    store.struck(fault, request, tmp_path, point)
    assert left() == ({his: ROWS} if action == "freeze" else {his: ROWS, mine: ROWS})
    assert store.ended(request) == ENDED | {"deleted": ROWS}
    apart = "SELECT apart_rows FROM request_step WHERE request_id = %s AND action = %s AND dataset_id IS NOT NULL"
    assert installation.one(apart, request, action) == (ROWS if action == "freeze" else 0)


def _later(folder: Path, kind: str, who: str) -> None:
    """Rows that are written after the freeze was carried out."""
    if kind == "sql":
        with closing(sqlite3.connect(folder / "store.db")) as store, store:
            store.executemany("INSERT INTO events VALUES (?)", [[who]] * FILES)
    else:
        for number in range(FILES):
            pq.write_table(pa.table({"who": [who]}), folder / "lake" / "events" / f"later{number}.parquet")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "point"), [*(case for case in FROZEN if case[0] in MADE), ("sql", "looked")])
def test_R03_what_came_after_a_freeze_ends_frozen_from_every_crash_point(
    installation: Installation, tmp_path: Path, kind: str, point: str
) -> None:
    installation.ask("UPDATE request_step SET look_at = NULL")
    amira, ben = installation.person(), installation.person("Ben Okafor")
    mine, his = f"{amira}@daylight.example", f"{ben}@daylight.example"
    address, readback, location, left = MADE[kind](tmp_path, [mine, his] * ROWS)
    store = Elsewhere.described(installation, kind, location, address, readback)
    request = installation.request(amira, Chosen(), places=[store.place], action=StepAction.FREEZE)
    store.carried_out(request, tmp_path / "first")
    _later(tmp_path, kind, mine)
    installation.ask("UPDATE request_step SET look_at = now() WHERE request_id = %s", request)
    for number in range(2):
        with Worker(store.environment, tmp_path / str(number), at=point) as worker:
            worker.waits()
            worker.kill()
    rounds = "SELECT count(*) FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL"
    with Worker(store.environment, tmp_path / "last") as last:
        last.until(lambda: installation.one(rounds, request) == 2 and set(installation.state(request)) == {"done"})
    assert left() == {his: ROWS}
    assert store.ended(request) == ENDED | {"deleted": FILES}
    apart = "SELECT apart_rows FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL AND round = 2"
    assert installation.one(apart, request) == ROWS + FILES
    with installation.worker() as session:
        moving.lift(session, amira, request, clock.now())
    store.carried_out(request, tmp_path / "lifted")
    assert left() == {his: ROWS, mine: ROWS + FILES}
