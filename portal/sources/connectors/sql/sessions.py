"""What each connection to a database begins with."""

from typing import Any

from sqlalchemy import Engine, event

from portal.sources.connectors.sql.predicate import SQLITE_FOLD


def prepare(engine: Engine) -> None:
    """Let every connection of the engine begin so."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _lite)


def _lite(connection: Any, _record: object) -> None:
    connection.create_function(SQLITE_FOLD, 1, _fold, deterministic=True)


def _fold(value: object) -> object:
    return value.lower() if isinstance(value, str) else value
