"""The parts of a proof from end to end: the demo as its users start it, a real screen, a real browser."""

import http.server
import os
import random
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page

from portal.operations.processes import end_orphans
from portal.operations.runtime import Runtime
from tests.collector.display import Display

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
WIKI = "wiki.daylight.example"
FORM = "<!doctype html><title>Wiki</title><input id=t autofocus><input id=p type=password><textarea></textarea>"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Demo:
    """A running demo: where the portal is, and the file its terminal output goes to."""

    portal: str
    output: Path
    var: Path


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """`python -m portal demo` on free ports, without the company's history and the scripted devices."""
    with supervised(folder, "demo", PORTAL_DEMO_COMPANY="0") as started:
        yield started


@contextmanager
def supervised(folder: Path, command: str, **told: str) -> Iterator[Demo]:
    """`python -m portal demo` or `up` on free ports, told these settings besides, until the end of the block."""
    base = free_base()
    var, output = folder / "var", folder / f"{command}.txt"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    own = {"PORTAL_VAR_DIR": str(var), "PORTAL_DEMO_PORT_BASE": str(base)} | told
    with output.open("w") as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", command], cwd=ROOT, env=inherited | own, stdout=terminal, stderr=terminal
        )
    try:
        await_ready(process, output)
        yield Demo(f"http://localhost:{base}", output, var)
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)
        end_orphans(Runtime(var))


def await_ready(process: "subprocess.Popen[bytes]", output: Path) -> None:
    """Return when the ready line is printed; fail when the demo ends instead."""
    done = threading.Event()
    for _ in range(1200):
        if "Daylight is ready:" in output.read_text():
            return
        assert process.poll() is None, output.read_text()
        done.wait(0.1)
    raise AssertionError(output.read_text())


def free_base() -> int:
    """Four free ports, ten apart; tried in any order, so that two runs at once do not meet."""
    for base in random.sample(range(20000, 32000, 100), 120):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three, socket.socket() as four:
            try:
                for probe, port in ((one, base), (two, base + 10), (three, base + 20), (four, base + 30)):
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return base
    raise AssertionError("no free ports")


class Person:
    """Somebody at the portal in a real browser, signed in through the real identity provider."""

    def __init__(self, browser: Browser, portal: str, user: str, *, javascript: bool) -> None:
        self._context = browser.new_context(java_script_enabled=javascript, viewport={"width": 1280, "height": 900})
        self.portal = portal
        self.page: Page = self._context.new_page()
        self.page.goto(portal)
        self.page.fill("input[name=login]", user)
        self.page.click("button[type=submit], input[type=submit]")
        self.page.fill("input[name=password]", f"{user}-demo")
        self.page.click("button[type=submit], input[type=submit]")
        self.page.wait_for_url(f"{portal}/")

    def open(self, path: str) -> str:
        """The words of a page."""
        self.page.goto(self.portal + path)
        return self.words()

    def words(self) -> str:
        """The words of the page that is open."""
        return self.page.inner_text("main")

    def open_again(self) -> str:
        """The words of the same page, asked for anew."""
        self.page.goto(self.page.url)
        return self.words()

    def add_device(self, name: str) -> list[str]:
        """Add a collector on the settings page; the command it shows, in words, after `python`."""
        self.page.goto(f"{self.portal}/settings")
        self.page.fill("#f-name", name)
        self.page.click("text=Get the command")
        shown = self.page.inner_text("#command")
        assert shown.startswith("python -m collector enrol "), shown
        return shlex.split(shown)[1:]

    def press(self, name: str) -> None:
        """Press the button with this accessible name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def picture(self, name: str) -> None:
        """Keep a picture of the page under var/screenshots."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def open_items(self, day: str, kind: str) -> list[str]:
        """The words of every item of this kind on the day, each opened by the vault."""
        return [self.open(link) for link in self._items(day, kind)]

    def typed(self, day: str) -> str:
        """What was typed on the day, from the first item to the last: on a slow machine words cross their borders."""
        text = ""
        for link in reversed(self._items(day, "key")):
            self.open(link)
            text += self.page.locator("pre.typed").text_content() or ""
        return text

    def _items(self, day: str, kind: str) -> list[str]:
        """Where the items of this kind on the day are opened, the newest first."""
        self.page.goto(f"{self.portal}/data/{day}?kind={kind}")
        links = self.page.locator("#items .row-acts a", has_text="Open").all()
        return [link.get_attribute("href") or "" for link in links]

    def close(self) -> None:
        """Close the browser's window."""
        self._context.close()


@contextmanager
def collector(screen: Display, command: list[str], state: Path) -> Iterator[Path]:
    """Run the enrolment command that the page showed, then the real collector on the real screen."""
    enrol = [sys.executable, *command, "--state", str(state)]
    done = subprocess.run(enrol, cwd=ROOT, env=screen.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    run = [sys.executable, "-m", "collector", "run", "--segment-seconds", "2", "--state", str(state)]
    process = subprocess.Popen(run, cwd=ROOT, env=screen.environment, stderr=subprocess.PIPE, text=True)
    try:
        yield state
    finally:
        process.terminate()
        errors = process.communicate(timeout=30)[1]
        assert "Traceback" not in errors, errors


@contextmanager
def wiki(screen: Display, folder: Path) -> Iterator[None]:
    """A page of the company's wiki with a text field, a password field and another text field, in a real browser."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text(FORM)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        flags = ("--force-renderer-accessibility", f"--user-data-dir={folder / 'profile'}")
        rules = f"--host-resolver-rules=MAP {WIKI} 127.0.0.1"
        url = f"http://{WIKI}:{site.server_port}/"
        screen.start(str(shutil.which("chromium")), *CHROMIUM_FLAGS, *flags, rules, url)
        screen.await_window("Wiki")
        yield
        site.shutdown()


def seconds_shown(words: str) -> list[float]:
    """Every `0.4 s` in the words of a page."""
    return [float(found) for found in re.findall(r"(\d+\.\d) s", words)]
