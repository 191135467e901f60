"""Sign-in, sign-out and hostile pages in a real browser: what cookies and policy promise is what Chromium does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from portal.core.permissions import Permission
from portal.core.web.guard import fresh, public, requires
from portal.operations.ports import free_port
from tests.provider.browser import SESSION
from tests.provider.server import HostileProvider

pytestmark = pytest.mark.browser
EVIL = """<!doctype html><form id="f" method="post" action="{base}/sign-out"><button>Win a prize</button></form>
<iframe src="{base}/"></iframe>"""


@contextmanager
def serving(app: Flask, port: int) -> Iterator[str]:
    """Serve `app` on loopback; its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FORMS = """<!doctype html><title>Forms</title>
<form method="post" action="/test-fresh"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<button>Approve</button></form>
<form action="/data"><button>Search</button></form>"""


@pytest.fixture(scope="module")
def portal(make_app: Callable[..., Flask]) -> Iterator[str]:
    """The portal, and in it a page with a form that needs a fresh sign-in and one that anybody's page may have."""
    port = free_port()
    app = make_app(PORTAL_BASE_URL=f"http://localhost:{port}")
    app.add_url_rule("/test-forms", "test_forms", public(lambda: render_template_string(FORMS)))
    approve = fresh(requires(Permission.OWN_DATA_READ)(lambda: "approved"))
    app.add_url_rule("/test-fresh", "test_fresh_submit", approve, methods=["POST"])
    with serving(app, port) as base:
        yield base


@pytest.fixture(scope="module")
def evil(portal: str) -> Iterator[str]:
    """Another site, on another port and under another name."""
    app = Flask("evil")
    app.add_url_rule("/", "page", lambda: EVIL.format(base=portal))
    with serving(app, free_port()) as base:
        yield base.replace("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(chromium: Chromium, portal: str, provider: HostileProvider) -> Iterator[Page]:
    """A page of somebody who has just signed in."""
    provider.add(f"amira-{uuid4()}", name="Amira Kaya")
    context = chromium.new_context(base_url=portal)
    page = context.new_page()
    page.goto("/data")
    page.wait_for_url("**/data")
    yield page
    context.close()


def cookie_names(context: BrowserContext) -> set[str]:
    return {str(cookie["name"]) for cookie in context.cookies()}


def test_S10_chromium_keeps_our_cookies_and_shows_them_to_no_script(page: Page) -> None:
    kept = {str(cookie["name"]): cookie for cookie in page.context.cookies()}
    assert kept[SESSION]["httpOnly"]
    assert kept[SESSION]["secure"]
    assert kept[SESSION]["sameSite"] == "Lax"
    assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("javascript", ["with", "without"])
@pytest.mark.parametrize("origins", ["one", "two"])
def test_S04_signing_out_leads_through_the_provider_under_the_content_policy(
    chromium: Chromium, portal: str, provider: HostileProvider, javascript: str, origins: str
) -> None:
    provider.behaviour.brokered = origins == "two"
    provider.add(f"amira-{uuid4()}", name="Amira Kaya")
    context = chromium.new_context(base_url=portal, java_script_enabled=javascript == "with")
    page = context.new_page()
    said: list[str] = []
    seen: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda asked: seen.append(asked.url))
    page.goto("/")
    page.get_by_text("Amira Kaya").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out")
    assert page.get_by_role("heading", name="You are signed out.").is_visible()
    assert SESSION not in cookie_names(context)
    assert [url for url in seen if url.startswith(f"{provider.issuer}/end-session?id_token_hint=")]
    assert [line for line in said if "Content Security Policy" in line] == []
    context.close()


@pytest.mark.parametrize("javascript", ["with", "without"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_S08_a_form_leads_to_a_sign_in_at_whatever_origins_the_provider_has(
    chromium: Chromium, portal: str, provider: HostileProvider, javascript: str, language: str
) -> None:
    provider.behaviour.brokered = True
    provider.add(f"amira-{uuid4()}", name="Amira Kaya")
    context = chromium.new_context(base_url=portal, java_script_enabled=javascript == "with", locale=language)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/test-forms")
    page.get_by_role("button", name="Search").click()  # nobody is signed in yet
    page.wait_for_url(f"{portal}/data*")
    page.goto("/test-forms")
    page.get_by_role("button", name="Approve").click()  # the provider asked for the password two hours ago
    page.wait_for_url(f"{portal}/test-forms")
    assert provider.asked[-1].parameters["prompt"] == "login"
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("approved").wait_for()
    assert [line for line in said if "Content Security Policy" in line] == []
    context.close()


def test_S09_another_site_cannot_sign_anybody_out_or_frame_us(page: Page, evil: str) -> None:
    page.goto(evil)
    with page.expect_navigation() as refused:
        page.get_by_role("button", name="Win a prize").click()
    assert refused.value.status == 403
    page.goto(evil)
    assert "Daylight" not in page.frames[1].content()
    page.goto(evil.replace("127.0.0.1", "localhost"))
    with page.expect_navigation() as refused:
        page.get_by_role("button", name="Win a prize").click()
    assert refused.value.status == 403
    assert SESSION in cookie_names(page.context)


def test_S08_an_injected_script_and_an_injected_style_do_nothing(page: Page) -> None:
    page.evaluate(
        """() => {
            const script = document.createElement('script'); script.textContent = 'window.hit = 1';
            document.body.append(script);
            const image = document.createElement('img'); image.setAttribute('onerror', 'window.hit = 1');
            image.src = 'data:x'; document.body.append(image);
            const style = document.createElement('style'); style.textContent = 'main { display: none }';
            document.head.append(style);
            const box = document.createElement('div');
            box.innerHTML = '<p id="probe" style="position: fixed">x</p>'; document.body.append(box);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    assert page.evaluate("getComputedStyle(document.querySelector('main')).display") != "none"
    assert page.evaluate("getComputedStyle(document.querySelector('#probe')).position") == "static"
