"""`make pictures`: take the pictures of the README anew, in a real browser, from a filled demo of their own.

They show the day on which they are taken: best on a working day, about noon in Berlin. Look at each before you keep it.
"""

import io
import json
import re
import sys
import tempfile
import time
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from portal.operations.demo import progress_file
from portal.operations.runtime import Runtime
from portal.signing import build
from tests.collector.display import wait_until
from tests.e2e.parts import CHROMIUM_FLAGS, ROOT, Demo, Person, supervised

FOLDER: Final = ROOT / "docs" / "pictures"
COLOURS: Final = 256
MOST_BYTES: Final = 150_000
FILLED_SECONDS: Final = 300
LIVE_SECONDS: Final = 45
"""After this the demo's devices have recorded something of their own."""


def main() -> None:
    """Everything, one after the other; a few minutes."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        with supervised(Path(folder), "demo") as running:
            wait_until(lambda: is_filled(running), FILLED_SECONDS)
            time.sleep(LIVE_SECONDS)
            own_pages(browser, running)
            desks(browser, running, Path(folder))
        browser.close()


def is_filled(running: Demo) -> bool:
    """Whether the demo's past is there."""
    note = progress_file(Runtime(running.var))
    noted = json.loads(note.read_text()) if note.exists() else {"done": 0, "total": 1}
    return bool(noted["done"] >= noted["total"])


def own_pages(browser: Browser, running: Demo) -> None:
    """What Amira sees: now, on a phone, a day, an item, a pause."""
    amira = Person(browser, running.portal, "amira", javascript=True)
    keep(amira.page, "now")
    on_a_phone(browser, amira)
    day = max(past_days(), key=partial(told_of, amira))
    amira.open(f"/data/{day}")
    keep(amira.page, "day")
    amira.open(f"/data/{day}?kind=key&context=outlook")
    rows = amira.page.locator("#items tbody tr").all()
    longest = max(rows, key=lambda row: [int(keys) for keys in re.findall(r"(\d+) keys", row.inner_text())])
    longest.get_by_role("link", name="Open").click()
    amira.page.wait_for_url("**/data/*/*")
    keep(amira.page, "item")
    amira.open("/")
    amira.press("Pause 30 minutes")
    amira.page.get_by_text("2 of 2 devices have stopped.").first.wait_for(state="attached")
    keep(amira.page, "paused")
    amira.press("Resume recording")
    amira.close()


def on_a_phone(browser: Browser, who: Person) -> None:
    """The first page, in the dark, on something small."""
    phone = browser.new_context(
        storage_state=who.page.context.storage_state(),
        viewport={"width": 390, "height": 844},
        device_scale_factor=1.5,
        color_scheme="dark",
    )
    page = phone.new_page()
    page.goto(who.portal)
    keep(page, "phone")
    phone.close()


def past_days() -> list[str]:
    """The last days before today, of which some are working days."""
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    return [(today - timedelta(days=ago)).isoformat() for ago in range(1, 9)]


def told_of(who: Person, day: str) -> tuple[int, int]:
    """How much there is to see of a day in its lanes: which kinds, and how many stretches of them."""
    who.open(f"/data/{day}")
    bars = who.page.locator("svg .lane-bar")
    shown = [bar.get_attribute("class") for bar in bars.all()]
    return len(set(shown)), len(shown)


def desks(browser: Browser, running: Demo, folder: Path) -> None:
    """HR's queue, and what the signing file shows of a draft of the privacy officer's."""
    Person(browser, running.portal, "helge", javascript=True).close()  # else the desk says that HR is one person only
    hana = Person(browser, running.portal, "hana", javascript=True)
    hana.page.set_viewport_size({"width": 1280, "height": 1100})
    hana.open("/hr")
    keep(hana.page, "hr")
    hana.close()
    omar = Person(browser, running.portal, "omar", javascript=True)
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(build.FILE.as_uri())
    page.set_input_files("#key-file", running.var / "demo-keys" / "omar.json")
    page.fill("#passphrase", "omar-demo")
    page.click("#open-key button")
    page.wait_for_selector("#key-state[data-state=open]")
    page.set_input_files("#bundle", wider(omar.page, folder))
    page.wait_for_selector("#shown:not([hidden])")
    keep(page, "signing", whole=True)
    omar.close()


def wider(page: Page, folder: Path) -> Path:
    """Write and submit a draft that keeps screenshots for 30 days; what there is to sign, as a file."""
    page.goto(page.url + "officer/policies")
    page.get_by_label("Title").fill("Screenshots for 30 days")
    page.get_by_role("button", name="Begin a draft").click()
    page.locator("details:has([name='rules.screenshot.retention_days']) summary").click()
    page.locator("[name='rules.screenshot.retention_days']").fill("30")
    page.locator("form[action$='/edit'] .acts .primary").last.click()
    page.get_by_role("button", name="Submit for decision").click()
    page.get_by_role("button", name="Sign…").click()
    with page.expect_download() as got:
        page.get_by_role("link", name="Download what to sign").click()
    file = folder / "to-sign.json"
    got.value.save_as(file)
    return file


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """The page as a small file of few colours; `whole`: also what lies below the window."""
    page.evaluate("document.fonts.ready")
    taken = Image.open(io.BytesIO(page.screenshot(full_page=whole, animations="disabled"))).convert("RGB")
    file = FOLDER / f"{name}.png"
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    assert size <= MOST_BYTES, (file, size)
    sys.stdout.write(f"{file.relative_to(ROOT)}: {size // 1000} kB\n")


if __name__ == "__main__":
    main()
