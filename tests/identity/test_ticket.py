"""The vault's ticket at sign-in (C05): only in the person's second cookie, and gone with the session."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from portal.identity.queries import hash_of
from tests.provider.browser import TICKET, Browser
from tests.provider.server import HostileProvider
from tests.vault.arrange import VAULT_TAKES, vault_process

Superuser = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def vault_environment(environment: dict[str, str], web_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    with TemporaryDirectory() as files:
        changed = {"PORTAL_VAULT_URL": f"unix:{files}/vault.sock", "PORTAL_KMS": f"file:{files}/kms"}
        yield environment | web_environment | changed | {"PORTAL_VAR_DIR": files}


def come_in(make_app: Callable[..., Flask], provider: HostileProvider, told: dict[str, str]) -> Browser:
    provider.add(f"amira-{uuid4()}")
    browser = Browser(make_app(PORTAL_VAULT_URL=told["PORTAL_VAULT_URL"]))
    assert browser.sign_in().status_code == 303
    return browser


def test_C05_the_ticket_lives_in_the_cookie_and_dies_with_the_session(
    make_app: Callable[..., Flask],
    provider: HostileProvider,
    vault_environment: dict[str, str],
    superuser: Superuser,
) -> None:
    own = {name: vault_environment[name] for name in VAULT_TAKES}
    with vault_process(own, Path(own["PORTAL_VAR_DIR"]) / "vault.log"):
        browser = come_in(make_app, provider, vault_environment)
        ticket = browser.cookie(TICKET)
        assert ticket
        held = "SELECT count(*) FROM vault_ticket WHERE token_hash = %s"
        assert superuser.execute(held, (hash_of(ticket),)).fetchone() == (1,)
        superuser.rollback()
        assert ticket not in browser.get("/").text
        browser.post("/sign-out")
        assert browser.cookie(TICKET) is None
        assert superuser.execute(held, (hash_of(ticket),)).fetchone() == (0,)
        superuser.rollback()


def test_without_the_vault_people_sign_in_and_have_no_ticket(
    make_app: Callable[..., Flask], provider: HostileProvider, vault_environment: dict[str, str]
) -> None:
    browser = come_in(make_app, provider, vault_environment)
    assert browser.is_signed_in()
    assert browser.cookie(TICKET) is None
