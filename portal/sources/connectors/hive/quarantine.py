"""What is frozen in Hive: a table of ours beside the company's, with one more partition column, the run.

Rows are copied before they leave, into a partition that only this run writes, so that a kill in between doubles them
for a moment and loses none; who comes next overwrites what was only copied, and leaves alone what was moved.
"""

import itertools
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from portal.core import points
from portal.sources.connectors.base import Reason, RefusedError
from portal.sources.connectors.hive import statements
from portal.sources.connectors.hive.rewriting import Ask, Stage
from portal.sources.connectors.hive.statements import Table, quote

SUFFIX: Final = "_daylight_restricted"
RUN: Final = "daylight_run"


def beside(table: Table) -> Table:
    """The quarantine of a table."""
    parts = (*table.partitioned_by, RUN)
    return Table(table.database, f"{table.name}{SUFFIX}", {**table.columns, RUN: "string"}, parts)


def there(ask: Ask, database: str) -> set[str]:
    """The names of the quarantines in a database."""
    rows = ask(f"SHOW TABLES IN {quote(database)} LIKE '*{SUFFIX}'")
    return {str(row[1] if len(row) > 1 else row[0]) for row in rows}


def make(ask: Ask, table: Table) -> None:
    """Make it; repeatable. Raises RefusedError where that is not allowed, or columns have changed since."""
    place = beside(table)
    columns = ", ".join(f"{quote(name)} {place.columns[name]}" for name in place.data_columns)
    parts = ", ".join(f"{quote(name)} {place.columns[name]}" for name in place.partitioned_by)
    try:
        ask(f"CREATE TABLE IF NOT EXISTS {place.quoted} ({columns}) PARTITIONED BY ({parts}) STORED AS ORC")
        listed = ", ".join(map(quote, place.columns))
        ask(f"SELECT {listed} FROM {place.quoted} LIMIT 0")
    except RefusedError as error:
        raise RefusedError(Reason.NO_QUARANTINE, f"{table.database}.{table.name}") from error


@dataclass(frozen=True)
class Into:
    """Copy what leaves a partition into the quarantine."""

    ask: Ask
    meant: str
    run: UUID

    def __call__(self, stage: Stage, rows: int, *, again: bool) -> bool:
        """Whether as many rows are there now as are to leave; `again` makes no difference here."""
        del again
        table, place = stage.table, beside(stage.table)
        columns = ", ".join(map(quote, table.data_columns))
        here = f"SELECT {columns} FROM {table.quoted} WHERE {statements.within(table, stage.values)} AND {self.meant}"
        values = (*stage.values, self._free(stage, columns, here))
        self.ask(
            f"INSERT OVERWRITE TABLE {place.quoted} {statements.partition(place, values)} {here}",
            table.quoted,
            place.quoted,
        )
        points.reached("hive_copied")
        apart = statements.within(place, values)
        ((copied,),) = self.ask(f"SELECT count(*) FROM {place.quoted} WHERE {apart}", place.quoted)
        return int(copied) == rows

    def _free(self, stage: Stage, columns: str, here: str) -> str:
        """A name of this run under which nothing lies that was moved."""
        place = beside(stage.table)
        for number in itertools.count():
            name = f"{self.run.hex[:16]}-{number}"
            apart = f"SELECT {columns} FROM {place.quoted} WHERE {statements.within(place, (*stage.values, name))}"
            ((moved,),) = self.ask(
                f"SELECT count(*) FROM ({apart} EXCEPT ALL {here}) d", place.quoted, stage.table.quoted
            )
            if not int(moved):
                return name
        raise AssertionError  # numbers do not end


@dataclass(frozen=True)
class Back:
    """Copy what leaves a partition of the quarantine into the partition of the table that it came from."""

    ask: Ask
    table: Table
    meant: str

    def __call__(self, stage: Stage, rows: int, *, again: bool) -> bool:
        """Always; `again`: only what is not there yet, for an attempt before may have copied."""
        del rows
        table, place, values = self.table, stage.table, stage.values[:-1]
        columns = ", ".join(map(quote, table.data_columns))
        apart = f"SELECT {columns} FROM {place.quoted} WHERE {statements.within(place, stage.values)} AND {self.meant}"
        if again:
            apart += (
                f" EXCEPT ALL SELECT {columns} FROM {table.quoted} "
                f"WHERE {statements.within(table, values)} AND {self.meant}"
            )
        self.ask(
            f"INSERT INTO TABLE {table.quoted} {statements.partition(table, values)} SELECT {columns} FROM ({apart}) d",
            place.quoted,
            table.quoted,
        )
        points.reached("hive_copied")
        return True
