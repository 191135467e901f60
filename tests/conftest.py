"""Real parts for all tests: one PostgreSQL cluster a process, bootstrapped and migrated as in production."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import xdist.scheduler
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from portal.app import create_app
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.logins import LOGINS
from portal.core.web import state
from portal.operations.bootstrap import bootstrap
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.publish import as_owner
from portal.operations.runtime import Runtime, random_secret
from portal.operations.schema import migrate
from portal.policies.actions import publish, publish_trust
from tests.cast import Organisation, make_person, pem
from tests.web_client import BASE, Browser, sign_in

BY_FILE = "tests/browser/"
"""What takes longest; its files leave nothing behind for each other."""


class ByDirectory(xdist.scheduler.LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """Tests of one directory run in one process, in their order: they share an installation. `BY_FILE` apart."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", maxsplit=1)[0]
        return file if file.startswith(BY_FILE) else file.split("/")[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByDirectory:
    """How processes that run tests beside each other part them."""
    return ByDirectory(config, log)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A cluster of the shipped PostgreSQL, started by our own launcher."""
    server = Postgres(Runtime(tmp_path_factory.mktemp("pg")))
    server.prepare()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def organisation() -> Organisation:
    """The keys of officer, council, gateway and vault."""
    return Organisation()


@pytest.fixture(scope="session")
def environment(
    postgres: Postgres, organisation: Organisation, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """`PORTAL_*` for every process of one installation, with the database bootstrapped, migrated and in force."""
    passwords = {login: random_secret() for login in LOGINS}
    files: Path = tmp_path_factory.mktemp("installation")
    variables = {
        "PORTAL_BASE_URL": BASE,
        "PORTAL_OIDC_ISSUER": "http://localhost:8020",
        "PORTAL_OIDC_CLIENT_ID": "daylight",
        "PORTAL_OIDC_CLIENT_SECRET": random_secret(),
        "PORTAL_SECRET_KEY": random_secret(),
        "PORTAL_DATABASE_URL": postgres.url(),
        "PORTAL_ACTOR_KEY": "5d" * 32,
        "PORTAL_VAULT_KEY": pem(organisation.vault),
        "PORTAL_LEASE_KEY": pem(organisation.lease),
        "PORTAL_LOG_KEY": pem(Ed25519PrivateKey.generate()),
        "PORTAL_KMS": f"file:{files / 'kms'}",
        "PORTAL_VAULT_URL": f"unix:{postgres.runtime.socket_directory() / 'vault.sock'}",
        "PORTAL_GATEWAY_URL": "http://localhost:8010",
        "PORTAL_BALLOT_URL": "http://127.0.0.1:8030",
        "PORTAL_BALLOT_KEY": "ba" * 32,
        "PORTAL_BALLOT_SEAL": "5e" * 32,
        "PORTAL_ELIGIBLE_KEY": "e1" * 32,
    } | {f"PORTAL_DB_PASSWORD_{login.upper()}": password for login, password in passwords.items()}
    settings = Settings.from_env(variables)
    bootstrap(postgres.superuser_conninfo(), passwords)
    migrate(settings, demo=True)
    with as_owner(settings) as session:
        publish_trust(session, organisation.trust_envelope())
        publish(session, organisation.policy_envelope(), clock.to_ms(clock.now()))
    return variables


@pytest.fixture(scope="session")
def settings(environment: dict[str, str]) -> Settings:
    """All settings of the installation at once; real processes are given only their own."""
    return Settings.from_env(environment)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Pools for every login."""
    opened = Database(settings)
    yield opened
    opened.dispose()


@pytest.fixture
def superuser(postgres: Postgres, settings: Settings) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A superuser's connection to the migrated database, to arrange and to break things."""
    assert settings.database_url
    with psycopg.connect(postgres.superuser_conninfo(DATABASE)) as connection:
        yield connection


@pytest.fixture
def person(superuser: psycopg.Connection[tuple[object, ...]]) -> Callable[..., UUID]:
    """Make a new employee: `person("Amira Kaya", site="Berlin")` → id."""
    return lambda name="Amira Kaya", **columns: make_person(superuser, name, **columns)


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The portal's application on the migrated database."""
    made = create_app(settings, testing=True)
    yield made
    state.of(made).database.dispose()


@pytest.fixture
def browse(app: Flask, superuser: psycopg.Connection[tuple[object, ...]]) -> Callable[[UUID | None], Browser]:
    """A browser signed in as somebody: `browse(amira).get("/")`; `browse(None)` is nobody."""
    return lambda person: Browser(app, sign_in(superuser, person) if person else None, BASE)
