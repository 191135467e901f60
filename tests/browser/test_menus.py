"""The groups in the row of a desk with many pages: by the keyboard alone, with and without JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.installation import Installation
from tests.browser.people import Someone, sign_in
from tests.browser.test_keyboard import FOCUSED, VISIBLE, tab_to


@dataclass(frozen=True)
class Row:
    """One desk: whose it is, where it begins, its group, and a page of the group by name and address."""

    team: str
    begins: str
    group: str
    page: str
    path: str


ROWS = (
    Row("Privacy office", "/officer", "Policies", "Policies", "/officer/policies"),
    Row("Works council", "/council", "Evidence", "Who looked", "/council/looks"),
)


@pytest.fixture(scope="module", params=ROWS, ids=[row.team for row in ROWS])
def row(request: pytest.FixtureRequest) -> Row:
    """The desk that is tried."""
    found: Row = request.param
    return found


@pytest.fixture(scope="module")
def member(browser: Browser, installed: Installation, row: Row) -> Someone:
    """Somebody with that desk."""
    return sign_in(browser, installed, "Robin Vale", groups=[row.team])


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, member: Someone, row: Row) -> Iterator[Page]:
    """The desk's first page."""
    with member.page(row.begins, java_script_enabled=request.param) as opened:
        yield opened


def group(page: Page, row: Row) -> Locator:
    """The group in the row."""
    found = page.locator("nav.wide details.group", has=page.locator("summary", has_text=row.group))
    expect(found).to_have_count(1)
    return found


def test_a_group_opens_and_closes_and_the_focus_is_seen(page: Page, row: Row) -> None:
    menu = group(page, row)
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.get_by_role("link", name=row.page)).to_be_hidden()
    tab_to(page, row.group)
    for key in ("Enter", "Space"):
        assert page.evaluate(FOCUSED) == ["SUMMARY", row.group]
        assert page.evaluate(VISIBLE)
        page.keyboard.press(key)
        expect(menu).to_have_attribute("open", "")
        expect(menu.get_by_role("link", name=row.page)).to_be_visible()
        page.keyboard.press(key)
        expect(menu).not_to_have_attribute("open", "")


def test_a_group_leads_to_its_pages_and_says_where_one_is(page: Page, row: Row) -> None:
    tab_to(page, row.group)
    page.keyboard.press("Enter")
    inside = group(page, row).get_by_role("link")
    for at in range(inside.count()):
        page.keyboard.press("Tab")
        expect(inside.nth(at)).to_be_focused()
        assert page.evaluate(VISIBLE), page.evaluate(FOCUSED)
    page.keyboard.press("Tab")
    expect(group(page, row).locator(":focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    while page.evaluate(FOCUSED)[1] != row.page:
        page.keyboard.press("Shift+Tab")
        expect(group(page, row).locator(":focus")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{row.path}")
    expect(group(page, row)).not_to_have_attribute("open", "")
    expect(group(page, row).locator("summary")).to_have_attribute("aria-current", "true")
    expect(page.locator("nav.wide [aria-current=true]")).to_have_count(1)
    expect(page.locator("nav.wide [aria-current=page]")).to_have_text(row.page)


def test_escape_closes_the_group_and_goes_back_to_its_word(member: Someone, row: Row) -> None:
    with member.page(row.begins) as page:
        tab_to(page, row.group)
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(group(page, row)).not_to_have_attribute("open", "")
        assert page.evaluate(FOCUSED) == ["SUMMARY", row.group]
        assert page.evaluate(VISIBLE)


def test_a_second_menu_closes_the_first(member: Someone, row: Row) -> None:
    with member.page(row.begins) as page:
        tab_to(page, row.group)
        page.keyboard.press("Enter")
        tab_to(page, page.locator(".person summary").inner_text().strip())
        page.keyboard.press("Enter")
        expect(page.locator("details.menu[open]")).to_have_count(1)
        expect(group(page, row)).not_to_have_attribute("open", "")
