"""Hive and Spark through HiveServer2 or Spark Thrift: partitions that hold the person are rewritten, in parallel."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

from portal.core import clock
from portal.sources.connectors import names, times
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
)
from portal.sources.connectors.hive import quarantine, rewriting, statements, tables
from portal.sources.connectors.hive.account import Account
from portal.sources.connectors.hive.rewriting import Keep, Rewrite, Stage
from portal.sources.connectors.hive.sessions import WIDTH, Address, Sessions
from portal.sources.connectors.hive.statements import Table
from portal.sources.connectors.kinds import same_kind
from portal.sources.connectors.one_by_one import each_count
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet
from portal.sources.connectors.values import plain

TABLES_A_QUESTION: Final = 25
KNOWN_SECONDS: Final = 300.0


def open_hive(address: str) -> "HiveConnector":
    """A HiveServer2 or Spark Thrift by its address. Raises ValueError when it is malformed."""
    return HiveConnector(Address(address))


class HiveConnector:
    """One server; a dataset is a table, `database.table`. See `base.Connector` for what each method promises."""

    def __init__(self, address: Address) -> None:
        self.login = address.user
        self._database = address.database
        self._sessions = Sessions(address)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._known: dict[str, tuple[float, Table]] = {}

    def discover(self) -> Iterator[Found]:
        if self._database:
            databases = [self._database]
        else:
            databases = [str(row[0]) for row in self._sessions.rows("SHOW DATABASES")]
        listed = [(it, name) for it in databases for name in tables.listed(self._sessions.rows, it)]
        with ThreadPoolExecutor(WIDTH, thread_name_prefix="discover") as pool:
            for table in pool.map(lambda pair: tables.described(self._sessions.rows, *pair), listed):
                columns = tuple(Column(name, kind) for name, kind in table.columns.items())
                location = names.join(table.database, table.name)
                yield Found(location, columns, None, table.refused, table.detail)

    def check(self, layout: Layout) -> int | None:
        table = self._erasable(layout.location)
        statements.condition(table, Target(layout, ("1",)))
        wanted = (layout.time_column, layout.kind_column, layout.context_column, layout.sensitivity_column)
        fields = [statements.field(table, name) for name in (layout.subject_column, *wanted) if name is not None]
        self._sessions.rows(f"SELECT {', '.join(fields)} FROM {table.quoted} LIMIT 0")
        return int(self._sessions.rows(f"SELECT count(*) FROM {table.quoted}")[0][0])

    def doubts(self, layout: Layout) -> Sequence[RefusedError]:  # noqa: ARG002 - no row there hangs on another
        return []

    def count(self, target: Target) -> Count:
        return self._counted([(target, self._table(target.layout.location))])[0]

    def counts(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Count | ConnectorError]]:
        with ThreadPoolExecutor(WIDTH, thread_name_prefix="count") as pool:
            starts = range(0, len(targets), TABLES_A_QUESTION)
            for answers in pool.map(self._count_some, [targets[it : it + TABLES_A_QUESTION] for it in starts]):
                yield from answers

    def _count_some(self, targets: Sequence[Target]) -> list[tuple[Target, Count | ConnectorError]]:
        try:
            known = [(target, self._table(target.layout.location)) for target in targets]
            return list(zip(targets, self._counted(known), strict=True))
        except ConnectorError:
            for target in targets:
                self._known.pop(target.layout.location, None)
            return list(each_count(self.count, targets))

    def _counted(self, asked: Sequence[tuple[Target, Table]]) -> list[Count]:
        parts = []
        apart = {one: quarantine.there(self._sessions.rows, one) for one in {table.database for _, table in asked}}
        for number, (target, table) in enumerate(asked):
            place = quarantine.beside(table)
            meant, kind = statements.condition(table, target), target.layout.kind_column
            both = (table, place) if place.name in apart[table.database] else (table,)
            parts += [(number, one, meant, kind) for one in both]
        kinds: list[Counter[str]] = [Counter() for _ in asked]
        for number, kind, rows in self._sessions.rows(statements.counting(parts), fresh=True):
            kinds[int(number)][same_kind(kind)] += int(rows)
        return [
            Count(sum(found.values()), dict(found) if target.layout.kind_column else {})
            for found, (target, _) in zip(kinds, asked, strict=True)
        ]

    def export(self, target: Target) -> Iterator[Row]:
        table = self._described(target.layout.location)
        columns = list(table.columns)
        listed = ", ".join(map(statements.quote, columns))
        meant = statements.condition(table, target)
        for one in (table, *self._apart(table)):
            for row in self._sessions.stream(f"SELECT {listed} FROM {one.quoted} WHERE {meant}", one.quoted):
                yield {name: plain(value) for name, value in zip(columns, row, strict=True)}

    def erase(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> Erased:
        with self._locks[target.layout.location]:
            table = self._erasable(target.layout.location)
            account = self._rewrite((table, *self._apart(table)), target, run, (tell, resume))
        now = clock.now()
        return Erased(account.rows, account.total, now, times.physical_by(target.layout, now))

    def remaining(self, target: Target) -> int:
        return self.count(target).rows

    def _rewrite(
        self, origins: Sequence[Table], target: Target, run: UUID, told: tuple[Tell, Progress], keep: Keep | None = None
    ) -> Account:
        """Take the person's rows out of tables, in the order in which a kill leaves no count behind."""
        ask, work = self._sessions.rows, []
        for table in origins:
            meant = statements.condition(table, target)
            rewriting.clear(ask, table, run)
            found = ask(statements.holding(table, meant), table.quoted)
            stages = [Stage(table, tuple(row) if table.partitioned_by else ()) for row in found]
            work.append((Rewrite(ask, table, meant, run, keep), stages))
        account = Account(target, *told, [stage.name for _, stages in work for stage in stages])
        work.sort(key=lambda one: not any(account.comes_first(stage.name) for stage in one[1]))
        for rewrite, stages in work:
            rewriting.erase_partitions(rewrite, stages, account, WIDTH)
        return account

    def seclude(self, layout: Layout, reader: str) -> None:  # noqa: ARG002 - who may read what is said in the store
        quarantine.make(self._sessions.rows, self._erasable(layout.location))

    def freeze(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:
        with self._locks[target.layout.location]:
            table = self._erasable(target.layout.location)
            if not self._apart(table):
                raise RefusedError(Reason.NO_QUARANTINE, target.layout.location)
            into = quarantine.Into(self._sessions.rows, statements.condition(table, target), run)
            return self._rewrite((table,), target, run, (tell, resume), into).rows

    def thaw(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:
        with self._locks[target.layout.location]:
            table = self._erasable(target.layout.location)
            back = quarantine.Back(self._sessions.rows, table, statements.condition(table, target))
            return self._rewrite(self._apart(table), target, run, (tell, resume), back).rows

    def lying(self, target: Target) -> Lying:
        table = self._described(target.layout.location)
        meant = statements.condition(table, target)
        parts = [(number, one, meant, None) for number, one in enumerate((table, *self._apart(table)))]
        found = {int(row[0]): int(row[2]) for row in self._sessions.rows(statements.counting(parts), fresh=True)}
        return Lying(found.get(0, 0), found.get(1, 0))

    def _apart(self, table: Table) -> tuple[Table, ...]:
        """The quarantine of a table, where there is one."""
        place = quarantine.beside(table)
        return (place,) if place.name in quarantine.there(self._sessions.rows, table.database) else ()

    def close(self) -> None:
        self._sessions.close()

    def _table(self, location: str) -> Table:
        """The table, readable at least, as it was described not long ago: reading it, a change shows as an error."""
        described, table = self._known.get(location, (-KNOWN_SECONDS, None))
        if table is None or time.monotonic() - described > KNOWN_SECONDS:
            table = self._described(location)
            self._known[location] = (time.monotonic(), table)
        return table

    def _described(self, location: str) -> Table:
        try:
            *database, name = names.split(location)
        except ValueError as error:
            raise RefusedError(Reason.MISSING, location) from error
        if len(database) > 1:
            raise RefusedError(Reason.MISSING, location)
        if name.endswith(quarantine.SUFFIX):
            raise RefusedError(Reason.QUARANTINE, location)
        return tables.described(self._sessions.rows, database[0] if database else self._database or "default", name)

    def _erasable(self, location: str) -> Table:
        table = self._described(location)
        if table.refused is not None:
            raise RefusedError(table.refused, table.detail)
        return table
