"""What each connection to a database begins with, so that one which does not answer is noticed."""

from typing import Any, Final

import psycopg
from psycopg.abc import Buffer, Loader
from psycopg.types.datetime import (
    DateLoader,
    IntervalLoader,
    TimeLoader,
    TimestampLoader,
    TimestamptzLoader,
    TimetzLoader,
)
from sqlalchemy import URL, Engine, event

from portal.sources.connectors.sql.predicate import SQLITE_FOLD

CONNECT_SECONDS: Final = 10
LOCK_SECONDS = 60
"""How long others may keep a table or a row locked against us."""
STATEMENT_SECONDS: Final = 2 * 60 * 60
"""How long one statement may take: a DELETE reads the whole table where no index names the person."""
SILENCE: Final = {"keepalives_idle": 60, "keepalives_interval": 20, "keepalives_count": 3, "tcp_user_timeout": 120_000}
"""When libpq takes a server for gone that says nothing on the wire (seconds; the last, milliseconds)."""
MYSQL_READS: Final = {"mysql+pymysql", "mysql+mysqldb", "mariadb+pymysql", "mariadb+mysqldb"}


def arguments(url: URL) -> dict[str, Any]:
    """With what the driver connects."""
    if url.get_backend_name() == "postgresql":
        return {"connect_timeout": CONNECT_SECONDS, **SILENCE}
    if url.drivername in MYSQL_READS:
        return {"connect_timeout": CONNECT_SECONDS, "read_timeout": STATEMENT_SECONDS}
    return {}


def prepare(engine: Engine) -> None:
    """Let every connection of the engine begin so."""
    match engine.dialect.name:
        case "sqlite":
            event.listen(engine, "connect", _lite)
        case "postgresql":
            milliseconds = {"lock_timeout": LOCK_SECONDS * 1000, "statement_timeout": STATEMENT_SECONDS * 1000}
            _begin(engine, milliseconds)
            if engine.dialect.driver == "psycopg":
                event.listen(engine, "connect", _odd_times)
        case "mysql" | "mariadb":
            _begin(engine, {"lock_wait_timeout": LOCK_SECONDS, "innodb_lock_wait_timeout": LOCK_SECONDS})


def _begin(engine: Engine, settings: dict[str, int]) -> None:
    def begin(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute(f"SET SESSION {name} = {value}")
        connection.commit()  # else the first rollback takes it back

    event.listen(engine, "connect", begin)


def _lite(connection: Any, _record: object) -> None:
    connection.create_function(SQLITE_FOLD, 1, _fold, deterministic=True)
    connection.text_factory = _text


def _text(value: bytes) -> str:
    """Text; where it is no UTF-8, with its odd bytes escaped: one such value must not spoil all others."""
    return value.decode(errors="backslashreplace")


def _tolerant(loader: type[Loader]) -> type[Loader]:
    """One that gives a time as text where Python has none such: infinity, years before Christ, 24 o'clock."""

    class Tolerant(loader):  # type: ignore[misc,valid-type]
        def load(self, data: Buffer) -> object:
            try:
                return super().load(data)
            except psycopg.DataError:
                return bytes(data).decode()

    return Tolerant


TOLERANT: Final = {
    "date": _tolerant(DateLoader),
    "time": _tolerant(TimeLoader),
    "timetz": _tolerant(TimetzLoader),
    "timestamp": _tolerant(TimestampLoader),
    "timestamptz": _tolerant(TimestamptzLoader),
    "interval": _tolerant(IntervalLoader),
}


def _odd_times(connection: Any, _record: object) -> None:
    for name, loader in TOLERANT.items():
        connection.adapters.register_loader(name, loader)


def _fold(value: object) -> object:
    if isinstance(value, bytes):  # in a column of text, too
        return _text(value).lower()
    return value.lower() if isinstance(value, str) else value
