"""Proof by real input: what is typed on a real screen is read by its owner alone; a pause stops it; it starts again."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from portal.operations.demo_people import PEOPLE
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.runtime import Runtime
from tests.collector.display import Display, display, wait_until
from tests.collector.test_real_input import await_context, status
from tests.e2e.parts import CHROMIUM_FLAGS, Demo, Person, collector, demo, seconds_shown, wiki

TYPED = "the quarterly figures for Dublin"
PAUSED = "nobody must read this"
AFTER = "back at work"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        yield started
        started.close()


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Display]:
    with display(tmp_path) as one:
        yield one


FIELD_KNOWN_S = 3
"""Keys count only once the field is known not to be a password's."""


def today(user: str) -> str:
    """The day it is where the person works."""
    site = next(person.site for person in PEOPLE if person.user == user)
    return datetime.now(ZoneInfo(site.timezone)).date().isoformat()


def stored(running: Demo) -> int:
    server = Postgres(Runtime(running.var))
    with psycopg.connect(server.superuser_conninfo(DATABASE)) as connection:
        row = connection.execute("SELECT count(*) FROM segment").fetchone()
        assert row
        return int(str(row[0]))


@pytest.mark.parametrize(("user", "javascript"), [("amira", True), ("ben", False)], ids=["javascript", "plain"])
def test_typed_seen_paused_stopped_resumed(
    user: str,
    javascript: bool,  # noqa: FBT001 - a parameter of the test
    running: Demo,
    browser: Browser,
    screen: Display,
    tmp_path: Path,
) -> None:
    person = Person(browser, running.portal, user, javascript=javascript)
    assert "Nothing records you here." in person.words()
    command = person.add_device("This machine")
    with collector(screen, command, tmp_path / "state") as state:
        wait_until(lambda: status(state).get("reason") == "recording")
        screen.entry("xterm", "Report")
        await_context(state, "terminal")
        screen.xdotool("type", "--delay", "60", TYPED)
        wait_until(lambda: TYPED in person.typed(today(user)))
        person.picture(f"item-{user}")

        person.open("/")
        assert "Your device is recording." in person.words()
        person.picture(f"recording-{user}")
        person.press("Pause 30 minutes")
        wait_until(lambda: _stopped(person, javascript=javascript))
        person.picture(f"paused-{user}")
        assert len(seconds_shown(person.words())) == 2, person.words()
        assert "Paused until" in person.page.inner_text("header")

        before = stored(running)
        screen.xdotool("type", "--delay", "40", PAUSED)
        wait_until(lambda: status(state).get("reason") == "paused")
        screen.xdotool("mousemove", "200", "160", "click", "1")
        assert stored(running) == before

        person.open("/")
        person.press("Resume recording")
        wait_until(lambda: status(state).get("reason") == "recording")
        await_context(state, "terminal")
        screen.xdotool("type", "--delay", "60", AFTER)
        wait_until(lambda: AFTER in person.typed(today(user)))
        assert "Your device is recording." in person.open("/")
    assert "nobody" not in person.typed(today(user))
    assert "You opened your own data" in person.open("/looks")
    person.picture(f"looks-{user}")
    person.close()


def _stopped(person: Person, *, javascript: bool) -> bool:
    """Whether every device shows `stopped` with its seconds; without JavaScript the page is asked for anew."""
    words = person.words() if javascript else person.open_again()
    return "1 of 1 devices have stopped." in person.page.content() and "stopped" in words


def test_a_password_field_leaves_nothing(running: Demo, browser: Browser, screen: Display, tmp_path: Path) -> None:
    person = Person(browser, running.portal, "omar", javascript=True)
    command = person.add_device("This machine")
    with collector(screen, command, tmp_path / "state") as state:
        wait_until(lambda: status(state).get("reason") == "recording")
        with wiki(screen, tmp_path):
            await_context(state, "browser-wiki")
            screen.xdotool("type", "--delay", "60", "open words ")
            wait_until(lambda: "open words" in person.typed(today("omar")))
            screen.xdotool("key", "Tab")
            screen.xdotool("type", "--delay", "30", "hunter2")
            screen.xdotool("key", "Tab")
            time.sleep(FIELD_KNOWN_S)
            screen.xdotool("type", "--delay", "60", "more words ")
            wait_until(lambda: "more words" in person.typed(today("omar")))
    assert "hunter" not in person.typed(today("omar"))
    person.close()
