"""Sealed bytes and private keys are out of reach of every login but the vault's functions (D04)."""

from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from tests.cast import make_person
from tests.db.arrange import WEB, connected
from tests.db.catalogue import Superuser

LOGINS = (*WEB, "web_session", "gateway", "worker", "vault", "ballot", "migrator")
SEALED = {
    "segment": ("body", "header"),
    "employee_key": ("wrapped_private",),
}
KEYS = {"segment": "employee_id, started_at, id", "employee_key": "id"}
MAY = {("vault", "employee_key")}
DENIED, UNDEFINED_TABLE = "42501", "42P01"
BLIND = {"migrator"}
"""Logins that may not even look a table up by its name."""


@pytest.fixture
def amira(superuser: Superuser) -> UUID:
    return make_person(superuser, "Amira Kaya")


def partition(superuser: Superuser) -> str:
    row = superuser.execute("SELECT min(oid::regclass::text) FROM pg_class WHERE relispartition").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("table", SEALED)
def test_D04_sealed_columns_are_denied(
    settings: Settings, superuser: Superuser, amira: UUID, login: str, table: str
) -> None:
    if (login, table) in MAY:
        table = "segment"
    statements = [f"SELECT * FROM {table}", f"SELECT t FROM {table} t", f"TABLE {table}", f"COPY {table} TO STDOUT"]
    statements += [f"DELETE FROM {table} RETURNING *", f"SELECT to_jsonb(t) FROM {table} t"]
    for column in SEALED[table]:
        statements += [
            f"SELECT {column} FROM {table}",
            f"SELECT md5({column}) FROM {table}",
            f"SELECT count({column}) FROM {table}",
            f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL",
            f"SELECT 1 FROM {table} ORDER BY {column}",
            f"SELECT s.{column} FROM {table} s JOIN policy p ON true",
            f"SELECT 1 FROM policy p JOIN {table} s ON s.{column} = p.hash::bytea",
            f"UPDATE {table} SET {column} = {column}",
            f"UPDATE {table} SET employee_id = employee_id RETURNING {column}",
            f"DELETE FROM {table} RETURNING {column}",
            f"UPDATE pause SET ended_number = length(s.{column}) FROM {table} s",
            f"UPDATE segment SET erasure_id = NULL FROM {table} s WHERE s.{column} IS NOT NULL",
            f"INSERT INTO {table} ({column}) VALUES ('x') RETURNING {column}",
            f"INSERT INTO {table} ({column}) VALUES ('x') ON CONFLICT ({KEYS[table]}) DO UPDATE SET {column} = 'y'",
            f"COPY {table} ({column}) TO STDOUT",
            f"CREATE VIEW mine AS SELECT {column} FROM {table}",
            f"WITH x AS (SELECT {column} FROM {table}) SELECT 1 FROM x",
            f"SELECT (SELECT {column} FROM {table} LIMIT 1)",
            f"MERGE INTO {table} t USING {table} s ON t.id = s.id WHEN MATCHED THEN UPDATE SET {column} = s.{column}",
        ]
    statements += [f"SELECT body FROM {partition(superuser)}", f"SELECT * FROM {partition(superuser)}"]
    person = amira if login in WEB else None
    for statement in statements:
        with connected(settings, login, person) as connection, pytest.raises(psycopg.Error) as caught:
            connection.execute(statement.encode())
        allowed = {DENIED, UNDEFINED_TABLE} if login in BLIND else {DENIED}
        assert caught.value.sqlstate in allowed, (login, statement, str(caught.value))


@pytest.mark.parametrize("login", LOGINS)
def test_D04_only_the_vault_may_look(settings: Settings, login: str) -> None:
    now = clock.now()
    for statement, parameters in (
        ("SELECT * FROM look_read(%s)", [uuid4()]),
        ("SELECT look_begin(%s, 'open', 'own', %s, %s, %s)", [b"x", [uuid4()], now, now]),
    ):
        with connected(settings, login) as connection, pytest.raises(psycopg.Error) as caught:
            connection.execute(statement.encode(), parameters)
        denied = psycopg.errors.UndefinedFunction if login in BLIND else psycopg.errors.InsufficientPrivilege
        assert isinstance(caught.value, denied)
        refused_by_function = "no live ticket" in str(caught.value) or "no committed look" in str(caught.value)
        assert refused_by_function == (login == "vault")


def test_D04_nobody_signs_in_as_the_definer_or_the_owner(settings: Settings) -> None:
    for role in ("vault_definer", "owner"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(settings.conninfo("vault"), user=role)
