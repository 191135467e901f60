"""What a database says of its tables, where SQLAlchemy has no word for it."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Table, inspect, text

PARTS: Final = text(
    "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema"
)
BELOW: Final = (
    "WITH RECURSIVE below(id) AS (SELECT to_regclass(:name)::oid UNION "
    "SELECT inhrelid FROM pg_inherits JOIN below ON inhparent = id) "
)
"""A table, its partitions and what inherits from it, at any depth: a DELETE on it takes rows of all of them."""
KEYS: Final = text(
    BELOW + "SELECT c.relname, k.confdeltype::text FROM pg_constraint k JOIN below ON below.id = k.confrelid "
    "JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'f' ORDER BY k.conparentid, c.relname, k.oid"
)
HEIRS: Final = text(
    BELOW + "SELECT c.relname FROM below JOIN pg_class c ON c.oid = below.id "
    "WHERE c.oid <> to_regclass(:name) AND NOT c.relispartition ORDER BY c.relname"
)
DOES: Final = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
"""`pg_constraint.confdeltype`; the others let no row go."""
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


def references_to(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    """Each foreign key to rows that a DELETE on the table takes: the table that has it, and what ON DELETE says."""
    if connection.dialect.name == "postgresql":
        for other, does in connection.execute(KEYS, {"name": _named(connection, table)}):
            yield other, DOES.get(does, "")
        return
    ours = (table.schema or inspect(connection).default_schema_name, table.name)
    yield from ((other, does) for theirs, other, does in _references(connection) if theirs == ours)


def heirs(connection: Connection, table: Table) -> list[str]:
    """Tables that inherit from it and are no partitions: they may have columns of their own."""
    if connection.dialect.name != "postgresql":
        return []
    return list(connection.execute(HEIRS, {"name": _named(connection, table)}).scalars())


def _named(connection: Connection, table: Table) -> str:
    """The table as `to_regclass` reads it."""
    return connection.dialect.identifier_preparer.format_table(table).replace("%%", "%")


def _references(connection: Connection) -> Iterator[tuple[tuple[str | None, str], str, str]]:
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
