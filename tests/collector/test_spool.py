"""The spool keeps sealed segments over crashes, shows nobody anything, and forgets for good."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from collector.spool import Sequence, Spool
from collector.state import StateDir, StateError
from tests.collector.display import wait_until
from tests.gateway.process import ROOT

WRITER = """
import sys
from pathlib import Path
from collector.spool import Sequence, Spool
from collector.state import StateDir
state = StateDir(Path(sys.argv[1]))
spool, sequence = Spool(state), Sequence(state)
while True:
    seq = sequence.next()
    spool.put(seq, b"header %d" % seq, b"body" * 500)
    print(seq, flush=True)
"""


@pytest.fixture
def state(tmp_path: Path) -> StateDir:
    return StateDir(tmp_path / "state")


def test_segments_come_back_in_order_after_a_restart(state: StateDir) -> None:
    spool = Spool(state)
    for seq in (1, 2, 10):
        spool.put(seq, b"header", b"body %d" % seq)
    again = Spool(state)
    assert [(one.seq, one.body) for one in again.oldest(10, 10_000)] == [
        (1, b"body 1"),
        (2, b"body 2"),
        (10, b"body 10"),
    ]
    assert [one.seq for one in again.oldest(2, 10_000)] == [1, 2]
    again.remove(1)
    assert [one.seq for one in Spool(state).oldest(10, 10_000)] == [2, 10]


def test_nothing_on_disk_can_be_read_and_only_the_owner_may_try(state: StateDir) -> None:
    Spool(state).put(1, b"context: vscode", b"sealed body")
    for path in state.path.rglob("*"):
        if path.is_file():
            assert b"vscode" not in path.read_bytes()
            assert path.stat().st_mode & 0o077 == 0
    assert state.path.stat().st_mode & 0o077 == 0
    assert (state.path / "spool").stat().st_mode & 0o077 == 0


def test_the_oldest_go_when_it_is_full_and_are_counted(state: StateDir) -> None:
    spool = Spool(state, cap=10_000)
    for seq in range(20):
        spool.put(seq, b"h", b"b" * 1_000)
    assert spool.size <= 10_000
    assert spool.dropped == 20 - len(spool)
    assert [one.seq for one in spool.oldest(100, 100_000)] == list(range(spool.dropped, 20))


@pytest.mark.parametrize("damage", [lambda data: data[:20], lambda data: data[:-1] + b"\0", lambda _: b""])
def test_a_damaged_or_swapped_file_is_dropped_and_counted(state: StateDir, damage: object) -> None:
    spool = Spool(state)
    for seq in (1, 2, 3):
        spool.put(seq, b"h", b"b")
    paths = sorted((state.path / "spool").iterdir())
    paths[0].write_bytes(damage(paths[0].read_bytes()))  # type: ignore[operator]
    paths[1].write_bytes(paths[2].read_bytes())
    again = Spool(state)
    assert [one.seq for one in again.oldest(10, 10_000)] == [3]
    assert again.dropped == 2


def test_forgetting_destroys_the_key_as_well(state: StateDir) -> None:
    spool = Spool(state)
    spool.put(1, b"h", b"b")
    key = state.read("spool.key")
    copy = next((state.path / "spool").iterdir()).read_bytes()
    assert spool.wipe() == 1
    assert state.read("spool.key") != key
    (state.path / "spool" / f"{1:016d}.segment").write_bytes(copy)
    assert Spool(state).oldest(1, 10_000) == []


def test_a_kill_at_any_moment_loses_nothing_acknowledged_and_repeats_no_number(state: StateDir) -> None:
    seen: set[int] = set()
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(state.path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(30)]
        os.kill(process.pid, signal.SIGKILL)
        rest = process.communicate(timeout=30)[0]
        told = {int(line) for line in (*lines, *rest.splitlines()) if line.strip().isdigit()}
        assert told
        assert not told & seen
        seen |= told
        spool = Spool(state)
        kept = {one.seq for one in spool.oldest(1_000_000, 1 << 40)}
        assert told <= kept
        assert spool.dropped == 0
        assert not list((state.path / "spool").glob("*.new"))
        for seq in kept:
            spool.remove(seq)


def test_numbers_go_on_after_a_restart_and_a_damaged_counter_is_refused(state: StateDir) -> None:
    first = Sequence(state)
    used = [first.next() for _ in range(70)]
    assert used == list(range(1, 71))
    second = Sequence(state)
    assert second.last >= used[-1]
    assert second.next() not in used
    state.write("sequence", b"not a number")
    with pytest.raises(StateError):
        Sequence(state)


def test_only_one_collector_runs_on_a_state_directory(state: StateDir) -> None:
    with state.lock(), pytest.raises(StateError, match="already running"):
        state.lock()
    state.lock().close()


def test_a_lock_dies_with_its_process(state: StateDir) -> None:
    code = (
        f"from collector.state import *; l = StateDir(Path({str(state.path)!r})).lock(); print(1, flush=True); input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "1\n"
    with pytest.raises(StateError):
        state.lock()
    process.kill()
    process.communicate(timeout=30)
    wait_until(lambda: _free(state))


def _free(state: StateDir) -> bool:
    try:
        state.lock().close()
    except StateError:
        return False
    return True
