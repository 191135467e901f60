"""What an identity provider may say, and what it may not: issuer and algorithms (S02), every claim (S03)."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from portal.core.signatures import ALGORITHMS
from tests.provider.browser import Browser
from tests.provider.server import CLIENT_ID, CLIENT_SECRET, LOGOUT_EVENT, Claims, HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]
OTHER = "https://other.example"


def changed(**claims: Any) -> Callable[[Claims], Claims]:
    """The claims with some of them replaced; None leaves one out."""
    return lambda given: {name: value for name, value in (given | claims).items() if value is not None}


def later(name: str, seconds: float) -> Callable[[Claims], Claims]:
    """The claims with a time so many seconds from now."""
    return lambda given: given | {name: time.time() + seconds}


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why sign-ins were refused, as the log says."""
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [line["reason"] for line in lines if line["event"] == "sign_in_refused"]


def refused(browser: Browser, provider: HostileProvider) -> None:
    """The sign-in ends in a page that says so, without a session."""
    provider.add(f"amira-{uuid4()}", groups=["HR team"])
    answer = browser.sign_in()
    assert answer.status_code == 400
    assert "You could not be signed in." in answer.text
    assert browser.cookie() is None
    assert not browser.is_signed_in()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_S02_our_algorithms_sign_in(browser: Browser, provider: HostileProvider, algorithm: str) -> None:
    provider.behaviour.algorithm = algorithm
    provider.add(f"amira-{uuid4()}")
    assert browser.sign_in().status_code == 303
    assert browser.is_signed_in()


@pytest.mark.parametrize("algorithm", ["none", "unsigned", "HS256"])
def test_S02_no_signature_or_a_shared_one_is_refused_though_the_provider_lists_it(
    browser: Browser, provider: HostileProvider, algorithm: str
) -> None:
    provider.behaviour.algorithm = algorithm
    refused(browser, provider)


def test_S02_a_foreign_key_under_a_known_id_is_refused(browser: Browser, provider: HostileProvider) -> None:
    provider.behaviour.key = "stranger"
    refused(browser, provider)


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "unknown"},
        {"kid": "ec"},
        {"kid": "pss"},
        {"kid": 7},
        {"crit": ["x"], "x": 1},
        {"jwk": {"kty": "RSA"}, "kid": "unknown"},
        {"jku": "http://localhost:1/keys", "kid": "unknown"},
    ],
)
def test_S02_a_header_that_points_elsewhere_is_refused(
    browser: Browser, provider: HostileProvider, header: Claims
) -> None:
    provider.behaviour.header = header
    refused(browser, provider)


def test_S02_an_algorithm_that_the_provider_does_not_advertise_is_refused(
    make_app: Callable[..., Flask], provider: HostileProvider
) -> None:
    provider.behaviour.metadata = {"id_token_signing_alg_values_supported": ["RS256", "none"]}
    browser = Browser(make_app())
    provider.behaviour.algorithm = "ES256"
    refused(browser, provider)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": OTHER},
        {"issuer": None},
        {"jwks_uri": None},
        {"token_endpoint": "file:///etc/passwd"},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ],
)
def test_S02_a_description_that_is_not_the_pinned_issuers_stops_every_sign_in(
    make_app: Callable[..., Flask], provider: HostileProvider, metadata: Claims
) -> None:
    provider.behaviour.metadata = metadata
    answer = Browser(make_app()).get("/sign-in")
    assert answer.status_code == 503
    assert "Location" not in answer.headers


@pytest.mark.parametrize("issuer", [None, OTHER, "http://localhost"])
def test_S02_the_answer_must_name_its_issuer_when_the_provider_says_it_does(
    browser: Browser, provider: HostileProvider, issuer: str | None
) -> None:
    provider.behaviour.answer = {"iss": issuer}
    refused(browser, provider)


def test_S02_a_provider_that_never_names_itself_in_the_answer_signs_in(
    make_app: Callable[..., Flask], provider: HostileProvider
) -> None:
    provider.behaviour.metadata = {"authorization_response_iss_parameter_supported": None}
    provider.behaviour.answer = {"iss": None}
    provider.add(f"amira-{uuid4()}")
    assert Browser(make_app()).sign_in().status_code == 303


MUTATIONS: dict[str, tuple[str, Callable[[Claims], Claims]]] = {
    "iss missing": ("iss", changed(iss=None)),
    "iss other": ("iss", changed(iss=OTHER)),
    "iss list": ("iss", changed(iss=[OTHER])),
    "aud missing": ("aud", changed(aud=None)),
    "aud other": ("aud", changed(aud="other")),
    "aud list of others": ("aud", changed(aud=["other"])),
    "aud prefix": ("aud", changed(aud=CLIENT_ID + "x")),
    "aud two without azp": ("azp", changed(aud=[CLIENT_ID, "other"])),
    "azp other": ("azp", changed(azp="other")),
    "azp other, aud two": ("azp", changed(aud=[CLIENT_ID, "other"], azp="other")),
    "nonce missing": ("nonce", changed(nonce=None)),
    "nonce other": ("nonce", changed(nonce="other")),
    "nonce list": ("nonce", changed(nonce=["x"])),
    "exp missing": ("exp", changed(exp=None)),
    "exp text": ("exp", changed(exp="tomorrow")),
    "exp true": ("exp", changed(exp=True)),
    "exp huge": ("exp", changed(exp=1e300)),
    "exp 31 s ago": ("exp", later("exp", -31)),
    "iat missing": ("iat", changed(iat=None)),
    "iat in 70 s": ("iat", later("iat", 70)),
    "iat 11 min ago": ("iat", later("iat", -660)),
    "nbf in 70 s": ("nbf", later("nbf", 70)),
    "auth_time in 70 s": ("auth_time", later("auth_time", 70)),
    "auth_time text": ("auth_time", changed(auth_time="now")),
    "sub missing": ("sub", changed(sub=None)),
    "sub empty": ("sub", changed(sub="")),
    "sub number": ("sub", changed(sub=7)),
    "at_hash other": ("at_hash", changed(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "a logout token": ("typ", changed(events={LOGOUT_EVENT: {}})),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_S03_every_claim_counts(
    browser: Browser, provider: HostileProvider, caplog: pytest.LogCaptureFixture, mutation: str
) -> None:
    reason, provider.behaviour.claims = MUTATIONS[mutation]
    refused(browser, provider)
    assert reasons(caplog) == [reason]


ALLOWED: dict[str, Callable[[Claims], Claims]] = {
    "exp 25 s ago": later("exp", -25),
    "iat in 55 s": later("iat", 55),
    "aud two with azp": changed(aud=[CLIENT_ID, "other"], azp=CLIENT_ID),
    "aud list": changed(aud=[CLIENT_ID]),
    "auth_time with a fraction": later("auth_time", -3.25),
    "no sid, no name, no email": changed(sid=None, name=None, email=None),
}


@pytest.mark.parametrize("variant", ALLOWED)
def test_S03_what_the_standard_allows_signs_in(browser: Browser, provider: HostileProvider, variant: str) -> None:
    provider.behaviour.claims = ALLOWED[variant]
    provider.add(f"amira-{uuid4()}")
    assert browser.sign_in().status_code == 303
    assert browser.is_signed_in()


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "secevent+jwt"])
def test_S03_another_kind_of_token_is_refused(browser: Browser, provider: HostileProvider, typ: str) -> None:
    provider.behaviour.header = {"typ": typ}
    refused(browser, provider)


def test_S03_a_missing_id_token_is_refused(browser: Browser, provider: HostileProvider) -> None:
    provider.behaviour.id_token = False
    refused(browser, provider)


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "e30.e30.e30", "." * 2, "é.é.é"])
def test_S03_what_is_no_token_is_refused(browser: Browser, provider: HostileProvider, token: str) -> None:
    provider.behaviour.tamper = lambda _signed: token
    refused(browser, provider)


def test_S03_one_changed_byte_is_refused(browser: Browser, provider: HostileProvider) -> None:
    provider.behaviour.tamper = lambda token: token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]
    refused(browser, provider)


def test_S03_userinfo_about_somebody_else_is_refused(browser: Browser, provider: HostileProvider) -> None:
    provider.behaviour.groups_in_token = False
    provider.behaviour.userinfo = changed(sub="hana", groups=["HR team"])
    refused(browser, provider)


def test_S03_userinfo_adds_groups_but_never_when_somebody_signed_in(
    browser: Browser, provider: HostileProvider, superuser: Superuser
) -> None:
    provider.behaviour.groups_in_token = False
    provider.behaviour.auth_time = False
    provider.behaviour.userinfo = changed(auth_time=int(time.time()), sid="forged", name="Forged")
    subject = provider.add(f"hana-{uuid4()}", name="Hana Vogel", groups=["HR team"])
    assert browser.sign_in().status_code == 303
    row = superuser.execute(
        "SELECT e.name, r.role, s.sid, s.auth_time < now() - interval '1 day' FROM employee e "
        "JOIN role_grant r ON r.employee_id = e.id JOIN login_session s ON s.employee_id = e.id WHERE e.subject = %s",
        (subject,),
    ).fetchall()
    assert row == [("Hana Vogel", "hr", f"sid-{subject}", True)]


@pytest.mark.parametrize("methods", [["client_secret_post"], ["client_secret_basic"], ["private_key_jwt"], None])
def test_issuer_id_and_secret_are_enough_whatever_way_the_provider_wants_the_secret(
    make_app: Callable[..., Flask], provider: HostileProvider, methods: list[str] | None
) -> None:
    provider.behaviour.metadata = {"token_endpoint_auth_methods_supported": methods}
    provider.add(f"amira-{uuid4()}")
    assert Browser(make_app()).sign_in().status_code == 303
    in_body = provider.token_requests[0].get("client_secret") == CLIENT_SECRET
    assert in_body == (methods == ["client_secret_post"])


def test_a_public_client_signs_in_without_a_secret(make_app: Callable[..., Flask], provider: HostileProvider) -> None:
    provider.behaviour.public_client = True
    provider.add(f"amira-{uuid4()}")
    assert Browser(make_app(PORTAL_OIDC_CLIENT_SECRET=None)).sign_in().status_code == 303


def test_a_wrong_secret_is_refused(make_app: Callable[..., Flask], provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}")
    assert Browser(make_app(PORTAL_OIDC_CLIENT_SECRET="wrong")).sign_in().status_code == 400
