"""Real windows, real keys, the real collector: what is typed arrives sealed, and what must not arrive does not."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import mss
import pytest

from collector import indicator_x11
from collector.clock import SystemClock
from tests.collector.display import Display, display, wait_until
from tests.collector.gateway import SmallGateway
from tests.collector.world import World
from tests.gateway.process import ROOT
from wire import documents
from wire.documents import Kind, ReportKind
from wire.policy import Context, Rule

FORM = "<!doctype html><title>Form</title><input id=t autofocus><input id=p type=password><textarea></textarea>"
WINDOW = """
import sys, time
from Xlib import Xatom, display
d = display.Display()
w = d.screen().root.create_window(100, 100, 400, 300, 0, d.screen().root_depth)
w.set_wm_name("theirs")
w.set_wm_class("editor", "editor")
if sys.argv[1] == "process":
    w.change_property(d.intern_atom("_NET_WM_PID"), Xatom.CARDINAL, 32, [int(sys.argv[2])])
if sys.argv[1] == "machine":
    w.change_property(d.intern_atom("WM_CLIENT_MACHINE"), Xatom.STRING, 8, sys.argv[2].encode())
w.map()
d.sync()
time.sleep(600)
"""
CONTEXTS = (
    Context("editor", "Editor", ("editor",), ()),
    Context("terminal", "Terminal", ("konsole",), ()),
    Context("wiki", "Wiki", (), ("127.0.0.2",)),
    Context("chat", "Chat", ("assistant",), ()),
)
RED, GREY = indicator_x11.COLOURS[True], indicator_x11.COLOURS[False]
ALL = tuple(context.id for context in CONTEXTS)


class LiveWorld(World):
    """A world on the machine's own clocks."""

    def now(self) -> int:
        return SystemClock().wall_ms()


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    world = LiveWorld()
    rules = tuple(Rule(kind, ALL, 1000, 1, 30) for kind in Kind)
    world.changed = {"contexts": CONTEXTS, "rules": rules, "exclusions": (), "expires": world.now() + 10**9}
    world.changed |= {"not_before": world.now() - 10**6}
    with SmallGateway(world).serving() as serving:
        yield serving


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Display]:
    with display(tmp_path) as one:
        yield one


@contextmanager
def recording(screen: Display, gateway: SmallGateway, folder: Path) -> Iterator[Path]:
    """The collector of an enrolled device, recording what happens on the display."""
    state, fingerprint = folder / "state", documents.fingerprint(gateway.world.organisation.trust_envelope())
    command(screen, "enrol", "--server", gateway.url, "--trust", fingerprint, "--code", gateway.code, state=state)
    arguments = [sys.executable, "-m", "collector", "run", "--segment-seconds", "2", "--state", str(state)]
    process = subprocess.Popen(arguments, cwd=ROOT, env=screen.environment, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: status(state).get("reason") == "recording")
        yield state
    finally:
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=30)[1]
        assert process.returncode == 0, errors


def command(screen: Display, *arguments: str, state: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "collector", *arguments, "--state", str(state)],
        cwd=ROOT,
        env=screen.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def status(state: Path) -> dict[str, Any]:
    """What the `status` command reads."""
    path = state / "status.json"
    told: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
    return told


def await_context(state: Path, context: str | None) -> None:
    wait_until(lambda: status(state).get("context") == context)


def test_typing_pointer_titles_and_pictures_of_a_listed_window_arrive(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    with recording(screen, gateway, tmp_path) as state:
        screen.entry("editor", "notes")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "60", "Guten Tag, total = 42")
        screen.xdotool("mousemove", "200", "160", "mousemove", "220", "170", "click", "1")
        screen.xdotool("key", "--delay", "60", "KP_4", "KP_2")
        wait_until(lambda: "total = 42" in gateway.texts() and gateway.texts().endswith("42"))
        wait_until(lambda: {Kind.POINTER, Kind.CLICK, Kind.WINDOW, Kind.SCREENSHOT, Kind.KEY} <= gateway.kinds())
    assert gateway.texts() == "Guten Tag, total = 4242"
    pictures = [(item, header) for header, item in gateway.uploads if header.kind is Kind.SCREENSHOT]
    assert all(item.blob[:4] == b"RIFF" and header.sensitivity >= 3 for item, header in pictures)
    width, height = pictures[0][0].data["size"]
    assert (width, height) < (1280, 800), "only the window, not the screen"


def test_unlisted_windows_leave_nothing(screen: Display, gateway: SmallGateway, tmp_path: Path) -> None:
    with recording(screen, gateway, tmp_path) as state:
        screen.entry("diary", "private thoughts")
        screen.xdotool("type", "--delay", "40", "nobody reads this")
        time.sleep(1)
        screen.entry("editor", "notes")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "40", "but this")
        wait_until(lambda: "but this" in gateway.texts())
    everything = json.dumps([item.data for _, item in gateway.uploads])
    assert "nobody" not in everything
    assert "thoughts" not in everything
    assert {header.context for header, _ in gateway.uploads} == {"editor"}


def test_a_pause_stops_the_probes_and_typing_leaves_nothing(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    with recording(screen, gateway, tmp_path) as state:
        screen.entry("editor", "notes")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "40", "before ")
        wait_until(lambda: "before" in gateway.texts())
        gateway.world.pause()
        gateway.push()
        wait_until(lambda: any(one.what is ReportKind.STOPPED for one in gateway.reports))
        stopped = next(one for one in gateway.reports if one.what is ReportKind.STOPPED)
        screen.xdotool("type", "--delay", "40", "secret while paused")
        gateway.world.resume()
        gateway.push()
        wait_until(lambda: status(state).get("reason") == "recording")
        time.sleep(0.5)
        screen.xdotool("type", "--delay", "40", "after ")
        wait_until(lambda: "after" in gateway.texts())
    assert "secret" not in gateway.texts()
    assert all(header.end <= stopped.at or header.seq > stopped.last_seq for header, _ in gateway.uploads)
    assert all(header.seq <= stopped.last_seq for header, _ in gateway.uploads if header.start < stopped.at)


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The address of a listed site with a form."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text(FORM)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.2", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.2:{server.server_port}/"
        server.shutdown()


def test_a_password_field_in_the_browser_leaves_nothing(screen: Display, gateway: SmallGateway, tmp_path: Path) -> None:
    with site(tmp_path) as url, recording(screen, gateway, tmp_path) as state:
        screen.browser(url, "Form")
        await_context(state, "wiki")
        screen.xdotool("type", "--delay", "60", "open words ")
        time.sleep(1)
        screen.xdotool("key", "Tab")
        screen.xdotool("type", "--delay", "30", "hunter2")
        time.sleep(0.2)
        screen.xdotool("key", "Tab")
        time.sleep(1)
        screen.xdotool("type", "--delay", "60", "more words ")
        wait_until(lambda: "more words" in gateway.texts())
    assert "open words" in gateway.texts()
    assert not set("hunter2") & set(gateway.texts()) - set("open words more words ")
    assert "hunter2" not in json.dumps([item.data for _, item in gateway.uploads])


def test_P07_a_private_window_of_a_listed_site_leaves_nothing(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    with site(tmp_path) as url, recording(screen, gateway, tmp_path) as state:
        screen.browser(url, "Form", "--incognito")
        wait_until(lambda: status(state).get("not_recorded_because") == "private_window")
        screen.xdotool("type", "--delay", "60", "between us")
        time.sleep(2)
        screen.entry("editor", "notes")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "60", "work")
        wait_until(lambda: "work" in gateway.texts())
    assert {header.context for header, _ in gateway.uploads} == {"editor"}


def test_a_browser_that_tells_nothing_leaves_nothing(screen: Display, gateway: SmallGateway, tmp_path: Path) -> None:
    with site(tmp_path) as url, recording(screen, gateway, tmp_path) as state:
        screen.browser(url, "Form", "--disable-renderer-accessibility")
        wait_until(lambda: status(state).get("not_recorded_because") == "unknown_page")
        screen.xdotool("type", "--delay", "60", "unseen")
        time.sleep(2)
    assert gateway.uploads == []


def test_a_grabbed_keyboard_means_a_password_prompt(screen: Display, gateway: SmallGateway, tmp_path: Path) -> None:
    grab = (
        "import time; from Xlib import display, X; d = display.Display(); time.sleep({})\n"
        "d.screen().root.grab_keyboard(0, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime); d.sync(); time.sleep(4)"
    )
    with recording(screen, gateway, tmp_path) as state:
        screen.entry("editor", "notes")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "40", "visible ")
        wait_until(lambda: "visible" in gateway.texts())
        holder = screen.start(sys.executable, "-c", grab.format(0))
        time.sleep(2.5)
        screen.xdotool("type", "--delay", "40", "passphrase")
        holder.wait(timeout=30)
        time.sleep(1)
        screen.xdotool("type", "--delay", "40", "visible again")
        wait_until(lambda: "again" in gateway.texts())
    assert "pass" not in gateway.texts()
    assert "phrase" not in gateway.texts()


def test_a_window_of_another_users_process_leaves_nothing(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    with process_of_somebody_else() as pid:
        _leaves_nothing(screen, gateway, tmp_path, "process", str(pid))


def test_P07_a_window_of_another_computer_leaves_nothing(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    _leaves_nothing(screen, gateway, tmp_path, "machine", "elsewhere")


def _leaves_nothing(screen: Display, gateway: SmallGateway, folder: Path, *whose: str) -> None:
    with recording(screen, gateway, folder) as state:
        screen.start(sys.executable, "-c", WINDOW, *whose)
        screen.await_window("theirs")
        wait_until(lambda: status(state).get("not_recorded_because") == "another_user")
        screen.xdotool("type", "--delay", "40", "not mine")
        time.sleep(1)
        screen.entry("editor", "notes")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "40", "work")
        wait_until(lambda: "work" in gateway.texts())
    assert "mine" not in gateway.texts()
    assert "theirs" not in json.dumps([item.data for _, item in gateway.uploads])


def test_a_window_that_names_no_process_is_known_by_its_connection(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    with recording(screen, gateway, tmp_path) as state:
        screen.start(sys.executable, "-c", WINDOW, "nobody")
        screen.await_window("theirs")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "40", "work")
        wait_until(lambda: "work" in gateway.texts())


def test_P07_a_password_that_a_terminal_asks_for_leaves_nothing(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    asking = "read -r; read -rs -p 'Password: '; exec cat"
    with recording(screen, gateway, tmp_path) as state:
        screen.start("xterm", "-name", "editor", "-class", "editor", "-T", "Work", "-e", "bash", "--norc", "-c", asking)
        screen.await_window("Work")
        await_context(state, "editor")
        screen.xdotool("type", "--delay", "60", "before ")
        time.sleep(1)
        screen.xdotool("key", "Return")
        screen.xdotool("type", "--delay", "30", "Tr0ub4dor3")
        screen.xdotool("key", "Return")
        time.sleep(2.5)
        screen.xdotool("type", "--delay", "60", "afterwards ")
        wait_until(lambda: "afterwards" in gateway.texts())
    assert "before" in gateway.texts()
    assert not set("Tu034") & set(gateway.texts())


@contextmanager
def process_of_somebody_else() -> Iterator[int]:
    """The number of a process that another user runs: the first one, or one of nobody's."""
    if os.getuid() != 0:
        yield 1
        return
    process = subprocess.Popen(["sleep", "600"], user=65534)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_a_prompt_comes_through_the_local_door(screen: Display, gateway: SmallGateway, tmp_path: Path) -> None:
    with recording(screen, gateway, tmp_path) as state:
        told = command(screen, "prompt", "--context", "chat", "--prompt", "Why?", "--answer", "So.", state=state)
        assert told.strip() == "recorded"
        told = command(screen, "prompt", "--context", "elsewhere", "--prompt", "Why?", state=state)
        assert told.strip() == "not recorded"
        wait_until(lambda: Kind.PROMPT in gateway.kinds())
    turns = next(item.data["turns"] for header, item in gateway.uploads if header.kind is Kind.PROMPT)
    assert [(turn["role"], turn["text"]) for turn in turns] == [("user", "Why?"), ("assistant", "So.")]


def test_the_sign_is_in_sight_and_changes_with_the_state(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    with recording(screen, gateway, tmp_path) as state:
        wait_until(lambda: sign(screen) == RED)
        screen.start("xdotool", "search", "--name", "Daylight indicator", "windowlower").wait(timeout=30)
        command(screen, "pause", state=state)
        wait_until(lambda: sign(screen) == GREY)
        screen.entry("editor", "notes")
        screen.xdotool("getactivewindow", "windowsize", "1280", "800", "windowmove", "0", "0")
        time.sleep(2)
        assert sign(screen) == GREY, "no window covers it for long"


def sign(screen: Display) -> tuple[int, int, int]:
    """The colour of the screen where the sign is."""
    with mss.MSS(display=screen.environment["DISPLAY"]) as eyes:
        return eyes.grab({"left": 1280 - 10, "top": 800 - 10, "width": 1, "height": 1}).pixel(0, 0)
