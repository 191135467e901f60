"""Who may what, compared with the checked-in matrix; what every table must have besides (D01, D06 in small)."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.db import catalogue
from tests.db.catalogue import SCHEMAS, Superuser

PERSONAL = {"employee_id", "actor_id", "reader_id"}
ORGANISATION = {
    "public.policy", "public.trust_document", "public.installation", "public.source", "public.dataset", "public.stop",
}  # fmt: skip
DECIDED = {
    "public.policy_draft",
    "public.policy_signature",
    "public.policy_decision",
    "public.agreement_clause",
    "public.rollout",
    "public.rollout_step",
}
"""What officer and council decide about: of the organisation, but not everybody's to read."""
PUBLISHED = {"pub.exemption", "pub.release", "pub.figure"}
COUNCIL = {
    "public.ballot_key",
    "public.log_head",
    "public.reconciliation_share",
    "public.mismatch_share",
    "public.expert_seat",
    "public.room_document",
    "public.smallest_group",
}
"""What the works council reads besides: checkpoints of the log, its share of the check, experts' seats, papers, k."""
OFFICER = {
    "public.mismatch",
    "public.mismatch_step",
    "public.retention_step",
    "public.room_document",
    "public.smallest_group",
    "public.source_owner",
    "public.watch",
}
"""Without a person, too: sums and looks for the officer alone, who answers for a store, k, and papers that the council
reads and writes, too."""
PETITIONS = {"public.petition", "public.petition_event"}
"""Texts and numbers that everybody reads but HR, which has no part in petitions."""
BALLOT = {"public.petition", "public.ballot_key", "public.ballot_issue", "public.ballot_vote"}
"""What the ballot has: which petitions run, its keys, and what nobody can tie to a person."""
PUBLIC_TO_STAFF = {"public.ballot_key", "public.ballot_code", "public.retention_step"}
"""Public keys, and the hashes of the code that uses them; that what is too old was deleted and read back."""
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
        "GRANT SELECT (name) ON employee TO web_council",
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
    read = {
        name: table["columns"]
        for name, table in tables.items()
        if "select" in table.get("web_council", {}) or "public" in table
    }
    assert read.keys() == ORGANISATION | DECIDED | PETITIONS | PUBLISHED | COUNCIL
    assert [name for name, columns in read.items() if set(columns) & PERSONAL] == []


@pytest.mark.parametrize("login", ["web_council", "web_officer", "web_session", "migrator"])
def test_D01_these_logins_have_no_table_with_people(login: str) -> None:
    tables = catalogue.written()["tables"]
    shared = ORGANISATION | DECIDED | PETITIONS
    more = {"web_council": PUBLISHED | COUNCIL, "web_officer": PUBLISHED | OFFICER}
    read = {name for name, table in tables.items() if set(table.get(login, {})) - {"insert"}}
    assert read <= shared | more.get(login, set())
    assert {name for name, table in tables.items() if login in table} <= read | shared | {"public.audit_entry"}
    assert [name for name in OFFICER if set(tables[name]["columns"]) & PERSONAL] == []


def test_A04_nobody_changes_or_deletes_what_is_published() -> None:
    tables = catalogue.written()["tables"]
    for name in PUBLISHED:
        assert {login: sorted(rights) for login, rights in tables[name].items() if login != "columns"} == {
            "web_council": ["select"], "web_employee": ["select"], "web_hr": ["select"], "web_officer": ["select"],
            "worker": ["insert", "select"],
        }  # fmt: skip


def test_D01_the_ballot_has_only_what_no_person_stands_in() -> None:
    tables = catalogue.written()["tables"]
    assert {name for name, table in tables.items() if "ballot" in table} == BALLOT
    assert [name for name in BALLOT if set(tables[name]["columns"]) & PERSONAL] == []
    assert tables["public.petition"]["ballot"] == {"select": ["id", "state", "ends_on"]}


def test_D01_hr_has_requests_and_names_and_nothing_of_what_was_captured() -> None:
    tables = catalogue.written()["tables"]
    has = {name.removeprefix("public.") for name, table in tables.items() if "web_hr" in table} - {
        name.removeprefix("public.") for name in ORGANISATION | PUBLISHED
    }
    assert has == {
        "address_span", "audit_entry", "employee", "handover", "legal_hold", "notification", "outbox", "receipt",
        "request", "request_count", "request_decision", "request_event", "request_step", "role_grant", "store_task",
    }  # fmt: skip
    assert set(tables["public.employee"]["web_hr"]) == {"select"}
    assert set(tables["public.audit_entry"]["web_hr"]) == {"insert"}
    kept = ("link_hash", "code_hash", "pickup_hash", "order_id", "prepare_seal", "approve_seal", "pickup_seal")
    assert set(tables["public.handover"]["web_hr"]) == {"select"}
    assert not set(kept) & set(tables["public.handover"]["web_hr"]["select"])


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
        "SELECT schemaname || '.' || tablename, qual FROM pg_policies "
        "WHERE roles[1] LIKE 'web%%' AND roles[1] NOT IN ('web_hr', 'web_delegate', 'web_directory')"
    ).fetchall()
    own = {"(employee_id = ( SELECT actor_id() AS actor_id))", "(id = ( SELECT actor_id() AS actor_id))"}
    published = ORGANISATION | DECIDED | PETITIONS | PUBLISHED | COUNCIL | OFFICER | PUBLIC_TO_STAFF
    assert {table for table, qual in rows if qual not in own} == published | {"public.outbox"}
    assert [table for table, qual in rows if qual.startswith("(id") and table != "public.employee"] == []


def test_D02_the_directory_sees_who_works_here_and_nothing_else_of_them() -> None:
    tables = catalogue.written()["tables"]
    assert {name for name, table in tables.items() if "web_directory" in table} == {
        "public.directory_entry",
        "public.employee",
    }
    assert not {"timezone", "exclusions", "grade"} & set(tables["public.employee"]["web_directory"]["select"])


def test_D02_a_delegate_sees_only_requests_of_the_actor_and_of_the_scope(superuser: Superuser) -> None:
    rows: dict[str, str] = dict(
        superuser.execute("SELECT tablename, qual FROM pg_policies WHERE roles[1] = 'web_delegate'").fetchall()
    )
    own = "employee_id = ( SELECT actor_id() AS actor_id)"
    assert {f"public.{table}" for table, qual in rows.items() if own not in qual} <= ORGANISATION
    assert "delegated_types()" in rows["request"]
    assert "<> 'draft'" in rows["request"]
    scoped = {table for table in rows if table.startswith("request_") or table == "receipt"}
    assert [table for table in scoped if "FROM request" not in rows[table]] == []


def test_D02_hr_never_sees_a_request_of_its_own(superuser: Superuser) -> None:
    rows: dict[str, str] = dict(
        superuser.execute("SELECT tablename, qual FROM pg_policies WHERE roles[1] = 'web_hr'").fetchall()
    )
    others = "employee_id <> ( SELECT actor_id() AS actor_id)"
    assert {table for table, qual in rows.items() if others not in qual} == {
        "audit_entry", "employee", "role_grant", "exemption", "release", "figure",
        *(table.removeprefix("public.") for table in ORGANISATION - {"public.stop"}),
    }  # fmt: skip
    assert "<> 'draft'" in rows["request"]
    assert "= 'hr'" in rows["role_grant"]  # colleagues, by name, and nobody's other role


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
