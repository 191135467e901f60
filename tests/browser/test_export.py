"""Everything about oneself, from the click to pages that open from one's own disk, with and without scripts."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

from portal.core import clock
from tests.browser.people import Someone
from wire.documents import Kind

READY = "Your archive is ready."
MARK = "Demo data. The people and what was captured here are made up."


def download(page: Page) -> zipfile.ZipFile:
    with page.expect_download() as got:
        page.get_by_role("button", name="Download the archive").click()
    file = got.value
    assert file.suggested_filename.startswith("daylight-")
    assert file.suggested_filename.endswith(".zip")
    return zipfile.ZipFile(io.BytesIO(Path(file.path()).read_bytes()))


def recorded(newcomer: Callable[..., Someone]) -> Someone:
    """Somebody with an hour of items of each kind."""
    someone = newcomer()
    recorder = someone.records()
    recorder.day(clock.now() - timedelta(minutes=2), 1)
    assert set(recorder.send()) == {"stored"}
    return someone


def test_the_page_follows_the_export_by_itself(
    newcomer: Callable[..., Someone], browser: Browser, tmp_path: Path
) -> None:
    someone = recorded(newcomer)
    with someone.context() as context:
        page = context.new_page()
        page.goto("/exports")
        page.get_by_label("Also what lies in external stores").uncheck()  # no worker runs here
        page.get_by_role("button", name="Order the export").click()
        page.locator("#export").get_by_text(READY).wait_for(timeout=90_000)
        archive = download(page)
    assert archive.testzip() is None
    archive.extractall(tmp_path)
    _opens_from_a_disk(browser, tmp_path)


def _opens_from_a_disk(browser: Browser, folder: Path) -> None:
    heard: list[str] = []
    with browser.new_context(java_script_enabled=True, offline=True) as context:
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("request", lambda request: heard.append(request.url) if not request.url.startswith("file:") else None)
        page.goto((folder / "index.html").as_uri())
        assert page.title() == "Your data at Daylight · Daylight"
        assert MARK in page.inner_text("body")
        page.locator("section li a").first.click()
        page.wait_for_load_state()
        assert MARK in page.inner_text("body")
        assert page.locator("article").count() >= len(Kind)
        page.locator("img").first.scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('img').complete")
        assert page.evaluate("document.querySelector('img').naturalWidth") > 0
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.screenshot(path=folder / "day.png")
        page.get_by_text("Back to the contents").click()
        page.get_by_text("Your sign-ins").click()
        assert page.locator("tbody tr").count() == 1
        assert MARK in page.inner_text("body")
    assert heard == []


def test_without_scripts_the_person_asks_again(newcomer: Callable[..., Someone]) -> None:
    someone = recorded(newcomer)
    with someone.context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/exports")
        page.get_by_label("Also what lies in external stores").uncheck()
        page.get_by_role("button", name="Order the export").click()
        for _ in range(90):
            if page.get_by_text(READY).count():
                break
            page.wait_for_timeout(1000)
            page.goto(page.url)
        names = download(page).namelist()
    assert "manifest.json" in names
