"""Killed in the middle (SIGKILL) between the named points, then repeated: nobody else's row is lost or doubled.

The points themselves: test_store_crashes.py.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from portal.sources.connectors.base import Layout, SubjectKind, Target, UnreachableError
from portal.sources.connectors.hive import rewriting
from portal.sources.connectors.hive.connector import HiveConnector
from portal.sources.connectors.progress import BEGINNING, Progress
from tests.hive.server import Server
from tests.sabotage.framework import ROOT
from tests.sources.people import RUN

PARTS = 2
SCRIPT = """
import json, os, signal, sys, threading
from dataclasses import astuple
from portal.sources.connectors.hive.connector import open_hive
from tests.hive.test_kills import RUN, target

connector = open_hive(sys.argv[1])
sessions, ask, left = connector._sessions, connector._sessions.rows, int(sys.argv[4])
one_by_one = threading.Lock()


def rows(statement, *reread, **how):
    global left
    with one_by_one:
        left -= statement.startswith(sys.argv[3])
        here = statement.startswith(sys.argv[3]) and left == 0
    if here and sys.argv[5] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = ask(statement, *reread, **how)
    if here:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


sessions.rows = rows
connector.erase(target(sys.argv[2]), RUN, lambda it: print(json.dumps(astuple(it)), flush=True))
"""
POINTS = {
    "nothing is staged yet": ("CREATE TABLE", 1, "before"),
    "staged and compared": ("ALTER TABLE", 1, "before"),
    "one partition done, the next marked": ("INSERT OVERWRITE", 2, "before"),
    "the last staging table not yet dropped": ("DROP TABLE", PARTS, "before"),
}


def target(table: str) -> Target:
    """Amira's rows in a table of this module."""
    return Target(Layout(f"small.{table}", "who", SubjectKind.HANDLE), ("amira",))


def make(hive: HiveConnector, table: str, holder: str = "amira") -> Counter[tuple[str, str]]:
    """A table whose every partition holds somebody; the rows that must stay."""
    staying = [(f"person{number}", f"d{part}") for part in range(PARTS) for number in range(5) for _ in range(2)]
    rows = staying + [(holder, f"d{part}") for part in range(PARTS)]
    hive._sessions.rows(f"CREATE TABLE small.{table} (who STRING) PARTITIONED BY (day STRING) STORED AS PARQUET")
    hive._sessions.rows(f"INSERT INTO small.{table} VALUES {', '.join(map(str, rows))}")
    return Counter(staying)


def held(hive: HiveConnector, table: str) -> Counter[tuple[str, str]]:
    """Who and day of each row."""
    return Counter(
        (row[0], row[1]) for row in hive._sessions.rows(f"SELECT who, day FROM small.{table}", f"small.{table}")
    )


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_R03_killed_at_any_step_the_next_attempt_ends_in_the_same_state(
    hive: HiveConnector, reader: HiveConnector, server: Server, small: str, point: str
) -> None:
    table = f"killed_{list(POINTS).index(point)}"
    staying = make(hive, table)
    statement, times, when = POINTS[point]
    command = [sys.executable, "-c", SCRIPT, server.address(), table, statement, str(times), when]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == -9, ended.stderr
    now = held(hive, table)
    assert now - Counter({row: 1 for row in now if row[0] == "amira"}) == staying
    *_, last = [BEGINNING, *(Progress(*json.loads(line)) for line in ended.stdout.splitlines())]
    seen: list[Progress] = []
    erased = hive.erase(target(table), RUN, seen.append, last)
    assert held(hive, table) == staying
    assert reader.remaining(target(table)) == 0
    assert (
        hive._sessions.rows(f"SHOW TABLES IN {small} LIKE '{rewriting.prefix(hive._table(f'small.{table}'))}*'") == []
    )
    assert seen[0].done == last.done
    assert erased.rows == PARTS


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["everything", "some files"])
def test_R03_what_a_torn_overwrite_took_away_comes_back(
    hive: HiveConnector, server: Server, small: str, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server itself died between removing the old files and putting the new ones in their place."""
    monkeypatch.setattr(rewriting, "SETTLE_SECONDS", 0.1)
    table = f"torn_{lost.split(maxsplit=1)[0]}"
    staying = make(hive, table)
    hive._sessions.rows(f"INSERT INTO small.{table} VALUES ('late', 'd1'), ('late', 'd1')")
    staying[("late", "d1")] += 2
    stage = rewriting.Stage(hive._table(f"small.{table}"), ("d1",))
    rewriting._fill(rewriting.Rewrite(hive._sessions.rows, stage.table, "`who` = 'amira'", RUN), stage)
    hive._sessions.rows(f"ALTER TABLE {stage.quoted} SET TBLPROPERTIES ('daylight.state'='{rewriting.OVERWRITING}')")
    folder = server.warehouse / "small.db" / table / "day=d1"
    files = sorted(folder.glob("*.parquet"))
    assert len(files) >= 2
    _remove(files if lost == "everything" else files[:1])
    assert held(hive, table) != staying
    with pytest.raises(UnreachableError, match="another erasure"):
        hive.erase(target(table), uuid4())
    hive.erase(target(table), RUN)
    assert held(hive, table) == staying
    assert hive._sessions.rows(f"SHOW TABLES IN {small} LIKE '{stage.name}'") == []


def _remove(files: list[Path]) -> None:
    for file in files:
        file.unlink()
        (file.parent / f".{file.name}.crc").unlink(missing_ok=True)


def test_what_is_told_may_stop_an_erasure_and_a_later_one_goes_on(hive: HiveConnector, small: str) -> None:
    """A worker that has lost its lease must not go on."""
    del small
    staying = make(hive, "stopped")

    def lost_lease(progress: Progress) -> None:
        if progress.done == 1:
            raise TimeoutError("the lease is lost")

    with pytest.raises(TimeoutError):
        hive.erase(target("stopped"), RUN, lost_lease)
    now = held(hive, "stopped")
    assert sum(rows for (who, _), rows in now.items() if who == "amira") == PARTS - 1
    erased = hive.erase(target("stopped"), RUN, resume=Progress(1, PARTS, 1))
    assert (erased.rows, erased.parts) == (PARTS, PARTS)
    assert held(hive, "stopped") == staying
