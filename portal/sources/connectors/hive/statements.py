"""HiveQL text, pure. Hive has no bound values: names are quoted, and every value travels as hexadecimal digits, which
need no escaping under any setting of the server.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from portal.sources.connectors import names, times
from portal.sources.connectors.base import Reason, RefusedError, SubjectKind, Target

WHOLE_NUMBERS: Final = ("tinyint", "smallint", "int", "bigint")
Values = tuple[str | None, ...]
"""A partition: the value of each partition column as text, or null."""


@dataclass(frozen=True)
class Table:
    """A table as the metastore describes it; column → type, partition columns in `partitioned_by`, too."""

    database: str
    name: str
    columns: dict[str, str]
    partitioned_by: tuple[str, ...]
    refused: Reason | None = None
    detail: str = ""

    @property
    def quoted(self) -> str:
        """Its name in a statement."""
        return f"{quote(self.database)}.{quote(self.name)}"

    @property
    def data_columns(self) -> list[str]:
        """The columns that its files hold."""
        return [name for name in self.columns if name not in self.partitioned_by]


def quote(name: str) -> str:
    """A name in backticks."""
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """A text value."""
    return f"CAST(unhex('{value.encode().hex()}') AS STRING)"


def constant(value: str) -> str:
    """A text as the grammar wants it where no expression may stand; sessions fix what a backslash means."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def field(table: Table, name: str) -> str:
    """A column, or a field within a struct (`payload.user`). Raises RefusedError when the table has none such."""
    if name in table.columns:
        return quote(name)
    try:
        top, *inner = names.split(name)
    except ValueError as error:
        raise RefusedError(Reason.MISSING_COLUMN, name) from error
    kind = table.columns.get(top, "")
    if not inner or not kind.startswith("struct"):
        raise RefusedError(Reason.NESTED_SUBJECT if kind.startswith(("array", "map")) else Reason.MISSING_COLUMN, name)
    return ".".join(map(quote, (top, *inner)))


def condition(table: Table, target: Target) -> str:
    """True for the rows that are meant, false for all others, never null."""
    layout, narrowing = target.layout, target.narrowing
    parts = [_subject(table, target)]
    if narrowing.by_time and layout.time_column is not None:
        parts += _times(table, layout.time_column, narrowing.since, narrowing.until)
    if narrowing.undated and layout.time_column is not None:
        parts.append(f"{_when(table, layout.time_column)} IS NULL")
    for name, values in target.chosen():
        listed = ", ".join(text(str(value)) for value in sorted(map(str, values)))
        parts.append(f"CAST({field(table, name)} AS STRING) IN ({listed})")
    if kinds := target.kinds():
        listed = ", ".join(map(text, kinds[1]))
        parts.append(f"lower(trim(CAST({field(table, kinds[0])} AS STRING))) IN ({listed})")
    return f"coalesce({' AND '.join(parts)}, false)"


def _subject(table: Table, target: Target) -> str:
    name = target.layout.subject_column
    kind, held = table.columns.get(name, "string"), field(table, name)
    if kind.startswith(("array", "map")):
        raise RefusedError(Reason.NESTED_SUBJECT, name)
    if kind.startswith("char"):
        held = f"rtrim({held})"
    elif kind in WHOLE_NUMBERS:
        held = f"CAST({held} AS STRING)"
    elif kind != "string" and not kind.startswith("varchar"):
        raise RefusedError(Reason.SUBJECT_TYPE, name)
    listed = [text(value) for value in target.subjects]
    if target.layout.subject_kind is SubjectKind.EMAIL:
        held, listed = f"lower(trim({held}))", [f"lower({value})" for value in listed]
    return f"{held} IN ({', '.join(listed)})"


def _times(table: Table, name: str, since: datetime | None, until: datetime | None) -> list[str]:
    held = _when(table, name)
    if table.columns.get(name, "").startswith("timestamp"):
        return _bounds(held, _moment(since), _moment(until))
    return _bounds(held, _day(times.whole_day(since, name)), _day(times.whole_day(until, name)))


def _when(table: Table, name: str) -> str:
    """When a row was made, null where that is not known. Raises RefusedError for other types."""
    kind, held = table.columns.get(name, ""), field(table, name)
    if kind.startswith("timestamp"):
        return held
    if kind in {"date", "string"}:
        # text is read as a day, as in the usual partition by day; what is no day is null and never meant
        return f"CAST({held} AS DATE)"
    raise RefusedError(Reason.TIME_TYPE, name)


def _bounds(held: str, since: str | None, until: str | None) -> list[str]:
    bounds = [f"{held} >= {since}"] if since else []
    return bounds + ([f"{held} < {until}"] if until else [])


def _moment(moment: datetime | None) -> str | None:
    return f"CAST('{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}' AS TIMESTAMP)" if moment else None


def _day(day: date | None) -> str | None:
    return f"CAST('{day.isoformat()}' AS DATE)" if day else None


def within(table: Table, values: Values) -> str:
    """True for the rows of one partition; of the whole table where it has none."""
    parts = []
    for name, value in zip(table.partitioned_by, values, strict=True):
        held = quote(name) if table.columns[name] == "string" else f"CAST({quote(name)} AS STRING)"
        parts.append(f"{quote(name)} IS NULL" if value is None else f"{held} = {text(value)}")
    return " AND ".join(parts) or "true"


def partition(table: Table, values: Values) -> str:
    """The clause that names one partition, complete, so that nothing beside it is overwritten; "" for a whole table."""
    pairs = (
        f"{quote(name)}={'null' if value is None else constant(value)}"
        for name, value in zip(table.partitioned_by, values, strict=True)
    )
    return f"PARTITION ({', '.join(pairs)})" if table.partitioned_by else ""


def holding(table: Table, meant: str) -> str:
    """The partitions that hold rows that are meant; one question a table."""
    if not table.partitioned_by:
        return f"SELECT 1 FROM {table.quoted} WHERE {meant} LIMIT 1"
    columns = ", ".join(f"CAST({quote(name)} AS STRING)" for name in table.partitioned_by)
    return f"SELECT DISTINCT {columns} FROM {table.quoted} WHERE {meant}"


def counting(parts: Iterable[tuple[int, Table, str, str | None]]) -> str:
    """Rows that are meant in several tables, by table and kind: one question. Parts: number, table, condition, kind."""
    selects = (
        f"SELECT {number} AS t, {f'CAST({field(table, kind)} AS STRING)' if kind else 'CAST(NULL AS STRING)'} AS k "
        f"FROM {table.quoted} WHERE {meant}"
        for number, table, meant, kind in parts
    )
    return f"SELECT t, k, count(*) FROM ({' UNION ALL '.join(selects)}) u GROUP BY t, k"


def staged(columns: Sequence[str]) -> list[str]:
    """Names for columns in a staging table: plain ones, for not every file format keeps every name."""
    return [f"c{number}" for number in range(len(columns))]


def checksum(columns: Iterable[str], only: str) -> str:
    """Rows for which `only` holds, and a sum over their content that does not depend on their order."""
    listed = ", ".join(columns)
    return (
        f"sum(CASE WHEN {only} THEN 1 ELSE 0 END), "
        f"sum(CASE WHEN {only} THEN CAST(hash({listed}) AS DECIMAL(38,0)) ELSE CAST(0 AS DECIMAL(38,0)) END)"
    )
