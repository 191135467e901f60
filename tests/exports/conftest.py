"""A vault process of these tests' own, a portal that asks it, and Amira, who holds a ticket of it."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from portal.app import create_app
from portal.capture.opening import TICKET_COOKIE
from portal.core.config import Settings
from portal.core.vault_client import VaultClient
from portal.core.web import state
from tests.vault import arrange, provider
from tests.vault.arrange import Insider
from tests.vault.provider import CLIENT, Provider
from tests.web_client import BASE, Browser, sign_in

VAULT_TAKES = ("PORTAL_DATABASE_URL", "PORTAL_DB_PASSWORD_VAULT", "PORTAL_VAULT_KEY", "PORTAL_KMS")


@pytest.fixture(scope="package")
def identity_provider() -> Iterator[Provider]:
    """Who vouches for the people here."""
    with provider.running() as running:
        yield running


@pytest.fixture(scope="package")
def files() -> Iterator[Path]:
    """A directory with a short path, for a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="package")
def client(environment: dict[str, str], identity_provider: Provider, files: Path) -> Iterator[VaultClient]:
    """A client of a running vault process."""
    address = f"unix:{files / 'vault.sock'}"
    told = {"PORTAL_VAULT_URL": address, "PORTAL_VAR_DIR": str(files)}
    told |= {"PORTAL_OIDC_ISSUER": identity_provider.issuer, "PORTAL_OIDC_CLIENT_ID": CLIENT}
    with arrange.vault_process({name: environment[name] for name in VAULT_TAKES} | told, files / "vault.log"):
        yield VaultClient(address)


@pytest.fixture(scope="package")
def portal(environment: dict[str, str], client: VaultClient, files: Path) -> Iterator[Flask]:
    """The portal, which asks that vault."""
    assert client.healthy()
    told = environment | {"PORTAL_VAULT_URL": f"unix:{files / 'vault.sock'}"}
    made = create_app(Settings.from_env(told), testing=True)
    yield made
    state.of(made).database.dispose()


@pytest.fixture
def amira(
    superuser: psycopg.Connection[tuple[object, ...]], identity_provider: Provider, client: VaultClient
) -> Insider:
    """Amira, with a ticket."""
    return arrange.sign_in(superuser, identity_provider, client, "Amira Kaya")


@pytest.fixture
def ben(superuser: psycopg.Connection[tuple[object, ...]], identity_provider: Provider, client: VaultClient) -> Insider:
    """Ben, a colleague, likewise."""
    return arrange.sign_in(superuser, identity_provider, client, "Ben Roth")


@pytest.fixture
def browser_of(portal: Flask, superuser: psycopg.Connection[tuple[object, ...]]) -> Callable[[Insider], Browser]:
    """A browser that holds somebody's session and ticket."""

    def opened(who: Insider) -> Browser:
        browser = Browser(portal, sign_in(superuser, who.person), BASE)
        browser.hold(TICKET_COOKIE, who.ticket)
        return browser

    return opened
