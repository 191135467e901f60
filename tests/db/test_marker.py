"""As employee A, everything any login can do returns zero bytes of B (D02)."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core.config import Settings
from portal.core.logins import LOGINS
from tests.db.arrange import PERSONAL, TABLES, WEB, Connection, act, attempt, connected, marked_person
from tests.db.catalogue import ROLES, Superuser
from tests.db.conftest import Apart

ASKERS = (*WEB, "web_session", "ballot", "migrator")
DESK = {
    "employee",
    "legal_hold",
    "receipt",
    "request",
    "request_count",
    "request_decision",
    "handover",
    "request_event",
    "request_step",
    "role_grant",
    "store_task",
}
ALSO_OWN = {"employee", "role_grant"}
"""Of these HR reads its own rows, too: who it is, and that it is of HR."""
"""What HR reads of others, because it handles their requests; its own rows of these are not there for it."""
FUNCTIONS = """
SELECT p.oid::regproc::text, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes::oid[]) t)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('public', 'private', 'pub') AND p.prorettype <> 'trigger'::regtype
"""


@dataclass(frozen=True)
class Two:
    """A, who asks, and B, whose rows must not be seen."""

    a: UUID
    b: UUID
    own: str
    marker: str

    def found_in(self, text: str) -> bool:
        """Whether anything of B stands in `text`, also as hexadecimal or base64."""
        raw = self.marker.encode()
        forms = (self.marker, raw.hex(), base64.b64encode(raw).decode()[:-4], str(self.b), self.b.hex)
        return any(form in text for form in forms)


@pytest.fixture(scope="module")
def settings(apart: Apart) -> Settings:
    return apart.settings


@pytest.fixture
def superuser(apart: Apart) -> Iterator[Superuser]:
    with psycopg.connect(apart.superuser) as connection:
        yield connection


@pytest.fixture(scope="module")
def two(apart: Apart) -> Two:
    own, marker = f"own{uuid4().hex}", f"marker{uuid4().hex}"
    with psycopg.connect(apart.superuser) as superuser:
        return Two(marked_person(superuser, own), marked_person(superuser, marker), own, marker)


def statements(table: str, columns: list[str], two: Two) -> list[str]:
    """Every way we know to make a table talk."""
    said = [
        f"SELECT * FROM {table}",
        f"SELECT t FROM {table} t",
        f"SELECT to_jsonb(t) FROM {table} t",
        f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%{two.marker}%' HAVING count(*) > 0",
        f"TABLE {table}",
        f"SELECT string_agg(t::text, '') FROM {table} t",
        f"SELECT 1 / (CASE WHEN t::text LIKE '%{two.marker}%' THEN 0 ELSE 1 END) FROM {table} t",
        f"UPDATE {table} SET {columns[0]} = {columns[0]} RETURNING *",
        f"DELETE FROM {table} RETURNING *",
        f"SELECT * FROM {table} FOR UPDATE",
        f"SELECT * FROM {table} TABLESAMPLE BERNOULLI (100)",
        f"SELECT query_to_xml('SELECT * FROM {table}', true, false, '')",
        f"SELECT table_to_xml('{table}', true, false, '')",
        f"EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM {table} WHERE {columns[0]}::text = '{two.b}'",
        f"CREATE VIEW pg_temp.peek AS SELECT * FROM {table}",
        f"DECLARE c CURSOR FOR SELECT * FROM {table}",
        f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DO NOTHING",
    ]
    for column in columns:
        said += [
            f"SELECT {column} FROM {table}",
            f"SELECT {column}::text::int FROM {table}",
            f"SELECT max({column}::text) FROM {table}",
            f"UPDATE {table} SET {column} = {column} RETURNING {column}::text",
            f"UPDATE {table} SET {column} = NULL WHERE {column}::text::int = 1",
        ]
        if column == "employee_id":
            said += [
                f"SELECT employee_id FROM {table} WHERE employee_id = '{two.b}'",
                f"UPDATE {table} SET employee_id = '{two.b}' RETURNING *",
                f"DELETE FROM {table} WHERE employee_id = '{two.b}' RETURNING *",
            ]
    return said


def columns_of(superuser: Superuser, table: str) -> list[str]:
    rows = superuser.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", [table]
    ).fetchall()
    return [row[0] for row in rows]


def copied(connection: Connection, statement: str) -> str:
    connection.execute("SAVEPOINT attempt")
    try:
        with connection.cursor().copy(statement.encode()) as copy:
            return b"".join(bytes(part) for part in copy).decode(errors="replace")
    except psycopg.Error as error:
        return str(error)
    finally:
        connection.execute("ROLLBACK TO SAVEPOINT attempt")


@pytest.mark.parametrize("login", ASKERS)
def test_D02_no_table_partition_or_view_tells_anything_of_another_person(
    settings: Settings, superuser: Superuser, two: Two, login: str
) -> None:
    tables = [row[0] for row in superuser.execute(TABLES).fetchall()]
    assert len(tables) > 25
    tables = [table for table in tables if login != "web_hr" or table not in DESK]
    leaks = []
    with connected(settings, login, two.a if login in WEB else None) as connection:
        for table in tables:
            columns = columns_of(superuser, table)
            said = statements(table, columns, two)
            leaks += [one for one in said if two.found_in(_without_the_question(attempt(connection, one), two, one))]
            copies = [f"COPY {table} TO STDOUT", f"COPY (SELECT * FROM {table}) TO STDOUT"]
            copies += [f"COPY {table} ({column}) TO STDOUT" for column in columns]
            leaks += [one for one in copies if two.found_in(copied(connection, one))]
    assert leaks == []


def test_D02_hr_reads_nothing_of_a_request_of_its_own(settings: Settings, two: Two) -> None:
    with connected(settings, "web_hr", two.a) as connection:
        for table in DESK - ALSO_OWN:
            other = attempt(connection, f"SELECT employee_id FROM {table}")
            assert str(two.b) in other
            assert str(two.a) not in other
            assert two.own not in attempt(connection, f"SELECT * FROM {table}")


def test_D02_hr_without_an_acting_person_reads_nothing(settings: Settings, two: Two) -> None:
    with connected(settings, "web_hr") as connection:
        for table in DESK:
            column = "id" if table == "employee" else "employee_id"
            assert attempt(connection, f"SELECT {column} FROM {table}") == "[]"


def _without_the_question(answer: str, two: Two, statement: str) -> str:
    """An error or a plan may repeat the asker's own words; count only what is there more often than asked."""
    for word in (two.marker, str(two.b)):
        answer = answer.replace(f"'{word}'", "").replace(f"%{word}%", "")
    return answer.replace(statement, "")


def test_D02_the_sweep_would_see_a_leak(settings: Settings, two: Two) -> None:
    """A's own marker is found by the same statements: so it is not the sweep that is blind."""
    mirrored = Two(two.b, two.a, two.marker, two.own)
    with connected(settings, "web_employee", two.a) as connection:
        for table in ("pause", "device", "look", "notification", "employee", "audit_entry"):
            answers = [attempt(connection, one) for one in (f"SELECT * FROM {table}", f"SELECT t FROM {table} t")]
            assert all(mirrored.found_in(answer) for answer in answers), table
        assert mirrored.found_in(copied(connection, "COPY (SELECT * FROM look) TO STDOUT"))
        assert mirrored.found_in(attempt(connection, "SELECT name::int FROM employee"))


@pytest.mark.parametrize("login", ASKERS)
def test_D02_no_function_tells_anything_of_another_person(
    settings: Settings, superuser: Superuser, two: Two, login: str
) -> None:
    functions = superuser.execute(FUNCTIONS).fetchall()
    assert len(functions) >= 10
    leaks = []
    with connected(settings, login, two.a if login in WEB else None) as connection:
        for name, kinds in functions:
            for values in ({"uuid": str(two.b)}, {"uuid": str(two.a)}, {"text": str(two.b)}, {}):
                arguments = ", ".join(_argument(kind, values, two) for kind in kinds)
                answer = attempt(connection, f"SELECT * FROM {name}({arguments})")
                if two.marker in answer:
                    leaks.append(f"{name}({arguments})")
    assert leaks == []


def _argument(kind: str, values: dict[str, str], two: Two) -> str:
    known = {
        "uuid": f"'{values.get('uuid', uuid4())}'",
        "uuid[]": f"ARRAY['{values.get('uuid', uuid4())}']",
        "text": f"'{values.get('text', 'open')}'",
        "text[]": "ARRAY['hr']",
        "bytea": f"'{two.own}'",
        "interval": "interval '1 year'",
        "boolean": "true",
        "jsonb": "'{}'",
        "integer": "7",
        "bigint": "7",
        "timestamp with time zone": "now()",
        "date": "now()",
    }
    return f"{known[kind]}::{kind}"


def test_D02_nobody_writes_into_another_persons_rows(settings: Settings, superuser: Superuser, two: Two) -> None:
    before = {table: _rows_of(superuser, table, two.b) for (table,) in superuser.execute(PERSONAL).fetchall()}
    with psycopg.connect(settings.conninfo("web_employee")) as connection:
        act(connection, settings, "web_employee", two.a)
        for table in before:
            for statement in (
                f"UPDATE {table} SET employee_id = '{two.b}'",
                f"DELETE FROM {table} WHERE employee_id = '{two.b}'",
                f"INSERT INTO {table} (employee_id) VALUES ('{two.b}')",
            ):
                attempt(connection, statement, keep=True)
        for statement in (
            "INSERT INTO pause (id, employee_id, source, number, starts_at) VALUES (%s, %s, 'page', 1, now())",
            "INSERT INTO notification (id, employee_id, kind, reference, params) VALUES (%s, %s, 'x', 'x', '{}')",
            "INSERT INTO audit_entry (object_id, employee_id, actor_role, action) VALUES (%s, %s, 'x', 'x')",
            "UPDATE pause SET ended_at = now(), ended_number = 9 WHERE id <> %s AND employee_id = %s",
        ):
            answer = attempt(connection, statement, [uuid4(), two.b], keep=True)
            assert answer == "UPDATE 0" or "permission denied" in answer or "row-level security" in answer
        connection.commit()
    assert {table: _rows_of(superuser, table, two.b) for table in before} == before


def _rows_of(superuser: Superuser, table: str, person: UUID) -> list[str]:
    rows = superuser.execute(f"SELECT t::text FROM {table} t WHERE employee_id = %s ORDER BY 1".encode(), [person])
    return [row[0] for row in rows.fetchall()]


@pytest.mark.parametrize("login", WEB)
def test_D02_nobody_else_sees_that_a_person_paused(settings: Settings, two: Two, login: str) -> None:
    hidden = ("pause", "audit_entry", "device_report", "lease_span", "notification", "erasure", "segment", "upload")
    with connected(settings, login, two.a) as connection:
        for table in hidden:
            answer = attempt(connection, f"SELECT count(*) FROM {table} WHERE employee_id = '{two.b}'")
            assert answer == "[(0,)]" or "permission denied" in answer


def test_every_login_was_asked() -> None:
    services = {"gateway", "vault", "worker", "readback", "web_directory"}
    assert set(ASKERS) | services == set(LOGINS) == set(ROLES) - {"vault_definer", "public"}
