import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from portal.operations.demo_people import PEOPLE
from portal.operations.identity_provider import CLIENT_ID, IdentityProvider
from portal.operations.ports import free_port
from portal.operations.processes import running
from portal.operations.runtime import Runtime
from tests.operations.browser import Person


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    runtime = Runtime(tmp_path_factory.mktemp("idp"))
    runtime.prepare()
    provider = IdentityProvider(runtime, free_port(), f"http://localhost:{free_port()}")
    with running(provider.service(), runtime):
        yield provider


def test_every_page_says_that_this_is_a_demo(provider: IdentityProvider) -> None:
    asking = Person(provider, "amira")
    asking.sign_in()
    for path in (
        "/",
        "/login",
        "/profile/amira",
        "/profile/amira/settings",
        "/consent",
        "/about",
        "/nothing",
        "/oauth/authorize",
        "/logout",
    ):
        answer = asking.http.get(provider.issuer + path, headers={"Accept": "text/html"}, timeout=10)
        if answer.headers["Content-Type"].startswith("text/html"):
            assert answer.text.count('class="demo-banner"') == 1, path
    strangers = {path: requests.get(provider.issuer + path, timeout=10) for path in ("/", "/login", "/nothing")}
    assert {path: answer.text.count("Demo data. ") for path, answer in strangers.items()} == dict.fromkeys(strangers, 1)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.user)
def test_each_demo_person_signs_in_with_name_address_and_group(provider: IdentityProvider, person: object) -> None:
    someone = next(one for one in PEOPLE if one is person)
    asking = Person(provider, someone.user)
    tokens, claims = asking.sign_in()
    groups = [someone.group] if someone.group else []
    assert claims["iss"] == provider.issuer
    assert claims["sub"] == someone.user
    assert claims["aud"] == [CLIENT_ID]
    assert abs(claims["auth_time"] - time.time()) < 60
    for source in (claims, asking.userinfo(tokens["access_token"])):
        assert source["name"] == someone.name
        assert source["email"] == someone.email
        assert source.get("groups", []) == groups


def test_a_second_sign_in_needs_no_password_unless_it_is_asked_for(provider: IdentityProvider) -> None:
    asking = Person(provider, "amira")
    _, first = asking.sign_in()
    assert asking.forms == 2
    _, second = asking.sign_in()
    assert asking.forms == 0
    assert second["auth_time"] == first["auth_time"]
    time.sleep(1.1)
    _, last = asking.sign_in(prompt="login")
    assert asking.forms == 1
    assert last["auth_time"] > first["auth_time"]


def test_a_code_without_the_right_verifier_is_worth_nothing(provider: IdentityProvider) -> None:
    asking = Person(provider, "ben")
    back = asking.authorize()
    refused = asking.exchange(back["code"], "x" * 64)
    assert refused.status_code == 400
    assert "id_token" not in refused.json()


def test_sign_out_ends_the_session_at_the_provider_and_leads_back(provider: IdentityProvider) -> None:
    asking = Person(provider, "hana")
    tokens, _ = asking.sign_in()
    target = f"{provider.portal_url}/signed-out"
    query = {"client_id": CLIENT_ID, "id_token_hint": tokens["id_token"], "post_logout_redirect_uri": target}
    reply = asking.http.get(f"{provider.issuer}/oauth/end_session", params=query, allow_redirects=False)
    assert reply.is_redirect
    assert reply.headers["Location"] == target
    asking.sign_in()
    assert asking.forms > 0


def test_sign_out_without_the_id_token_asks_first(provider: IdentityProvider) -> None:
    asking = Person(provider, "hana")
    asking.sign_in()
    query = {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{provider.portal_url}/signed-out"}
    reply = asking.http.get(f"{provider.issuer}/oauth/end_session", params=query, allow_redirects=False)
    assert reply.status_code == 200
    assert 'value="logout"' in reply.text


def test_a_wrong_password_leads_nowhere(provider: IdentityProvider) -> None:
    stranger = Person(provider, "omar", password="wrong")
    with pytest.raises(AssertionError, match="no way back"):
        stranger.authorize()


def test_a_restart_keeps_keys_secret_and_people(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path)
    provider = IdentityProvider(runtime, free_port(), f"http://localhost:{free_port()}")
    seen = []
    for _ in range(2):
        with running(provider.service(), runtime):
            keys = requests.get(f"{provider.issuer}/oauth/jwks.json", timeout=10).json()["keys"]
            _, claims = Person(provider, "clara").sign_in()
            seen.append((provider.client_secret, [key["kid"] for key in keys], claims["groups"]))
    assert seen[0] == seen[1]


def test_an_old_sign_in_is_asked_again_when_max_age_says_so(provider: IdentityProvider) -> None:
    asking = Person(provider, "ben")
    _, first = asking.sign_in()
    time.sleep(2.1)
    _, second = asking.sign_in(max_age="1")
    assert asking.forms == 1
    assert second["auth_time"] > first["auth_time"]
