"""Two ways to work with a page: the keyboard alone, and the pointer in a browser that runs no script."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Someone

MOST_STOPS = 150


@dataclass(frozen=True)
class Hands:
    """How somebody works with a page."""

    page: Page
    keyboard: bool

    def press(self, target: Locator) -> None:
        """Follow a link, press a button, open a fold."""
        if self.keyboard:
            self._reach(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()

    def tick(self, target: Locator) -> None:
        """Tick a box."""
        if self.keyboard:
            self._reach(target)
            self.page.keyboard.press("Space")
        else:
            target.check()

    def pick(self, target: Locator) -> None:
        """Pick one of several; Tab stops only at the one picked, arrows go on from there."""
        if not self.keyboard:
            target.check()
            return
        group = target.page.locator(f"[name='{target.get_attribute('name')}']")
        self._reach(group.and_(target.page.locator(":checked")).or_(group).first)
        for _ in range(group.count()):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow reaches {target}")

    def write(self, target: Locator, words: str) -> None:
        """Fill a field anew."""
        if self.keyboard:
            self._reach(target)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(words)
        else:
            target.fill(words)

    def choose(self, target: Locator, option: str) -> None:
        """Choose of a list what begins so."""
        if self.keyboard:
            self._reach(target)
            self.page.keyboard.type(option)
        else:
            target.select_option(label=option)

    def day(self, target: Locator, day: date) -> None:
        """Fill a field for a day; a keyboard writes it as the browser's language does."""
        self._when(target, day.isoformat(), f"{day:%m%d%Y}")

    def moment(self, target: Locator, moment: datetime) -> None:
        """Fill a field for a day and a time, to the minute."""
        self._when(target, moment.isoformat(timespec="minutes"), f"{moment:%m%d%Y}", f"{moment:%I%M%p}")

    def _when(self, target: Locator, value: str, *typed: str) -> None:
        if not self.keyboard:
            target.fill(value)
            return
        self._reach(target)
        for part in typed:
            self.page.keyboard.type(part)
            self.page.keyboard.press("ArrowRight")
        expect(target).to_have_value(value)

    def _reach(self, target: Locator) -> None:
        for _ in range(MOST_STOPS):
            if target.evaluate("held => held === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")


SitsDown = Callable[[Someone, str], Hands]
"""Sit a person down at a page: `sits_down(hana, "/hr")`."""
