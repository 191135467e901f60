"""What the database really allows, read from its catalogue, to be compared with `privileges.yaml` (D01).

`python -m tests.db.catalogue` prints the state of a freshly migrated database in the file's form: compare, then commit.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import yaml

from portal.core.config import Settings
from portal.core.logins import LOGINS
from portal.operations.bootstrap import bootstrap
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.runtime import Runtime
from portal.operations.schema import migrate

FILE = Path(__file__).with_name("privileges.yaml")
ROLES = (*LOGINS, "vault_definer", "public")
SCHEMAS = ("public", "private", "pub")
Superuser = psycopg.Connection[tuple[Any, ...]]

_COLUMNS = """
SELECT n.nspname || '.' || c.relname, a.attname, role, lower(privilege), c.relispartition
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  CROSS JOIN unnest(%(roles)s::text[]) role
  CROSS JOIN unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]) privilege
 WHERE n.nspname = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND has_column_privilege(role, c.oid, a.attnum, privilege)
 ORDER BY 1, 3, 4, a.attnum
"""
_TABLES = """
SELECT n.nspname || '.' || c.relname, c.relispartition,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1
"""
_WHOLE = """
SELECT n.nspname || '.' || c.relname, role, lower(privilege), c.relispartition
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN unnest(%(roles)s::text[]) role
  CROSS JOIN unnest('{DELETE,TRUNCATE,TRIGGER}'::text[] || CASE
                    WHEN current_setting('server_version_num')::int >= 170000 THEN '{MAINTAIN}' END::text[]) privilege
 WHERE n.nspname = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND has_table_privilege(role, c.oid, privilege)
 ORDER BY 1, 2, 3
"""
_OTHERS = """
SELECT 'function', p.oid::regprocedure::text, role FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 CROSS JOIN unnest(%(roles)s::text[]) role
 WHERE n.nspname = ANY (%(schemas)s) AND has_function_privilege(role, p.oid, 'EXECUTE')
UNION ALL
SELECT 'sequence', n.nspname || '.' || c.relname, role FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN unnest(%(roles)s::text[]) role
 WHERE n.nspname = ANY (%(schemas)s) AND c.relkind = 'S'
   AND has_sequence_privilege(role, c.oid, 'USAGE, SELECT, UPDATE')
UNION ALL
SELECT 'schema', n.nspname || ' ' || privilege, role FROM pg_namespace n CROSS JOIN unnest(%(roles)s::text[]) role
 CROSS JOIN unnest('{usage,create}'::text[]) privilege
 WHERE n.nspname = ANY (%(schemas)s) AND has_schema_privilege(role, n.oid, privilege)
UNION ALL
SELECT 'database', privilege, role FROM unnest(%(roles)s::text[]) role
 CROSS JOIN unnest('{connect,create,temporary}'::text[]) privilege
 WHERE has_database_privilege(role, current_database(), privilege)
UNION ALL
SELECT 'member', r.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid
  JOIN pg_roles m ON m.oid = a.member WHERE r.rolname !~ '^pg_'
UNION ALL
SELECT 'function owner', p.oid::regprocedure::text, p.proowner::regrole::text
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY (%(schemas)s)
 ORDER BY 1, 2, 3
"""


def read(connection: Superuser) -> dict[str, Any]:
    """Everything as in the file. A partition stands there under its own name only if somebody may use it."""
    told = {"roles": list(ROLES), "schemas": list(SCHEMAS)}
    state: dict[str, Any] = {"tables": {}}
    for table, partition, columns in connection.execute(_TABLES, told).fetchall():
        if not partition:
            state["tables"][table] = {"columns": columns}
    for table, column, role, privilege, _ in connection.execute(_COLUMNS, told).fetchall():
        grants = state["tables"].setdefault(table, {}).setdefault(role, {})
        grants.setdefault(privilege, []).append(column)
    for table, role, privilege, _ in connection.execute(_WHOLE, told).fetchall():
        state["tables"].setdefault(table, {}).setdefault(role, {})[privilege] = True
    for entry in state["tables"].values():
        _shorten(entry)
    for kind, name, role in connection.execute(_OTHERS, told).fetchall():
        state.setdefault(kind, {}).setdefault(name, []).append(role)
    return state


def _shorten(entry: dict[str, Any]) -> None:
    """All columns of a table are written `all`."""
    for grants in (value for key, value in entry.items() if key != "columns"):
        for privilege, columns in grants.items():
            if columns == entry.get("columns"):
                grants[privilege] = "all"


def written() -> dict[str, Any]:
    """The checked-in matrix."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


def differences(real: Any, wanted: Any, where: str = "") -> list[str]:
    """One line for each place where `real` is not as `wanted`."""
    if isinstance(real, dict) and isinstance(wanted, dict):
        keys = sorted(real.keys() | wanted.keys())
        return [line for key in keys for line in differences(real.get(key), wanted.get(key), f"{where}/{key}")]
    return [] if real == wanted else [f"{where}: is {real}, should be {wanted}"]


def main() -> None:
    """Print the matrix of a freshly migrated database."""
    with tempfile.TemporaryDirectory() as directory:
        server = Postgres(Runtime(Path(directory)))
        server.prepare()
        server.start()
        try:
            passwords = dict.fromkeys(LOGINS, "password")
            bootstrap(server.superuser_conninfo(), passwords)
            variables = {"PORTAL_DATABASE_URL": server.url(), "PORTAL_ACTOR_KEY": "5d" * 32}
            variables |= {f"PORTAL_DB_PASSWORD_{login.upper()}": word for login, word in passwords.items()}
            migrate(Settings.from_env(variables))
            with psycopg.connect(server.superuser_conninfo(DATABASE)) as connection:
                yaml.safe_dump(read(connection), sys.stdout, width=120, default_flow_style=None)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
