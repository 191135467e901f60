"""Roles and the empty database: what a superuser does once, and may repeat at any time.

Afterwards nobody needs the superuser: `migrator` becomes `owner` and makes the tables, each process has its own login.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from portal.core.logins import LOGINS
from portal.operations.postgres import DATABASE
from portal.operations.runtime import OperationsError

NOLOGINS: Final = ("owner", "vault_definer")
MEMBERSHIPS: Final = {("owner", "migrator"), ("vault_definer", "owner")}
"""(role, member): the member may SET ROLE, and inherits nothing. Nobody else may become anybody."""

OLDEST: Final = 160000
BUILTIN_LOCALE: Final = 170000
LOCKERS: Final = {
    "pg_advisory_xact_lock(bigint)": ("owner", "vault_definer", "worker", "vault"),
    "pg_advisory_xact_lock_shared(bigint)": ("owner", "vault"),
    "pg_try_advisory_xact_lock(bigint)": ("owner", "worker"),
    "pg_try_advisory_lock(bigint)": ("vault",),
    "pg_advisory_unlock(bigint)": ("vault",),
}
"""Who may take which locks with a number. Everybody else takes turns by functions of the schema, which reckon it."""

WATCHERS: Final = "pg_read_all_stats"
"""Whom the server's administrator made a watcher may go on reading statistics; no login of Daylight is one."""
_COUNTING: Final = "^pg_stat_(get|have)_|^pg_(relation|table|indexes|total_relation|database)_size$"
_TELLING: Final = f"""
SELECT p.oid::regprocedure::text, p.proname ~ '{_COUNTING}' FROM pg_proc p
 WHERE p.pronamespace = 'pg_catalog'::regnamespace
   AND (p.proname ~ 'advisory' OR p.proname = 'pg_lock_status' OR p.proname ~ '{_COUNTING}') ORDER BY 1
"""
STILL_OPEN: Final = f"""
SELECT count(*) FROM ({_TELLING}) AS l (name) WHERE has_function_privilege('public', l.name, 'EXECUTE')
"""
"""How many of these functions every login may still call."""
LOCK: Final = 7_301_965_012_344_001  # any constant: two bootstraps at once take turns


def bootstrap(superuser_conninfo: str, passwords: Mapping[str, str]) -> None:
    """Create roles, memberships and the database `daylight`, or bring them in line. `passwords`: login → password.

    Logins that `passwords` does not name keep the password they have. Raises OperationsError when the server is too
    old, a role has dangerous attributes, or somebody else may become one of the roles.
    """
    with psycopg.connect(superuser_conninfo, autocommit=True) as connection:
        if connection.info.server_version < OLDEST:
            raise OperationsError("PostgreSQL 16 or newer is needed.")
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with connection.transaction():
            _make_roles(connection, passwords)
            _check_roles(connection)
        _make_database(connection)
        with psycopg.connect(make_conninfo(superuser_conninfo, dbname=DATABASE), autocommit=True) as inside:
            inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            hide_traces(inside)


def hide_traces(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """What the server shows everybody of what others do just now: nobody reads it.

    Whose device is sending shows in the locks, which nobody tries but `LOCKERS`. When somebody last looked at a table,
    and how many rows came, shows in the statistics. Raises OperationsError where the connection may not change that.
    """
    with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
        for function, counts in connection.execute(_TELLING).fetchall():
            name = sql.SQL(str(function))
            connection.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(name))
            for role in (WATCHERS,) if counts else LOCKERS.get(str(function), ()):
                grant = sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}")
                connection.execute(grant.format(name, sql.Identifier(role)))
    if connection.execute(STILL_OPEN).fetchone() != (0,):
        raise OperationsError(
            "Every login of this server reads its statistics (pg_stat_…) and its locks (pg_locks), or may take any "
            "lock, and who is connected here may not change that. From them a login could tell whose device is "
            "sending, and when somebody signed. Connect as a superuser."
        )


def _make_roles(connection: psycopg.Connection[tuple[object, ...]], passwords: Mapping[str, str]) -> None:
    present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    for name in (*NOLOGINS, *LOGINS):
        role = sql.Identifier(name)
        if name not in present:
            connection.execute(sql.SQL("CREATE ROLE {}").format(role))
        kind = sql.SQL("LOGIN" if name in LOGINS else "NOLOGIN")
        connection.execute(sql.SQL("ALTER ROLE {} {} NOINHERIT NOCREATEDB NOCREATEROLE").format(role, kind))
    for name, password in passwords.items():
        verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier.decode()))
        connection.execute(change)
    for role_name, member in sorted(MEMBERSHIPS):
        grant = sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE, ADMIN FALSE")
        connection.execute(grant.format(sql.Identifier(role_name), sql.Identifier(member)))


def _check_roles(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    names = [*NOLOGINS, *LOGINS]
    unsafe = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls OR rolreplication)", [names]
    ).fetchall()
    if unsafe:
        raise OperationsError(f"The role {unsafe[0][0]} is a superuser, bypasses row-level security or replicates.")
    members = connection.execute(
        "SELECT r.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid "
        "JOIN pg_roles m ON m.oid = a.member WHERE (r.rolname = ANY(%s) AND a.set_option OR m.rolname = ANY(%s)) "
        "AND NOT m.rolsuper AND m.rolname <> current_user",
        [names, names],
    ).fetchall()
    for role, member in members:
        if (role, member) not in MEMBERSHIPS:
            raise OperationsError(f"The role {member} may become {role}, which nothing here needs; revoke that first.")


def _make_database(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    database, owner = sql.Identifier(DATABASE), sql.Identifier("owner")
    present = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if present is None:
        locale = "LOCALE 'C'"
        if connection.info.server_version >= BUILTIN_LOCALE:
            locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' " + locale)
        connection.execute(make.format(database, owner))
    connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    logins = sql.SQL(", ").join(map(sql.Identifier, LOGINS))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, logins))
