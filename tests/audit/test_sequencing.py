"""Every committed entry gets exactly one leaf, whatever commits when, and whoever is killed (L03)."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from portal.audit import queries
from portal.audit.sequencing import BATCH, BrokenLogError
from portal.operations.bootstrap import bootstrap
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.processes import end
from portal.operations.runtime import Runtime
from portal.operations.schema import migrate
from tests.audit.conftest import BATCHES
from tests.audit.logs import Log, write_entry
from wire import merkle

ROOT = Path(__file__).resolve().parents[2]
WRITERS, KILLS, RESTARTS = 8, 6, 2
OWN = (
    "PORTAL_DATABASE_URL",
    "PORTAL_DB_PASSWORD_WORKER",
    "PORTAL_DB_PASSWORD_READBACK",
    "PORTAL_LOG_KEY",
    "PORTAL_BASE_URL",
    "PORTAL_VAULT_URL",
)


def sequenced(log: Log) -> list[tuple[int, int]]:
    return log.ask("SELECT index, entry_id FROM log_leaf ORDER BY index")


def assert_complete(log: Log) -> None:
    """No gap, no double, nothing forgotten, nothing made up."""
    leaves = sequenced(log)
    assert [index for index, _ in leaves] == list(range(len(leaves)))
    assert sorted(entry for _, entry in leaves) == [row[0] for row in log.ask("SELECT id FROM audit_entry ORDER BY id")]
    report = log.verify(log.heads())
    assert (report.findings, report.waiting) == ([], 0)


def test_L03_an_entry_waits_from_its_own_transaction_until_it_has_a_leaf(log: Log) -> None:
    assert log.ask("SELECT count(*) FROM log_pending") == [(2,)]
    with psycopg.connect(log.settings.conninfo("gateway")) as connection:
        write_entry(connection)
        connection.rollback()
        write_entry(connection)
        assert log.ask("SELECT count(*) FROM log_pending") == [(2,)]
        connection.commit()
    assert log.ask("SELECT count(*) FROM log_pending") == [(3,)]
    assert log.sequence() is False
    assert_complete(log)


def test_L03_who_commits_late_is_not_passed_over(log: Log) -> None:
    with psycopg.connect(log.settings.conninfo("gateway")) as slow:
        write_entry(slow, "slow")
        log.write(3)
        log.sequence()
        before = len(sequenced(log))
        slow.commit()
    log.sequence()
    assert len(sequenced(log)) == before + 1 == sum(BATCHES) + 2 + 3 + 1
    assert_complete(log)


def test_L03_a_batch_that_fails_leaves_nothing_behind(log: Log) -> None:
    log.ask("ALTER TABLE log_head ADD CONSTRAINT refused CHECK (size <= 21)")
    before = sequenced(log)
    with pytest.raises(Exception, match="refused"):
        log.sequence()
    assert sequenced(log) == before
    log.ask("ALTER TABLE log_head DROP CONSTRAINT refused")
    log.sequence()
    assert_complete(log)


def test_L03_two_sequencers_and_eight_writers(log: Log) -> None:
    stop = threading.Event()

    def sequence() -> int:
        batches = 0
        while not stop.is_set():
            log.sequence()
            batches += 1
        return batches

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        sequencers = [pool.submit(sequence) for _ in range(2)]
        rounds = 0
        while rounds == 0 or len(log.heads()) < len(BATCHES) + 3:  # until some was sequenced while others wrote
            rounds += 1
            for writer in [pool.submit(log.write, 40) for _ in range(WRITERS)]:
                writer.result()
        stop.set()
        assert all(one.result() > 0 for one in sequencers)
    log.sequence()
    assert len(sequenced(log)) == sum(BATCHES) + 2 + rounds * 40 * WRITERS
    assert_complete(log)


def test_batches_are_bounded_and_say_when_more_waits(log: Log) -> None:
    with psycopg.connect(log.settings.conninfo("gateway")) as connection:
        connection.execute(
            "INSERT INTO audit_entry (actor_role, action) SELECT 'x', 'many' FROM generate_series(1, %s)", [BATCH]
        )
    assert log.sequence() is True
    assert log.sequence() is False
    assert_complete(log)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_head SET root = sha256('') WHERE number = 3",
        "UPDATE log_node SET hash = sha256('') WHERE level = 4",
        "DELETE FROM log_node WHERE level = 4",
        "DELETE FROM log_leaf WHERE index = 20",
        "DELETE FROM log_head WHERE number = 3",
    ],
)
def test_nothing_is_signed_over_a_broken_log(log: Log, change: str) -> None:
    log.ask(change)
    heads = log.notes()
    with pytest.raises(BrokenLogError, match="log verify"):
        log.sequence()
    assert log.notes() == heads


def test_L01_stored_nodes_prove_every_leaf_and_every_earlier_tree(log: Log) -> None:
    log.sequence()
    heads = log.heads()
    leaves = [bytes(row[0]) for row in log.ask("SELECT hash FROM log_leaf ORDER BY index")]
    with log.worker() as session:
        for head in heads:
            for index in range(head.size):
                path = queries.inclusion_proof(session, index, head.size)
                merkle.verify_inclusion(index, head.size, leaves[index], path, head.root)
            for old in heads:
                if old.size <= head.size:
                    path = queries.consistency_proof(session, old.size, head.size)
                    merkle.verify_consistency(old.size, head.size, old.root, head.root, path)


@pytest.fixture
def own_log(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[Postgres, Log]]:
    """A log on a server that may be crashed."""
    server = Postgres(Runtime(tmp_path))
    server.start()
    passwords = {name.rpartition("PASSWORD_")[2].lower(): word for name, word in environment.items() if "_DB_" in name}
    bootstrap(server.superuser_conninfo(), passwords)
    log = Log({**environment, "PORTAL_DATABASE_URL": server.url()}, server.superuser_conninfo(DATABASE))
    migrate(log.settings)
    yield server, log
    log.database.dispose()
    server.stop()


def start_worker(log: Log) -> subprocess.Popen[bytes]:
    variables = {name: log.environment[name] for name in OWN} | {"PATH": os.environ["PATH"]}
    return subprocess.Popen(
        [sys.executable, "-m", "portal", "worker"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_L03_no_gap_and_no_double_however_often_worker_and_database_are_killed(own_log: tuple[Postgres, Log]) -> None:
    server, log = own_log
    acknowledged: set[UUID] = set()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            try:
                with psycopg.connect(log.settings.conninfo("gateway"), autocommit=True) as connection:
                    while not stop.is_set():
                        acknowledged.add(write_entry(connection))
                        time.sleep(0.005)
            except psycopg.Error:
                time.sleep(0.05)

    with ThreadPoolExecutor(WRITERS) as pool:
        try:
            writers = [pool.submit(write) for _ in range(WRITERS)]
            for kill in range(KILLS):
                signed = len(log.notes())
                worker = start_worker(log)
                wait_until(lambda signed=signed: len(log.notes()) > signed)  # type: ignore[misc]
                time.sleep(0.4 * kill)
                worker.send_signal(signal.SIGKILL)
                worker.wait()
                if kill < RESTARTS:
                    assert server._process
                    end(server._process, signal.SIGQUIT)
                    server.start()
        finally:
            stop.set()
        for writer in writers:
            writer.result()
    log.database.dispose()
    while log.sequence():
        pass
    there = {row[0] for row in log.ask("SELECT object_id FROM audit_entry")}
    assert len(acknowledged) > 500
    assert acknowledged <= there
    assert_complete(log)
