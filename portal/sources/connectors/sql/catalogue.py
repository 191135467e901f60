"""What a database says of its tables, where SQLAlchemy has no word for it."""

from typing import Any, Final

from sqlalchemy import Connection, text

PARTS: Final = text(
    "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema"
)


def parts(connection: Connection, schema: str) -> set[str]:
    """Partitions, and tables that inherit: their rows are found, counted and erased in the table above them."""
    if connection.dialect.name != "postgresql":
        return set()
    return set(connection.execute(PARTS, {"schema": schema}).scalars())


def materialized(inspector: Any, schema: str | None) -> list[str]:
    """Views that hold rows of their own."""
    try:
        return list(inspector.get_materialized_view_names(schema))
    except NotImplementedError:
        return []
