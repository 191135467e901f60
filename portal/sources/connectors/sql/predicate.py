"""Which rows are meant, as an SQL condition with bound values."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Function,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
    types,
)
from sqlalchemy.sql.schema import Column

from portal.sources.connectors import times
from portal.sources.connectors.base import Reason, RefusedError, SubjectKind, Target

MILLISECOND = timedelta(milliseconds=1)
SQLITE_TIME = "%Y-%m-%d %H:%M:%f"
SQLITE_DAY = "%Y-%m-%d"
SQLITE_FOLD = "daylight_lower"
"""SQLite's own lower() knows no letter beyond ASCII; each connection brings this one."""
MANY_ODD = 6
"""More letters beyond ASCII than this are looked for all small and all large only, not in each mixture."""
LONGEST = 100
"""No number that names somebody has as many digits."""
WRITTEN = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"
SECONDS = (10**8, 10**10)
"""Numbers that can only be seconds since 1970: from 1973 to 2286."""
MILLISECONDS = (10**11, 10**13)
"""The same years in milliseconds."""


def condition(table: Table, target: Target, dialect: str) -> ColumnElement[bool]:
    """True for the rows of `target`; null or false for all others. Raises RefusedError for what cannot be expressed."""
    parts = [subject(table, target, dialect)]
    if target.narrowing.by_time:
        parts.extend(_times(table, target, dialect))
    if target.narrowing.undated:
        parts.append(when(column(table, target.layout.time_column or ""), dialect).is_(None))
    for name, values in target.chosen():
        parts.append(_chosen(column(table, name), values, dialect))
    if kinds := target.kinds():
        parts.append(fold(func.trim(cast(column(table, kinds[0]), types.String)), dialect).in_(kinds[1]))
    return and_(*parts)


def fold(text: ColumnElement[object], dialect: str) -> ColumnElement[str]:
    """Text in small letters."""
    return Function(SQLITE_FOLD if dialect == "sqlite" else "lower", text, type_=types.String())


def column(table: Table, name: str) -> "Column[object]":
    """The column of that name. Raises RefusedError without it."""
    if name not in table.columns:
        raise RefusedError(Reason.MISSING_COLUMN, name)
    return table.columns[name]


def subject(table: Table, target: Target, dialect: str) -> ColumnElement[bool]:
    """Whether a row is the person's."""
    layout = target.layout
    holds = column(table, layout.subject_column)
    match holds.type:
        case types.ARRAY() | types.JSON():
            raise RefusedError(Reason.NESTED_SUBJECT, layout.subject_column)
        case types.Integer() | types.Numeric():
            return _among(holds, _numbers(target.subjects, holds, dialect))
        case types.Uuid():
            return _among(holds, _uuids(target.subjects))
        case types.String():
            held: ColumnElement[object] = cast(holds, types.Text) if isinstance(holds.type, types.Enum) else holds
            if layout.subject_kind is SubjectKind.EMAIL:
                names = [it.strip() for it in target.subjects]
                written = sorted({way for it in names for way in ways(it)})
                wanted = [*(fold(literal(it), dialect) for it in names), *map(literal, written)]
                return fold(func.trim(held), dialect).in_(wanted)
            if dialect == "sqlite":  # a column of text may hold bytes there, which are equal to no text
                return or_(held.in_(target.subjects), _bytes(holds, target.subjects))
            return held.in_(target.subjects)
    raise RefusedError(Reason.SUBJECT_TYPE, layout.subject_column)


def _among(holds: "Column[object]", values: Iterable[object]) -> ColumnElement[bool]:
    listed = list(values)
    return holds.in_(listed) if listed else false()


def ways(address: str) -> set[str]:
    """How an address may be written whose letters beyond ASCII the store's collation takes as they are ("C")."""
    small = address.lower()
    odd = [it for it in dict.fromkeys(small) if not it.isascii() and it.upper().lower() == it != it.upper()]
    if len(odd) > MANY_ODD:
        return {small, "".join(it.upper() if it in odd else it for it in small)}
    found = {small}
    for letter in odd:
        found |= {one.replace(letter, letter.upper()) for one in found}
    return found


def _bytes(holds: "Column[object]", subjects: Iterable[str]) -> ColumnElement[bool]:
    told = type_coerce(holds, types.NullType())
    return and_(func.typeof(told) == "blob", cast(told, types.Text).in_(list(subjects)))


def _numbers(values: Iterable[str], holds: "Column[object]", dialect: str) -> list[int]:
    """Those that are whole numbers and that the column can hold: the database or its driver takes no others."""
    whole = [int(it) for it in values if it.isascii() and it.isdecimal() and len(it) < LONGEST and str(int(it)) == it]
    return [number for number in whole if number < _limit(holds.type, dialect)]


def _limit(kind: types.TypeEngine[Any], dialect: str) -> int:
    match kind:
        case _ if dialect == "sqlite":
            return 2**63
        case types.Float():
            return 2**53
        case types.Numeric(precision=int() as digits):
            return min(2**63, int(10 ** (digits - (kind.scale or 0))))
        case types.SmallInteger() if dialect == "postgresql":
            return 2**15
        case types.Integer() if dialect == "postgresql" and not isinstance(kind, types.BigInteger):
            return 2**31
    return 2**63


def _uuids(values: Iterable[str]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _chosen(holds: "Column[object]", values: frozenset[str] | frozenset[int], dialect: str) -> ColumnElement[bool]:
    if isinstance(holds.type, types.Integer | types.Numeric | types.Float):
        return _among(holds, _numbers((str(value) for value in values), holds, dialect))
    return cast(holds, types.String).in_([str(value) for value in values])


def _times(table: Table, target: Target, dialect: str) -> list[ColumnElement[bool]]:
    name = target.layout.time_column or ""
    holds = column(table, name)
    since, until = target.narrowing.since, target.narrowing.until
    told = when(holds, dialect)
    if isinstance(holds.type, types.Date):
        days = times.whole_day(since, name), times.whole_day(until, name)
        return _bounds(told, *(day and day.isoformat() for day in days) if dialect == "sqlite" else days)
    if dialect == "sqlite":
        return _bounds(told, _text(since, up=True), _text(until, up=False))
    zoned = bool(getattr(holds.type, "timezone", False))
    return _bounds(told, _moment(since, zoned=zoned), _moment(until, zoned=zoned))


def when(holds: "Column[object]", dialect: str) -> ColumnElement[object]:
    """When a row was made, null where that cannot be told. Raises RefusedError for a column of other types.

    SQLite keeps whatever was put there: text of any precision and with any zone, of which only the normal form can be
    compared, and numbers. Those count that can only be seconds or milliseconds since 1970.
    """
    if not isinstance(holds.type, types.DateTime | types.Date):
        raise RefusedError(Reason.TIME_TYPE, holds.name)
    if dialect != "sqlite":
        return holds
    form = SQLITE_DAY if isinstance(holds.type, types.Date) else SQLITE_TIME
    told = type_coerce(holds, types.NullType())
    number = func.typeof(told).in_(["integer", "real"])
    return case(
        (and_(func.typeof(told) == "text", told.op("GLOB")(WRITTEN)), func.strftime(form, told)),
        (and_(number, told.between(*SECONDS)), func.strftime(form, told, "unixepoch")),
        (and_(number, told.between(*MILLISECONDS)), func.strftime(form, told / 1000.0, "unixepoch")),
        else_=None,
    )


def require_dated(connection: Connection, table: Table, name: str | None) -> None:
    """Raise RefusedError where rows have no time that can be read, or the column has another type."""
    if name is None:
        return
    undated = when(column(table, name), connection.dialect.name).is_(None)
    if connection.execute(select(literal(1)).select_from(table).where(undated).limit(1)).first() is not None:
        raise RefusedError(Reason.UNDATED, name)


def _bounds(holds: ColumnElement[object], since: object, until: object) -> list[ColumnElement[bool]]:
    bounds: list[ColumnElement[bool]] = []
    if since is not None:
        bounds.append(holds >= since)
    if until is not None:
        bounds.append(holds < until)
    return bounds


def _moment(moment: datetime | None, *, zoned: bool) -> datetime | None:
    if moment is None or zoned:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


def _text(moment: datetime | None, *, up: bool) -> str | None:
    """A time as SQLite's strftime writes it, which knows milliseconds: rounded so that never more rows are meant."""
    if moment is None:
        return None
    rest = timedelta(microseconds=moment.microsecond % 1000)
    exact = moment.astimezone(UTC) - rest + (MILLISECOND if up and rest else timedelta(0))
    return f"{exact:%Y-%m-%d %H:%M:%S}.{exact.microsecond // 1000:03}"
