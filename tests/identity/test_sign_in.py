"""One sign-in, one browser, one use (S01); a new session each time, ended on the server (S04)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
import requests
from flask import Flask

from portal.identity.queries import hash_of
from tests.provider.browser import SESSION, SIGNIN, Browser, onward
from tests.provider.server import HostileProvider, query_of

Superuser = psycopg.Connection[tuple[Any, ...]]


def test_S01_a_good_sign_in_leads_to_the_page_that_was_asked_for(
    browser: Browser, provider: HostileProvider, superuser: Superuser
) -> None:
    subject = provider.add(f"amira-{uuid4()}", name="Amira Kaya")
    asked = browser.get("/data?kind=key")
    assert asked.status_code == 303
    done = browser.sign_in(asked.headers["Location"])
    assert (done.status_code, done.headers["Location"]) == (303, "/data?kind=key")
    assert browser.is_signed_in()
    known = superuser.execute("SELECT name, email FROM employee WHERE subject = %s", (subject,)).fetchall()
    assert known == [("Amira Kaya", f"{subject}@daylight.example")]


def test_S08_a_form_is_never_redirected_to_the_provider_and_an_address_typed_in_is(browser: Browser) -> None:
    for site in ("same-origin", "same-site", "cross-site", ""):
        assert browser.get("/sign-in", headers={"Sec-Fetch-Site": site} if site else {}).status_code == 200, site
    assert browser.get("/sign-in", headers={"Sec-Fetch-Site": "none"}).status_code == 303


def test_S01_pkce_is_s256_and_state_nonce_and_verifier_are_new_each_time(app: Flask, provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}")
    for _ in range(2):
        assert Browser(app).sign_in().status_code == 303
    first, second = (asked.parameters for asked in provider.asked)
    assert first["code_challenge_method"] == "S256"
    assert {first[name] != second[name] for name in ("state", "nonce", "code_challenge")} == {True}
    assert provider.token_requests[0]["code_verifier"] != provider.token_requests[1]["code_verifier"]
    assert "code_verifier" not in first


def test_S01_a_replayed_answer_is_refused(browser: Browser, provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}")
    answer = browser.to_provider()
    cookie = browser.cookie(SIGNIN)
    assert cookie
    assert browser.get(answer).status_code == 303
    browser.client.delete_cookie(SESSION, domain=browser.host)
    browser.set_cookie(SIGNIN, cookie)
    assert browser.get(answer).status_code == 400
    assert browser.cookie() is None


def test_who_signed_in_in_another_tab_meanwhile_is_told_so(browser: Browser, provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}")
    slow = browser.to_provider()
    browser.client.delete_cookie(SIGNIN, domain=browser.host)
    assert browser.sign_in().status_code == 303
    told = browser.get(slow)
    assert told.status_code == 400
    assert "You are signed in already." in told.text
    assert browser.is_signed_in()


def test_S01_an_answer_in_another_browser_is_refused_and_stays_good_in_the_right_one(
    app: Flask, browser: Browser, provider: HostileProvider
) -> None:
    provider.add(f"amira-{uuid4()}")
    answer = browser.to_provider()
    other = Browser(app)
    assert other.get(answer).status_code == 400
    other.get("/sign-in")
    assert other.get(answer).status_code == 400
    assert other.cookie() is None
    assert browser.get(answer).status_code == 303


@pytest.mark.parametrize(("age", "status"), [("595 seconds", 303), ("601 seconds", 400)])
def test_S01_a_sign_in_lasts_ten_minutes(
    browser: Browser, provider: HostileProvider, superuser: Superuser, age: str, status: int
) -> None:
    provider.add(f"amira-{uuid4()}")
    answer = browser.to_provider()
    superuser.execute(
        "UPDATE signin_attempt SET created_at = now() - %s::interval WHERE state_hash = %s",
        (age, hash_of(query_of(answer)["state"])),
    )
    superuser.commit()
    assert browser.get(answer).status_code == status
    assert (browser.cookie() is None) == (status == 400)


def test_S01_the_provider_gets_no_token_without_the_right_verifier(
    browser: Browser, provider: HostileProvider, superuser: Superuser
) -> None:
    provider.add(f"amira-{uuid4()}")
    answer = browser.to_provider()
    superuser.execute("UPDATE signin_attempt SET code_verifier = repeat('x', 64)")
    superuser.commit()
    assert browser.get(answer).status_code == 400
    assert browser.cookie() is None


@pytest.mark.parametrize("change", [{"state": "other"}, {"state": None}, {"code": None}, {"error": "access_denied"}])
def test_S01_an_answer_that_was_changed_on_the_way_is_refused(
    browser: Browser, provider: HostileProvider, change: dict[str, str | None]
) -> None:
    provider.add(f"amira-{uuid4()}")
    answer = query_of(browser.to_provider()) | change
    query = urlencode({name: value for name, value in answer.items() if value is not None})
    assert browser.get(f"/sign-in/callback?{query}").status_code == 400
    assert browser.cookie() is None


def test_S01_an_answer_that_says_a_thing_twice_is_refused(browser: Browser, provider: HostileProvider) -> None:
    provider.add(f"amira-{uuid4()}")
    assert browser.get(browser.to_provider() + "&code=other").status_code == 400


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_S01_a_sign_in_never_leads_to_another_site(browser: Browser, provider: HostileProvider, where: str) -> None:
    provider.add(f"amira-{uuid4()}")
    done = browser.sign_in("/sign-in?" + urlencode({"next": where}))
    assert (done.status_code, done.headers["Location"]) == (303, "/")


def test_S01_the_data_base_holds_only_hashes_of_a_sign_in_under_way(browser: Browser, superuser: Superuser) -> None:
    state = query_of(onward(browser.get("/sign-in")))["state"]
    cookie = browser.cookie(SIGNIN)
    assert cookie
    dump = superuser.execute("SELECT string_agg(t::text, '') FROM signin_attempt t").fetchone()
    assert dump
    assert hash_of(state).hex() in dump[0]
    assert state not in dump[0]
    assert cookie not in dump[0]


def test_S04_a_session_known_before_the_sign_in_is_worth_nothing_after_it(
    app: Flask, provider: HostileProvider
) -> None:
    provider.add(f"amira-{uuid4()}")
    browser = Browser(app)
    browser.set_cookie(SESSION, "x" * 43)
    browser.sign_in()
    assert browser.cookie() not in {None, "x" * 43}
    attacker = Browser(app)
    attacker.set_cookie(SESSION, "x" * 43)
    assert not attacker.is_signed_in()


def test_S04_a_new_sign_in_ends_the_session_before_it(app: Flask, signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    before = browser.cookie()
    assert before
    assert browser.sign_in("/sign-in?fresh=1").status_code == 303
    after = browser.cookie()
    assert after not in {None, before}
    old = Browser(app)
    old.set_cookie(SESSION, before)
    assert not old.is_signed_in()
    assert browser.is_signed_in()


def test_S04_signing_out_ends_the_session_on_the_server_and_at_the_provider(
    app: Flask, provider: HostileProvider, signed_in: Callable[..., Browser]
) -> None:
    browser = signed_in()
    before = browser.cookie()
    assert before
    left = onward(browser.post("/sign-out"))
    told = query_of(left)
    assert left.startswith(f"{provider.issuer}/end-session?")
    assert told["client_id"] == "daylight"
    assert told["id_token_hint"].count(".") == 2
    assert browser.cookie() is None
    back = requests.get(left, allow_redirects=False, timeout=5).headers["Location"]
    assert browser.get(back.removeprefix(browser.base)).status_code == 200
    thief = Browser(app)
    thief.set_cookie(SESSION, before)
    assert not thief.is_signed_in()
    assert thief.post("/settings/preferences").status_code == 401


def test_S04_only_a_hash_of_the_session_is_stored(signed_in: Callable[..., Browser], superuser: Superuser) -> None:
    cookie = signed_in().cookie()
    assert cookie
    dump = superuser.execute("SELECT string_agg(s::text, '') FROM login_session s").fetchone()
    assert dump
    assert hash_of(cookie).hex() in dump[0]
    assert cookie not in dump[0]


@pytest.mark.parametrize(
    "aged", ["last_seen_at = now() - interval '8 hours 1 second'", "expires_at = now() - interval '1 second'"]
)
def test_S04_a_session_ends_after_eight_idle_hours_and_after_twelve(
    signed_in: Callable[..., Browser], superuser: Superuser, aged: str
) -> None:
    browser = signed_in()
    cookie = browser.cookie()
    assert cookie
    lasts = superuser.execute(
        "SELECT extract(epoch FROM expires_at - created_at)::int FROM login_session WHERE token_hash = %s",
        (hash_of(cookie),),
    ).fetchone()
    assert lasts
    assert abs(lasts[0] - 12 * 3600) < 5
    assert browser.is_signed_in()
    superuser.execute(f"UPDATE login_session SET {aged} WHERE token_hash = %s".encode(), (hash_of(cookie),))
    superuser.commit()
    assert not browser.is_signed_in()


def test_a_provider_that_is_gone_is_said_so(make_app: Callable[..., Flask]) -> None:
    answer = Browser(make_app(PORTAL_OIDC_ISSUER="http://localhost:9")).get("/sign-in")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_somebody_who_left_keeps_the_own_pages_and_adds_no_device(
    signed_in: Callable[..., Browser], superuser: Superuser
) -> None:
    browser = signed_in("hana", groups=["HR team"])
    cookie = browser.cookie()
    assert cookie
    superuser.execute(
        "UPDATE employee SET left_at = now() WHERE id = (SELECT employee_id FROM login_session WHERE token_hash = %s)",
        (hash_of(cookie),),
    )
    superuser.commit()
    assert browser.is_signed_in()
    assert browser.post("/settings/devices", {"name": "New", "kind": "collector"}).status_code == 403
