"""Every number is a door: a count on an own page leads to what it counts."""

import re
from contextlib import ExitStack
from typing import Any, Final
from urllib.parse import urljoin

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.cast import Cast
from tests.browser.pages_own import PAGES
from tests.browser.test_crawl import show

NO_DOOR: Final = {
    ".month td": "a day of a calendar: those with something in them are links",
    "[aria-labelledby=erasures-title], [aria-label=Deletions]": "what was deleted is hidden, then gone",
    "[data-label=Deleted], [data-label=Rows]": "what was deleted is gone; its receipt is linked beside it",
    "#numbers dd:nth-of-type(2)": "who signed without a name nobody may ever see",
    "[aria-labelledby=exemptions-title]": "published for everybody: nobody may see who stands behind it",
    "#places, [aria-labelledby=table-title], #everything": "the same: only places lead on, to their own numbers",
}
"""Where a number stands by itself and leads nowhere, and why."""

FIGURES: Final = """exempt => {
  const number = /^[0-9][0-9.,\\u00a0\\u202f]*/;
  const standing = [...document.querySelectorAll('main :is(td, dd, .stat b)')].filter(one => {
    const found = one.textContent.trim().match(number);
    return found && found[0] === one.textContent.trim();
  });
  const said = [...document.querySelectorAll('main .sentence')].filter(one => number.test(one.textContent.trim()));
  return [...standing, ...said].filter(one => parseInt(one.textContent) && !one.closest(exempt)).map(one => ({
    text: one.textContent.trim().match(number)[0],
    own: one.querySelector('a[href]')?.getAttribute('href') ?? null,
    around: [...one.closest('tr, dd, section, .card').querySelectorAll('a[href]')].length,
  }));
}"""
"""A number by itself: a whole cell, a whole fact, a card's large number, or the beginning of a card's large sentence.

`own`: where the number itself leads; `around`: how many links its row, its fact or the sentence's card has."""


@pytest.mark.slow
def test_every_number_on_an_own_page_leads_to_what_it_counts(cast: Cast) -> None:
    wrong: dict[str, list[str]] = {}
    doors = 0
    with ExitStack() as stack:
        contexts: dict[str, BrowserContext] = {}
        for name, shown in PAGES.items():
            if not shown.who:
                continue
            if shown.who not in contexts:
                contexts[shown.who] = stack.enter_context(cast.who(shown.who).context(locale="en-GB"))
            page = contexts[shown.who].new_page()
            show(page, shown, cast)
            figures: list[dict[str, Any]] = page.evaluate(FIGURES, ", ".join(NO_DOOR))
            doors += sum(figure["own"] is not None for figure in figures)
            found = [figure["text"] for figure in figures if not figure["own"] and not figure["around"]]
            found += [f"{one['text']} → {one['own']}" for one in figures if one["own"] and not _leads(page, one)]
            if found:
                wrong[name] = found
            page.close()
    assert not wrong, wrong
    assert doors > 0


def _leads(page: Page, figure: dict[str, Any]) -> bool:
    """Whether the number's own link leads to a page that says the number, too, or to a part of this one."""
    address = str(figure["own"])
    if address.startswith("#"):
        return page.locator(address).count() == 1
    answer = page.request.get(urljoin(page.url, address))
    return bool(answer.ok) and figure["text"] in _numbers(answer.text().partition("<main")[2])


def _numbers(text: str) -> set[str]:
    return {found.rstrip(".,") for found in re.findall(r"[0-9][0-9.,\u00a0\u202f]*", text)}
