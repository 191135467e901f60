"""The text that Hive is given, and how its answers are read; the real server is asked by `make test-hive`."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhive import exc

from portal.sources.connectors.base import (
    Narrowing,
    Reason,
    RefusedError,
    SubjectKind,
    Target,
    UnreachableError,
)
from portal.sources.connectors.hive import statements, tables
from portal.sources.connectors.hive.connector import open_hive
from portal.sources.connectors.hive.rewriting import Stage
from portal.sources.connectors.hive.sessions import Address, told
from portal.sources.connectors.hive.statements import Table
from portal.sources.connectors.kinds import same_kind
from tests.sources.people import AMIRA, LAYOUT, NARROWED, at, target

TABLE = Table(
    "hr",
    "events",
    {
        "who": "string",
        "at": "timestamp",
        "kind": "string",
        "app": "string",
        "level": "int",
        "note": "string",
        "day": "string",
        "n": "int",
    },
    ("day", "n"),
)


@given(st.text(min_size=1))
def test_no_value_can_leave_its_place(value: str) -> None:
    if any(0xD800 <= ord(character) < 0xE000 for character in value):
        return
    text = statements.condition(TABLE, Target(LAYOUT, (value,), Narrowing(kinds=frozenset({value}))))
    shape = re.sub(r"unhex\('[0-9a-f]*'\)", "?", text)
    kinds = "lower(trim(CAST(`kind` AS STRING))) IN (CAST(? AS STRING))"
    assert shape == f"coalesce(`who` IN (CAST(? AS STRING)) AND {kinds}, false)"
    held = re.findall(r"unhex\('([0-9a-f]*)'\)", text)
    assert [bytes.fromhex(one).decode() for one in held] == [value, same_kind(value)]


@given(st.text(), st.text())
def test_no_name_can_leave_its_place(first: str, second: str) -> None:
    quoted = statements.quote(first)
    assert quoted[0] == quoted[-1] == "`"
    assert "`" not in quoted[1:-1].replace("``", "")
    assert statements.constant(first) != statements.constant(second) or first == second
    inner = statements.constant(first)[1:-1]
    assert re.fullmatch(r"(?:[^'\\]|\\.)*", inner, re.DOTALL)


@pytest.mark.parametrize("name", NARROWED)
def test_a_row_without_a_value_is_never_meant(name: str) -> None:
    text = statements.condition(TABLE, target(narrowing=NARROWED[name][0]))
    assert text.startswith("coalesce(")
    assert text.endswith(", false)")
    assert AMIRA not in text


def test_times_are_compared_in_utc() -> None:
    text = statements.condition(TABLE, target(narrowing=Narrowing(since=at(10), until=at(11))))
    assert "`at` >= CAST('2026-03-02 10:00:00.000000' AS TIMESTAMP)" in text
    assert "`at` < CAST('2026-03-02 11:00:00.000000' AS TIMESTAMP)" in text


def test_a_partition_is_named_completely_so_that_nothing_beside_it_is_overwritten() -> None:
    assert statements.partition(TABLE, ("it's", None)) == "PARTITION (`day`='it\\'s', `n`=null)"
    assert statements.within(TABLE, ("a", "7")) == (
        "`day` = CAST(unhex('61') AS STRING) AND CAST(`n` AS STRING) = CAST(unhex('37') AS STRING)"
    )
    assert statements.within(TABLE, (None, None)) == "`day` IS NULL AND `n` IS NULL"
    with pytest.raises(ValueError, match="argument 2"):
        statements.partition(TABLE, ("a",))
    whole = replace(TABLE, partitioned_by=())
    assert (statements.partition(whole, ()), statements.within(whole, ())) == ("", "true")


def test_each_partition_of_each_table_has_a_staging_table_of_its_own() -> None:
    tables_ = [TABLE, replace(TABLE, name="event")]
    names = {
        Stage(table, values).name for table in tables_ for values in (("a", "1"), ("a", None), ("a1", ""), (None, "1"))
    }
    assert len(names) == 8
    assert all(re.fullmatch(r"daylight_stage_[0-9a-f]{16}_[0-9a-f]{16}", name) for name in names)


SPARK = [
    ("mail", "string"), ("m", "map<string,int>"), ("day", "date"),
    ("# Partition Information", ""), ("# col_name", "data_type"), ("day", "date"), ("", ""),
    ("# Detailed Table Information", ""), ("Type", "MANAGED"), ("Provider", "hive"),
]  # fmt: skip
HIVE = [
    ("# col_name", "data_type"), ("mail", "string"), ("", ""),
    ("# Partition Information", ""), ("# col_name", "data_type"), ("day", "date"), ("", ""),
    ("# Detailed Table Information", ""), ("Table Type:", "MANAGED_TABLE"), ("Table Parameters:", ""),
    ("", "transactional       "), ("# Storage Information", ""), ("Num Buckets:", "-1"),
]  # fmt: skip


def test_tables_are_read_as_spark_and_as_hive_describe_them() -> None:
    spark = tables.read("hr", "t", SPARK)
    assert (list(spark.columns), spark.partitioned_by) == (["mail", "m", "day"], ("day",))
    assert (spark.refused, spark.detail) == (Reason.TABLE_FORMAT, "m: map")
    hive = tables.read("hr", "t", HIVE)
    assert (hive.columns, hive.partitioned_by) == ({"mail": "string", "day": "date"}, ("day",))
    assert (hive.refused, hive.detail) == (Reason.TABLE_FORMAT, "transactional")
    plain = tables.read("hr", "t", [row for row in HIVE if "transactional" not in row[1]])
    assert plain.refused is None
    for key, value, reason in (
        ("Type", "VIEW", Reason.VIEW),
        ("Table Type:", "VIRTUAL_VIEW", Reason.VIEW),
        ("Table Type:", "MATERIALIZED_VIEW", Reason.VIEW),
        ("Provider", "iceberg", Reason.TABLE_FORMAT),
        ("Num Buckets", "8", Reason.TABLE_FORMAT),
    ):
        rows = [("mail", "string"), ("# Detailed Table Information", ""), (key, value)]
        assert tables.read("hr", "t", rows).refused is reason


def test_tables_are_listed_as_spark_and_as_hive_list_them() -> None:
    spark = tables.listed(lambda _: [("hr", "b", False), ("hr", "daylight_stage_x_y", False), ("hr", "a", False)], "hr")
    assert spark == tables.listed(lambda _: [("a",), ("b",)], "hr") == ["a", "b"]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Error running query: [TABLE_OR_VIEW_NOT_FOUND] org.apache.spark.sql.AnalysisException: x", Reason.MISSING),
        ("[UNRESOLVED_COLUMN.WITH_SUGGESTION] org.apache.spark.sql.AnalysisException", Reason.MISSING_COLUMN),
        ("SemanticException [Error 10001]: Table not found secret", Reason.MISSING),
        ("HiveAccessControlException Permission denied: user [x]", Reason.DENIED),
        ("[DATATYPE_MISMATCH] org.apache.spark.sql.AnalysisException: 'amira@example.org'", Reason.STORE_ERROR),
        ("[TABLE_OR_VIEW_ALREADY_EXISTS] org.apache.spark.sql.AnalysisException", None),
        ("[TASK_WRITE_FAILED] org.apache.spark.SparkException: 'amira@example.org'", None),
    ],
)
def test_an_error_says_what_it_means_and_nothing_else(message: str, expected: Reason | None) -> None:
    error = told(exc.OperationalError(message))
    assert (error.reason if isinstance(error, RefusedError) else None) is expected
    assert isinstance(error, RefusedError | UnreachableError)
    assert "amira" not in str(error)
    assert "secret" not in str(error)


def test_an_address_says_how_to_sign_in() -> None:
    address = Address("hive://writer:p%40ss@hive.example/hr")
    assert (address.host, address.port, address.user, address.password) == ("hive.example", 10000, "writer", "p@ss")
    assert (address.auth, address.database) == ("LDAP", "hr")
    assert Address("hive://h:1").auth == "NONE"
    assert Address("hive://h?auth=kerberos&kerberos_service_name=spark").service == "spark"
    for wrong in ("", "hive:///x", "http://h", "hive://h?auth=WHAT", "hive://h?colour=red", "hive://h?auth"):
        with pytest.raises(ValueError, match=r"expected|bad query"):
            open_hive(wrong)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("array<string>", Reason.NESTED_SUBJECT), ("double", Reason.SUBJECT_TYPE), ("binary", Reason.SUBJECT_TYPE)],
)
def test_a_column_that_cannot_name_a_person_is_refused(kind: str, reason: Reason) -> None:
    table = replace(TABLE, columns={"who": kind})
    with pytest.raises(RefusedError) as refusal:
        statements.condition(table, Target(replace(LAYOUT, subject_kind=SubjectKind.EMAIL), ("a",)))
    assert refusal.value.reason is reason
