"""What is frozen: a table of ours beside the company's, with the same columns, which nobody else may read.

Rows go there and come back in one transaction, so that a kill leaves each of them in one place. On PostgreSQL one
statement takes them out and puts them in; elsewhere two do, and a serializable transaction that counts both.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, Table, delete, insert, inspect, select, text
from sqlalchemy import exc as errors

from portal.sources.connectors.base import Reason, RefusedError
from portal.sources.connectors.sql import catalogue

SUFFIX: Final = "_daylight_restricted"
TAKEN_ALONG: Final = {"CASCADE", "SET NULL", "SET DEFAULT"}
"""What a foreign key may do to rows that refer to ours, and to whom they belong nobody asks."""
GRANTED: Final = text(
    "SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') FROM pg_class c, aclexplode(c.relacl) a "
    "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.oid = to_regclass(:name) AND a.grantee <> c.relowner"
)


OURS: Final = text(
    "SELECT c.relkind = 'r' AND c.relowner = current_user::regrole AND NOT c.relhastriggers AND NOT c.relhasrules "
    "FROM pg_class c WHERE c.oid = to_regclass(:name)"
)
"""Whether it is a plain table of ours: anybody who may create one could have made it first, and read it for ever."""


def beside(table: Table, longest: int) -> Table:
    """The quarantine of a table: its columns, of the same types, and nothing else of it."""
    columns = [Column(it.name, it.type) for it in table.columns]
    return Table(_name(table.name, longest), MetaData(), *columns, schema=table.schema)


def _name(name: str, longest: int) -> str:
    """A name for it that the database does not cut short."""
    if len(f"{name}{SUFFIX}".encode()) <= longest:
        return name + SUFFIX
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    room = longest - len(digest) - len(SUFFIX) - 1
    return f"{name.encode()[:room].decode(errors='ignore')}_{digest}{SUFFIX}"


def there(connection: Connection, place: Table) -> bool:
    """Whether the quarantine has been made."""
    return inspect(connection).has_table(place.name, schema=place.schema)


def make(connection: Connection, table: Table, place: Table, reader: str) -> None:
    """Make the quarantine and close it to everybody but us and `reader`; repeatable."""
    require_alone(connection, table)
    require_flat(connection, table)
    _require_whole(table)
    if not there(connection, place):
        _create(connection, table, place)
    known = {it["name"] for it in inspect(connection).get_columns(place.name, schema=place.schema)}
    if missing := [it.name for it in table.columns if it.name not in known]:
        raise RefusedError(Reason.NO_QUARANTINE, f"{place.name}: {missing[0]}")
    if connection.dialect.name == "postgresql":
        _close(connection, place, reader)


def _create(connection: Connection, table: Table, place: Table) -> None:
    named = connection.dialect.identifier_preparer.format_table
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"CREATE TABLE {named(place)} AS SELECT * FROM {named(table)} WHERE 1 = 0")
    except errors.SQLAlchemyError:
        if not there(connection, place):  # else somebody made it in the same moment
            raise


def _close(connection: Connection, place: Table, reader: str) -> None:
    """Take away what default privileges gave to others, and let the login that reads back read.

    Raises RefusedError for what somebody else made.
    """
    preparer = connection.dialect.identifier_preparer
    name = preparer.format_table(place)
    known = {"name": name.replace("%%", "%")}
    if not connection.execute(OURS, known).scalar_one():
        raise RefusedError(Reason.NO_QUARANTINE, place.name)
    for whom in connection.execute(GRANTED, known).scalars().all():
        connection.exec_driver_sql(f"REVOKE ALL ON {name} FROM {whom.replace('%', '%%')}")
    if reader:
        connection.exec_driver_sql(f"GRANT SELECT ON {name} TO {preparer.quote(reader)}")


def require_alone(connection: Connection, table: Table) -> None:
    """Raise RefusedError where rows of other tables would go, or be changed, with ours."""
    for other, does in catalogue.references_to(connection, table):
        if does in TAKEN_ALONG:
            raise RefusedError(Reason.TAKEN_ALONG, f"{other}: ON DELETE {does}")


def require_flat(connection: Connection, table: Table) -> None:
    """Raise RefusedError where tables inherit from it: their own columns would be lost, and rows go back to another."""
    if found := catalogue.heirs(connection, table):
        raise RefusedError(Reason.NO_WAY_BACK, found[0])


def _require_whole(table: Table) -> None:
    """Raise RefusedError for a table without a column that can be written: nothing could be put back."""
    if not _written(table):
        raise RefusedError(Reason.NO_WAY_BACK)


def _written(table: Table) -> list[str]:
    """The columns that are written; the store computes the others anew."""
    return [it.name for it in table.columns if it.computed is None]


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """One in which no other row can come between taking out and putting in."""
    if connection.dialect.name != "postgresql":
        connection.execution_options(isolation_level="SERIALIZABLE")
    with connection.begin():
        yield


def move(connection: Connection, origin: Table, goal: Table, condition: Any, names: Iterable[str]) -> int:
    """Take the rows out of one table and put them into the other, in the transaction that is open; how many.

    Raises RefusedError when not every row that went out has come in; roll back then.
    """
    act: Callable[..., tuple[int, int]] = _at_once if connection.dialect.name == "postgresql" else _in_turn
    taken, put = act(connection, origin, goal, condition, list(names))
    if taken != put:
        raise RefusedError(Reason.CHANGING, goal.name)
    return taken


def _at_once(connection: Connection, origin: Table, goal: Table, condition: Any, names: list[str]) -> tuple[int, int]:
    """As text, for SQLAlchemy has no word for OVERRIDING SYSTEM VALUE: identity columns keep their values."""
    statement = delete(origin).where(condition).returning(*[origin.columns[name] for name in names])
    taking = statement.compile(connection, compile_kwargs={"render_postcompile": True})
    preparer = connection.dialect.identifier_preparer
    listed = ", ".join(map(preparer.quote, names))
    found = connection.exec_driver_sql(
        f"WITH taken AS ({taking}), put AS (INSERT INTO {preparer.format_table(goal)} ({listed}) "
        f"OVERRIDING SYSTEM VALUE SELECT {listed} FROM taken RETURNING 1) "
        "SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM put)",
        dict(taking.params),
    )
    taken, put = found.one()
    return int(taken), int(put)


def _in_turn(connection: Connection, origin: Table, goal: Table, condition: Any, names: list[str]) -> tuple[int, int]:
    columns = [origin.columns[name] for name in names]
    put = connection.execute(insert(goal).from_select(names, select(*columns).where(condition)))
    taken = connection.execute(delete(origin).where(condition))
    return taken.rowcount, put.rowcount


def way_back(connection: Connection, table: Table, place: Table) -> list[str]:
    """The columns that go back. Raises RefusedError when the table has lost one since the freeze."""
    for found in inspect(connection).get_columns(place.name, schema=place.schema):
        if found["name"] not in table.columns:
            raise RefusedError(Reason.NO_WAY_BACK, found["name"])
    return _written(table)
