"""What providers may do differently, one thing at a time: keys, userinfo, errors, names, the way to the secret."""

import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from portal.identity import rules
from portal.identity.client_secret import auth_methods
from portal.identity.provider import ASK_AGAIN_S, Provider, signature_keys
from portal.identity.registered import wanted_scope
from portal.identity.rules import RefusedError
from tests.provider.browser import Browser, onward
from tests.provider.server import Behaviour, Claims, HostileProvider, query_of

Superuser = psycopg.Connection[tuple[Any, ...]]
MakeApp = Callable[..., Flask]


@pytest.fixture
def renewing(provider: HostileProvider) -> Iterator[HostileProvider]:
    """The provider; its keys are the old ones again afterwards."""
    before = dict(provider.keys)
    yield provider
    provider.keys.clear()
    provider.keys.update(before)


class Clock:
    """Seconds that pass when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def with_clock(app: Flask) -> Clock:
    """Let the application's view of the provider age by a clock of the test's."""
    client, clock = app.extensions["oidc"], Clock()
    client.provider = Provider(app.extensions["daylight"].settings.oidc_issuer, clock)
    return clock


def test_S02_a_key_replaced_under_its_old_id_is_fetched_once(make_app: MakeApp, renewing: HostileProvider) -> None:
    app = make_app()
    clock = with_clock(app)
    renewing.add(f"amira-{uuid4()}")
    assert Browser(app).sign_in().status_code == 303
    renewing.keys["RS256"] = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
    assert Browser(app).sign_in().status_code == 400
    clock.now += ASK_AGAIN_S + 1
    assert Browser(app).sign_in().status_code == 303


def test_S02_a_key_without_id_fits_a_token_that_names_one_when_it_is_the_only_one(provider: HostileProvider) -> None:
    bare = [key.as_dict(private=False) for key in provider.keys.values()]
    provider.behaviour.published = lambda _keys: [
        {name: value for name, value in key.items() if name not in {"kid", "use", "alg"}} for key in bare
    ]
    known = Provider(provider.issuer)
    assert known.key({"alg": "ES256", "kid": "anything"}).key_type == "EC"
    with pytest.raises(RefusedError):  # two of them
        known.key({"alg": "RS256", "kid": "anything"})


def test_S02_a_key_counts_only_for_the_algorithm_of_its_curve(provider: HostileProvider) -> None:
    others: list[Key] = [ECKey.generate_key("P-384", {"kid": "a"}), OKPKey.generate_key("X25519", {"kid": "b"})]
    fitting = ECKey.generate_key("P-256", {"kid": "c"})
    provider.behaviour.published = lambda _keys: [key.as_dict(private=False) for key in (*others, fitting)]
    known = Provider(provider.issuer)
    assert known.key({"alg": "ES256"}).kid == "c"
    for header in ({"alg": "ES256", "kid": "a"}, {"alg": "EdDSA", "kid": "b"}, {"alg": "EdDSA"}):
        with pytest.raises(RefusedError):
            known.key(header)


def test_S02_what_stands_beside_a_key_is_not_looked_at(provider: HostileProvider) -> None:
    good = provider.keys["ES256"].as_dict(private=False)
    noise = {"x5c": "no list", "use": None, "alg": None, "x5t": 7, "ext": True, "issuer": {"a": 1}}
    unknown = [{"kty": "AKP", "alg": "ML-DSA-65", "pub": "x"}, {"kty": {}}, {"kty": "EC"}, None]
    assert len(signature_keys({"keys": [*unknown, good | noise]})) == 1
    assert signature_keys({"keys": [good | {"key_ops": ["deriveKey"]}, good | {"use": "enc"}]}) == ()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_without_userinfo_the_id_token_is_enough(browser: Browser, provider: HostileProvider, status: int) -> None:
    provider.behaviour = Behaviour(groups_in_token=False, userinfo_status=status)
    provider.add(f"hana-{uuid4()}", groups=["HR team"])
    assert browser.sign_in().status_code == 303


def test_a_userinfo_that_is_out_of_order_lets_nobody_lose_a_role(browser: Browser, provider: HostileProvider) -> None:
    provider.behaviour = Behaviour(groups_in_token=False, userinfo_status=502)
    provider.add(f"hana-{uuid4()}", groups=["HR team"])
    answer = browser.sign_in()
    assert answer.status_code == 503
    assert "does not answer" in answer.text


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (Behaviour(), 303),
        (Behaviour(userinfo=lambda claims: claims | {"aud": ["other"]}), 400),
        (Behaviour(userinfo=lambda claims: claims | {"iss": "https://other.example"}), 400),
        (Behaviour(userinfo=lambda claims: claims | {"sub": "ben"}), 400),
        (Behaviour(userinfo=lambda claims: claims | {"nonce": "an ID token"}), 400),
    ],
)
def test_S03_signed_userinfo_is_checked_like_every_token(
    browser: Browser, provider: HostileProvider, superuser: Superuser, behaviour: Behaviour, status: int
) -> None:
    provider.behaviour, behaviour.groups_in_token, behaviour.signed_userinfo = behaviour, False, True
    subject = provider.add(f"hana-{uuid4()}", groups=["HR team"])
    assert browser.sign_in().status_code == status
    held = superuser.execute(
        "SELECT r.role::text FROM role_grant r JOIN employee e ON e.id = r.employee_id WHERE e.subject = %s", (subject,)
    ).fetchall()
    assert held == ([("hr",)] if status == 303 else [])


def answered(browser: Browser, **answer: str) -> tuple[int, str]:
    """What the portal says to an error of the provider."""
    state = query_of(onward(browser.get("/sign-in")))["state"]
    page = browser.get("/sign-in/callback?" + urlencode({"state": state} | answer))
    return page.status_code, page.text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("access_denied", 400, "ended the sign-in"),
        ("login_required", 400, "ended the sign-in"),
        ("temporarily_unavailable", 503, "does not answer"),
        ("server_error", 503, "does not answer"),
        ("invalid_scope", 400, "could not be signed in"),
        ("<script>alert(1)</script>\r\nx", 400, "could not be signed in"),
    ],
)
def test_S01_an_error_of_the_provider_is_said_in_plain_words(
    browser: Browser,
    provider: HostileProvider,
    caplog: pytest.LogCaptureFixture,
    error: str,
    status: int,
    words: str,
) -> None:
    with caplog.at_level(logging.WARNING):
        told = answered(browser, iss=provider.issuer, error=error, error_description="Ask Carla (carla@firm.example)")
    assert told[0] == status
    assert words in told[1]
    assert "alert" not in told[1]
    assert "Carla" not in caplog.text
    assert browser.cookie() is None


def test_S02_an_error_in_another_issuers_name_is_refused(browser: Browser, provider: HostileProvider) -> None:
    provider.add("amira")
    assert answered(browser, iss="https://other.example", error="temporarily_unavailable")[0] == 400


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Amira Kaya", "preferred_username": "amira"}, "Amira Kaya"),
        ({"name": "", "given_name": "Amira", "family_name": "Kaya"}, "Amira Kaya"),
        ({"family_name": "Kaya"}, "Kaya"),
        ({"preferred_username": "amira"}, "amira"),
        ({"email": "amira@firm.example"}, "amira@firm.example"),
        ({"upn": "amira@firm.example", "unique_name": "FIRM\\amira"}, "amira@firm.example"),
        ({"unique_name": "FIRM\\amira"}, "FIRM\\amira"),
        ({"name": "Ami\0ra\ud800\u202e Kaya"}, "Amira Kaya"),
        ({"name": "\0", "nickname": 7}, "s"),
        ({"name": "x" * 500}, "x" * 200),
    ],
)
def test_a_person_is_called_what_the_provider_has(claims: dict[str, Any], name: str) -> None:
    assert rules.name_of({"sub": "s"} | claims) == name


@pytest.mark.parametrize("sub", ["a\0b", "a\ud800", "x" * 256, "a\nb"])
def test_S03_a_subject_that_no_database_takes_is_refused(browser: Browser, provider: HostileProvider, sub: str) -> None:
    provider.add("amira")
    provider.behaviour.claims = lambda claims: claims | {"sub": sub}
    assert browser.sign_in().status_code == 400


def test_letters_that_no_database_takes_are_left_out(browser: Browser, provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}", name="A\0\ud800", email="\0@firm.example", sid="\ud800", groups=["\0", {}, None])
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        (["a", 7, "b"], ["a", "b"]),
        ("a", ["a"]),
        ({"a": {"1": "x"}, "b": {}, "c": True, "d": False}, ["a", "b"]),
        (7, []),
        (None, []),
    ],
)
def test_groups_come_as_list_as_text_or_as_names(groups: Any, found: list[str]) -> None:
    assert rules.groups_of({"groups": groups}, "groups") == found
    assert rules.groups_of({"firm": {"groups": groups}}, "firm.groups") == found


@pytest.mark.parametrize(
    ("secret", "offered", "ways"),
    [
        (None, ["client_secret_basic"], ["none"]),
        ("plain", None, ["client_secret_basic"]),
        ("plain", ["client_secret_post", "client_secret_basic"], ["client_secret_basic", "client_secret_post"]),
        ("with / signs", ["client_secret_post", "client_secret_basic"], ["client_secret_post", "client_secret_basic"]),
        ("with / signs", ["client_secret_basic"], ["client_secret_basic"]),
        ("with / signs", None, ["client_secret_basic"]),
        ("plain", ["private_key_jwt"], ["client_secret_basic"]),
        ("plain", "client_secret_post", ["client_secret_basic"]),
    ],
)
def test_the_secret_goes_the_way_that_nobody_misreads(secret: str | None, offered: Any, ways: list[str]) -> None:
    assert list(auth_methods("daylight", secret, offered)) == ways


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_a_client_may_be_registered_for_one_of_the_ways_that_the_provider_lists(
    make_app: MakeApp, provider: HostileProvider, way: str
) -> None:
    listed = {"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}
    provider.behaviour = Behaviour(secret_ways=(way,), metadata=listed)
    provider.add(f"amira-{uuid4()}")
    app = make_app()
    assert Browser(app).sign_in().status_code == 303
    tried = len(provider.token_requests)
    assert Browser(app).sign_in().status_code == 303
    assert len(provider.token_requests) == tried + 1, "the way that was believed is taken first"


def test_a_wrong_secret_is_tried_each_way_once(make_app: MakeApp, provider: HostileProvider) -> None:
    provider.behaviour.metadata = {
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]
    }
    provider.add(f"amira-{uuid4()}")
    assert Browser(make_app(PORTAL_OIDC_CLIENT_SECRET="wrong")).sign_in().status_code == 400
    assert len(provider.token_requests) == 2


@pytest.mark.parametrize("seconds", [-55, 55])
def test_S03_a_provider_s_clock_may_be_a_minute_off(browser: Browser, provider: HostileProvider, seconds: int) -> None:
    def off(claims: Claims) -> Claims:
        now = claims["iat"] + seconds
        return claims | {"iat": now, "nbf": now, "auth_time": now, "exp": now + 300}

    provider.behaviour.claims = off
    provider.add(f"amira-{uuid4()}")
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize(
    "said", [{"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}, {"hasgroups": True}]
)
def test_groups_that_do_not_fit_into_a_token_are_said_to_be_missing(
    browser: Browser, provider: HostileProvider, caplog: pytest.LogCaptureFixture, said: Claims
) -> None:
    provider.behaviour.claims = lambda claims: claims | said
    provider.add(f"hana-{uuid4()}")
    with caplog.at_level(logging.WARNING):
        assert browser.sign_in().status_code == 303
    assert "groups_elsewhere" in caplog.text


@pytest.mark.parametrize(
    ("offered", "scope"),
    [
        (None, "openid profile email"),
        (["openid"], "openid"),
        ([], "openid"),
        (["groups", "email", "openid", "phone"], "openid email groups"),
    ],
)
def test_only_scopes_that_the_provider_lists_are_asked_for(offered: Any, scope: str) -> None:
    assert wanted_scope(offered) == scope


def test_the_operator_may_name_the_scopes(make_app: MakeApp, provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}")
    assert Browser(make_app(PORTAL_OIDC_SCOPE="openid team")).sign_in().status_code == 303
    assert provider.asked[0].parameters["scope"] == "openid team"


def test_S04_an_id_token_too_long_for_an_address_stays_at_home(signed_in: Callable[..., Browser]) -> None:
    browser = signed_in(groups=[f"group {number}" for number in range(1_000)])
    told = query_of(onward(browser.post("/sign-out")))
    assert told == {"client_id": "daylight", "post_logout_redirect_uri": f"{browser.base}/signed-out"}
    assert not browser.is_signed_in()
