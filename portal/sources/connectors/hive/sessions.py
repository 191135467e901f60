"""Sessions with HiveServer2 or Spark Thrift, a few at a time, and what their errors mean."""

import logging
import queue
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import thrift_sasl
from pyhive import exc, hive
from thrift.Thrift import TException
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from portal.sources.connectors.base import ConnectorError, Reason, RefusedError, UnreachableError

WIDTH: Final = 4
CONNECT_MS: Final = 10_000
STATEMENT_MS: Final = 3_600_000
END_MS: Final = 5_000
ROWS_AT_ONCE: Final = 1000
AUTHS: Final = ("NONE", "NOSASL", "LDAP", "CUSTOM", "KERBEROS")
SETTINGS: Final = (
    "SET spark.sql.session.timeZone=UTC",
    "SET spark.sql.parser.escapedStringLiterals=false",
    "SET spark.sql.ansi.enabled=false",
    "SET spark.sql.thriftServer.incrementalCollect=true",
    "SET hive.variable.substitute=false",
    "SET spark.sql.variable.substitute=false",
)
"""Times are UTC; a backslash escapes; text that is no date is null; results stream; `${…}` in a name stays what it is.

Spark and Hive each take the other's without effect.
"""

REFUSALS: Final = (
    (re.compile(r"TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|Table not found|NoSuchTableException"), Reason.MISSING),
    (re.compile(r"UNRESOLVED_COLUMN|FIELD_NOT_FOUND|Invalid column reference"), Reason.MISSING_COLUMN),
    (re.compile(r"AccessControl|Permission denied|not have .*privilege", re.IGNORECASE), Reason.DENIED),
)
STAGED_BY_ANOTHER: Final = re.compile(r"ALREADY_EXISTS|AlreadyExistsException")
CLASS: Final = re.compile(r"\[([A-Z][A-Z0-9_.]+)\]")

# The library would write every statement into the log, and with it whose rows are looked for.
logging.getLogger("pyhive").setLevel(logging.WARNING)


class _Socket(TSocket):  # type: ignore[misc]
    """Soon tired of connecting, patient afterwards: a server's first session alone can take half a minute."""

    def open(self) -> None:
        """Connect."""
        self.setTimeout(CONNECT_MS)
        super().open()
        self.setTimeout(STATEMENT_MS)


@dataclass(frozen=True)
class Session:
    """A PyHive connection, and the socket it talks through."""

    connection: Any
    socket: TSocket

    def end(self) -> None:
        """Say so, and hang up; a server ends what nobody holds any more, and some never answer the word."""
        self.socket.setTimeout(END_MS)
        with suppress(exc.Error, TException, OSError, EOFError):
            self.connection.close()
        self.socket.close()


class Address:
    """hive://user:password@host:port/database?auth=… Raises ValueError for anything else."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
        self.auth = query.pop("auth", "LDAP" if parts.password else "NONE").upper()
        self.service = query.pop("kerberos_service_name", "hive")
        if parts.scheme != "hive" or not parts.hostname or query or self.auth not in AUTHS:
            raise ValueError(f"hive://user:password@host:port/database?auth={'|'.join(AUTHS)} is expected")
        self.host, self.port = parts.hostname, parts.port or 10000
        self.user = unquote(parts.username or "daylight")
        self.password = unquote(parts.password) if parts.password else None
        self.database = unquote(parts.path).strip("/") or None

    def connect(self) -> Session:
        """A new session. Raises what thrift and PyHive raise."""
        socket = _Socket(self.host, self.port)
        transport = self._transport(socket)
        database = self.database or "default"
        return Session(hive.connect(username=self.user, database=database, thrift_transport=transport), socket)

    def _transport(self, socket: TSocket) -> Any:
        if self.auth == "NOSASL":
            return TBufferedTransport(socket)
        mechanism = "GSSAPI" if self.auth == "KERBEROS" else "PLAIN"

        def client() -> Any:
            return hive.get_installed_sasl(self.host, mechanism, self.service, self.user, self.password or "x")

        return thrift_sasl.TSaslClientTransport(client, mechanism, socket)


class Sessions:
    """A pool of at most `WIDTH` sessions; a session that failed to answer is not used again.

    Each Spark session keeps its own list of a table's files, and does not see that another one or another engine wrote.
    So a question about rows names the tables that its session must list anew first (`reread`), or asks a new session.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: queue.SimpleQueue[Session] = queue.SimpleQueue()
        self._width = threading.BoundedSemaphore(WIDTH)
        self._keeps_lists = True

    def rows(self, statement: str, *reread: str, fresh: bool = False) -> list[tuple[Any, ...]]:
        """All rows of a statement, none for one that has no result; `reread`: quoted names of tables."""
        with self._cursor(fresh=fresh) as cursor:
            self._reread(cursor, reread)
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def stream(self, statement: str, *reread: str) -> Iterator[tuple[Any, ...]]:
        """Row by row."""
        with self._cursor() as cursor:
            self._reread(cursor, reread)
            cursor.execute(statement)
            while (row := cursor.fetchone()) is not None:
                yield row

    def _reread(self, cursor: Any, tables: Iterable[str]) -> None:
        for table in tables if self._keeps_lists else ():
            try:
                cursor.execute(f"REFRESH TABLE {table}")
            except exc.Error as error:
                # Hive keeps no lists and does not know the word; what else is wrong, the statement itself will tell
                self._keeps_lists = "ParseException" not in str(error)

    @contextmanager
    def _cursor(self, *, fresh: bool = False) -> Iterator[Any]:
        with self._width:
            session = None
            try:
                session = self._take(fresh=fresh)
                with session.connection.cursor(arraysize=ROWS_AT_ONCE) as cursor:
                    yield cursor
            except exc.Error as error:
                raise self._kept(session, told(error)) from error
            except (TException, OSError, EOFError) as error:
                if session is not None:
                    session.socket.close()
                raise UnreachableError(f"the store did not answer ({type(error).__name__})") from error
            except GeneratorExit:
                self._kept(session, UnreachableError())
                raise
            else:
                self._idle.put(session)

    def _take(self, *, fresh: bool) -> Session:
        with suppress(queue.Empty):
            idle = self._idle.get_nowait()
            if not fresh:
                return idle
            idle.end()
        session = self._address.connect()
        with session.connection.cursor() as cursor:
            for setting in SETTINGS:
                cursor.execute(setting)
        return session

    def _kept(self, session: Session | None, error: ConnectorError) -> ConnectorError:
        """The session is sound although a statement failed on it."""
        if session is not None:
            self._idle.put(session)
        return error

    def close(self) -> None:
        """End every session."""
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().end()


def told(error: exc.Error) -> ConnectorError:
    """What a server's error means for the step. Its own text may hold the statement and is left out."""
    status = getattr(error.args[0] if error.args else None, "status", None)
    message = str(getattr(status, "errorMessage", None) or error)
    if STAGED_BY_ANOTHER.search(message):
        return UnreachableError("another erasure is rewriting this table")
    for pattern, reason in REFUSALS:
        if pattern.search(message):
            return RefusedError(reason)
    found = CLASS.search(message)
    name = found[1] if found else type(error).__name__
    if "AnalysisException" in message or "ParseException" in message:
        return RefusedError(Reason.STORE_ERROR, name)
    return UnreachableError(f"the store failed ({name})")
