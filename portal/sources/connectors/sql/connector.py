"""Any database that SQLAlchemy speaks: what goes, goes in one transaction."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import UUID

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    cast,
    create_engine,
    delete,
    func,
    inspect,
    make_url,
    select,
    type_coerce,
)
from sqlalchemy import exc as errors
from sqlalchemy.types import NullType

from portal.core import clock, points
from portal.sources.connectors import names, times, values
from portal.sources.connectors.base import (
    Column,
    ConnectorError,
    Count,
    Erased,
    Found,
    Layout,
    Lying,
    Reason,
    RefusedError,
    Row,
    Target,
    UnreachableError,
)
from portal.sources.connectors.kinds import same_kind
from portal.sources.connectors.one_by_one import each_count
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet
from portal.sources.connectors.sql import catalogue, predicate, quarantine, sessions

BATCH: Final = 500
SYSTEM_SCHEMAS: Final = {"information_schema", "mysql", "performance_schema", "sys"}
DENIED_STATE: Final = "42501"
"""insufficient_privilege (PostgreSQL, appendix A)."""


def open_sql(address: str) -> "SqlConnector":
    """A database by its SQLAlchemy address. Raises ValueError when it is malformed."""
    try:
        url = make_url(address)
    except errors.ArgumentError as error:
        raise ValueError("an address as SQLAlchemy knows it is expected, such as postgresql://…") from error
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        return SqlConnector(url)
    except (errors.NoSuchModuleError, ImportError) as error:
        raise ValueError(f"the driver of {url.drivername} is not installed") from error


class SqlConnector:
    """One database; see `base.Connector` for what each method promises."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self.login = url.username or ""
        arguments = sessions.arguments(url)
        self._engine: Engine = create_engine(url, connect_args=arguments, pool_pre_ping=True, hide_parameters=True)
        sessions.prepare(self._engine)

    def discover(self) -> Iterator[Found]:
        with self._connected() as connection:
            inspector = inspect(connection)
            for schema in inspector.get_schema_names():
                if schema in SYSTEM_SCHEMAS or schema.startswith("pg_"):
                    continue
                views = {*inspector.get_view_names(schema), *catalogue.materialized(inspector, schema)}
                parts = catalogue.parts(connection, schema)
                for name in sorted({*inspector.get_table_names(schema), *views}):
                    if name.endswith(quarantine.SUFFIX) or name in parts:
                        continue
                    columns = tuple(Column(it["name"], str(it["type"])) for it in inspector.get_columns(name, schema))
                    yield Found(names.join(schema, name), columns, refused=Reason.VIEW if name in views else None)

    def check(self, layout: Layout) -> int | None:
        wanted = (layout.time_column, layout.kind_column, layout.context_column, layout.sensitivity_column)
        with self._connected() as connection:
            table = _table(connection, layout.location)
            predicate.subject(table, Target(layout, ("1",)), connection.dialect.name)
            for name in wanted:
                if name is not None:
                    predicate.column(table, name)
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def doubts(self, layout: Layout) -> Sequence[RefusedError]:
        found = []
        dated = partial(predicate.require_dated, name=layout.time_column)
        for look in (quarantine.require_alone, dated, catalogue.require_no_copies):
            try:
                with self._connected() as connection:
                    look(connection, _table(connection, layout.location))
            except RefusedError as error:
                found.append(error)
        return found

    def count(self, target: Target) -> Count:
        with self._connected() as connection:
            found = [self._counted(connection, target, *one) for one in self._meant(connection, target)]
        kinds = sum((Counter(one.by_kind) for one in found), Counter[str]())
        return Count(sum(one.rows for one in found), dict(kinds))

    @staticmethod
    def _counted(connection: Connection, target: Target, table: Table, condition: Any) -> Count:
        if target.layout.kind_column is None:
            return Count(_rows(connection, table, condition))
        kind = cast(predicate.column(table, target.layout.kind_column), Text)
        found = connection.execute(select(kind, func.count()).where(condition).group_by(kind)).all()
        by_kind = Counter[str]()
        for value, rows in found:
            by_kind[same_kind(value)] += int(rows)
        return Count(by_kind.total(), dict(by_kind))

    def counts(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Count | ConnectorError]]:
        return each_count(self.count, targets)

    def export(self, target: Target) -> Iterator[Row]:
        with self._connected() as connection:
            for table, condition in self._meant(connection, target):
                # as the driver gives them: a value that is not what its column says must not end the export
                raw = [type_coerce(it, NullType()).label(it.name) for it in table.columns]
                with connection.execute(_streamed(select(*raw).where(condition))) as rows:
                    for row in rows.mappings():
                        yield {str(name): values.plain(value) for name, value in row.items()}

    def erase(
        self,
        target: Target,
        run: UUID,  # noqa: ARG002 - nothing is left half done
        tell: Tell = quiet,
        resume: Progress = BEGINNING,
    ) -> Erased:
        part = target.part("")
        with self._connected() as connection, connection.begin():
            meant = self._meant(connection, target)
            quarantine.require_alone(connection, meant[0][0])
            rows = sum(_rows(connection, table, condition) for table, condition in meant)
            before = resume.rows + resume.taken(part, rows)
            tell(Progress(0, 1, before, part, rows))  # a kill may come before the commit or right after it
            for table, condition in meant:
                connection.execute(delete(table).where(condition))
            points.reached("sql_deleted")
        points.reached("sql_committed")
        now = clock.now()
        tell(Progress(1, 1, before + rows))
        return Erased(before + rows, 1, now, times.physical_by(target.layout, now))

    def remaining(self, target: Target) -> int:
        return self.count(target).rows

    def seclude(self, layout: Layout, reader: str) -> None:
        try:
            with self._connected() as connection, connection.begin():
                table = _table(connection, layout.location)
                place = quarantine.beside(table, connection.dialect.max_identifier_length)
                quarantine.make(connection, table, place, "" if reader == self.login else reader)
        except RefusedError as error:
            if error.reason is Reason.DENIED:
                raise RefusedError(Reason.NO_QUARANTINE, layout.location) from error
            raise

    def freeze(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:  # noqa: ARG002
        return self._move(target, tell, resume, back=False)

    def thaw(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:  # noqa: ARG002
        try:
            return self._move(target, tell, resume, back=True)
        except RefusedError as error:
            if error.reason is Reason.REFERENCED:
                raise RefusedError(Reason.NO_WAY_BACK) from error
            raise

    def _move(self, target: Target, tell: Tell, resume: Progress, *, back: bool) -> int:
        """Into the quarantine or back, in one transaction: nothing is left half done."""
        part = target.part("back" if back else "")
        with self._connected() as connection, quarantine.transaction(connection):
            (table, readable), *apart = self._meant(connection, target)
            if not apart:
                return resume.rows if back else _no_quarantine(target.layout)
            place, frozen = apart[0]
            origin, goal, condition = (place, table, frozen) if back else (table, place, readable)
            written = quarantine.way_back(connection, table, place) if back else list(table.columns.keys())
            rows = _rows(connection, origin, condition)
            before = resume.rows + resume.taken(part, rows)
            tell(Progress(0, 1, before, part, rows))  # a kill may come before the commit or right after it
            moved = quarantine.move(connection, origin, goal, condition, written)
            points.reached("sql_moved")
        points.reached("sql_settled")
        tell(Progress(1, 1, before + moved))
        return before + moved

    def lying(self, target: Target) -> Lying:
        with self._connected() as connection:
            readable, *apart = [_rows(connection, *one) for one in self._meant(connection, target)]
        return Lying(readable, sum(apart))

    def close(self) -> None:
        self._engine.dispose()

    def _meant(self, connection: Connection, target: Target) -> list[tuple[Table, Any]]:
        """Table and condition, the same of the quarantine where there is one.

        After a look whether the store takes other names for the person's, too.
        """
        table = _table(connection, target.layout.location)
        place = quarantine.beside(table, connection.dialect.max_identifier_length)
        found = [table, place] if quarantine.there(connection, place) else [table]
        meant = [(one, predicate.condition(one, target, connection.dialect.name)) for one in found]
        for one, condition in meant:
            holds = predicate.column(one, target.layout.subject_column)
            # not DISTINCT: it would show one of the names that the store takes for the same
            with connection.execute(_streamed(select(holds).where(condition))) as held:
                if not all(values.same_subject(value, target) for value in held.scalars()):
                    raise RefusedError(Reason.AMBIGUOUS, target.layout.subject_column)
        return meant

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        if self._url.get_backend_name() == "sqlite" and not _lite_file(self._url).is_file():
            raise UnreachableError("the database's file is not there")
        try:
            with self._engine.connect() as connection:
                yield connection
        except errors.SQLAlchemyError as error:
            raise _told(error) from error


def _table(connection: Connection, location: str) -> Table:
    try:
        *schema, name = names.split(location)
    except ValueError as error:
        raise RefusedError(Reason.MISSING, location) from error
    if len(schema) > 1:
        raise RefusedError(Reason.MISSING, location)
    if name.endswith(quarantine.SUFFIX):
        raise RefusedError(Reason.QUARANTINE, location)
    inspector = inspect(connection)
    within = schema[0] if schema else catalogue.schema_of(connection, name)
    if name in {*inspector.get_view_names(within), *catalogue.materialized(inspector, within)}:
        raise RefusedError(Reason.VIEW, location)
    try:
        return Table(name, MetaData(), schema=within, autoload_with=connection, resolve_fks=False)
    except errors.NoSuchTableError as error:
        raise RefusedError(Reason.MISSING, location) from error


def _no_quarantine(layout: Layout) -> NoReturn:
    raise RefusedError(Reason.NO_QUARANTINE, layout.location)


def _lite_file(url: URL) -> Path:
    """The file of an SQLite address, which would be made if it were not there."""
    return Path((url.database or "").removeprefix("file:"))


def _streamed(statement: Any) -> Any:
    return statement.execution_options(stream_results=True, yield_per=BATCH)


def _rows(connection: Connection, table: Table, condition: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one())


def _told(error: errors.SQLAlchemyError) -> ConnectorError:
    """What a database's error means for the step. Its own text may hold values and is left out."""
    cause = getattr(error, "orig", None)
    lite = str(getattr(cause, "sqlite_errorname", ""))
    if isinstance(error, errors.IntegrityError):
        return RefusedError(Reason.REFERENCED)
    if getattr(cause, "sqlstate", None) == DENIED_STATE or lite.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
        return RefusedError(Reason.DENIED)
    if lite == "SQLITE_ERROR":
        return RefusedError(Reason.STORE_ERROR, lite)
    if isinstance(error, errors.OperationalError | errors.InterfaceError | errors.TimeoutError):
        return UnreachableError(f"the database did not answer ({type(cause or error).__name__})")
    return RefusedError(Reason.STORE_ERROR, type(cause or error).__name__)
