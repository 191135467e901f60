"""Language, time zone and colours: kept for the person, and shown at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask import Flask, render_template_string

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.identity.queries import hash_of
from tests.provider.browser import Browser, sign_in
from tests.provider.server import HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]
GOOD = {"language": "de", "timezone": "America/New_York", "theme": "dark"}


def kept(browser: Browser, superuser: Superuser) -> tuple[Any, ...] | None:
    """Language and zone of the person who is signed in."""
    cookie = browser.cookie()
    assert cookie
    found = superuser.execute(
        "SELECT locale, timezone FROM employee e JOIN login_session s ON s.employee_id = e.id WHERE s.token_hash = %s",
        (hash_of(cookie),),
    ).fetchone()
    superuser.rollback()
    return found


def test_they_are_kept_and_hold_on_the_next_page(signed_in: Callable[..., Browser], superuser: Superuser) -> None:
    browser = signed_in()
    answer = browser.post("/settings/preferences", GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings")
    assert kept(browser, superuser) == ("de", "America/New_York")
    page = browser.get("/settings")
    assert '<html lang="de" data-theme="dark">' in page.text
    assert 'value="America/New_York"' in page.text


def test_the_language_stays_in_the_browser_after_signing_out(signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    browser.post("/settings/preferences", GOOD)
    browser.post("/sign-out")
    assert '<html lang="de"' in browser.get("/signed-out").text


@pytest.mark.parametrize(
    "wrong",
    [{"language": "xx"}, {"language": ""}, {"timezone": "Mars/Olympus"}, {"timezone": ""}, {"theme": "</html>"}],
)
def test_what_we_do_not_know_is_refused_and_nothing_changes(
    signed_in: Callable[..., Browser], superuser: Superuser, wrong: dict[str, str]
) -> None:
    browser = signed_in()
    before = kept(browser, superuser)
    assert browser.post("/settings/preferences", GOOD | wrong).status_code == 303
    assert kept(browser, superuser) == before
    assert 'data-theme="dark"' not in browser.get("/settings").text


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("de-AT,de;q=0.9", "de"), ("fr,de;q=0.5", "de"), ("fr", "en"), ("en-US", "en"), ("", "en")],
)
def test_before_anybody_chose_the_browsers_languages_count(browser: Browser, accepts: str, language: str) -> None:
    page = browser.get("/signed-out", headers={"Accept-Language": accepts})
    assert f'<html lang="{language}"' in page.text


def test_the_day_is_that_of_the_persons_own_zone(make_app: Callable[..., Flask], provider: HostileProvider) -> None:
    app = make_app()
    shown = requires(Permission.OWN_STATE_READ)(lambda: render_template_string("{{ today }}"))
    app.add_url_rule("/test-today", "test_today", shown)
    browser = sign_in(app, provider, f"amira-{uuid4()}")
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart: never the same day
        browser.post("/settings/preferences", GOOD | {"timezone": zone})
        assert browser.get("/test-today").text == datetime.now(ZoneInfo(zone)).date().isoformat()
