"""Groups give roles, never more (S06); HR and works council are never one person, and some acts ask again (S07)."""

import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.identity.queries import hash_of
from portal.identity.rules import groups_of, roles_of
from tests.provider.browser import Browser
from tests.provider.server import Claims, HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]
GROUPS = {"hr": ("HR team",), "works_council": ("Works council",), "privacy_officer": ("Privacy office",)}


@pytest.fixture(scope="module")
def desk_app(make_app: Callable[..., Flask]) -> Flask:
    """The application with a page that only HR may see, and one that asks for a fresh sign-in."""
    app = make_app()
    desk = requires(Permission.HR_DESK_READ)(lambda: "desk")
    again = fresh(requires(Permission.OWN_DATA_READ)(lambda: "again"))
    app.add_url_rule("/test-desk", "test_desk", desk)
    app.add_url_rule("/test-fresh", "test_fresh", again)
    app.add_url_rule(
        "/test-fresh", "test_fresh_submit", fresh(requires(Permission.OWN_DATA_READ)(lambda: "done")), methods=["POST"]
    )
    return app


@pytest.fixture
def there(desk_app: Flask, provider: HostileProvider) -> Browser:
    provider.add(f"hana-{uuid4()}", groups=["HR team"])
    browser = Browser(desk_app)
    assert browser.sign_in().status_code == 303
    return browser


def employee(browser: Browser) -> str:
    """SQL that finds the person signed in."""
    cookie = browser.cookie()
    assert cookie
    return f"(SELECT employee_id FROM login_session WHERE token_hash = '\\x{hash_of(cookie).hex()}')"


def test_S06_a_role_taken_away_or_given_counts_on_the_next_request(there: Browser, superuser: Superuser) -> None:
    assert there.get("/test-desk").status_code == 200
    superuser.execute(f"DELETE FROM role_grant WHERE employee_id = {employee(there)}".encode())
    superuser.commit()
    assert there.get("/test-desk").status_code == 403
    superuser.execute(f"INSERT INTO role_grant (employee_id, role) SELECT {employee(there)}, 'hr'".encode())
    superuser.commit()
    assert there.get("/test-desk").status_code == 200


@pytest.mark.parametrize(
    "groups", [None, [], "", ["hr team"], ["HR team "], ["Everybody"], [7], {"HR team": True}, ["works_council"]]
)
def test_S06_unknown_or_missing_groups_give_a_plain_employee(
    desk_app: Flask, provider: HostileProvider, superuser: Superuser, groups: Any
) -> None:
    provider.add(f"ben-{uuid4()}", **({} if groups is None else {"groups": groups}))
    browser = Browser(desk_app)
    browser.sign_in()
    assert browser.is_signed_in()
    assert browser.get("/test-desk").status_code == 403
    held = superuser.execute(f"SELECT role FROM role_grant WHERE employee_id = {employee(browser)}".encode()).fetchall()
    assert held == []


def test_S06_a_group_lost_at_the_provider_is_lost_at_the_next_sign_in(
    there: Browser, provider: HostileProvider
) -> None:
    provider.people[provider.subject]["groups"] = []
    there.sign_in("/sign-in?fresh=1")
    assert there.is_signed_in()
    assert there.get("/test-desk").status_code == 403


def test_S06_groups_are_read_from_lists_words_and_nested_claims() -> None:
    assert groups_of({"groups": "HR team"}, "groups") == ["HR team"]
    assert groups_of({"https://x/groups": ["a", 1, "b"]}, "https://x/groups") == ["a", "b"]
    assert groups_of({"realm_access": {"roles": ["a"]}}, "realm_access.roles") == ["a"]
    assert groups_of({"realm_access": ["a"]}, "realm_access.roles") == []
    assert groups_of({}, "groups") == []


def test_S06_any_group_of_a_role_gives_it() -> None:
    several = {"hr": ("cn=hr,ou=groups,dc=example", "people-ops"), "works_council": ("Council",)}
    for group in several["hr"]:
        assert roles_of(["x", group], several) == (frozenset({"hr"}), False)
    assert roles_of(["cn=hr"], several) == (frozenset(), False)
    assert roles_of(["people-ops", "Council"], several) == (frozenset(), True)


def test_S07_both_hr_and_works_council_give_neither() -> None:
    assert roles_of(["HR team", "Works council", "Privacy office"], GROUPS) == (frozenset({"privacy_officer"}), True)
    assert roles_of(["HR team", "Privacy office"], GROUPS) == (frozenset({"hr", "privacy_officer"}), False)


def test_S07_a_person_in_both_groups_is_signed_in_as_neither(
    desk_app: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    provider.add(f"hana-{uuid4()}", groups=["HR team", "Works council"])
    browser = Browser(desk_app)
    browser.sign_in()
    assert browser.is_signed_in()
    assert browser.get("/test-desk").status_code == 403
    held = superuser.execute(f"SELECT role FROM role_grant WHERE employee_id = {employee(browser)}".encode()).fetchall()
    assert held == []


def test_S07_the_database_refuses_a_person_who_is_both(there: Browser, superuser: Superuser) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        superuser.execute(
            f"INSERT INTO role_grant (employee_id, role) SELECT {employee(there)}, 'works_council'".encode()
        )
    superuser.rollback()


def test_S07_an_old_sign_in_is_asked_again_and_comes_back(there: Browser, provider: HostileProvider) -> None:
    asked = there.get("/test-fresh?x=1")
    assert asked.status_code == 303
    done = there.sign_in(asked.headers["Location"])
    assert provider.asked[-1].parameters["prompt"] == "login"
    assert provider.asked[-1].parameters["max_age"] == "900"
    assert (done.status_code, done.headers["Location"]) == (303, "/test-fresh?x=1")
    assert there.get("/test-fresh").status_code == 200


@pytest.mark.parametrize(("age", "status"), [("14 minutes 50 seconds", 200), ("15 minutes 1 second", 303)])
def test_S07_fresh_is_a_quarter_of_an_hour(there: Browser, superuser: Superuser, age: str, status: int) -> None:
    cookie = there.cookie()
    assert cookie
    superuser.execute(
        "UPDATE login_session SET auth_time = now() - %s::interval WHERE token_hash = %s", (age, hash_of(cookie))
    )
    superuser.commit()
    assert there.get("/test-fresh").status_code == status


def test_S07_an_act_is_not_done_before_the_fresh_sign_in(there: Browser) -> None:
    answer = there.post("/test-fresh", headers={"Referer": f"{there.base}/settings"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?fresh=1&next=/settings"
    fragment = there.post("/test-fresh", headers={"HX-Request": "true", "HX-Current-URL": f"{there.base}/settings"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, "/sign-in?fresh=1&next=/settings")


def test_S07_what_was_written_meanwhile_goes_on_after_the_fresh_sign_in(there: Browser) -> None:
    answer = there.post("/test-fresh", {"words": 'He said "no"'})
    assert answer.status_code == 401
    assert "Sign in again first." in answer.text
    assert "done" not in answer.text
    token = re.search(r'<form class="acts"[^>]*action="/test-fresh">.*?name="csrf_token" value="([^"]+)"', answer.text)
    assert token
    assert '<input type="hidden" name="words" value="He said &#34;no&#34;">' in answer.text
    assert "/sign-in?go=1&amp;fresh=1" in answer.text
    there.sign_in("/sign-in?fresh=1&go=1")
    assert there.post("/test-fresh", {"csrf_token": token[1], "words": "kept"}).text == "done"


def test_S07_somebody_else_cannot_send_what_was_written(there: Browser, provider: HostileProvider) -> None:
    token = there.csrf()
    provider.add(f"helge-{uuid4()}", groups=["HR team"])
    there.sign_in("/sign-in?fresh=1&go=1")
    answer = there.post("/test-fresh", {"csrf_token": token, "words": "of another"})
    assert (answer.status_code, answer.text == "done") == (400, False)


def test_S07_a_provider_that_ignores_prompt_login_is_refused(there: Browser, provider: HostileProvider) -> None:
    before = there.cookie()

    def stale(claims: Claims) -> Claims:
        return claims | {"auth_time": int(time.time()) - 901}

    provider.behaviour.claims = stale
    assert there.sign_in("/sign-in?fresh=1").status_code == 400
    assert there.cookie() == before
    assert there.get("/test-fresh").status_code == 303


def test_S07_a_provider_that_gives_no_auth_time_is_believed_only_after_prompt_login(
    desk_app: Flask, provider: HostileProvider
) -> None:
    provider.behaviour.auth_time = False
    provider.add(f"omar-{uuid4()}")
    browser = Browser(desk_app)
    browser.sign_in()
    assert browser.get("/test-fresh").status_code == 303
    assert browser.sign_in("/sign-in?fresh=1").status_code == 303
    assert browser.get("/test-fresh").status_code == 200
