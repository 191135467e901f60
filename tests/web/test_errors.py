"""Errors tell people what to do and nobody how we are built (S12); without a database pages say so (R05)."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.core.config import ConfigError
from portal.core.web import state
from portal.core.web.vault import vault_client
from portal.operations.postgres import Postgres
from tests.provider.browser import Browser
from tests.sabotage.framework import ROOT
from tests.web.routes import SAFE, Route, routes
from tests.web.staff import expert, staff, who_may

SECRET = "marker-8c1f"
INSIDE = (SECRET, "Traceback", "sqlalchemy", "psycopg", "werkzeug", "/portal/", "site-packages", "Error(", "SELECT")


def call(browser: Browser, csrf: str, route: Route) -> Any:
    """The route as one of our pages would ask for it."""
    return browser.client.open(
        route.path,
        method=route.method,
        base_url=browser.base,
        headers={"Origin": browser.base},
        data={"csrf_token": csrf} if route.method not in SAFE else None,
    )


def breaking(app: Flask, monkeypatch: pytest.MonkeyPatch, route: Route, view: Callable[..., Any]) -> None:
    """Replace the view of a route by one that breaks, for the same people, who need not sign in anew for it."""
    view.access = replace(route.access, fresh=False)  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, route.endpoint, view)


def test_S12_an_exception_at_any_route_leaks_nothing(
    app: Flask,
    signed_in: Callable[..., Browser],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def broken(**_parts: object) -> str:
        raise ValueError(SECRET)

    hana, clara = staff(signed_in)
    people = hana, clara, expert(clara, signed_in)
    tokens = {browser: browser.csrf() for browser in people}
    caplog.set_level(logging.DEBUG)
    count = 0
    for route in routes(app):
        breaking(app, monkeypatch, route, broken)
        browser = who_may(people, route)
        answer = call(browser, tokens[browser], route)
        assert answer.status_code == 500, route
        assert "It is our fault and not yours." in answer.text, route
        assert not [word for word in INSIDE if word in answer.text], route
        assert SECRET not in str(answer.headers), route
        count += 1
    told = caplog.text + "".join(capfd.readouterr())
    assert told.count("'request_failed'") >= count
    assert SECRET not in told


@pytest.mark.parametrize("begun", [True, False])
def test_S12_only_a_change_that_is_rolled_back_is_said_to_have_changed_nothing(
    app: Flask, signed_in: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, *, begun: bool
) -> None:
    """What came before a page that breaks may have changed much; and what was never begun cannot be rolled back."""

    def broken(**_parts: object) -> str:
        if begun:
            state.db().execute(text("SELECT 1"))
        raise ValueError

    browser = signed_in()
    csrf = browser.csrf()
    for route in routes(app):
        if route.endpoint in {"home.now", "pauses.pause_submit"}:
            breaking(app, monkeypatch, route, broken)
            answer = call(browser, csrf, route)
            assert answer.status_code == 500
            assert ("Nothing was changed." in answer.text) == (begun and route.method not in SAFE), route


def _fails(how: str, superuser: Any) -> str:
    """What a page does after it asked the vault: it breaks, or its database goes before or at the commit."""
    session = state.db()
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    if how == "broken":
        raise ValueError
    superuser.execute("SELECT pg_terminate_backend(%s, 30000)", [pid])
    superuser.commit()
    if how == "gone":
        session.execute(text("SELECT 1"))
    return "done"


@pytest.mark.parametrize("elsewhere", [True, False])
@pytest.mark.parametrize("how", ["broken", "gone", "at the commit"])
def test_S12_what_the_vault_did_is_never_said_to_be_undone(
    app: Flask,
    signed_in: Callable[..., Browser],
    superuser: Any,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    *,
    elsewhere: bool,
) -> None:
    def asks(**_parts: object) -> str:
        if elsewhere:
            with suppress(ConfigError):  # these tests have no vault
                vault_client()
        return _fails(how, superuser)

    browser = signed_in()
    csrf = browser.csrf()
    route = next(route for route in routes(app) if route.endpoint == "pauses.pause_submit")
    breaking(app, monkeypatch, route, asks)
    answer = call(browser, csrf, route)
    assert answer.status_code == (500 if how == "broken" else 503)
    may_stand = elsewhere or how == "at the commit"
    assert ("may have been done all the same" in answer.text) == may_stand
    assert ("Nothing was changed." in answer.text) == (how == "broken" and not elsewhere)


def test_S12_pages_ask_the_vault_by_one_way_that_notes_it() -> None:
    """Sign-in asks for its ticket after a GET, of which no page says that nothing was changed."""
    asking = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "portal").rglob("*.py")
        if "VaultClient(" in path.read_text(encoding="utf-8") and "operations" not in path.parts
    }
    assert asking == {
        "portal/core/web/vault.py",
        "portal/identity/views.py",
        "portal/worker.py",
    }


def test_S12_a_refused_statement_leaks_neither_its_text_nor_its_values(
    app: Flask,
    signed_in: Callable[..., Browser],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def broken(**_parts: object) -> str:
        return str(state.db().execute(text("SELECT CAST(:value AS int)"), {"value": SECRET}).scalar())

    hana, clara = staff(signed_in)
    people = hana, clara, expert(clara, signed_in)
    tokens = {browser: browser.csrf() for browser in people}
    for route in routes(app):
        if route.access.permission is not None:
            breaking(app, monkeypatch, route, broken)
            browser = who_may(people, route)
            answer = call(browser, tokens[browser], route)
            assert answer.status_code == 500, route
            assert not [word for word in INSIDE if word in answer.text], route
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_S12_what_was_sent_does_not_come_back_in_an_error(app: Flask, signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    for path in (f"/{SECRET}", f"/data/{SECRET}", f"/<script>{SECRET}</script>", f"/sign-in/callback?state={SECRET}"):
        answer = browser.get(path)
        assert answer.status_code in {400, 404}
        assert SECRET not in answer.text


def test_S12_an_error_page_that_breaks_itself_still_says_what_happened(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.jinja_env.globals, "url_for", None)
    answer = browser.get("/nothing")
    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


def test_S12_an_error_speaks_the_language_of_the_reader_and_names_a_reference(browser: Browser) -> None:
    answer = browser.get("/nothing")
    assert "<code>" in answer.text
    assert 'lang="en"' in answer.text


def test_R05_without_its_database_every_page_says_so(
    app: Flask, make_app: Callable[..., Flask], signed_in: Callable[..., Browser], postgres: Postgres
) -> None:
    there = signed_in()
    away = Browser(make_app(PORTAL_DATABASE_URL="postgresql://127.0.0.1:9/daylight"))
    for name in ("__Host-daylight", "__Host-daylight-form"):
        away.set_cookie(name, there.cookie(name) or "")
    csrf = there.csrf()
    for route in routes(app):
        if route.access.permission is None:
            continue
        answer = call(away, csrf, route)
        assert answer.status_code == 503, route
        assert "We cannot reach our database." in answer.text, route
        assert "a pause on the device itself still works" in answer.text, route
        assert answer.headers["Retry-After"] == "10", route
        assert not [word for word in INSIDE if word in answer.text], route
    assert away.get("/healthz").status_code == 503
    assert away.get("/static/app.css", buffered=True).status_code == 200


def test_R05_a_database_that_comes_back_is_used_again(
    app: Flask, signed_in: Callable[..., Browser], superuser: Any
) -> None:
    browser = signed_in()
    assert browser.is_signed_in()
    superuser.execute(
        "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE usename IN ('web_session', 'web_employee')"
    )
    superuser.commit()
    assert browser.is_signed_in()
