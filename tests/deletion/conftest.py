"""One installation on a cluster of its own, with a real vault, for tests that crash and restore."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.app import create_app
from portal.core import clock
from portal.core.config import Settings
from portal.core.logins import LOGINS
from portal.core.web import state
from portal.operations.bootstrap import bootstrap
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.publish import as_owner
from portal.operations.runtime import Runtime, random_secret
from portal.operations.schema import migrate
from portal.policies.actions import publish, publish_trust
from tests.cast import Organisation, pem
from tests.deletion.installation import Installation
from tests.vault.arrange import VAULT_TAKES, vault_process
from tests.web_client import BASE, Browser, sign_in

Browse = Callable[[UUID], Browser]


@pytest.fixture(scope="package")
def installation(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], organisation: Organisation
) -> Iterator[Installation]:
    """Its database may be killed; its log is its own."""
    with installed(tmp_path_factory.mktemp("own"), environment, organisation) as made:
        yield made


@pytest.fixture
def browse_own(installation: Installation) -> Iterator[Browse]:
    """A browser of the portal on this installation."""
    app = create_app(installation.settings, testing=True)

    def opened(person: UUID) -> Browser:
        with psycopg.connect(installation.postgres.superuser_conninfo(DATABASE)) as connection:
            return Browser(app, sign_in(connection, person), BASE)

    yield opened
    state.of(app).database.dispose()


@contextmanager
def installed(folder: Path, environment: dict[str, str], organisation: Organisation) -> Iterator[Installation]:
    """A new installation with a cluster in `folder`."""
    postgres = Postgres(Runtime(folder))
    postgres.prepare()
    postgres.start()
    passwords = {login: random_secret() for login in LOGINS}
    variables = environment | {f"PORTAL_DB_PASSWORD_{login.upper()}": word for login, word in passwords.items()}
    variables |= {
        "PORTAL_DATABASE_URL": postgres.url(),
        "PORTAL_VAR_DIR": str(folder / "state"),
        "PORTAL_KMS": f"file:{folder / 'kms'}",
        "PORTAL_VAULT_URL": f"unix:{postgres.runtime.socket_directory() / 'vault.sock'}",
        "PORTAL_LOG_KEY": pem(Ed25519PrivateKey.generate()),
    }
    settings = Settings.from_env(variables)
    bootstrap(postgres.superuser_conninfo(), passwords)
    migrate(settings)
    with as_owner(settings) as session:
        publish_trust(session, organisation.trust_envelope())
        publish(session, organisation.policy_envelope(), clock.to_ms(clock.now()))
    made = Installation(variables, postgres, folder)
    yield made
    made.database.dispose()
    postgres.stop()


@pytest.fixture(scope="package")
def vault(installation: Installation) -> Iterator[None]:
    """The installation's vault."""
    with vault_process(
        {name: installation.environment[name] for name in VAULT_TAKES}, installation.folder / "vault.log"
    ):
        yield
