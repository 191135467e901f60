"""Default deny (S11), and nothing unsafe from elsewhere (S09), over the whole route map."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from portal import app as application
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.web import guard
from portal.core.web.guard import UndeclaredEndpointError, access_of, fresh, limited
from tests.provider.browser import Browser
from tests.web.routes import SAFE, Route, routes
from tests.web.staff import staff, who_may

PUBLIC = {
    "static",
    "health.healthz",
    "health.metrics",
    "health.security_txt",
    "identity.sign_in",
    "identity.callback",
    "identity.sign_out_submit",
    "identity.signed_out",
    "pickup.pickup",
    "pickup.claim_submit",
    "pickup.download_submit",
    "signing.file",
}
MACHINES = {"identity.backchannel_logout", "directory.scim"}
ELSEWHERE = {
    "no Origin, no Sec-Fetch-Site": {},
    "another site": {"Origin": "https://evil.example"},
    "null": {"Origin": "null"},
    "another port": {"Origin": "{base}1"},
    "another scheme": {"Origin": "ftp:{base}"},
    "a longer name": {"Origin": "{base}.evil.example"},
    "a path": {"Origin": "{base}/"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "typed": {"Sec-Fetch-Site": "none"},
    "cross-site with our Origin": {"Sec-Fetch-Site": "cross-site", "Origin": "{base}"},
    "same-origin with another Origin": {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    "only a Referer of ours": {"Referer": "{base}/"},
}


def unsafe(app: Flask) -> list[Route]:
    """The routes that change something and that browsers use."""
    return [route for route in routes(app) if route.method not in SAFE and not route.access.machine]


def test_S11_every_route_declares_who_may_and_only_these_are_public(app: Flask) -> None:
    found = list(routes(app))
    assert {route.endpoint for route in found if route.access.machine} == MACHINES
    assert {route.endpoint for route in found if route.access.permission is None} == PUBLIC | MACHINES
    assert len(found) > 25


def test_S11_an_undeclared_route_stops_the_start(settings: Settings, web_environment: dict[str, str]) -> None:
    def hole(app: Flask) -> None:
        app.add_url_rule("/hole", "hole", lambda: "open")

    opened = Database(settings)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(application, "Database", lambda _settings: opened)
        patched.setattr(application, "FEATURES", (*application.FEATURES, SimpleNamespace(register=hole)))
        with pytest.raises(UndeclaredEndpointError, match="hole"):
            application.create_app(Settings.from_env(web_environment), testing=True)
    opened.dispose()


@pytest.mark.parametrize("half", [fresh, limited("30/minute")])
def test_S11_a_route_that_says_all_but_who_may_stops_the_start(half: Callable[[Any], Any]) -> None:
    @half
    def hole() -> str:
        return "open"

    made = Flask("hole")
    made.add_url_rule("/hole", "hole", hole)
    with pytest.raises(UndeclaredEndpointError, match="hole"):
        access_of(made, "hole")


def test_S11_without_a_session_nothing_but_public_pages_opens(app: Flask, browser: Browser) -> None:
    csrf = browser.csrf()
    for route in routes(app):
        if route.access.permission is None:
            continue
        headers = {"Origin": browser.base}
        call = {"base_url": browser.base, "method": route.method, "headers": headers, "data": {"csrf_token": csrf}}
        answer = browser.client.open(route.path, **call)
        assert answer.status_code == (303 if route.method in SAFE else 401), route
        assert answer.headers.get("Location", "/sign-in").startswith("/sign-in"), route
        fragment = browser.client.open(route.path, **call | {"headers": headers | {"HX-Request": "true"}})
        if route.access.keeps:  # a whole page that gives back what was written
            assert (fragment.status_code, "HX-Redirect" in fragment.headers) == (401, False), route
            continue
        assert (fragment.status_code, fragment.text) == (401, ""), route
        assert fragment.headers["HX-Redirect"].startswith("/sign-in?next="), route


def test_S11_a_made_up_session_is_none(app: Flask, browser: Browser) -> None:
    for forged in ("", "x", "x" * 43, "x" * 3000, "' OR 1=1 --", "%00", "\xff"):
        headers = {"Cookie": f"__Host-daylight={forged}"}
        for route in routes(app):
            if route.access.permission is not None and route.method == "GET":
                assert browser.get(route.path, headers=headers).status_code == 303, route


def test_S11_methods_a_route_does_not_have_are_refused(app: Flask, signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    has = {(route.endpoint, route.method) for route in routes(app)}
    for route in routes(app):
        for method in ("PUT", "DELETE", "PATCH", "TRACE"):
            if (route.endpoint, method) in has:
                continue
            answer = browser.client.open(
                route.path, method=method, base_url=browser.base, headers={"Origin": browser.base}
            )
            assert answer.status_code == 405, (method, route)


@pytest.mark.parametrize("case", ELSEWHERE)
def test_S09_an_unsafe_request_from_elsewhere_is_refused_on_every_route(
    app: Flask, signed_in: Callable[..., Browser], case: str
) -> None:
    browser = signed_in()
    form = {"csrf_token": browser.csrf()}
    headers = {name: value.format(base=browser.base) for name, value in ELSEWHERE[case].items()}
    for route in unsafe(app):
        answer = browser.client.open(route.path, method=route.method, base_url=browser.base, data=form, headers=headers)
        assert answer.status_code == 403, route
    assert browser.is_signed_in()


@pytest.mark.parametrize("token", [None, "", "x", "IjEi.aaaa.bbbb"])
def test_S09_an_unsafe_request_without_our_token_is_refused_on_every_route(
    app: Flask, signed_in: Callable[..., Browser], token: str | None
) -> None:
    people = staff(signed_in)  # whoever may not is refused before the token is looked at
    for browser in people:
        browser.csrf()
    for route in unsafe(app):
        browser = who_may(people, route)
        headers = {"Origin": browser.base, "Sec-Fetch-Site": "same-origin"}
        data = {} if token is None else {"csrf_token": token}
        answer = browser.client.open(route.path, method=route.method, base_url=browser.base, data=data, headers=headers)
        assert answer.status_code == (303 if route.access.fresh else 400), route  # 303: a fresh sign-in comes first
    assert all(browser.is_signed_in() for browser in people)


def test_S09_another_persons_token_is_refused(app: Flask, signed_in: Callable[..., Browser]) -> None:
    amira, ben = signed_in(), signed_in("ben")
    answer = amira.post("/sign-out", {"csrf_token": ben.csrf()})
    assert answer.status_code == 400
    assert amira.is_signed_in()


@pytest.mark.parametrize(
    "names", [("Origin",), ("Sec-Fetch-Site",), ("Origin", "Sec-Fetch-Site"), ("Origin", "X-CSRFToken")]
)
def test_S09_our_own_pages_are_heard(signed_in: Callable[..., Browser], names: tuple[str, ...]) -> None:
    browser = signed_in()
    data = {"csrf_token": browser.csrf()}
    known = {"Origin": browser.base, "Sec-Fetch-Site": "same-origin", "X-CSRFToken": data["csrf_token"]}
    headers = {name: known[name] for name in names}
    if "X-CSRFToken" in names:
        data = {}
    answer = browser.client.post("/sign-out", base_url=browser.base, data=data, headers=headers)
    assert answer.status_code == 200
    assert not browser.is_signed_in()


def test_S09_no_safe_method_changes_anything_that_signs_out(signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    assert browser.get("/sign-out").status_code == 405
    assert browser.is_signed_in()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000"])
def test_a_foreign_host_name_is_refused(browser: Browser, host: str) -> None:
    answer = browser.client.get("/signed-out", base_url=browser.base, headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.text


@pytest.mark.parametrize(
    ("base", "origin"),
    [
        ("https://Portal.example:443", "https://portal.example"),
        ("https://portal.example", "https://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_S09_our_origin_is_written_as_browsers_write_it(make_app: Callable[..., Flask], base: str, origin: str) -> None:
    with make_app(PORTAL_BASE_URL=base).test_request_context():
        assert guard.own_origin() == origin
