"""Chromium without a window, and the signing file as a signer has it: on the own disk, opened from there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from portal.signing import build
from tests.browser.conftest import CHROMIUM, QUIET


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What opens a page drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium, offline."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a copy of the file from disk, without any network; what the page complains about fails the test."""
    file = tmp_path / "daylight-sign.html"
    file.write_bytes(build.FILE.read_bytes())
    context = chromium.new_context(offline=True, accept_downloads=True, locale="en-GB")
    complaints: list[str] = []

    def open_file(*, hostile: bool = False) -> Page:
        page = context.new_page()
        if not hostile:
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_file
    context.close()
    assert complaints == []
