"""HR's day at the desk, with each kind of hands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from portal.core.db import Database
from portal.requests.rules import About
from tests.browser.hands import SitsDown
from tests.browser.people import Someone, stay_fresh
from tests.requests.arrange import sent

HR = ["HR team"]
WORDS = "A court asked us to keep it."


@dataclass(frozen=True)
class Office:
    """Two of HR, and the numbers of two requests of somebody."""

    hana: Someone
    helge: Someone
    numbers: tuple[int, int]


@pytest.fixture
def office(newcomer: Callable[..., Someone]) -> Iterator[Office]:
    hana, helge = newcomer("Hana Vogel", groups=HR), newcomer("Helge Moe", groups=HR)
    stay_fresh(hana, helge)
    amira, database, now = newcomer(), Database(hana.installed.settings), clock.now()
    days = [timedelta(days=days) for days in (20, 15, 10)]
    whole, part = About(now - days[0], now - days[1]), About(now - days[1], now - days[2], kinds=("key",))
    requests = [sent(database, amira.id, about=about).number for about in (whole, part)]
    yield Office(hana, helge, (requests[0], requests[1]))
    database.dispose()


def ground(page: Page, begins: str) -> str:
    """The whole name of a ground."""
    found: str = page.locator("#ground-refuse option", has_text=begins).first.text_content() or ""
    return found.strip()


def test_a_refusal_by_two(office: Office, sits_down: SitsDown) -> None:
    number = office.numbers[0]
    hana = sits_down(office.hana, "/hr")
    page = hana.page
    hana.press(page.get_by_role("link", name=f"#{number} Delete"))
    hana.press(page.locator("#act-say summary"))
    hana.write(page.get_by_label("Message", exact=True), "We look into it.")
    hana.press(page.get_by_role("button", name="Send", exact=True))
    expect(page.get_by_text("We look into it.")).to_have_count(1)
    hana.press(page.get_by_role("link", name="Decide…"))
    fold = page.locator("details.act").filter(
        has=page.get_by_role("button", name="Propose to refuse", include_hidden=True)
    )
    hana.press(fold.locator("summary"))
    hana.write(fold.get_by_label("Why, in your words"), WORDS)
    hana.press(fold.get_by_role("button", name="Propose to refuse"))
    expect(page.get_by_text("name the ground and say why")).to_be_visible()
    expect(fold.get_by_label("Why, in your words")).to_have_value(WORDS)
    hana.choose(fold.get_by_label("Ground"), ground(page, "Legal claims"))
    hana.press(fold.get_by_role("button", name="Propose to refuse"))
    expect(page.get_by_text("You proposed this. It holds as soon as a colleague confirms it.")).to_be_visible()

    helge = sits_down(office.helge, f"/hr/requests/{number}")
    page = helge.page
    helge.press(page.get_by_role("link", name="Read and confirm…"))
    expect(page.get_by_text(WORDS)).to_be_visible()
    helge.press(page.get_by_role("button", name="Confirm: it holds from now on"))
    expect(page.locator(".facts")).to_contain_text("Helge Moe")
    expect(page.get_by_text("It has ended: nothing is left to do.")).to_be_visible()


def test_a_hold_set_and_released(office: Office, sits_down: SitsDown) -> None:
    number, ends = office.numbers[0], (clock.now() + timedelta(days=60)).date()
    begins = (clock.now() - timedelta(days=18)).date()
    hana = sits_down(office.hana, f"/hr/requests/{number}")
    page = hana.page
    hana.press(page.get_by_role("link", name="Set a legal hold…"))
    hana.day(page.get_by_label("First day"), begins)
    hana.day(page.get_by_label("Last day"), begins)
    hana.tick(page.get_by_label("Screenshots"))
    hana.choose(page.get_by_label("Ground"), page.locator("select[name=ground] option").nth(1).inner_text())
    hana.write(page.get_by_label("Reason"), WORDS)
    hana.day(page.get_by_label("Ends on"), ends)
    hana.press(page.get_by_role("button", name="Set the hold"))
    hana.press(page.get_by_role("link", name="Release…"))
    expect(page.get_by_text(WORDS)).to_be_visible()
    hana.press(page.get_by_role("button", name="Release the hold"))
    expect(page.get_by_text(WORDS)).to_have_count(0)


def test_many_at_once_are_seen_first(office: Office, sits_down: SitsDown) -> None:
    hana = sits_down(office.hana, "/hr")
    page = hana.page
    for number in office.numbers:
        hana.tick(page.get_by_label(f"Choose #{number}", exact=True))
    hana.press(page.get_by_role("button", name="Extend…"))
    expect(page.get_by_text("Nothing has happened yet. This is what will.")).to_be_visible()
    for number in office.numbers:
        expect(page.get_by_role("link", name=f"#{number} Delete")).to_be_visible()
    hana.write(page.get_by_label("Reason"), "Forty stores answer slowly.")
    hana.press(page.get_by_role("button", name="Extend", exact=True))
    expect(page.locator("#messages")).to_contain_text("2 requests")
    page.goto(f"/hr/requests/{office.numbers[1]}")
    expect(page.get_by_text("Forty stores answer slowly.")).to_be_visible()
