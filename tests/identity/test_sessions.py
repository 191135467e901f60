"""One's own other sessions: seen and ended on the settings page (ASVS V7.5.2); nobody else's."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from portal.identity.queries import hash_of
from tests.provider.browser import Browser, onward
from tests.provider.server import HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]
END = re.compile(r'action="/settings/sessions/([0-9a-f-]{36})/end"')


@pytest.fixture
def three(app: Flask, provider: HostileProvider, signed_in: Callable[..., Browser]) -> list[Browser]:
    """Three browsers of one person."""
    first = signed_in()
    others = [Browser(app), Browser(app)]
    for browser in others:
        assert provider.subject
        assert browser.sign_in().status_code == 303
    return [first, *others]


def listed(browser: Browser) -> list[UUID]:
    """The other sessions that the page names."""
    return [UUID(found) for found in END.findall(browser.get("/settings").text)]


def session_of(browser: Browser, superuser: Superuser) -> UUID:
    """The id of a browser's session."""
    cookie = browser.cookie()
    assert cookie
    row = superuser.execute("SELECT id FROM login_session WHERE token_hash = %s", (hash_of(cookie),)).fetchone()
    superuser.rollback()
    assert row
    return UUID(str(row[0]))


def test_the_other_sessions_are_listed_and_not_this_one(three: list[Browser], superuser: Superuser) -> None:
    ids = [session_of(browser, superuser) for browser in three]
    for browser, own in zip(three, ids, strict=True):
        assert set(listed(browser)) == set(ids) - {own}


def test_S04_one_other_session_is_ended_with_its_tickets(three: list[Browser], superuser: Superuser) -> None:
    own, lost, kept = three
    ended = session_of(lost, superuser)
    superuser.execute(
        "INSERT INTO vault_ticket (token_hash, employee_id, session_id) "
        "SELECT %s, employee_id, id FROM login_session WHERE id = %s",
        (ended.bytes * 2, ended),
    )
    superuser.commit()
    done = own.post(f"/settings/sessions/{ended}/end")
    assert (done.status_code, done.headers["Location"]) == (303, "/settings")
    assert [browser.is_signed_in() for browser in three] == [True, False, True]
    tickets = superuser.execute("SELECT count(*) FROM vault_ticket WHERE session_id = %s", (ended,)).fetchone()
    superuser.rollback()
    assert tickets == (0,)
    assert own.post(f"/settings/sessions/{ended}/end").status_code == 404
    assert kept.is_signed_in()


def test_S04_all_other_sessions_are_ended_and_this_one_stays(three: list[Browser]) -> None:
    assert three[1].post("/settings/sessions/end").status_code == 303
    assert [browser.is_signed_in() for browser in three] == [False, True, False]
    assert listed(three[1]) == []
    assert "your only session" in three[1].get("/settings").text


def test_S11_nobody_ends_a_session_of_somebody_else(
    three: list[Browser], signed_in: Callable[..., Browser], superuser: Superuser
) -> None:
    stranger = signed_in("ben")
    assert listed(stranger) == []
    assert stranger.post(f"/settings/sessions/{session_of(three[0], superuser)}/end").status_code == 404
    assert stranger.post("/settings/sessions/end").status_code == 303
    assert all(browser.is_signed_in() for browser in three)


def test_S04_an_ended_session_ends_no_other(three: list[Browser], superuser: Superuser) -> None:
    own = three[0].cookie()
    assert own
    superuser.execute("UPDATE login_session SET ended_at = now() WHERE token_hash = %s", (hash_of(own),))
    superuser.commit()
    assert three[0].post("/settings/sessions/end").status_code == 401
    ended = superuser.execute("SELECT session_end_others(%s, interval '8 hours', NULL)", (hash_of(own),)).fetchone()
    superuser.rollback()
    assert ended == (0,)
    assert three[1].is_signed_in()


def test_after_signing_out_nobody_is_signed_in_again_without_a_click(
    provider: HostileProvider, signed_in: Callable[..., Browser]
) -> None:
    browser = signed_in()
    assert browser.post("/sign-out").status_code == 200
    asked = len(provider.asked)
    page = browser.get("/data?kind=key", follow_redirects=True)
    assert page.request.path == "/signed-out"
    assert len(provider.asked) == asked
    button = re.findall(r'<a class="button primary" href="([^"]+)"', page.text)
    assert button == ["/sign-in?go=1&amp;next=/data?kind%3Dkey"]
    done = browser.sign_in(button[0].replace("&amp;", "&"))
    assert (done.status_code, done.headers["Location"]) == (303, "/data?kind=key")
    assert browser.get("/data").status_code == 200
    browser.client.delete_cookie("__Host-daylight", domain=browser.host)
    assert onward(browser.get("/sign-in")).startswith(provider.issuer)
