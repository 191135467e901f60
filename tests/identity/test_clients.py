"""How the portal proves that it is the registered client, and what it says where that cannot be."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests
from flask import Flask

from portal.identity import rules
from portal.identity.advice import BY_REASON, BY_WORD
from portal.identity.client_secret import signed_jwt
from portal.identity.oidc import unproved_header
from portal.identity.provider import ProviderUnavailableError, checked, why
from tests.provider.browser import Browser, onward
from tests.provider.server import Behaviour, HostileProvider, query_of

PAR = "pushed_authorization_request_endpoint"
MakeApp = Callable[..., Flask]
ALL = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]


@contextmanager
def at(provider: HostileProvider, behaviour: Behaviour) -> Iterator[None]:
    """The provider behaves so, and somebody has an account there."""
    provider.behaviour = behaviour
    provider.add(f"hana-{uuid4()}", groups=["HR team"])
    yield


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    """The log's lines about this."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict) and record.msg["event"] == event]


@pytest.mark.parametrize("listed", [["client_secret_jwt"], ALL])
def test_the_secret_can_be_proved_without_being_sent(
    make_app: MakeApp, provider: HostileProvider, listed: list[str]
) -> None:
    metadata = {"token_endpoint_auth_methods_supported": listed}
    with at(provider, Behaviour(secret_ways=("client_secret_jwt",), metadata=metadata)):
        app = make_app()
        assert Browser(app).sign_in().status_code == 303
        assert "client_secret" not in provider.token_requests[-1]
        tried = len(provider.token_requests)
        assert Browser(app).sign_in().status_code == 303
        assert len(provider.token_requests) == tried + 1, "the way that was believed is taken first"


@pytest.mark.parametrize(
    ("named", "taken"), [(None, "HS256"), (["RS256", "HS512"], "HS512"), (["RS256"], "HS256"), ("HS512", "HS256")]
)
def test_the_proof_is_made_as_the_provider_names(named: Any, taken: str) -> None:
    class Client:
        client_id, client_secret = "daylight", "a secret of more than thirty-two characters"

    prove = signed_jwt({"token_endpoint_auth_signing_alg_values_supported": named})
    _uri, _headers, body = prove(Client(), "POST", "https://idp.example/token", {}, "grant_type=x")
    given = query_of(f"?{body}")
    assert given["grant_type"] == "x"
    assert unproved_header(given["client_assertion"])["alg"] == taken


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_a_provider_may_want_each_request_handed_over_beforehand(
    make_app: MakeApp, provider: HostileProvider, way: str
) -> None:
    listed = {"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}
    with at(provider, Behaviour(pushed_only=True, secret_ways=(way,), metadata=listed)):
        browser = Browser(make_app())
        asked = query_of(onward(browser.get("/sign-in")))
        assert set(asked) == {"client_id", "request_uri"}, "nothing else passes the browser"
        assert browser.sign_in().status_code == 303
        assert browser.sign_in("/sign-in?fresh=1").status_code == 303
        assert provider.asked[-1].parameters["prompt"] == "login"


@pytest.mark.parametrize(
    ("behaviour", "status", "event"),
    [
        (Behaviour(pushed_only=True, secret_ways=()), 400, "sign_in_refused"),
        (Behaviour(pushed_only=True, metadata={PAR: None}), 503, ""),
        (
            Behaviour(pushed_only=True, metadata={PAR: "file:///etc/passwd"}),
            503,
            "",
        ),
        (
            Behaviour(pushed_only=True, metadata={PAR: "http://localhost:1/"}),
            503,
            "",
        ),
    ],
    ids=["not believed", "not named", "no address", "out of reach"],
)
def test_a_request_that_cannot_be_handed_over_ends_in_a_page(
    make_app: MakeApp,
    provider: HostileProvider,
    caplog: pytest.LogCaptureFixture,
    behaviour: Behaviour,
    status: int,
    event: str,
) -> None:
    with at(provider, behaviour):
        browser = Browser(make_app())
        logging.getLogger().addHandler(caplog.handler)  # an application sets up logging anew
        with caplog.at_level(logging.WARNING):
            assert browser.get("/sign-in").status_code == status
    (line,) = lines(caplog, event or "provider_unavailable")
    assert line["detail"]


def encrypted(token: str) -> str:
    """As long as the compact form of an encrypted token."""
    return f"{token}.x.y"


@pytest.mark.parametrize(
    ("behaviour", "reason", "told", "words"),
    [
        (Behaviour(secret_ways=("private_key_jwt",)), "token_endpoint", "invalid_client", "client_secret_basic"),
        (Behaviour(algorithm="HS256"), "alg", None, "RS256"),
        (Behaviour(tamper=encrypted), "encrypted", None, "encrypts"),
        (Behaviour(tamper=lambda token: token + "A" * 33_000), "too_long", None, "fewer groups"),
        (Behaviour(answer={"code": None, "error": "invalid_scope"}), "provider_error", "invalid_scope", "OIDC_SCOPE"),
        (Behaviour(answer={"code": None, "error": "invalid_request"}), "provider_error", "invalid_request", "signed"),
        (Behaviour(id_token=False), "no_id_token", None, "openid"),
    ],
    ids=["no secret", "shared secret", "encrypted", "too long", "scope", "request", "no ID token"],
)
def test_why_a_sign_in_was_refused_is_a_sentence_for_the_operator(
    browser: Browser,
    provider: HostileProvider,
    caplog: pytest.LogCaptureFixture,
    behaviour: Behaviour,
    reason: str,
    told: str | None,
    words: str,
) -> None:
    with at(provider, behaviour), caplog.at_level(logging.WARNING):
        assert browser.sign_in().status_code == 400
    (line,) = lines(caplog, "sign_in_refused")
    assert (line["reason"], line.get("told")) == (reason, told)
    assert words in line["detail"]


def test_every_sentence_for_the_operator_is_one() -> None:
    for sentence in (*BY_REASON.values(), *BY_WORD.values()):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@pytest.mark.parametrize("named", ["https://login.example/{tenantid}/v2.0", None, 7])
def test_another_issuer_is_named_in_the_log(named: Any) -> None:
    with pytest.raises(ProviderUnavailableError) as raised:
        checked({"issuer": named}, "https://login.example/common/v2.0")
    assert (repr(named) if isinstance(named, str) else "none") in str(raised.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.SSLError("of carla"), "SSL_CERT_FILE"),
        (requests.exceptions.ProxyError("of carla"), "proxy"),
        (requests.ReadTimeout("of carla"), "in time"),
        (requests.ConnectionError("of carla"), "cannot be reached"),
        (ValueError("of carla"), "as it should"),
    ],
)
def test_why_a_provider_does_not_answer_is_said_without_what_came(error: Exception, words: str) -> None:
    assert words in why(error)
    assert "carla" not in why(error)


@pytest.mark.parametrize("text", ["HR team,staff", "staff HR team", '["HR team", "staff"]', "cn=HR team,ou=groups"])
def test_groups_in_one_text_give_no_role_and_are_named_in_the_log(
    browser: Browser,
    provider: HostileProvider,
    superuser: psycopg.Connection[tuple[Any, ...]],
    caplog: pytest.LogCaptureFixture,
    text: str,
) -> None:
    subject = provider.add(f"hana-{uuid4()}", groups=text)
    with caplog.at_level(logging.WARNING):
        assert browser.sign_in().status_code == 303
    assert len(lines(caplog, "groups_in_one_text")) == 1
    held = "SELECT count(*) FROM role_grant r JOIN employee e ON e.id = r.employee_id WHERE e.subject = %s"
    assert superuser.execute(held, (subject,)).fetchone() == (0,)


def test_one_group_in_a_list_may_have_another_s_name_in_its_own() -> None:
    roles = {"hr": ("HR team",)}
    assert not rules.groups_in_one_text({"groups": ["HR team Berlin"]}, "groups", roles)
    assert not rules.groups_in_one_text({"groups": "HR team"}, "groups", roles)
    assert rules.groups_in_one_text({"groups": "HR team, staff"}, "groups", roles)
