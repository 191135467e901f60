"""All sorts of tables: partitioned or not, nested, with odd names and values; each erased or refused."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from portal.sources.connectors.base import (
    Count,
    Layout,
    Narrowing,
    Reason,
    RefusedError,
    SubjectKind,
    Target,
    UnreachableError,
)
from portal.sources.connectors.hive import rewriting, statements
from portal.sources.connectors.hive.connector import HiveConnector, open_hive
from tests.hive.server import free_port
from tests.sources.people import AMIRA, LAYOUT, NARROWED, ROWS, RUN, Made, at, target

FORMATS = ("PARQUET", "ORC", "TEXTFILE")


def layout(table: str) -> Layout:
    return replace(LAYOUT, location=f"small.{table}")


def literal(row: Made) -> str:
    """A row's values as an expression."""
    texts = [
        statements.text(value) if value is not None else "NULL" for value in (row.who, row.kind, row.app, row.note)
    ]
    when = f"TIMESTAMP '{row.at:%Y-%m-%d %H:%M:%S}'" if row.at else "CAST(NULL AS TIMESTAMP)"
    return (
        f"SELECT {texts[0]}, {when}, {texts[1]}, {texts[2]}, {'NULL' if row.level is None else row.level}, {texts[3]}"
    )


def make(hive: HiveConnector, table: str, how: str = "STORED AS PARQUET", *, day: str | None = None) -> None:
    """A table with the rows of all connectors' tests, in one partition `day` if given."""
    ask = hive._sessions.rows
    columns = "who STRING, at TIMESTAMP, kind STRING, app STRING, level INT, note STRING"
    parted = "PARTITIONED BY (day STRING)" if day is not None else ""
    into = f"PARTITION (day={statements.constant(day)})" if day is not None else ""
    ask(f"CREATE TABLE small.{table} ({columns}) {parted} {how}")
    ask(f"INSERT INTO small.{table} {into} {' UNION ALL '.join(map(literal, ROWS))}")


def notes(hive: HiveConnector, table: str, column: str = "note") -> list[str]:
    return sorted(row[0] for row in hive._sessions.rows(f"SELECT {column} FROM small.{table}", f"small.{table}"))


@pytest.fixture(scope="module")
def counted(hive: HiveConnector, small: str) -> str:
    make(hive, "counted")
    return f"{small}.counted"


@pytest.mark.parametrize("name", NARROWED)
def test_only_the_rows_that_are_meant_are_counted_and_exported(hive: HiveConnector, counted: str, name: str) -> None:
    narrowing, expected = NARROWED[name]
    meant = target(replace(LAYOUT, location=counted), narrowing)
    assert hive.count(meant).rows == len(expected)
    assert sorted(str(row["note"]) for row in hive.export(meant)) == expected


def test_rows_are_counted_by_kind_and_one_that_fails_does_not_end_the_others(hive: HiveConnector, counted: str) -> None:
    whole = target(replace(LAYOUT, location=counted))
    answers = [it for _, it in hive.counts([whole, target(layout("nowhere")), whole])]
    assert answers[0] == answers[2] == Count(4, {"key": 2, "click": 1, "": 1})
    assert isinstance(answers[1], RefusedError)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_table_without_partitions_is_rewritten_whole(
    hive: HiveConnector, reader: HiveConnector, kind: str, small: str
) -> None:
    del small
    table = f"whole_{kind.lower()}"
    make(hive, table, f"STORED AS {kind}")
    meant = target(layout(table), NARROWED["confidential"][0])
    erased = hive.erase(meant, RUN)
    assert (erased.rows, erased.parts) == (2, 1)
    assert notes(hive, table) == sorted(row.note for row in ROWS if row.note not in ("second", "third"))
    assert reader.remaining(meant) == 0
    assert hive.erase(target(layout(table)), RUN).rows == 2
    assert hive.erase(target(layout(table)), RUN).parts == 0


@pytest.mark.parametrize("day", ["it's \\ 100%/\u00fc", "__HIVE_DEFAULT_PARTITION__x"])
def test_a_partition_may_be_called_anything(hive: HiveConnector, small: str, day: str) -> None:
    table = f"odd_{len(day)}"
    make(hive, table, day=day)
    make_other = f"INSERT INTO {small}.{table} PARTITION (day='other') {literal(replace(ROWS[4], note='other'))}"
    hive._sessions.rows(make_other)
    assert hive.erase(target(layout(table)), RUN).parts == 1
    assert notes(hive, table) == sorted(["other", *(row.note for row in ROWS if row.who != AMIRA)])


def test_partitions_of_numbers_days_and_nothing(hive: HiveConnector, small: str) -> None:
    ask = hive._sessions.rows
    ask(f"CREATE TABLE {small}.typed (who STRING, note STRING) PARTITIONED BY (d DATE, n INT) STORED AS PARQUET")
    parts = [("DATE '2026-03-01'", "7"), ("DATE '2026-03-02'", "7"), ("CAST(NULL AS DATE)", "NULL")]
    rows = [f"('{who}', '{who} {n}', {d}, {n})" for d, n in parts for who in ("amira", "ben")]
    ask(f"INSERT INTO {small}.typed VALUES {', '.join(rows)}")
    mine = replace(layout("typed"), time_column="d", kind_column=None)
    since = Narrowing(since=datetime(2026, 3, 2, tzinfo=UTC))
    assert refused(lambda: hive.count(Target(mine, ("amira",), Narrowing(since=at(9))))) is Reason.PART_OF_A_DAY
    assert hive.erase(Target(mine, ("amira",), since), RUN).rows == 1
    assert notes(hive, "typed") == ["amira 7", "amira NULL", "ben 7", "ben 7", "ben NULL"]
    assert hive.erase(Target(mine, ("amira",)), RUN).parts == 2
    assert notes(hive, "typed") == ["ben 7", "ben 7", "ben NULL"]


def test_a_subject_may_be_a_number_a_padded_text_or_a_field(hive: HiveConnector, small: str) -> None:
    ask = hive._sessions.rows
    ask(
        f"CREATE TABLE {small}.fields (n INT, c CHAR(8), s STRUCT<who:STRUCT<id:STRING>>, l ARRAY<STRING>, note STRING)"
    )
    ask(
        f"INSERT INTO {small}.fields SELECT 7, 'amira', named_struct('who', named_struct('id', 'amira')), "
        f"array('amira', 'ben'), 'a' "
        f"UNION ALL SELECT 77, 'ben', named_struct('who', named_struct('id', 'ben')), array('ben'), 'b' "
        f"UNION ALL SELECT NULL, NULL, NULL, NULL, 'c'"
    )
    for column, subject in (("n", "7"), ("c", "amira"), ("s.who.id", "amira")):
        mine = replace(
            layout("fields"),
            subject_column=column,
            time_column=None,
            kind_column=None,
            context_column=None,
            sensitivity_column=None,
        )
        assert hive.check(mine) == 3
        assert hive.count(Target(mine, (subject,))).rows == 1
        assert hive.count(Target(mine, (f"0{subject}",))).rows == 0
    for column, expected in (
        ("l", Reason.NESTED_SUBJECT),
        ("l.x", Reason.NESTED_SUBJECT),
        ("s", Reason.SUBJECT_TYPE),
        ("x", Reason.MISSING_COLUMN),
    ):
        mine = replace(
            layout("fields"),
            subject_column=column,
            time_column=None,
            kind_column=None,
            context_column=None,
            sensitivity_column=None,
        )
        assert refused(lambda mine=mine: hive.check(mine)) is expected  # type: ignore[misc]
    nested = replace(layout("fields"), subject_column="s.who.id", kind_column=None)
    assert hive.erase(Target(nested, ("amira",)), RUN).rows == 1
    assert notes(hive, "fields") == ["b", "c"]
    assert ask(f"SELECT s.who.id, l FROM {small}.fields WHERE n = 77", f"{small}.fields") == [("ben", '["ben"]')]


def test_columns_may_be_called_anything(hive: HiveConnector, small: str) -> None:
    ask = hive._sessions.rows
    ask(f"CREATE TABLE {small}.named (`who is ``it``` STRING, `a-b` INT, `select` STRING) STORED AS PARQUET")
    ask(f"INSERT INTO {small}.named VALUES ('amira', 1, 'x'), ('ben', 2, 'y')")
    mine = Layout(f"{small}.named", "who is `it`", SubjectKind.HANDLE)
    assert hive.erase(Target(mine, ("amira",)), RUN).rows == 1
    assert ask(f"SELECT * FROM {small}.named", f"{small}.named") == [("ben", 2, "y")]


def test_what_cannot_be_rewritten_safely_is_refused(hive: HiveConnector, small: str, counted: str) -> None:
    ask = hive._sessions.rows
    ask(f"CREATE TABLE {small}.mapped (who STRING, m MAP<STRING, INT>) STORED AS PARQUET")
    ask(f"CREATE TABLE {small}.buckets (who STRING, n INT) USING parquet CLUSTERED BY (n) INTO 2 BUCKETS")
    ask(f"CREATE VIEW {small}.looks AS SELECT * FROM {small}.mapped")
    expected = {
        "mapped": Reason.TABLE_FORMAT,
        "buckets": Reason.TABLE_FORMAT,
        "looks": Reason.VIEW,
        "gone": Reason.MISSING,
    }
    for table, reason in expected.items():
        mine = Layout(f"{small}.{table}", "who", SubjectKind.HANDLE)
        for act in (lambda: hive.check(mine), lambda: hive.erase(Target(mine, ("amira",)), RUN)):  # noqa: B023
            assert refused(act) is reason
    found = {it.location: it.refused for it in hive.discover() if it.location.startswith(small)}
    assert {name: found[f"{small}.{name}"] for name in ("mapped", "buckets", "looks")} == {
        name: expected[name] for name in ("mapped", "buckets", "looks")
    }
    assert refused(lambda: hive.check(replace(LAYOUT, location=counted, kind_column="sort"))) is Reason.MISSING_COLUMN


def test_somebody_who_writes_meanwhile_loses_nothing(
    hive: HiveConnector, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(hive, "busy", day="d")
    ask = hive._sessions.rows
    wrote: list[object] = []

    def somebody_writes(statement: str, *reread: str, **how: Any) -> list[tuple[Any, ...]]:
        if statement.startswith("SELECT sum(CASE WHEN true") and len(wrote) < 1:
            wrote.append(ask(f"INSERT INTO {small}.busy PARTITION (day='d') {literal(replace(ROWS[4], note='added'))}"))
        return ask(statement, *reread, **how)

    monkeypatch.setattr(hive._sessions, "rows", somebody_writes)
    assert hive.erase(target(layout("busy")), RUN).rows == 4
    assert notes(hive, "busy") == sorted(["added", *(row.note for row in ROWS if row.who != AMIRA)])


def test_somebody_who_never_stops_writing_is_told_and_nothing_is_changed(
    hive: HiveConnector, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(hive, "busier", day="d")
    ask = hive._sessions.rows

    def somebody_writes(statement: str, *reread: str, **how: Any) -> list[tuple[Any, ...]]:
        if statement.startswith("SELECT sum(CASE WHEN true"):
            ask(f"INSERT INTO {small}.busier PARTITION (day='d') {literal(replace(ROWS[4], note='added'))}")
        return ask(statement, *reread, **how)

    with monkeypatch.context() as patch:
        patch.setattr(hive._sessions, "rows", somebody_writes)
        assert refused(lambda: hive.erase(target(layout("busier")), RUN)) is Reason.CHANGING
    assert Counter(notes(hive, "busier")) == Counter(row.note for row in ROWS) + Counter(added=rewriting.ATTEMPTS)
    assert hive.erase(target(layout("busier")), RUN).rows == 4


def test_two_erasures_do_not_rewrite_one_partition_at_once(hive: HiveConnector, small: str) -> None:
    make(hive, "shared")
    table = hive._table(f"{small}.shared")
    other = rewriting.Rewrite(hive._sessions.rows, table, "false", uuid4())
    stage = rewriting.Stage(table, ())
    rewriting._fill(other, stage)
    with pytest.raises(UnreachableError, match="another erasure"):
        hive.erase(target(layout("shared")), RUN)
    with pytest.raises(UnreachableError, match="another erasure"):
        rewriting._fill(other, stage)
    assert hive.count(target(layout("shared"))).rows == 4
    long_ago = str(1_000_000_000).encode().hex()
    hive._sessions.rows(f"ALTER TABLE {stage.quoted} SET TBLPROPERTIES ('daylight.at'='{long_ago}')")
    assert hive.erase(target(layout("shared")), RUN).rows == 4


def test_a_server_that_is_not_there_is_unreachable(small: str) -> None:
    connector = open_hive(f"hive://127.0.0.1:{free_port()}/{small}?auth=NOSASL")
    with pytest.raises(UnreachableError):
        connector.count(target(layout("counted")))
    connector.close()


def test_an_export_that_nobody_reads_to_its_end_leaves_the_session_usable(hive: HiveConnector, counted: str) -> None:
    for _ in range(6):
        rows = hive.export(target(replace(LAYOUT, location=counted)))
        next(iter(rows))
        with suppress(AttributeError):
            rows.close()  # type: ignore[attr-defined]
    assert hive.count(target(replace(LAYOUT, location=counted))).rows == 4


def refused(act: Callable[[], Any]) -> Reason:
    with pytest.raises(RefusedError) as refusal:
        act()
    assert AMIRA not in str(refusal.value)
    return refusal.value.reason
