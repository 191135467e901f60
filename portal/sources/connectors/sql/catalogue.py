"""What a database says of its tables, where SQLAlchemy has no word for it."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, inspect, text

PARTS: Final = text(
    "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema"
)
LITE_KEYS: Final = text('SELECT "table", on_delete FROM pragma_foreign_key_list(:name, :schema)')


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


def references(connection: Connection) -> Iterator[tuple[tuple[str | None, str], str, str]]:
    """Each foreign key: schema and name of the table it refers to, the table that has it, what ON DELETE says."""
    inspector = inspect(connection)
    default = inspector.default_schema_name
    for schema in inspector.get_schema_names():
        if connection.dialect.name == "sqlite":  # SQLAlchemy reads no ON DELETE behind a column
            for name in inspector.get_table_names(schema):
                for theirs, does in connection.execute(LITE_KEYS, {"name": name, "schema": schema}):
                    yield (schema, theirs), name, does.upper()
            continue
        for (_, name), keys in inspector.get_multi_foreign_keys(schema).items():
            for key in keys:
                does = str(key.get("options", {}).get("ondelete") or "").upper()
                yield (key.get("referred_schema") or default, key["referred_table"]), name, does
