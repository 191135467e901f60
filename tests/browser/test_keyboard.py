"""Everything with the keyboard alone, and the focus always to be seen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.installation import Installation
from tests.browser.live import connected
from tests.browser.people import Someone, sign_in

FOCUSED = """() => { const held = document.activeElement;
    return [held.tagName, (held.innerText || held.value || held.getAttribute('aria-label') || '').trim()]; }"""
VISIBLE = """() => [document.activeElement, document.activeElement.closest('label')].some(held => {
    if (!held) return false;
    const style = getComputedStyle(held), box = held.getBoundingClientRect();
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width * box.height > 0; })"""
MOST_STOPS = 120


@pytest.fixture(scope="module")
def amira(browser: Browser, installed: Installation) -> Someone:
    """Somebody for whom nothing has happened yet."""
    return sign_in(browser, installed)


@pytest.fixture
def page(amira: Someone) -> Iterator[Page]:
    """Their first page."""
    with amira.page() as opened:
        yield opened


def tab_to(page: Page, text: str) -> int:
    """Press Tab until the element with this text has the focus; how often."""
    for count in range(1, MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED)[1] == text:
            return count
    raise AssertionError(f"Tab never reaches {text!r}")


def test_skip_link_comes_first_and_leads_to_the_content(page: Page) -> None:
    assert tab_to(page, "Skip to the content") == 1
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_pause_by_keyboard_keeps_the_focus_where_the_answer_is(newcomer: Callable[..., Someone]) -> None:
    ben = newcomer("Ben Roth")
    with connected(ben), ben.page() as page:
        assert tab_to(page, "Pause 30 minutes") <= 12
        page.keyboard.press("Enter")
        expect(page.locator("#truth")).to_contain_text("Paused until")
        expect(page.locator("#truth")).to_be_focused()
        expect(page.locator("#voice")).to_have_text("1 of 1 devices have stopped.")
        tab_to(page, "Resume recording")
        page.keyboard.press("Space")
        expect(page.locator("#truth")).to_have_text("Your device is recording.")
        expect(page.locator("main :focus")).to_have_count(1)


def test_focus_stays_while_the_page_renews_itself(newcomer: Callable[..., Someone]) -> None:
    ben = newcomer("Ben Roth")
    with connected(ben, obeys=False), ben.page() as page:
        tab_to(page, "Pause 30 minutes")
        page.keyboard.press("Enter")
        expect(page.locator("#truth")).to_have_text("Your device is stopping.")
        tab_to(page, "Opt out")
        for _ in range(2):
            with page.expect_response("**/state"):
                pass
        expect(page.get_by_role("button", name="Opt out")).to_be_focused()


def test_menus_open_and_close(page: Page) -> None:
    tab_to(page, "Amira Kaya")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert page.evaluate(FOCUSED) == ["SUMMARY", "Amira Kaya"]
    page.keyboard.press("Space")
    tab_to(page, "Settings")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings")


def test_phone_menu_leads_everywhere(amira: Someone) -> None:
    with amira.page("/data", viewport={"width": 360, "height": 780}) as page:
        tab_to(page, "My data")
        page.keyboard.press("Enter")
        tab_to(page, "Requests")
        page.keyboard.press("Enter")
        page.wait_for_url("**/requests")


@pytest.mark.parametrize("path", ["/", "/data", "/requests", "/pauses/part", "/settings", "/about"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_always_visible_and_leaves_no_trap(amira: Someone, path: str, scheme: str) -> None:
    with amira.page(path, color_scheme=scheme) as page:
        seen: list[str] = []
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            assert page.evaluate(VISIBLE), page.evaluate(FOCUSED)
            seen.append(page.evaluate(FOCUSED)[1])
        assert "About Daylight" in seen, "the last link of the page was reached"
