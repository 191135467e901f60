"""The migrations make what the models say, and going down takes away all that going up made."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic import command

from portal.core.config import Settings
from portal.operations.postgres import Postgres
from portal.operations.schema import alembic_config, migrate
from tests.db.catalogue import SCHEMAS, Superuser
from tests.fresh_database import fresh_database

EVERYTHING = {
    "columns": "SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, "
    "a.attstorage, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attacl::text FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
    "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE n.nspname = ANY (%(schemas)s)",
    "relations": "SELECT c.oid::regclass::text, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text, "
    "c.relowner::regrole::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = ANY (%(schemas)s)",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
    "JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = ANY (%(schemas)s)",
    "indexes": "SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname = ANY (%(schemas)s)",
    "policies": "SELECT schemaname, tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies",
    "functions": "SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proacl::text, "
    "p.proowner::regrole::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
    "WHERE n.nspname = ANY (%(schemas)s)",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "defaults": "SELECT defaclrole::regrole::text, defaclobjtype, defaclacl::text FROM pg_default_acl",
    "schemas": "SELECT nspname, nspacl::text, nspowner::regrole::text FROM pg_namespace WHERE nspname !~ '^pg_'",
}


def snapshot(connection: Superuser) -> dict[str, list[str]]:
    """Everything in the catalogue that the migrations make, without Alembic's own table."""
    found: dict[str, list[str]] = {}
    for name, statement in EVERYTHING.items():
        rows: list[Any] = connection.execute(statement.encode(), {"schemas": list(SCHEMAS)}).fetchall()
        found[name] = sorted(row for row in map(repr, rows) if "alembic_version" not in row)
    connection.rollback()
    return found


@pytest.fixture
def empty(postgres: Postgres, environment: dict[str, str]) -> Iterator[tuple[Settings, Superuser]]:
    with fresh_database(postgres, environment) as (name, variables):
        settings = Settings.from_env(variables)
        with psycopg.connect(postgres.superuser_conninfo(name)) as superuser:
            yield settings, superuser


def test_head_is_what_the_models_say(settings: Settings) -> None:
    command.check(alembic_config(settings))


def test_up_down_up_is_up(empty: tuple[Settings, Superuser]) -> None:
    settings, superuser = empty
    migrate(settings)
    up = snapshot(superuser)
    command.downgrade(alembic_config(settings), "base")
    down = snapshot(superuser)
    migrate(settings)
    assert snapshot(superuser) == up
    assert [name for name, rows in down.items() if rows and name != "schemas"] == []
    assert [row for row in down["schemas"] if "private" in row or "'pub'" in row] == []


def test_migrating_twice_changes_nothing(empty: tuple[Settings, Superuser]) -> None:
    settings, superuser = empty
    migrate(settings)
    once = snapshot(superuser)
    migrate(settings)
    assert snapshot(superuser) == once


def test_names_of_places_are_written_anew_as_policies_write_them(empty: tuple[Settings, Superuser]) -> None:
    settings, superuser = empty
    command.upgrade(alembic_config(settings), "20261201_2001")
    for number, place in enumerate(("Mu\u0308nchen", " Sankt\u00a0 Gallen ", "\u200b", "Bonn", None)):
        superuser.execute(
            "INSERT INTO employee (id, issuer, subject, name, site, department, country) "
            "VALUES (%s, 'i', %s, 'n', %s, %s, %s)",
            [uuid4(), str(number), place, place, place],
        )
    superuser.commit()
    command.upgrade(alembic_config(settings), "20261201_2002")
    names = ["München", "Sankt Gallen", None, "Bonn", None]
    rows = superuser.execute("SELECT site, department, country FROM employee ORDER BY subject").fetchall()
    assert rows == [(name,) * 3 for name in names]
    assert superuser.execute("SELECT count(*) FROM notification").fetchone() == (0,)


def test_partitions_are_made_once_and_three_months_ahead(empty: tuple[Settings, Superuser]) -> None:
    settings, superuser = empty
    migrate(settings)
    before = snapshot(superuser)
    for login in ("gateway", "worker"):
        with psycopg.connect(settings.conninfo(login)) as connection:
            connection.execute("SELECT ensure_partitions()")
    assert snapshot(superuser) == before
    partitions = superuser.execute("SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'").fetchone()
    assert partitions == (7,)
