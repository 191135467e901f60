"""What a database says of its tables, where SQLAlchemy has no word for it."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Table, inspect, text

from portal.sources.connectors.base import Reason, RefusedError

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
SCHEMA: Final = text(
    "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(:name)"
)
COPIES: Final = {
    "postgresql": text(
        "WITH RECURSIVE seen(id) AS (SELECT to_regclass(:name)::oid UNION SELECT r.ev_class FROM seen "
        "JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = seen.id "
        "JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid) "
        "SELECT c.relname FROM seen JOIN pg_class c ON c.oid = seen.id AND c.relkind = 'm' "
        "UNION SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(:name) AND NOT tgisinternal "
        "UNION SELECT rulename FROM pg_rewrite WHERE ev_class = to_regclass(:name) AND rulename <> '_RETURN' ORDER BY 1"
    ),
    "sqlite": text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(:bare) ORDER BY 1"
    ),
    "mysql": text(
        "SELECT trigger_name FROM information_schema.triggers WHERE event_object_table = :bare "
        "AND event_object_schema = coalesce(:schema, database()) ORDER BY 1"
    ),
}
"""What may have kept, or keep on deleting, copies of a table's rows: triggers, rules, views with rows of their own."""
LITE_KEYS: Final = text('SELECT "table", on_delete FROM pragma_foreign_key_list(:name, :schema)')


def parts(connection: Connection, schema: str) -> set[str]:
    """Partitions, and tables that inherit: their rows are found, counted and erased in the table above them."""
    if connection.dialect.name != "postgresql":
        return set()
    return set(connection.execute(PARTS, {"schema": schema}).scalars())


def schema_of(connection: Connection, name: str) -> str | None:
    """In which schema of the search path PostgreSQL finds a table; None elsewhere, or where it does not."""
    if connection.dialect.name != "postgresql":
        return None
    quoted = connection.dialect.identifier_preparer.quote(name).replace("%%", "%")
    found: str | None = connection.execute(SCHEMA, {"name": quoted}).scalar()
    return found


def require_no_copies(connection: Connection, table: Table) -> None:
    """Raise RefusedError, naming it, where something in the database may keep copies of the table's rows."""
    if found := _copiers(connection, table):
        raise RefusedError(Reason.COPIES, ", ".join(found))


def _copiers(connection: Connection, table: Table) -> list[str]:
    dialect = "mysql" if connection.dialect.name == "mariadb" else connection.dialect.name
    if dialect not in COPIES:
        return []
    known = {"name": _named(connection, table), "bare": table.name, "schema": table.schema}
    used = {name: value for name, value in known.items() if name in COPIES[dialect].compile().params}
    return list(connection.execute(COPIES[dialect], used).scalars())


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
