import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from portal.operations.postgres import Postgres
from portal.operations.runtime import OperationsError, Runtime

ROOT = os.geteuid() == 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(Runtime(tmp_path))
    server.start()
    yield server
    server.stop()


def _run(server: Postgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.superuser_conninfo(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_fresh_server_wants_a_password_and_listens_on_a_private_socket_only(server: Postgres) -> None:
    settings = {row[0]: row[1] for row in _run(server, "SELECT name, setting FROM pg_settings")}
    assert settings["listen_addresses"] == ""
    assert settings["fsync"] == settings["synchronous_commit"] == settings["full_page_writes"] == "on"
    assert settings["password_encryption"] == "scram-sha-256"
    assert settings["data_checksums"] == "on"
    assert {row[0] for row in _run(server, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")} == {"scram-sha-256"}
    for password in ("", "wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(make_conninfo(server.superuser_conninfo(), password=password, passfile="/dev/null"))


def test_nobody_else_may_read_what_belongs_to_the_server(server: Postgres) -> None:
    runtime = server.runtime
    directories = [runtime.data, runtime.secrets, runtime.run, runtime.log]
    assert {stat.S_IMODE(path.stat().st_mode) for path in directories} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in runtime.secrets.iterdir()} == {0o600}
    assert runtime.data.stat().st_uid == os.geteuid()


def test_a_second_start_keeps_the_data_and_makes_nothing_anew(server: Postgres) -> None:
    _run(server, "CREATE TABLE kept AS SELECT 1 AS one")
    before = (server.runtime.data / "PG_VERSION").stat().st_ino
    server.stop()
    server.start()
    assert _run(server, "SELECT one FROM kept") == [(1,)]
    assert (server.runtime.data / "PG_VERSION").stat().st_ino == before


def test_kill_9_of_the_server_loses_nothing_that_was_committed(server: Postgres) -> None:
    pid = int((server.runtime.data / "postmaster.pid").read_text().split("\n")[0])
    for number in range(3):
        _run(server, f"CREATE TABLE kept{number} AS SELECT {number} AS n")
    os.kill(pid, signal.SIGKILL)
    server.stop()
    assert (server.runtime.data / "postmaster.pid").exists()
    server.start()
    assert [_run(server, f"SELECT n FROM kept{number}") for number in range(3)] == [[(0,)], [(1,)], [(2,)]]


def test_kill_9_of_a_connection_leaves_the_server_up(server: Postgres) -> None:
    with psycopg.connect(server.superuser_conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    deadline = time.monotonic() + 30
    while not server.is_ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert _run(server, "SELECT one FROM kept") == [(1,)]


def test_a_data_directory_in_use_is_refused_and_its_server_named(server: Postgres) -> None:
    pid = (server.runtime.data / "postmaster.pid").read_text().split("\n")[0]
    with pytest.raises(OperationsError, match=f"in use by the PostgreSQL server with process id {pid};"):
        Postgres(server.runtime).start()
    assert server.is_ready()


def test_a_lock_file_that_names_a_living_stranger_does_not_stop_the_start(server: Postgres) -> None:
    server.stop()
    lock = server.runtime.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{server.runtime.data}\n1\n5432\n")
    socket = server.runtime.socket_directory() / ".s.PGSQL.5432.lock"
    socket.write_text(f"{os.getpid()}\n")
    server.start()
    assert psutil.pid_exists(os.getpid())
    assert server.is_ready()


def test_a_half_done_set_up_is_cleared_away(tmp_path: Path) -> None:
    leftover = tmp_path / "postgres.new-crash"
    leftover.mkdir()
    (leftover / "PG_VERSION").write_text("18\n")
    server = Postgres(Runtime(tmp_path))
    server.prepare()
    assert not leftover.exists()
    assert (tmp_path / "postgres" / "PG_VERSION").read_text().strip() == "18"


def test_a_directory_that_is_none_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(OperationsError, match="is not a PostgreSQL data directory"):
        Postgres(Runtime(tmp_path)).start()
    assert (tmp_path / "postgres" / "letter.txt").read_text() == "mine"


def test_data_of_another_version_is_refused(server: Postgres) -> None:
    server.stop()
    (server.runtime.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(OperationsError, match="was made by PostgreSQL 17, and this is 18"):
        server.start()


def test_a_lost_password_is_named_before_the_start(server: Postgres) -> None:
    server.stop()
    (server.runtime.secrets / "db_postgres").unlink()
    with pytest.raises(OperationsError, match="db_postgres is missing"):
        server.start()


def test_a_path_may_hold_blanks_and_what_means_something_in_addresses(tmp_path: Path) -> None:
    server = Postgres(Runtime(tmp_path / 'My "Täg", lich & %41 #1?'))
    server.start()
    try:
        password = server.runtime.secret("db_postgres")
        with psycopg.connect(make_conninfo(server.url(), dbname="postgres", user="postgres", password=password)) as one:
            assert one.execute("SELECT 1").fetchone() == (1,)
        url = make_url(server.url())
        assert url.query["host"] == str(server.runtime.socket_directory())
    finally:
        server.stop()


def test_a_path_too_long_for_sockets_gets_a_short_private_one_and_keeps_it(tmp_path: Path) -> None:
    deep = tmp_path / ("a-long-name-" * 8)
    server = Postgres(Runtime(deep))
    server.start()
    try:
        chosen = server.runtime.socket_directory()
        assert chosen != server.runtime.run
        assert stat.S_IMODE(chosen.stat().st_mode) == 0o700
        assert Runtime(deep).socket_directory() == chosen
    finally:
        server.stop()
    shutil.rmtree(chosen)
    assert Runtime(deep).socket_directory() != chosen
    shutil.rmtree(Runtime(deep).socket_directory())


def _fill_up(server: Postgres) -> int:
    """Insert until the disk is full; gives how many rows were acknowledged."""
    rows = 0
    _run(server, "CREATE TABLE kept (n int, filling text)")
    while True:
        try:
            _run(server, f"INSERT INTO kept SELECT {rows}, repeat('x', 2000) FROM generate_series(1, 5000)")
        except psycopg.OperationalError:
            return rows
        rows += 5000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 220 MB; only root can mount one."""
    if (
        not ROOT
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=220m", "tmpfs", tmp_path], check=False).returncode
    ):
        pytest.skip("not run here: needs root and the right to mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_full_disk_is_named_and_nothing_committed_is_lost(small_disk: Path) -> None:
    filler = small_disk / "filler"
    server = Postgres(Runtime(small_disk))
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 150 * 2**20)
    with pytest.raises(OperationsError, match="is full"):
        server.start()
    assert not server.runtime.data.exists()
    filler.unlink()
    server.start()
    rows = _fill_up(server)
    server.stop()
    with pytest.raises(OperationsError, match="is full"):
        server.start()
    subprocess.run(["mount", "-o", "remount,size=600m", small_disk], check=True)
    server.start()
    assert rows > 0
    assert _run(server, "SELECT count(*) FROM kept") == [(rows,)]
    server.stop()
