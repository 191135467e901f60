"""The acting person cannot be forged by SQL, and dies with the transaction (D03)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.core import clock
from portal.core.actor import TOKEN_SECONDS, ActorKey
from portal.core.config import Settings
from portal.core.db import Database
from tests.cast import make_person
from tests.db.arrange import WEB, Connection, act, connected
from tests.db.catalogue import Superuser

LOGIN = "web_employee"
NAMES = "SELECT id FROM employee"


@pytest.fixture
def amira(superuser: Superuser) -> UUID:
    return make_person(superuser, "Amira Kaya")


@pytest.fixture
def key(settings: Settings) -> ActorKey:
    return ActorKey(settings.actor_key_bytes())


@pytest.fixture
def plain(settings: Settings) -> Iterator[Connection]:
    """A connection on which nobody acts."""
    with connected(settings, LOGIN) as connection:
        yield connection


def seen(connection: Connection) -> list[UUID]:
    return [row[0] for row in connection.execute(NAMES).fetchall()]


def claim(connection: Connection, token: str, *, local: bool = True) -> list[UUID]:
    connection.execute("SELECT set_config('portal.actor', %s, %s)", [token, local])
    return seen(connection)


def test_D03_a_person_acts_with_the_right_token(plain: Connection, key: ActorKey, amira: UUID) -> None:
    assert seen(plain) == []
    assert claim(plain, key.token(LOGIN, amira, clock.now())) == [amira]


def forgeries(key: ActorKey, amira: UUID) -> dict[str, str]:
    now = clock.now()
    good = key.token(LOGIN, amira, now)
    login, person, expiry, mac = good.split("|")
    return {
        "only the id": str(amira),
        "no MAC": f"{login}|{person}|{expiry}|",
        "empty": "",
        "bars": "|||",
        "another person": f"{login}|{uuid4()}|{expiry}|{mac}",
        "longer life": f"{login}|{person}|{int(expiry) + 3600}|{mac}",
        "expired": key.token(LOGIN, amira, now - timedelta(seconds=TOKEN_SECONDS + 1)),
        "another key": ActorKey(b"x" * 32).token(LOGIN, amira, now),
        "another login": key.token("web_hr", amira, now),
        "upper case MAC": f"{login}|{person}|{expiry}|{mac.upper()}",
        "one more part": f"{good}|x",
        "shifted": f"{login}|{person}{expiry}||{mac}",
        "no number": f"{login}|{person}|soon|{mac}",
        "zeros": f"{login}|{person}|{expiry}|{'0' * 64}",
    }


@pytest.mark.parametrize("name", forgeries(ActorKey(b"k" * 32), uuid4()))
def test_D03_a_forged_actor_sees_nothing(plain: Connection, key: ActorKey, amira: UUID, name: str) -> None:
    assert claim(plain, forgeries(key, amira)[name]) == []


def test_D03_another_logins_token_is_nobody(settings: Settings, key: ActorKey, amira: UUID) -> None:
    for login in WEB:
        for other in WEB:
            with connected(settings, login) as connection:
                token = key.token(other, amira, clock.now())
                connection.execute("SELECT set_config('portal.actor', %s, true)", [token])
                (actor,) = connection.execute("SELECT actor_id()").fetchone() or (None,)
                assert actor == (amira if login == other else None)


def test_D03_the_actor_dies_with_the_transaction(settings: Settings, amira: UUID) -> None:
    with psycopg.connect(settings.conninfo(LOGIN)) as connection:
        for end in (connection.commit, connection.rollback):
            act(connection, settings, LOGIN, amira)
            assert seen(connection) == [amira]
            end()
            assert seen(connection) == []
            connection.rollback()


def test_D03_the_actor_dies_with_its_savepoint(settings: Settings, amira: UUID) -> None:
    with connected(settings, LOGIN) as connection:
        connection.execute("SAVEPOINT inner_one")
        act(connection, settings, LOGIN, amira)
        connection.execute("ROLLBACK TO SAVEPOINT inner_one")
        assert seen(connection) == []


def test_D03_the_actor_dies_with_an_error(settings: Settings, amira: UUID) -> None:
    with psycopg.connect(settings.conninfo(LOGIN)) as connection:
        act(connection, settings, LOGIN, amira)
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
        connection.rollback()
        assert seen(connection) == []


def test_D03_nobody_acts_without_a_transaction(settings: Settings, amira: UUID) -> None:
    with psycopg.connect(settings.conninfo(LOGIN), autocommit=True) as connection:
        act(connection, settings, LOGIN, amira)
        assert seen(connection) == []


def test_D03_a_pooled_connection_remembers_nobody(settings: Settings, amira: UUID) -> None:
    database = Database(settings, pool_size=1, max_overflow=0)
    who = text("SELECT pg_backend_pid(), (SELECT count(*) FROM employee)")
    with database.transaction(LOGIN, amira) as session:
        first = session.execute(who).one()
    with database.transaction(LOGIN) as session:
        second = session.execute(who).one()
    with pytest.raises(DBAPIError), database.transaction(LOGIN, amira) as session:
        session.execute(text("SELECT 1 / count(*) FILTER (WHERE false) FROM employee"))
    with database.transaction(LOGIN) as session:
        third = session.execute(who).one()
    database.dispose()
    assert (first[0], first[0]) == (second[0], third[0])
    assert (first[1], second[1], third[1]) == (1, 0, 0)


def test_D03_a_token_left_in_the_session_expires(plain: Connection, key: ActorKey, amira: UUID) -> None:
    """Set for the whole session by an injected statement, a stolen token is worth its last seconds only."""
    almost = clock.now() - timedelta(seconds=TOKEN_SECONDS - 2)
    assert claim(plain, key.token(LOGIN, amira, almost), local=False) == [amira]
    plain.execute("SELECT pg_sleep(2.1)")
    assert seen(plain) == []


def test_D03_the_key_is_out_of_reach(settings: Settings) -> None:
    for login in settings.database_passwords:
        with connected(settings, login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT inner_pad FROM private.actor_key")


def test_D03_nobody_becomes_another_role(settings: Settings) -> None:
    for login in settings.database_passwords:
        others = [*settings.database_passwords, "postgres", "vault_definer"]
        others += [] if login == "migrator" else ["owner"]
        for role in others:
            if role == login or (login, role) == ("migrator", "vault_definer"):
                continue
            for statement in (f"SET ROLE {role}", f"SET SESSION AUTHORIZATION {role}"):
                with connected(settings, login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())


def test_D03_the_functions_cannot_be_shadowed(settings: Settings, amira: UUID) -> None:
    """No login may make a function, a table or an operator that a policy would pick up in place of ours."""
    for login in (*WEB, "gateway", "worker", "vault", "web_session", "ballot"):
        for statement in (
            "CREATE FUNCTION public.actor_id() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
            "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
            "CREATE TEMPORARY TABLE employee (id uuid)",
            "CREATE TABLE public.mine (id uuid)",
            "CREATE SCHEMA mine",
            "ALTER FUNCTION actor_id() RESET ALL",
            "ALTER TABLE employee DISABLE ROW LEVEL SECURITY",
            "DROP POLICY web_employee ON employee",
        ):
            with connected(settings, login) as connection, pytest.raises(psycopg.Error) as caught:
                connection.execute(statement.encode())
            assert caught.value.sqlstate in {"42501", "3F000", "42883", "42P01"}, (login, statement)
    with connected(settings, LOGIN, amira) as connection:
        connection.execute("SET LOCAL search_path = pg_temp, public")
        connection.execute("SET LOCAL row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            seen(connection)


def test_the_only_commit_is_in_one_place() -> None:
    root = Path(__file__).parents[2] / "portal"
    users = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "set_config('portal.actor'" in path.read_text()
    }
    assert users == {"core/db.py"}
