"""The identity provider ends sessions from behind (S05): every way to forge that is refused."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from werkzeug.test import TestResponse

from portal.identity.queries import hash_of
from tests.provider.browser import Browser
from tests.provider.server import LOGOUT_EVENT, Behaviour, HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]


def told(browser: Browser, token: str) -> TestResponse:
    """The provider's server posts: no cookie, no Origin, no CSRF token."""
    client = browser.client.application.test_client()
    return client.post("/backchannel-logout", data={"logout_token": token}, base_url=browser.base)


@pytest.fixture
def amira(signed_in: Callable[..., Browser]) -> Browser:
    return signed_in()


@pytest.mark.parametrize("named", [("sub",), ("sid",), ("sub", "sid")])
def test_S05_a_logout_token_ends_the_sessions_it_names_with_their_vault_tickets(
    amira: Browser, provider: HostileProvider, superuser: Superuser, named: tuple[str, ...]
) -> None:
    cookie, subject = amira.cookie(), provider.subject
    assert cookie
    superuser.execute(
        "INSERT INTO vault_ticket (token_hash, employee_id, session_id) "
        "SELECT %s, employee_id, id FROM login_session WHERE token_hash = %s",
        (uuid4().bytes, hash_of(cookie)),
    )
    superuser.commit()
    names = {"sub": subject, "sid": f"sid-{subject}"}
    answer = told(amira, provider.logout_token(**{name: names[name] for name in named}))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert not amira.is_signed_in()
    left = superuser.execute(
        "SELECT s.id_token, (SELECT count(*) FROM vault_ticket t WHERE t.session_id = s.id) "
        "FROM login_session s WHERE token_hash = %s",
        (hash_of(cookie),),
    ).fetchall()
    assert left == [(None, 0)]


def test_S05_it_ends_only_what_it_names(
    amira: Browser, provider: HostileProvider, signed_in: Callable[..., Browser]
) -> None:
    ben = signed_in("ben")
    assert told(amira, provider.logout_token(sub=provider.subject)).status_code == 200
    assert not ben.is_signed_in()
    assert amira.is_signed_in()


def test_S05_subject_and_session_must_belong_together(amira: Browser, provider: HostileProvider) -> None:
    assert told(amira, provider.logout_token(sub=provider.subject, sid="another")).status_code == 200
    assert amira.is_signed_in()


def test_S05_a_session_whose_token_named_none_ends_with_the_person(
    amira: Browser, provider: HostileProvider, superuser: Superuser
) -> None:
    cookie = amira.cookie()
    assert cookie
    superuser.execute("UPDATE login_session SET sid = NULL WHERE token_hash = %s", (hash_of(cookie),))
    superuser.commit()
    assert told(amira, provider.logout_token(sid=f"sid-{provider.subject}")).status_code == 200
    assert amira.is_signed_in()
    assert told(amira, provider.logout_token(sub=provider.subject, sid="named")).status_code == 200
    assert not amira.is_signed_in()


def test_S05_a_replayed_logout_token_is_refused(amira: Browser, provider: HostileProvider) -> None:
    token = provider.logout_token(sub=provider.subject)
    assert told(amira, token).status_code == 200
    assert amira.sign_in().status_code == 303
    assert told(amira, token).status_code == 400
    assert amira.is_signed_in()


FORGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://other.example"},
    "another client": {"aud": "other"},
    "no event": {"events": None},
    "another event": {"events": {"urn:other": {}}},
    "event is a list": {"events": [LOGOUT_EVENT]},
    "a nonce": {"nonce": "n"},
    "no jti": {"jti": None},
    "nobody": {"sub": None},
    "subject is a list": {"sub": ["amira"]},
    "expired": {"exp": int(time.time()) - 60},
    "no end": {"exp": None},
    "old": {"iat": int(time.time()) - 400},
    "from the future": {"iat": int(time.time()) + 86_400},  # however long the tests before take
}


@pytest.mark.parametrize("forgery", FORGED)
def test_S05_a_forged_logout_token_is_refused(amira: Browser, provider: HostileProvider, forgery: str) -> None:
    token = provider.logout_token(**({"sub": provider.subject} | FORGED[forgery]))
    assert told(amira, token).status_code == 400
    assert amira.is_signed_in()


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(algorithm="none"),
        Behaviour(algorithm="unsigned"),
        Behaviour(algorithm="HS256"),
        Behaviour(key="stranger"),
        Behaviour(header={"typ": "at+jwt"}),
    ],
)
def test_S05_a_logout_token_that_the_provider_did_not_sign_is_refused(
    amira: Browser, provider: HostileProvider, behaviour: Behaviour
) -> None:
    provider.behaviour = behaviour
    assert told(amira, provider.logout_token(sub=provider.subject)).status_code == 400
    assert amira.is_signed_in()


def test_S05_an_id_token_is_no_logout_token(amira: Browser, provider: HostileProvider) -> None:
    token = provider.id_token(provider.subject, "nonce", time.time())
    assert told(amira, token).status_code == 400
    assert amira.is_signed_in()


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 40_000])
def test_S05_what_is_no_token_is_refused(amira: Browser, token: str) -> None:
    assert told(amira, token).status_code == 400
    assert amira.is_signed_in()
