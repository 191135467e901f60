"""Rewrite one partition without a person's rows, so that a kill at any point loses no other row.

A table cannot be overwritten while it is read, so the rows that stay are staged in a table beside it, compared, and
only then take the partition's place. The staging table says in its properties how far this is; it is dropped only when
every row in it stands in the partition again. Its name belongs to the partition: nobody else can stage it meanwhile.

Within one table, partitions are staged side by side but overwritten one after the other: Spark writes all of a
table's partitions through one directory, `_temporary`, which the write that ends first removes under the others, and
a read beside a write meets files that are gone. What was written is counted, for a writer elsewhere may do the same.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol
from uuid import UUID

from portal.core import clock, points
from portal.sources.connectors.base import Reason, RefusedError, UnreachableError
from portal.sources.connectors.hive import statements
from portal.sources.connectors.hive.account import Account
from portal.sources.connectors.hive.statements import Table, Values

PREFIX: Final = "daylight_stage_"
ATTEMPTS: Final = 3
ABANDONED_SECONDS: Final = 4 * 3600
"""No attempt lives that long between two notes: a statement ends after an hour (`sessions.STATEMENT_MS`)."""
SETTLE_SECONDS: Final = 5
OVERWRITING: Final = "overwriting"

Ask = Callable[..., list[tuple[Any, ...]]]
"""`Sessions.rows`: a statement, then the tables whose files are listed anew before it."""


@dataclass(frozen=True)
class Seen:
    """What a partition or a staging table holds: rows that stay with their checksum, and rows that are meant."""

    staying: int
    checksum: Decimal
    meant: int


@dataclass(frozen=True)
class Stage:
    """The staging table of one partition (`values`) of a table."""

    table: Table
    values: Values

    @property
    def name(self) -> str:
        """Its own name: of small letters, digits and underscores, as Spark wants."""
        return f"{prefix(self.table)}{_digest(json.dumps(self.values))}"

    @property
    def quoted(self) -> str:
        """Its name in a statement."""
        return f"{statements.quote(self.table.database)}.{statements.quote(self.name)}"

    @property
    def columns(self) -> list[str]:
        """Its columns, in the order of the table's."""
        return statements.staged(self.table.data_columns)


def prefix(table: Table) -> str:
    """How the names of all staging tables of a table begin."""
    return f"{PREFIX}{_digest(table.name)}_"


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]


class Keep(Protocol):
    """Where rows go that leave a partition but are not erased."""

    def __call__(self, stage: Stage, rows: int, *, again: bool) -> bool:
        """Copy them; False when there are not as many as were counted. `again`: it may have been begun before."""


@dataclass(frozen=True)
class Rewrite:
    """What leaves a table by a run: the rows for which `meant` holds; erased, unless `keep` copies them first."""

    ask: Ask
    table: Table
    meant: str
    run: UUID
    keep: Keep | None = None


def erase_partitions(rewrite: Rewrite, stages: Sequence[Stage], account: Account, width: int) -> None:
    """Rewrite the partitions of these staging tables, up to `width` of them staged at once."""
    ordered = sorted(stages, key=lambda stage: not account.comes_first(stage.name))
    with ThreadPoolExecutor(width, thread_name_prefix="stage") as pool:
        for start in range(0, len(ordered), width):
            some = ordered[start : start + width]
            list(pool.map(lambda stage: _fill(rewrite, stage), some))
            for stage in some:
                _replace(rewrite, stage, account)


def _replace(rewrite: Rewrite, stage: Stage, account: Account) -> None:
    """Let a filled staging table take its partition's place."""
    ask = rewrite.ask
    for attempt in range(ATTEMPTS):
        if attempt:
            _fill(rewrite, stage)
        staged, before = _staged(ask, stage), _seen(ask, stage, rewrite.meant)
        again = bool(attempt) or account.comes_first(stage.name)
        account.saw(stage.name, before.meant)
        if (before.staying, before.checksum) != (staged.staying, staged.checksum):
            drop(ask, stage)  # somebody wrote meanwhile: what was staged is no longer what must stay
            continue
        if before.meant:
            account.begin(stage.name, before.meant)
            if rewrite.keep and not rewrite.keep(stage, before.meant, again=again):
                drop(ask, stage)
                continue
        if not before.meant or _overwritten(rewrite, stage, before):
            drop(ask, stage)
            points.reached("hive_dropped")
            account.end()
            return
    raise RefusedError(Reason.CHANGING, rewrite.table.name)


def _overwritten(rewrite: Rewrite, stage: Stage, before: Seen) -> bool:
    """Overwrite and look whether that came out as it must; if not, put back what is missing."""
    _overwrite(rewrite.ask, stage)
    after = _seen(rewrite.ask, stage, rewrite.meant)
    if after.staying >= before.staying and not after.meant:
        return True
    mend(rewrite.ask, stage)
    return False


def _fill(rewrite: Rewrite, stage: Stage) -> None:
    table = stage.table
    columns = ", ".join(
        f"{statements.quote(name)} AS {short}" for name, short in zip(table.data_columns, stage.columns, strict=True)
    )
    properties = {"run": str(rewrite.run), "at": str(int(clock.now().timestamp())), "part": json.dumps(stage.values)}
    listed = ", ".join(f"'daylight.{name}'='{value.encode().hex()}'" for name, value in properties.items())
    rewrite.ask(
        f"CREATE TABLE {stage.quoted} STORED AS ORC TBLPROPERTIES ({listed}) AS SELECT {columns} FROM {table.quoted} "
        f"WHERE {statements.within(table, stage.values)} AND NOT {rewrite.meant}",
        table.quoted,
    )
    points.reached("hive_staged")


def _staged(ask: Ask, stage: Stage) -> Seen:
    ((rows, checksum),) = ask(f"SELECT {statements.checksum(stage.columns, 'true')} FROM {stage.quoted}", stage.quoted)
    return Seen(int(rows or 0), Decimal(checksum or 0), 0)


def _seen(ask: Ask, stage: Stage, meant: str) -> Seen:
    table = stage.table
    columns = map(statements.quote, table.data_columns)
    ((staying, checksum, rows),) = ask(
        f"SELECT {statements.checksum(columns, f'NOT {meant}')}, sum(CASE WHEN {meant} THEN 1 ELSE 0 END) "
        f"FROM {table.quoted} WHERE {statements.within(table, stage.values)}",
        table.quoted,
    )
    return Seen(int(staying or 0), Decimal(checksum or 0), int(rows or 0))


def _overwrite(ask: Ask, stage: Stage) -> None:
    note = f"'daylight.state'='{OVERWRITING}', 'daylight.at'='{str(int(clock.now().timestamp())).encode().hex()}'"
    ask(f"ALTER TABLE {stage.quoted} SET TBLPROPERTIES ({note})")
    points.reached("hive_marked")
    table = stage.table
    ask(
        f"INSERT OVERWRITE TABLE {table.quoted} {statements.partition(table, stage.values)} "
        f"SELECT {', '.join(stage.columns)} FROM {stage.quoted}",
        stage.quoted,
    )
    points.reached("hive_overwritten")


def mend(ask: Ask, stage: Stage) -> None:
    """Put back what an overwrite that was cut short took away, then drop the staging table."""
    missing = _missing(ask, stage)
    while missing:
        time.sleep(SETTLE_SECONDS)  # the server may still be at the statement of a client that is gone
        settled = _missing(ask, stage)
        if settled == missing:
            _put_back(ask, stage)
            missing = _missing(ask, stage)
        else:
            missing = settled
    drop(ask, stage)


def _missing(ask: Ask, stage: Stage) -> int:
    ((rows,),) = ask(f"SELECT count(*) FROM ({_difference(stage)}) d", stage.quoted, stage.table.quoted)
    return int(rows)


def _put_back(ask: Ask, stage: Stage) -> None:
    table = stage.table
    ask(
        f"INSERT INTO TABLE {table.quoted} {statements.partition(table, stage.values)} "
        f"SELECT {', '.join(stage.columns)} FROM ({_difference(stage)}) d",
        stage.quoted,
        table.quoted,
    )


def _difference(stage: Stage) -> str:
    """The staged rows that the partition lacks, each as often as it lacks it."""
    table = stage.table
    own = ", ".join(map(statements.quote, table.data_columns))
    return (
        f"SELECT {', '.join(stage.columns)} FROM {stage.quoted} EXCEPT ALL "
        f"SELECT {own} FROM {table.quoted} WHERE {statements.within(table, stage.values)}"
    )


def clear(ask: Ask, table: Table, run: UUID) -> None:
    """Deal with what killed attempts left beside a table: mend what was being overwritten, drop what was not yet.

    Raises UnreachableError while another erasure works on this table.
    """
    for row in ask(f"SHOW TABLES IN {statements.quote(table.database)} LIKE '{prefix(table)}*'"):
        name = str(row[1] if len(row) > 1 else row[0])
        quoted = f"{statements.quote(table.database)}.{statements.quote(name)}"
        told = {str(it[0]): str(it[1]) for it in ask(f"SHOW TBLPROPERTIES {quoted}")}
        known = {key: bytes.fromhex(told.get(f"daylight.{key}", "")).decode() for key in ("run", "at", "part")}
        if known["run"] != str(run) and clock.now().timestamp() - float(known["at"] or 0) < ABANDONED_SECONDS:
            raise UnreachableError("another erasure is rewriting this table")
        if told.get("daylight.state") != OVERWRITING:
            ask(f"DROP TABLE IF EXISTS {quoted}")
            continue
        mend(ask, Stage(table, tuple(json.loads(known["part"]))))


def drop(ask: Ask, stage: Stage) -> None:
    """Remove a staging table."""
    ask(f"DROP TABLE IF EXISTS {stage.quoted}")
