import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from portal.core.config import Settings
from portal.core.logins import LOGINS
from portal.operations.bootstrap import NOLOGINS, bootstrap, hide_traces
from portal.operations.postgres import Postgres
from portal.operations.processes import python
from portal.operations.runtime import OperationsError, Runtime
from portal.operations.schema import traces_are_open

PASSWORDS = {login: f"secret of {login}" for login in LOGINS}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(Runtime(tmp_path_factory.mktemp("bootstrap")))
    server.start()
    bootstrap(server.superuser_conninfo(), PASSWORDS)
    yield server
    server.stop()


@pytest.fixture
def superuser(server: Postgres) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(server.superuser_conninfo(), autocommit=True) as connection:
        yield connection


def _as(server: Postgres, login: str, password: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
    conninfo = make_conninfo(
        server.superuser_conninfo("daylight"), user=login, password=password or PASSWORDS.get(login, "x")
    )
    return psycopg.connect(conninfo)


@pytest.mark.parametrize("login", LOGINS)
def test_each_login_has_its_own_password_and_no_power(server: Postgres, login: str) -> None:
    with _as(server, login) as connection:
        facts = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert facts == (False,) * 6
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (n int)")
    other = PASSWORDS["gateway" if login != "gateway" else "vault"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        _as(server, login, other)


@pytest.mark.parametrize("role", NOLOGINS)
def test_roles_that_own_cannot_sign_in(server: Postgres, role: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        _as(server, role)


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("role", [*NOLOGINS, "postgres"])
def test_only_the_migrator_may_become_the_owner(server: Postgres, login: str, role: str) -> None:
    allowed = login == "migrator" and role != "postgres"
    with _as(server, login) as connection:
        become = sql.SQL("SET ROLE {}").format(sql.Identifier(role))
        if allowed:
            connection.execute(become)
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(become)


def test_a_stranger_may_not_even_connect(server: Postgres, superuser: psycopg.Connection[tuple[object, ...]]) -> None:
    superuser.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        _as(server, "stranger")
    superuser.execute("DROP ROLE stranger")


def test_it_may_be_repeated_and_changes_passwords(server: Postgres) -> None:
    bootstrap(server.superuser_conninfo(), {"worker": "new"})
    with _as(server, "worker", "new"), _as(server, "vault"):
        pass
    bootstrap(server.superuser_conninfo(), PASSWORDS)
    with _as(server, "worker"):
        pass


def test_no_password_reaches_the_log(server: Postgres) -> None:
    assert "secret of" not in server.log.read_text()


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS", "REPLICATION"])
def test_a_login_with_power_is_refused(
    server: Postgres, superuser: psycopg.Connection[tuple[object, ...]], attribute: str
) -> None:
    superuser.execute(f"ALTER ROLE web_hr {attribute}".encode())
    with pytest.raises(OperationsError, match="web_hr"):
        bootstrap(server.superuser_conninfo(), PASSWORDS)
    superuser.execute(f"ALTER ROLE web_hr NO{attribute}".encode())
    bootstrap(server.superuser_conninfo(), PASSWORDS)


@pytest.mark.parametrize(("role", "member"), [("owner", "gateway"), ("vault_definer", "web_hr"), ("vault", "web_hr")])
def test_a_login_that_may_become_another_is_refused(
    server: Postgres, superuser: psycopg.Connection[tuple[object, ...]], role: str, member: str
) -> None:
    superuser.execute(f"GRANT {role} TO {member}".encode())
    with pytest.raises(OperationsError, match=f"{member} may become {role}"):
        bootstrap(server.superuser_conninfo(), PASSWORDS)
    superuser.execute(f"REVOKE {role} FROM {member}".encode())
    bootstrap(server.superuser_conninfo(), PASSWORDS)


def test_the_database_sorts_and_folds_unicode_the_same_everywhere(server: Postgres) -> None:
    with psycopg.connect(server.superuser_conninfo("daylight")) as connection:
        facts = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding), pg_get_userbyid(datdba), lower('ÄÖ') "
            "FROM pg_database WHERE datname = 'daylight'"
        ).fetchone()
    assert facts == ("b", "C.UTF-8", "UTF8", "owner", "äö")


OPENED = """
DO $$ DECLARE f text; BEGIN
    FOR f IN SELECT oid::regprocedure::text FROM pg_proc WHERE proname ~ '{opened}' LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', f);
    END LOOP;
END $$
"""


@pytest.mark.parametrize("opened", ["advisory|pg_lock_status", "pg_stat_get_lastscan", "pg_relation_size"])
def test_D02_a_server_that_leaves_its_traces_open_is_told_of_in_words(
    server: Postgres, tmp_path: Path, opened: str
) -> None:
    """As one whose administrator is no superuser, or that was set up before locks and statistics were closed."""
    with psycopg.connect(server.superuser_conninfo("daylight")) as connection:
        connection.execute(OPENED.replace("{opened}", opened).encode())
    with _as(server, "migrator") as connection, pytest.raises(OperationsError, match="Every login of this server"):
        hide_traces(connection)
    settings = Settings.from_env(
        {
            "PORTAL_DATABASE_URL": server.url(),
            "PORTAL_DB_PASSWORD_MIGRATOR": PASSWORDS["migrator"],
            "PORTAL_VAR_DIR": str(tmp_path),
        }
    )
    assert traces_are_open(settings)
    bootstrap(server.superuser_conninfo(), PASSWORDS)
    assert not traces_are_open(settings)


def test_two_commands_set_up_a_server_of_ones_own(server: Postgres, tmp_path: Path) -> None:
    variables = {
        "PATH": os.environ["PATH"],
        "PORTAL_VAR_DIR": str(tmp_path),
        "PORTAL_DATABASE_URL": server.url(),
        "PORTAL_DATABASE_SUPERUSER_URL": server.superuser_conninfo(),
        "PORTAL_ACTOR_KEY": "00" * 32,
    }
    for command in ("bootstrap-database", "migrate", "bootstrap-database", "migrate"):
        done = subprocess.run(
            python("-m", "portal", command), env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        variables["PORTAL_DB_PASSWORD_MIGRATOR_FILE"] = str(tmp_path / "secrets" / "db_migrator")
    with _as(server, "migrator", (tmp_path / "secrets" / "db_migrator").read_text()) as connection:
        connection.execute("SET ROLE owner")
        assert connection.execute("SELECT demo FROM installation").fetchall() == [(False,)]
    bootstrap(server.superuser_conninfo(), PASSWORDS)
