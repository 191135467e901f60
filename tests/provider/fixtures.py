"""Fixtures for tests that need the web application and somebody signed in; import them in a conftest.py."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from portal.app import create_app
from portal.core.config import Settings
from tests.provider.browser import Browser, sign_in
from tests.provider.server import CLIENT_ID, CLIENT_SECRET, Behaviour, HostileProvider


@pytest.fixture(scope="session")
def running_provider() -> Iterator[HostileProvider]:
    """One provider for the run."""
    with HostileProvider().running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: HostileProvider) -> HostileProvider:
    """The provider, well-behaved again."""
    running_provider.behaviour = Behaviour()
    running_provider.asked.clear()
    running_provider.token_requests.clear()
    return running_provider


@pytest.fixture(scope="session")
def web_environment(environment: dict[str, str], running_provider: HostileProvider) -> dict[str, str]:
    """The settings of a web process that signs people in at the provider."""
    without_vault = {name: value for name, value in environment.items() if name != "PORTAL_VAULT_URL"}
    return without_vault | {
        "PORTAL_OIDC_ISSUER": running_provider.issuer,
        "PORTAL_OIDC_CLIENT_ID": CLIENT_ID,
        "PORTAL_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "PORTAL_SECURITY_CONTACT": "mailto:security@daylight.example",
    }


@contextmanager
def _applications(told: dict[str, str]) -> Iterator[Callable[..., Flask]]:
    made: list[Flask] = []

    def make(**changed: str | None) -> Flask:
        variables = {name: value for name, value in (told | changed).items() if value is not None}
        made.append(create_app(Settings.from_env(variables), testing=True))
        return made[-1]

    yield make
    for app in made:
        app.extensions["daylight"].database.dispose()


@pytest.fixture(scope="module")
def make_app(web_environment: dict[str, str]) -> Iterator[Callable[..., Flask]]:
    """Make an application with some settings changed; None leaves one out. Its pools close with the file's last test.

    Kept open for the whole run, those of all files together would leave the server no connection.
    """
    with _applications(web_environment) as make:
        yield make


@pytest.fixture(scope="session")
def app(web_environment: dict[str, str]) -> Iterator[Flask]:
    """The web application."""
    with _applications(web_environment) as make:
        yield make()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask, provider: HostileProvider) -> Callable[..., Browser]:
    """Sign somebody new in: `signed_in("hana", groups=["HR team"])` → their browser."""

    def make(name: str = "amira", **claims: Any) -> Browser:
        return sign_in(app, provider, f"{name}-{uuid4()}", **claims)

    return make
