"""Every page, both themes, a desktop and a phone, English and German: accessible, narrow enough, clean, translated."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.browser.cast import Cast
from tests.browser.inspection import RULES, RULES_OF_COLOUR, Heard, faults, faults_at, is_english, listening
from tests.browser.installation import Installation
from tests.browser.pages import NOT_PAGES, PAGES
from tests.browser.shown import Shown

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
LOCALES = {"en": "en-GB", "de": "de-DE"}
SIZES = {"desktop": 1280, "phone": 360}
THEMES = {"light": RULES, "dark": RULES_OF_COLOUR}
"""A page is loaded once and shown in both: a theme is colours only, and what else axe asks has the same answer."""

PARTS = 3
"""Each is a test of its own: on a busy machine all pages at once take longer than one test may."""


def test_every_page_of_the_portal_is_crawled(installed: Installation) -> None:
    rules = installed.app.url_map.iter_rules()
    readable = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    assert readable == {shown.endpoint for shown in PAGES.values() if shown.endpoint} | NOT_PAGES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", LOCALES)
def test_S08_every_page_is_accessible_narrow_enough_clean_and_translated(
    cast: Cast, browser: Browser, installed: Installation, axe: str, language: str, part: int
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    wrong = {}
    for name, page, heard, answer in _crawl(cast, browser, installed, language, part):
        page.evaluate(axe)
        found = [*faults(page, answer, language), *heard.lines]
        for theme, rules in THEMES.items():
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            for size, width in SIZES.items():
                found += [f"{theme}: {fault}" for fault in faults_at(page, width, rules)]
                if language == "en":
                    page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{theme}.png", full_page=True)
        if found:
            wrong[name] = found
    assert wrong == {}


def test_the_crawl_would_see_english_on_a_german_page() -> None:
    assert is_english("Pause 30 minutes")
    assert is_english("Zeichnet auf · Resume recording")
    assert is_english("3 items were captured about you")
    assert not is_english("30 Minuten pausieren")


def _crawl(
    cast: Cast, browser: Browser, installed: Installation, language: str, part: int
) -> Iterator[tuple[str, Page, Heard, Response | None]]:
    """Each page, shown; one browser context a person."""
    locale = LOCALES[language]
    cast.hana.rows.do("UPDATE employee SET locale = NULL")  # saved by an earlier crawl
    with ExitStack() as stack:
        contexts: dict[str, BrowserContext] = {}
        for name, shown in list(PAGES.items())[part::PARTS]:
            if shown.who not in contexts:
                contexts[shown.who] = stack.enter_context(
                    cast.who(shown.who).context(locale=locale)
                    if shown.who
                    else browser.new_context(base_url=installed.base, locale=locale)
                )
            with listening(contexts[shown.who]) as (page, heard):
                yield name, page, heard, show(page, shown, cast)


def show(page: Page, shown: Shown, cast: Cast) -> Response | None:
    answer = page.goto(shown.path(cast))
    assert answer
    assert answer.status == shown.status, (shown.path(cast), answer.status)
    if shown.then:
        shown.then(page)
    page.evaluate("document.fonts.ready")
    return answer
