"""A vault in its own process for the HTTP tests, and its parts in this process for the others."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.core.config import Settings
from portal.core.vault_client import VaultClient
from tests.vault import arrange, provider
from tests.vault.arrange import Insider
from tests.vault.provider import CLIENT, Provider
from vault import service
from vault.exports.running import TURN_LOCK


@pytest.fixture(scope="session")
def identity_provider() -> Iterator[Provider]:
    """A provider for the whole run."""
    with provider.running() as running:
        yield running


@pytest.fixture(scope="session")
def variables(
    environment: dict[str, str], identity_provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """`PORTAL_*` of the vault alone: no other login's password, no other key."""
    names = ("PORTAL_DATABASE_URL", "PORTAL_DB_PASSWORD_VAULT", "PORTAL_VAULT_KEY", "PORTAL_KMS", "PORTAL_VAULT_URL")
    told = {"PORTAL_OIDC_ISSUER": identity_provider.issuer, "PORTAL_OIDC_CLIENT_ID": CLIENT}
    var = {"PORTAL_VAR_DIR": str(tmp_path_factory.mktemp("var"))}
    return {name: environment[name] for name in names} | told | var


@pytest.fixture(scope="session")
def vault_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the vault process logged so far."""
    return tmp_path_factory.mktemp("vault") / "vault.log"


@pytest.fixture(scope="session")
def running_vault(
    variables: dict[str, str], vault_log: Path, settings: Settings
) -> Iterator["subprocess.Popen[bytes]"]:
    """A vault process."""
    assert settings.kms
    with arrange.vault_process(variables, vault_log) as process:
        yield process


@pytest.fixture(scope="session")
def client(variables: dict[str, str], running_vault: "subprocess.Popen[bytes]") -> VaultClient:
    """A client of a running vault process."""
    assert running_vault.poll() is None
    return VaultClient(variables["PORTAL_VAULT_URL"])


@pytest.fixture
def vault(variables: dict[str, str]) -> Iterator[service.Vault]:
    """The vault's parts in this process."""
    built = service.build(Settings.from_env(variables))
    yield built
    built.store.close()


@pytest.fixture
def amira(
    superuser: psycopg.Connection[tuple[object, ...]], identity_provider: Provider, client: VaultClient
) -> Insider:
    """Amira, signed in, with a ticket."""
    return arrange.sign_in(superuser, identity_provider, client, "Amira Kaya")


@pytest.fixture
def ben(superuser: psycopg.Connection[tuple[object, ...]], identity_provider: Provider, client: VaultClient) -> Insider:
    """Ben, a colleague, likewise."""
    return arrange.sign_in(superuser, identity_provider, client, "Ben Roth")


@pytest.fixture
def our_turn(settings: Settings, client: VaultClient) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The vault process carries out no order meanwhile: the test takes the steps itself. Gives who holds the lock."""
    assert client.healthy()
    with psycopg.connect(settings.conninfo("vault"), autocommit=True) as connection:
        while connection.execute("SELECT pg_try_advisory_lock(%s)", [TURN_LOCK]).fetchone() != (True,):
            time.sleep(0.02)
        yield connection


@pytest.fixture
def vault_stands_still(
    running_vault: "subprocess.Popen[bytes]", our_turn: psycopg.Connection[tuple[object, ...]], amira: Insider
) -> Iterator[Insider]:
    """The vault process is stopped, outside any step: another one carries out what Amira orders. Gives her."""
    running_vault.send_signal(signal.SIGSTOP)
    our_turn.execute("SELECT pg_advisory_unlock(%s)", [TURN_LOCK])
    yield amira
    running_vault.send_signal(signal.SIGCONT)
