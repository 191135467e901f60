"""Which rows are meant, as an SQL condition with bound values."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, cast, false, func, types
from sqlalchemy.sql.schema import Column

from portal.sources.connectors import times
from portal.sources.connectors.base import Reason, RefusedError, SubjectKind, Target

MILLISECOND = timedelta(milliseconds=1)
SQLITE_TIME = "%Y-%m-%d %H:%M:%f"


def condition(table: Table, target: Target, dialect: str) -> ColumnElement[bool]:
    """True for the rows of `target`; null or false for all others. Raises RefusedError for what cannot be expressed."""
    parts = [subject(table, target)]
    if target.narrowing.by_time:
        parts.extend(_times(table, target, dialect))
    for name, values in target.chosen():
        parts.append(_chosen(column(table, name), values))
    if spared := target.spared():
        parts.append(func.lower(func.trim(cast(column(table, spared[0]), types.String))).not_in(spared[1]))
    return and_(*parts)


def column(table: Table, name: str) -> "Column[object]":
    """The column of that name. Raises RefusedError without it."""
    if name not in table.columns:
        raise RefusedError(Reason.MISSING_COLUMN, name)
    return table.columns[name]


def subject(table: Table, target: Target) -> ColumnElement[bool]:
    """Whether a row is the person's."""
    layout = target.layout
    holds = column(table, layout.subject_column)
    match holds.type:
        case types.ARRAY() | types.JSON():
            raise RefusedError(Reason.NESTED_SUBJECT, layout.subject_column)
        case types.Integer() | types.Numeric():
            return _among(holds, _numbers(target.subjects))
        case types.Uuid():
            return _among(holds, _uuids(target.subjects))
        case types.String():
            if layout.subject_kind is SubjectKind.EMAIL:
                return func.lower(holds).in_([func.lower(value) for value in target.subjects])
            return holds.in_(target.subjects)
    raise RefusedError(Reason.SUBJECT_TYPE, layout.subject_column)


def _among(holds: "Column[object]", values: Iterable[object]) -> ColumnElement[bool]:
    listed = list(values)
    return holds.in_(listed) if listed else false()


def _numbers(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdecimal() and str(int(value)) == value]


def _uuids(values: Iterable[str]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _chosen(holds: "Column[object]", values: frozenset[str] | frozenset[int]) -> ColumnElement[bool]:
    if isinstance(holds.type, types.Integer | types.Numeric):
        return _among(holds, _numbers(str(value) for value in values))
    return cast(holds, types.String).in_([str(value) for value in values])


def _times(table: Table, target: Target, dialect: str) -> list[ColumnElement[bool]]:
    name = target.layout.time_column or ""
    holds = column(table, name)
    since, until = target.narrowing.since, target.narrowing.until
    if isinstance(holds.type, types.DateTime) and dialect == "sqlite":
        # text of any precision and with any zone: only its normal form can be compared
        told: ColumnElement[object] = func.strftime(SQLITE_TIME, holds)
        return _bounds(told, _text(since, up=True), _text(until, up=False))
    if isinstance(holds.type, types.DateTime):
        zoned = bool(getattr(holds.type, "timezone", False))
        return _bounds(holds, _moment(since, zoned=zoned), _moment(until, zoned=zoned))
    if isinstance(holds.type, types.Date):
        return _bounds(holds, times.whole_day(since, name), times.whole_day(until, name))
    raise RefusedError(Reason.TIME_TYPE, name)


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
