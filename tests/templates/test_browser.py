"""The pages in a real browser: no violation of the CSP, nothing for axe, nothing wider than a phone, quick acts."""

import shutil
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.browser.inspection import RULES, RULES_OF_COLOUR, RUN_AXE, TOO_WIDE
from tests.templates.catalogue import PAGES
from tests.templates.gallery import create_app

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")  # else the one playwright installed


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe() -> str:
    found = find_spec("axe_playwright_python")
    assert found
    assert found.origin
    return (Path(found.origin).parent / "axe.min.js").read_text()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def crawl(context: BrowserContext, address: str, axe: str, rules: list[str]) -> dict[str, list[str]]:
    """Page → what is wrong with it: console errors, too wide, axe's findings."""
    page = context.new_page()
    wrong: dict[str, list[str]] = {}
    current: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            current.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: current.append(str(error)))
    for name in PAGES:
        current.clear()
        page.goto(f"{address}/gallery/{name}?desk=1")
        if page.evaluate(TOO_WIDE) > 0:
            current.append("wider than the window")
        page.evaluate(axe)
        current.extend(page.evaluate(RUN_AXE, rules))
        if current:
            wrong[name] = list(current)
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")])
def test_S08_every_page_is_accessible_narrow_enough_and_clean(
    browser: Browser, address: str, axe: str, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    rules = RULES if scheme == "light" else RULES_OF_COLOUR
    assert crawl(context, address, axe, rules) == {}
    context.close()


def test_every_page_holds_at_four_times_the_size(browser: Browser, address: str) -> None:
    """WCAG 1.4.10: 1280 CSS pixels at 400 % are 320."""
    context = browser.new_context(viewport={"width": 320, "height": 256})
    page = context.new_page()
    wide = []
    for name in PAGES:
        page.goto(f"{address}/gallery/{name}?desk=1")
        if page.evaluate(TOO_WIDE) > 0:
            wide.append(name)
    assert wide == []
    context.close()


def test_theme_of_the_person_wins_over_the_system(page: Page, address: str) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/gallery/about?theme=light")
    assert page.evaluate(ground) == "rgb(247, 246, 242)"
    page.goto(f"{address}/gallery/about")
    assert page.evaluate(ground) == "rgb(19, 21, 24)"
    page.emulate_media(color_scheme="light")
    page.goto(f"{address}/gallery/about?theme=dark")
    assert page.evaluate(ground) == "rgb(19, 21, 24)"


def test_pause_shows_its_way_without_a_reload(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery/home")
    page.evaluate("window.kept = true")
    page.get_by_role("button", name="Pause 30 minutes").click()
    expect(page.get_by_text("Your devices are stopping.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Paused until 14:50.")
    expect(page.locator("#voice")).to_have_text("1 of 1 devices have stopped.")
    expect(page.locator("#truth")).to_be_focused()
    assert page.evaluate("window.kept")
    assert page.locator("#bar-pill").count() == 1


def test_pause_works_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/gallery/home")
    page.get_by_role("button", name="Pause 30 minutes").click()
    expect(page.get_by_text("Your devices are stopping.")).to_be_visible()
    context.close()


def test_S09_htmx_sends_the_csrf_token_and_is_refused_without(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery/home")
    assert page.request.post(f"{address}/pauses").status == 400
    with page.expect_response("**/pauses") as answered:
        page.evaluate("htmx.ajax('POST', '/pauses', {target: '#state', swap: 'outerHTML'})")
    assert answered.value.status == 200


def test_refusal_is_shown_in_place(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery/home-paused")
    page.get_by_role("button", name="Resume recording").click()
    expect(page.get_by_role("heading", name="The database does not answer.")).to_be_visible()


def test_keyboard_alone_reaches_content_and_menu(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery/calendar")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator(".person summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.locator(".person summary")).to_be_focused()


def test_injected_script_and_style_stay_dead(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery/home")
    page.evaluate(
        """document.body.insertAdjacentHTML('beforeend', '<p id="x" style="color: red" onclick="window.hit = 1">x</p>');
        const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s)"""
    )
    page.locator("#x").dispatch_event("click")
    assert page.evaluate("window.hit") is None
    assert page.evaluate("getComputedStyle(document.querySelector('#x')).color") != "rgb(255, 0, 0)"
