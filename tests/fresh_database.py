"""A database of its own on the run's cluster, for tests that change what all others stand on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from portal.core.logins import LOGINS
from portal.operations.postgres import Postgres


@contextmanager
def fresh_database(
    postgres: Postgres, environment: Mapping[str, str], template: str = "template0"
) -> Iterator[tuple[str, dict[str, str]]]:
    """An empty database as bootstrap leaves one: its name, and `environment` pointing to it. Dropped at the end.

    `template`: a database that nobody is connected to, whose copy it is to be instead.
    """
    name = f"fresh_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.superuser_conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER owner TEMPLATE {template}".encode())
        connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC".encode())
        connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {', '.join(LOGINS)}".encode())
        with psycopg.connect(postgres.superuser_conninfo(name), autocommit=True) as inside:
            inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        url = make_url(environment["PORTAL_DATABASE_URL"]).set(database=name)
        yield name, {**environment, "PORTAL_DATABASE_URL": url.render_as_string()}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
