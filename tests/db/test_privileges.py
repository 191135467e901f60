"""Who may what, compared with the checked-in matrix; what every table must have besides (D01, D06 in small)."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.db import catalogue
from tests.db.catalogue import SCHEMAS, Superuser

PERSONAL = {"employee_id", "actor_id", "reader_id"}
ORGANISATION = {"public.policy", "public.trust_document", "public.installation"}
UNPROTECTED = {"public.alembic_version"}


@pytest.fixture
def undone(superuser: Superuser) -> Iterator[Superuser]:
    """For changes that the end of the test takes back."""
    yield superuser
    superuser.rollback()


def test_D01_privileges_equal_the_checked_in_matrix(superuser: Superuser) -> None:
    assert catalogue.differences(catalogue.read(superuser), catalogue.written()) == []


@pytest.mark.parametrize(
    "change",
    [
        "GRANT SELECT (name) ON employee TO web_hr",
        "GRANT DELETE ON look TO web_officer",
        "GRANT SELECT ON segment TO gateway",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO worker",
        "GRANT SELECT (body) ON segment TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION look_read(uuid) TO web_employee",
        "GRANT USAGE ON SCHEMA private TO web_employee",
        "GRANT CREATE ON SCHEMA public TO web_employee",
        "GRANT USAGE ON SEQUENCE audit_entry_id_seq TO web_council",
        "GRANT vault TO worker",
        "REVOKE SELECT ON pause FROM worker",
        "ALTER FUNCTION look_read(uuid) OWNER TO owner",
        "CREATE TABLE secrets (employee_id uuid)",
        "ALTER TABLE employee ADD COLUMN salary int",
        "CREATE VIEW everybody AS SELECT * FROM employee",
        "CREATE FUNCTION peek() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_D01_a_change_that_is_not_in_the_matrix_is_seen(undone: Superuser, change: str) -> None:
    undone.execute(change.encode())
    assert catalogue.differences(catalogue.read(undone), catalogue.written()) != []


def test_D01_nobody_has_anything_on_a_partition(undone: Superuser) -> None:
    (partition,) = one(undone, "SELECT min(c.oid::regclass::text) FROM pg_class c WHERE c.relispartition")
    undone.execute(f"GRANT SELECT ON {partition} TO gateway".encode())
    found = catalogue.differences(catalogue.read(undone), catalogue.written())
    assert [line for line in found if f"public.{partition}" in line] == found != []


def test_D01_the_council_reads_nothing_with_an_employee_column() -> None:
    tables = catalogue.written()["tables"]
    read = {name: table["columns"] for name, table in tables.items() if "web_council" in table or "public" in table}
    assert read.keys() == ORGANISATION | {name for name in read if name.startswith("pub.")}
    assert [name for name, columns in read.items() if set(columns) & PERSONAL] == []


@pytest.mark.parametrize("login", ["web_hr", "web_council", "web_officer", "web_session", "ballot", "migrator"])
def test_D01_these_logins_have_no_table_with_people(login: str) -> None:
    tables = catalogue.written()["tables"]
    assert {name for name, table in tables.items() if login in table} <= ORGANISATION


def test_D02_every_table_is_under_forced_row_security(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
        [list(SCHEMAS)],
    ).fetchall()
    assert {row[0] for row in rows} == UNPROTECTED


def test_D02_one_policy_for_each_role_and_table_and_never_an_or(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT schemaname || '.' || tablename, roles, qual, with_check FROM pg_policies"
    ).fetchall()
    pairs = [(table, tuple(roles)) for table, roles, _, _ in rows]
    assert len(pairs) == len(set(pairs))
    assert [table for table, roles, _, _ in rows if len(roles) != 1 or roles == ["public"]] == []
    assert [table for table, _, qual, check in rows if qual != check or " OR " in qual] == []


def test_D02_a_persons_login_sees_only_rows_of_the_actor(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT schemaname || '.' || tablename, qual FROM pg_policies WHERE roles[1] LIKE 'web%%'"
    ).fetchall()
    own = {"(employee_id = ( SELECT actor_id() AS actor_id))", "(id = ( SELECT actor_id() AS actor_id))"}
    assert {table for table, qual in rows if qual not in own} == ORGANISATION
    assert [table for table, qual in rows if qual.startswith("(id") and table != "public.employee"] == []


def test_D02_every_view_asks_with_the_askers_rights(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = ANY (%s) AND c.relkind IN ('v', 'm') "
        "AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false)",
        [list(SCHEMAS)],
    ).fetchall()
    assert rows == []


def test_D02_every_definer_function_pins_its_search_path(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT p.proname, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = ANY (%s) AND p.prosecdef",
        [list(SCHEMAS)],
    ).fetchall()
    assert len(rows) >= 10
    paths = {
        name: [part for part in config or [] if part.startswith("search_path=pg_catalog, ")] for name, config in rows
    }
    assert [name for name, path in paths.items() if not (path and path[0].endswith("pg_temp"))] == []


def test_D06_every_table_with_people_says_what_deletes_it(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT c.relname, array_agg(a.attname::text), count(*) FILTER (WHERE d.description LIKE 'personal: _%%') "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = a.attnum "
        "WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY 1",
        [list(SCHEMAS)],
    ).fetchall()
    personal = {name: comments for name, columns, comments in rows if set(columns) & PERSONAL or name == "employee"}
    assert len(personal) >= 15
    assert [name for name, comments in personal.items() if comments == 0] == []


def one(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> tuple[Any, ...]:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row
