"""On a demo every page of the portal says that its data is made up, whoever asks and whatever went wrong.

What a browser draws is asked in tests/browser, with the ballot's page and the pages of an export; the sign-in pages of
the demo's provider in tests/operations/test_identity_provider.py.
"""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.core.web import errors
from tests.provider.browser import Browser
from tests.web.routes import Route, routes
from tests.web.staff import expert, staff

MARK = "Demo data. The people and what was captured here are made up."
PAGE = "<!doctype html>"


@pytest.fixture(scope="module")
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application on a demo."""
    return make_app(PORTAL_DEMO="1", PORTAL_VAULT_URL="unix:/nowhere/vault.sock")


def test_every_page_of_everybody_is_marked(app: Flask, signed_in: Callable[..., Browser], browser: Browser) -> None:
    hana, clara = staff(signed_in)
    cast = {
        "identity.signed_out": browser,
        "hr.queue": hana,
        "council.front": clara,
        "expert.front": expert(clara, signed_in),
    }
    places = [route for route in routes(app) if route.method == "GET"]
    for own, who in cast.items():
        assert own in [route.endpoint for route in places if _is_page(who, route)]


def _is_page(who: Browser, route: Route) -> bool:
    """Whether a whole page is what they are shown at the route, be it an error; then it must be marked."""
    answer = who.get(route.path, buffered=True)
    is_file = answer.mimetype != "text/html" or "Content-Disposition" in answer.headers
    if is_file or answer.location or (answer.status_code < 400 and PAGE not in answer.text):
        return False
    assert MARK in answer.text, (route, answer.status_code)
    return answer.status_code == 200


@pytest.mark.parametrize("status", errors.WORDS)
def test_every_error_is_marked(app: Flask, status: int) -> None:
    with app.test_request_context("/"):
        answer = errors.page(status)
    assert (answer.status_code, MARK in answer.get_data(as_text=True)) == (status, True)


def test_an_error_that_cannot_be_drawn_is_marked(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MARK in browser.client.get("/", base_url="http://elsewhere.example").text
    monkeypatch.setitem(app.jinja_env.globals, "url_for", None)
    assert MARK in browser.get("/nothing").text


def test_what_is_no_demo_is_not_called_one(make_app: Callable[..., Flask]) -> None:
    real = Browser(make_app(PORTAL_DEMO="0"))
    for answer in (real.get("/nothing"), real.client.get("/", base_url="http://elsewhere.example")):
        assert "<h1" in answer.text
        assert MARK not in answer.text
