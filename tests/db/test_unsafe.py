"""What a process refuses to start on: the rule, and the real server's answers (D05)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from portal.core.config import Settings
from portal.core.db import Database, DatabaseFacts, UnsafeDatabaseError, require_safe, require_version
from portal.core.logins import LOGINS
from portal.operations.postgres import Postgres

SAFE = DatabaseFacts(login="gateway", synchronous_commit="on", fsync="on", mighty=False, owns=False, member=False)
PROCESSES = tuple(login for login in LOGINS if login != "migrator")


@pytest.mark.parametrize("version", [90624, 130000, 150010, 159999])
def test_D05_an_old_server_is_refused(version: int) -> None:
    with pytest.raises(UnsafeDatabaseError, match="16 or newer"):
        require_version(version)


@pytest.mark.parametrize("version", [160000, 160004, 180000])
def test_D05_a_new_server_is_taken(version: int) -> None:
    require_version(version)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mighty": True}, "superuser"),
        ({"owns": True}, "owns tables"),
        ({"member": True}, "stands alone"),
        ({"synchronous_commit": "off"}, "synchronous_commit"),
        ({"fsync": "off"}, "fsync"),
        ({"login": "postgres"}, "not one of the login"),
    ],
)
def test_D05_the_rule_refuses_each_unsafe_fact(change: dict[str, Any], sentence: str) -> None:
    require_safe("gateway", SAFE)
    with pytest.raises(UnsafeDatabaseError, match=sentence):
        require_safe("gateway", replace(SAFE, **change))


@pytest.mark.parametrize("login", PROCESSES)
def test_D05_every_login_is_safe_as_bootstrapped(database: Database, login: str) -> None:
    database.check(login)


def test_D05_the_migrator_could_not_serve(database: Database) -> None:
    with pytest.raises(UnsafeDatabaseError, match="owns tables"):
        database.check("migrator")


@pytest.mark.parametrize("login", ["gateway", "vault", "worker"])
def test_another_database_of_the_server_is_named_in_a_sentence(settings: Settings, login: str) -> None:
    there = make_url(str(settings.database_url)).set(database="postgres").render_as_string(hide_password=False)
    other = Database(replace(settings, database_url=there))
    try:
        with pytest.raises(UnsafeDatabaseError, match="holds nothing of Daylight; mend PORTAL_DATABASE_URL"):
            other.check(login)
    finally:
        other.dispose()


@pytest.fixture
def broken(postgres: Postgres, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The cluster with one thing wrong; put right afterwards."""
    wrong, right = request.param
    with psycopg.connect(postgres.superuser_conninfo(), autocommit=True) as superuser:
        superuser.execute(wrong)
        yield settings
        superuser.execute(right)


@pytest.mark.parametrize(
    "broken",
    [
        ("ALTER ROLE ballot SUPERUSER", "ALTER ROLE ballot NOSUPERUSER"),
        ("ALTER ROLE ballot BYPASSRLS", "ALTER ROLE ballot NOBYPASSRLS"),
        ("ALTER ROLE ballot REPLICATION", "ALTER ROLE ballot NOREPLICATION"),
        ("ALTER ROLE ballot CREATEROLE", "ALTER ROLE ballot NOCREATEROLE"),
        ("GRANT owner TO ballot", "REVOKE owner FROM ballot"),
        ("GRANT owner TO ballot WITH INHERIT FALSE, SET TRUE", "REVOKE owner FROM ballot"),
        ("GRANT vault_definer TO ballot WITH INHERIT FALSE, SET TRUE", "REVOKE vault_definer FROM ballot"),
        ("GRANT gateway TO ballot WITH INHERIT FALSE, SET TRUE", "REVOKE gateway FROM ballot"),
        ("GRANT pg_read_all_data TO ballot", "REVOKE pg_read_all_data FROM ballot"),
        ("ALTER ROLE ballot SET synchronous_commit = off", "ALTER ROLE ballot RESET synchronous_commit"),
    ],
    indirect=True,
    ids=lambda pair: pair[0],
)
def test_D05_each_bad_configuration_is_refused(broken: Settings) -> None:
    database = Database(broken, pool_size=1)
    try:
        with pytest.raises(UnsafeDatabaseError):
            database.check("ballot")
    finally:
        database.dispose()
