"""A policy's way over the desks, and a stop, with each kind of hands."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.core import clock
from tests.browser.hands import SitsDown
from tests.browser.people import Someone, stay_fresh
from tests.cast import make_person

WHY_NOT = "A month is too long for pictures."


@pytest.fixture
def omar(newcomer: Callable[..., Someone]) -> Someone:
    """The privacy officer."""
    officer = newcomer("Omar Haddad", groups=["Privacy office"])
    stay_fresh(officer)
    return officer


@pytest.fixture
def clara(newcomer: Callable[..., Someone]) -> Someone:
    """Of the works council."""
    member = newcomer("Clara Brandt", groups=["Works council"])
    stay_fresh(member)
    return member


def test_a_draft_is_written_submitted_and_rejected(omar: Someone, clara: Someone, sits_down: SitsDown) -> None:
    officer = sits_down(omar, "/officer/policies")
    page = officer.page
    officer.write(page.get_by_label("Title"), "Longer")
    officer.choose(page.get_by_label("Begin with"), "The policy that ships with Daylight")
    officer.press(page.get_by_role("button", name="Begin a draft"))
    page.wait_for_url("**/edit")
    officer.moment(page.get_by_label("Begins"), clock.now().replace(tzinfo=None) + timedelta(days=3))
    kind = page.locator("details.part").filter(has=page.locator("[name='rules.screenshot.retention_days']"))
    officer.press(kind.locator("summary"))
    officer.write(kind.get_by_label("Kept for days"), "365")
    officer.press(page.get_by_role("button", name="Save", exact=True).last)
    expect(page.get_by_text("you and the works council sign")).to_be_visible()
    officer.press(page.get_by_role("button", name="Submit for decision"))
    expect(page.get_by_text("It waits for its signatures and does not change any more.")).to_be_visible()

    council = sits_down(clara, "/council/policies")
    page = council.page
    council.press(page.get_by_role("link", name="Reject… Longer"))
    council.write(page.get_by_label("Why not"), WHY_NOT)
    council.press(page.get_by_role("button", name="Reject the policy"))
    expect(page.locator("#messages")).to_contain_text("Rejected.")
    officer.page.reload()
    expect(officer.page.get_by_text(WHY_NOT).first).to_be_visible()


def test_a_stop_is_confirmed_and_stands(omar: Someone, sits_down: SitsDown) -> None:
    site = f"Bergen {omar.subject[-6:]}"
    for number in range(10):
        make_person(omar.installed.superuser, f"Nils {number}", site=site)
    officer = sits_down(omar, "/officer/stops/new")
    page = officer.page
    officer.pick(page.get_by_label("Only those who fit"))
    officer.tick(page.get_by_label(site))
    officer.write(page.get_by_label("Why"), "Tax numbers were found.")
    officer.press(page.get_by_role("button", name="Go on…"))
    expect(page.get_by_text("You cannot take it back alone")).to_be_visible()
    officer.press(page.get_by_role("button", name="Stop recording now"))
    expect(page.get_by_text("Tax numbers were found.").first).to_be_visible()
    officer.page.goto("/officer/stops")
    expect(page.get_by_text(site).first).to_be_visible()
