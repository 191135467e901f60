"""The daily acts in a browser with JavaScript, with a device on the real gateway and the real vault."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from portal.core import clock
from tests.browser.live import connected
from tests.browser.people import Someone
from tests.provider.server import HostileProvider

KEEP = "window.kept = true"


def pause(page: Page) -> None:
    """The one button."""
    page.get_by_role("button", name="Pause 30 minutes").click()


def test_pause_on_the_first_page_shows_each_device_stop_without_a_reload(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira), amira.page() as page:
        expect(page.locator("#truth")).to_have_text("Your device is recording.")
        page.evaluate(KEEP)
        pause(page)
        expect(page.locator("#truth")).to_contain_text("Paused until")
        expect(page.locator(".steps li.done")).to_have_count(3)
        expect(page.locator(".steps")).to_contain_text("stopped 0.")
        expect(page.locator("#bar-pill")).to_contain_text("Paused until")
        page.get_by_role("button", name="Resume recording").click()
        expect(page.locator("#truth")).to_have_text("Your device is recording.")
        expect(page.locator("#bar-pill")).to_contain_text("Recording · 1 device")
        assert page.evaluate("window.kept")


def test_page_asks_each_second_until_the_last_device_has_stopped(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira, obeys=False), amira.page() as page:
        pause(page)
        expect(page.locator("#truth")).to_have_text("Your device is stopping.")
        with page.expect_response("**/state") as asked:
            expect(page.locator(".steps li.done")).to_have_count(2)
        assert asked.value.status == 200
        expect(page.locator(".steps li.waiting [data-since]")).to_be_visible()


def test_pause_from_the_bar_of_another_page_leads_to_where_the_effect_shows(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira), amira.page("/looks") as page:
        pause(page)
        page.wait_for_url("**/")
        expect(page.locator("#truth")).to_contain_text("Paused until")
        page.goto("/policy")
        page.get_by_role("button", name="Resume recording").click()
        expect(page.locator("#truth")).to_have_text("Your device is recording.")


def test_htmx_is_answered_with_fragments(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira), amira.page() as page:
        with page.expect_response("**/state") as answered:
            pause(page)
        answer = answered.value
        assert answer.request.redirected_from
        assert answer.request.redirected_from.url.endswith("/pauses")
        assert answer.text().lstrip().startswith('<div id="state"')
        assert "<html" not in answer.text()
        assert "HX-Request" in answer.headers["vary"]


def test_after_a_pause_what_was_captured_can_be_deleted_and_brought_back(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    recorder = amira.records()
    for minutes in (3, 2, 1):
        recorder.moved(clock.now() - timedelta(minutes=minutes))
    stored = recorder.send().count("stored")
    with amira.page() as page:
        page.get_by_role("button", name="Rest of today").click()
        page.get_by_role("link", name="See first, then decide").click()
        expect(page.get_by_role("heading", name="Before you delete")).to_be_visible()
        expect(page.locator(".sentence")).to_have_text(f"{stored} items would go.")
        page.get_by_role("button", name=f"Delete {stored} items").click()
        expect(page.locator("#messages")).to_contain_text(f"{stored} items are hidden.")
        page.get_by_role("link", name="My data").first.click()
        expect(page.get_by_role("main")).to_contain_text("Nothing that was captured about you lies here.")
        page.goto("/requests")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#messages")).to_contain_text("Everything is back.")
        page.goto("/data")
        expect(page.locator(".lead")).to_contain_text(f"{stored} items were captured about you")


def test_vault_searches_a_day_and_the_look_is_listed(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    recorder = amira.records()
    at = clock.now() - timedelta(minutes=3)
    recorder.typed(at, "The heron stands in the pond.")
    recorder.looked(at + timedelta(minutes=1), ("Pictures of a HERON",))
    recorder.asked(at + timedelta(minutes=2), "What do swans eat?", "Plants, mostly.")
    assert recorder.send() == ["stored"] * 3
    with amira.page(f"/data/{clock.local_day(at, amira.zone)}") as page:
        page.evaluate(KEEP)
        page.get_by_label("Words in this day").fill("heron")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("#items-title")).to_have_text("2 items with “heron”")
        assert page.evaluate("window.kept")
        assert "heron" not in page.url
        page.get_by_label("Keyboard", exact=True).check()
        expect(page.locator("#items-title")).to_have_text("1 item")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("#items-title")).to_have_text("1 item with “heron”")
        page.goto("/looks")
        expect(page.locator("tbody tr")).to_have_count(2)
        expect(page.locator("tbody tr").first).to_contain_text("You searched your own day")
        expect(page.locator("tbody tr").first).to_contain_text("1 item")


def test_opening_an_item_shows_it_and_notes_the_look(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    recorder = amira.records()
    recorder.typed(clock.now() - timedelta(minutes=3), "Dear Ben, the heron is back.")
    assert recorder.send() == ["stored"]
    with amira.page() as page:
        page.locator("#today").get_by_role("link", name="Open").click()
        expect(page.get_by_label("Typed text")).to_have_text("Dear Ben, the heron is back.")
        page.get_by_role("main").get_by_role("link", name="Who looked").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody tr")).to_contain_text("You opened your own data")
        page.locator("tbody").get_by_role("link", name="1 item").click()
        expect(page.get_by_label("Typed text")).to_have_text("Dear Ben, the heron is back.")


def test_filter_narrows_the_list_in_place_and_back_brings_the_whole_page(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    recorder = amira.records()
    at = clock.now() - timedelta(minutes=3)
    recorder.typed(at, "Notes")
    recorder.moved(at)
    recorder.send()
    with amira.page("/data") as page:
        page.goto(f"/data/{clock.local_day(at, amira.zone)}")
        page.evaluate(KEEP)
        page.get_by_label("Mouse").check()
        expect(page.locator("#items-title")).to_have_text("1 item")
        assert page.evaluate("window.kept")
        assert "kind=pointer" in page.url
        page.reload()
        expect(page.locator("#items-title")).to_have_text("1 item")
        page.go_back()
        expect(page.locator("#items-title")).to_have_text("2 items")
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator("header.top")).to_be_visible()


def test_back_button_shows_no_stale_state(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira), amira.context() as context:
        first, second = context.new_page(), context.new_page()
        first.goto("/")
        expect(first.locator("#truth")).to_have_text("Your device is recording.")
        first.goto("/looks")
        second.goto("/")
        pause(second)
        expect(second.locator("#truth")).to_contain_text("Paused until")
        first.go_back()
        expect(first.locator("#truth")).to_contain_text("Paused until")


def test_back_button_shows_nothing_personal_after_signing_out(
    newcomer: Callable[..., Someone], refusing: Callable[[], HostileProvider]
) -> None:
    amira = newcomer()
    recorder = amira.records()
    recorder.typed(clock.now() - timedelta(minutes=3), "A private heron.")
    recorder.send()
    with amira.page() as page:
        page.locator("#today").get_by_role("link", name="Open").click()
        expect(page.get_by_label("Typed text")).to_have_text("A private heron.")
        page.locator(".person summary").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="You are signed out.")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="You are signed out.")).to_be_visible()
        expect(page.get_by_text("A private heron.")).to_have_count(0)
        refusing()
        page.get_by_role("link", name="Sign in").click()
        expect(page.get_by_role("heading", name="You are not signed in.")).to_be_visible()
