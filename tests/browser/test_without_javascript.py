"""Everything that matters works in a browser that runs no script."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from tests.browser.live import connected
from tests.browser.people import Someone


@pytest.fixture
def amira(newcomer: Callable[..., Someone]) -> Someone:
    """Somebody with three items of the last minutes."""
    someone = newcomer()
    recorder = someone.records()
    at = clock.now() - timedelta(minutes=4)
    recorder.typed(at, "The heron stands in the pond.")
    recorder.moved(at + timedelta(minutes=1))
    recorder.asked(at + timedelta(minutes=2), "Do herons fly?", "Yes.")
    assert recorder.send() == ["stored"] * 3
    return someone


@pytest.fixture
def page(amira: Someone) -> Iterator[Page]:
    """Their first page, without JavaScript."""
    with amira.page(java_script_enabled=False) as opened:
        yield opened


def today(amira: Someone) -> str:
    """The page of the day on which the items lie."""
    return f"/data/{clock.local_day(clock.now() - timedelta(minutes=4), amira.zone)}"


def test_the_state_is_on_the_page(page: Page) -> None:
    expect(page.locator("#truth")).to_have_text("Your device is recording.")
    expect(page.locator("#bar-pill")).to_contain_text("Recording · 1 device")
    page.goto("/about")
    expect(page.locator("#bar-pill")).to_contain_text("Recording · 1 device")


def test_pause_and_resume(newcomer: Callable[..., Someone]) -> None:
    ben = newcomer("Ben Roth")
    with connected(ben), ben.page(java_script_enabled=False) as page:
        page.get_by_role("button", name="Pause 30 minutes").click()
        expect(page.locator("#truth")).to_contain_text("Paused until")  # the page loads itself anew until then
        expect(page.locator(".steps")).to_contain_text(re.compile(r"stopped\s+0\.\d s"))
        page.get_by_role("button", name="Resume recording").click()
        expect(page.locator("#truth")).to_have_text("Your device is recording.")


def test_pause_of_a_part_until_a_moment_weekly_and_opt_out(page: Page) -> None:
    page.goto("/pauses/part")
    page.get_by_label("Screenshots").check()
    page.get_by_label("Until I say otherwise").check()
    page.get_by_role("button", name="Pause this part").click()
    expect(page.get_by_text("Paused: Screenshots")).to_be_visible()
    page.goto("/pauses/weekly")
    page.get_by_label("Every").select_option("Friday")
    page.get_by_label("From", exact=True).fill("14:00")
    page.get_by_role("button", name="Pause every week").click()
    expect(page.get_by_text("every Friday, 14:00")).to_be_visible()
    page.goto("/pauses/opt-out")
    page.get_by_role("button", name="Opt out").click()
    page.goto("/pauses")
    expect(page.get_by_text("opted out, until you say otherwise")).to_have_count(2)
    for left in (2, 1, 0):
        page.get_by_role("button", name="End this pause").first.click()
        expect(page.get_by_role("button", name="End this pause")).to_have_count(left)


def test_filter_a_day(amira: Someone, page: Page) -> None:
    page.goto(today(amira))
    page.get_by_label("Mouse").check()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("#items-title")).to_have_text("1 item")
    expect(page.get_by_label("Mouse")).to_be_checked()
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator("#items-title")).to_have_text("3 items")


def test_search_a_day(amira: Someone, page: Page) -> None:
    page.goto(today(amira))
    page.get_by_label("Words in this day").fill("HERON")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#items-title")).to_have_text("2 items with “HERON”")
    assert "HERON" not in page.url
    expect(page.locator("h1")).to_have_count(1)
    page.get_by_label("Mouse").check()
    page.get_by_role("button", name="Show these").click()
    page.get_by_label("Words in this day").fill("heron")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#items-title")).to_have_text("0 items with “heron”")


def test_open_an_item_and_delete_it_and_bring_it_back(amira: Someone, page: Page) -> None:
    page.goto(today(amira))
    page.get_by_role("link", name=re.compile("Open Visual Studio Code")).last.click()
    expect(page.get_by_label("Typed text")).to_have_text("The heron stands in the pond.")
    page.get_by_role("button", name="Delete…").click()
    expect(page.locator(".sentence")).to_have_text("1 item would go.")
    page.get_by_role("button", name="Delete 1 item").click()
    expect(page.locator("#messages")).to_contain_text("1 item is hidden. You can undo it for 10 minutes.")
    page.goto(today(amira))
    expect(page.locator("#items-title")).to_have_text("2 items")
    page.goto("/requests")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("Everything is back.")
    page.goto(today(amira))
    expect(page.locator("#items-title")).to_have_text("3 items")


def test_delete_a_stretch_of_time(amira: Someone, page: Page) -> None:
    begins = (clock.now() - timedelta(minutes=4, seconds=30)).astimezone(amira.zone)
    page.goto("/requests/new")
    page.get_by_label("From", exact=True).fill(begins.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("To", exact=True).fill((begins + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Count again").click()
    page.get_by_role("link", name="Delete at once…").click()
    expect(page.locator(".sentence")).to_have_text("3 items would go.")
    page.get_by_role("link", name="Keep everything").click()
    expect(page.locator("#items-title")).to_have_text("3 items")


def test_add_rename_and_remove_a_device(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("What do you call it?").fill("Workstation 3")
    page.get_by_role("button", name="Get the command").click()
    command = page.get_by_label("Command").inner_text()
    assert re.search(r"--trust [0-9a-f]{64}\b.* --code [0-9A-Z]{5}(-[0-9A-Z]{5}){3}", command)
    page.goto("/settings")
    page.locator("summary", has_text="Rename").click()
    page.get_by_label("New name").fill("Old ThinkPad")
    page.locator("details[open]").get_by_role("button", name="Save").click()
    expect(page.get_by_role("rowheader", name="Old ThinkPad")).to_be_visible()
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Remove this device").click()
    expect(page.locator("#messages")).to_contain_text("Old ThinkPad is removed.")
    expect(page.get_by_text("No device yet")).to_be_visible()


def test_language_and_colours(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Deutsch").check()
    page.get_by_label("Dark").check()
    page.locator("form[action$=preferences]").get_by_role("button").click()
    expect(page.locator("#messages")).to_contain_text("Gespeichert.")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_menus_and_signing_out(page: Page) -> None:
    page.locator(".person summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out.")).to_be_visible()
