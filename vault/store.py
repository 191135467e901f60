"""The vault's own door to the database: one connection a thread, every transaction READ COMMITTED and short."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from vault.errors import DiskFullError, UnavailableError

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 15_000
Connection = psycopg.Connection[DictRow]


class Store:
    """Connections as the login `vault`. Errors of the database leave without their text, which may hold values."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[Connection] = []

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction, committed at the end. Raises UnavailableError, DiskFullError."""
        connection = self._connection()
        try:
            with connection.transaction():
                yield connection
        except psycopg.errors.DiskFull:
            raise DiskFullError("The database's disk is full.") from None
        except (psycopg.OperationalError, psycopg.InterfaceError):
            connection.close()
            raise UnavailableError("The database is out of reach.") from None

    def one(self, statement: str, parameters: dict[str, Any]) -> DictRow | None:
        """The first row of `statement` in a transaction of its own."""
        with self.transaction() as connection:
            return connection.execute(statement.encode(), parameters).fetchone()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            while self._open:
                self._open.pop().close()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed or not self._alive(connection):
            connection = self._local.connection = self._connect()
        return connection

    def _alive(self, connection: Connection) -> bool:
        """One round trip before each transaction: after a restart of the database nobody is refused for it."""
        try:
            connection.execute("SELECT 1")
        except psycopg.Error:
            connection.close()
            return False
        return True

    def _connect(self) -> Connection:
        options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c default_transaction_isolation=read\\ committed"
        try:
            connection = psycopg.connect(
                self._conninfo,
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=CONNECT_TIMEOUT_S,
                options=options,
                application_name="daylight-vault",
            )
        except psycopg.OperationalError:
            raise UnavailableError("The database is out of reach.") from None
        with self._lock:
            self._open = [*(known for known in self._open if not known.closed), connection]
        return connection
