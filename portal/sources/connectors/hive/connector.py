"""Hive and Spark through HiveServer2 or Spark Thrift: partitions that hold the person are rewritten, in parallel."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

from portal.core import clock
from portal.sources.connectors import base, names
from portal.sources.connectors.base import (
    Column,
    ConnectorError,
    Count,
    Erased,
    Found,
    Layout,
    Reason,
    RefusedError,
    Row,
    Target,
)
from portal.sources.connectors.hive import rewriting, statements, tables
from portal.sources.connectors.hive.account import Account
from portal.sources.connectors.hive.sessions import WIDTH, Address, Sessions
from portal.sources.connectors.hive.statements import Table
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet
from portal.sources.connectors.unfrozen import Unfrozen
from portal.sources.connectors.values import plain

TABLES_A_QUESTION: Final = 25
KNOWN_SECONDS: Final = 300.0


def open_hive(address: str) -> "HiveConnector":
    """A HiveServer2 or Spark Thrift by its address. Raises ValueError when it is malformed."""
    return HiveConnector(Address(address))


class HiveConnector(Unfrozen):
    """One server; a dataset is a table, `database.table`. See `base.Connector` for what each method promises."""

    def __init__(self, address: Address) -> None:
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
            return list(base.each_count(self.count, targets))

    def _counted(self, asked: Sequence[tuple[Target, Table]]) -> list[Count]:
        parts = [
            (number, table, statements.condition(table, target), target.layout.kind_column)
            for number, (target, table) in enumerate(asked)
        ]
        kinds: list[dict[str, int]] = [{} for _ in asked]
        for number, kind, rows in self._sessions.rows(statements.counting(parts), fresh=True):
            kinds[int(number)]["" if kind is None else str(kind)] = int(rows)
        return [
            Count(sum(found.values()), found if target.layout.kind_column else {})
            for found, (target, _) in zip(kinds, asked, strict=True)
        ]

    def export(self, target: Target) -> Iterator[Row]:
        table = self._described(target.layout.location)
        columns = list(table.columns)
        listed = ", ".join(map(statements.quote, columns))
        meant = statements.condition(table, target)
        for row in self._sessions.stream(f"SELECT {listed} FROM {table.quoted} WHERE {meant}", table.quoted):
            yield {name: plain(value) for name, value in zip(columns, row, strict=True)}

    def erase(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> Erased:
        with self._locks[target.layout.location]:
            table = self._erasable(target.layout.location)
            meant = statements.condition(table, target)
            rewriting.clear(self._sessions.rows, table, run)
            found = self._sessions.rows(statements.holding(table, meant), table.quoted)
            stages = [rewriting.Stage(table, tuple(row) if table.partitioned_by else ()) for row in found]
            account = Account(target, tell, resume, [stage.name for stage in stages])
            rewriting.erase_partitions(
                rewriting.Rewrite(self._sessions.rows, table, meant, run), stages, account, WIDTH
            )
        now = clock.now()
        return Erased(account.rows, account.total, now, base.physical_by(target.layout, now))

    def remaining(self, target: Target) -> int:
        return self.count(target).rows

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
        return tables.described(self._sessions.rows, database[0] if database else self._database or "default", name)

    def _erasable(self, location: str) -> Table:
        table = self._described(location)
        if table.refused is not None:
            raise RefusedError(table.refused, table.detail)
        return table
