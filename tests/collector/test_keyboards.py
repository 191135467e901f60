"""Other keyboards: what the program received is what the segment holds, whatever the layout was before or is now."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.keymap import UNSURE_MS, Composer, Key, Keymap, Type, unsure
from tests.collector.display import Display, display, wait_until
from tests.collector.gateway import SmallGateway
from tests.collector.test_real_input import CONTEXTS, LiveWorld, await_context, recording
from wire.content import REDACTED
from wire.documents import Kind
from wire.policy import Rule

Y, Z, BRACKET, SEMICOLON, MINUS, EQUAL, Q, E, A = "29", "52", "34", "47", "20", "21", "24", "26", "38"
DIGITS = {str(digit): str(9 + digit) for digit in range(1, 10)} | {"0": "19"}
SHIFT, ALT_GR, BLANK, RETURN, CAPS = "50", "108", "65", "36", "66"
TYPE = """
import sys
from Xlib import X, display
from Xlib.ext import xtest
d = display.Display()
for keycode in map(int, sys.argv[1:]):
    xtest.fake_input(d, X.KeyPress, keycode)
    xtest.fake_input(d, X.KeyRelease, keycode)
    d.sync()
"""
LOCK_GROUP = """
import ctypes, sys
x = ctypes.CDLL("libX11.so.6")
x.XkbOpenDisplay.restype = ctypes.c_void_p
n = [ctypes.c_int(0) for _ in range(5)]
n[2].value = 1
d = ctypes.c_void_p(x.XkbOpenDisplay(None, *[ctypes.byref(i) for i in n]))
x.XkbLockGroup(d, 0x100, int(sys.argv[1]))
x.XSync(d, 0)
"""


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    world = LiveWorld()
    rules = tuple(Rule(kind, ("editor",), 1000, 1, 30) for kind in (Kind.KEY, Kind.WINDOW))
    world.changed = {"contexts": CONTEXTS, "rules": rules, "exclusions": (), "expires": world.now() + 10**9}
    world.changed |= {"not_before": world.now() - 10**6}
    with SmallGateway(world).serving() as serving:
        yield serving


class Desk:
    """A keyboard, and a program that keeps what it received."""

    def __init__(self, screen: Display, gateway: SmallGateway, received: Path) -> None:
        self._screen, self._gateway, self._received = screen, gateway, received

    def layout(self, *arguments: str) -> None:
        """Another keymap in the server, and the moment until it counts."""
        subprocess.run(["setxkbmap", *arguments], env=self._screen.environment, check=True, timeout=30)
        time.sleep(UNSURE_MS / 1000 + 1)

    def group(self, number: int) -> None:
        """The keymap's other layout, as the switch of a desktop sets it."""
        self._run(LOCK_GROUP, str(number))
        time.sleep(0.5)

    def press_in_group(self, *keycodes: str) -> None:
        """As `press`, but leaves the group alone, which xdotool sets to the first."""
        self._run(TYPE, *keycodes)
        time.sleep(0.5)

    def _run(self, program: str, *arguments: str) -> None:
        command = [sys.executable, "-c", program, *arguments]
        subprocess.run(command, env=self._screen.environment, check=True, timeout=30)

    def press(self, *keycodes: str, holding: str = "") -> None:
        """Keys by their place on the keyboard."""
        if holding:
            self._screen.xdotool("keydown", holding)
        for keycode in keycodes:
            self._screen.xdotool("key", "--delay", "40", keycode)
        if holding:
            self._screen.xdotool("keyup", holding)

    def received(self) -> str:
        """What the program got, line by line."""
        return self._received.read_text()

    def recorded(self) -> str:
        """What the segments hold."""
        return self._gateway.texts()

    def line(self) -> str:
        """Ends the line; what the program got as this line, once the segments hold as many lines."""
        self.press(RETURN)
        wait_until(lambda: self.received().endswith("\n"))
        lines = self.received().count("\n")
        wait_until(lambda: self.recorded().count("\n") >= lines)
        return self.received().splitlines()[-1]


@pytest.fixture
def desk(gateway: SmallGateway, tmp_path: Path) -> Iterator[Desk]:
    """A terminal on the default keymap, and the collector recording since before any change."""
    with display(tmp_path) as screen, recording(screen, gateway, tmp_path) as state:
        received = tmp_path / "received"
        screen.environment["LC_ALL"] = "C.UTF-8"
        program = ("-u8", "-fa", "Monospace", "-e", "tee", str(received))
        screen.start("xterm", "-name", "editor", "-class", "editor", "-T", "Work", *program)
        screen.await_window("Work")
        await_context(state, "editor")
        yield Desk(screen, gateway, received)


def test_keys_after_a_change_of_layout_are_those_that_were_typed(desk: Desk) -> None:
    desk.press(Y, Z, BRACKET)
    assert desk.line() == "yz["
    desk.layout("fr")
    desk.press(Q, A, Y, Z, SEMICOLON)
    assert desk.line() == "aqywm"
    desk.press(BRACKET, E, BRACKET, BLANK)
    assert desk.line() == "ê^"
    desk.press(CAPS, Q, CAPS, Q)
    assert desk.line() == "Aa"
    desk.layout("de")
    desk.press(Y, Z, BRACKET, SEMICOLON)
    desk.press(Q, E, holding=ALT_GR)
    assert desk.line() == "zyüö@€"
    assert desk.recorded() == desk.received()


def test_two_layouts_in_one_keymap_are_told_apart(desk: Desk) -> None:
    desk.press(Q)
    assert desk.line() == "q"
    desk.layout("us,fr", "-option", "grp:alt_shift_toggle")
    desk.press_in_group(Q, Y)
    desk.group(1)
    desk.press_in_group(Q, Y, SEMICOLON)
    desk.group(0)
    desk.press_in_group(Q)
    assert desk.line() == "qyaymq"
    assert desk.recorded() == desk.received()


def test_P07_a_card_number_after_a_change_of_layout_is_redacted(desk: Desk) -> None:
    desk.press(*[DIGITS[digit] for digit in "42"])
    assert desk.line() == "42"
    desk.layout("fr")
    desk.press(*[DIGITS[digit] for digit in "4111111111111111"], holding=SHIFT)
    assert desk.line() == "4111111111111111"
    assert desk.recorded() == "42\n" + REDACTED * 16 + "\n"


LETTERS = Type(3, {1: (1, 0), 2: (1, 0)})
SYMBOLS = Type(1, {1: (1, 0)})
KEPT = Type(3, {1: (1, 0), 2: (0, 2)})
SECOND = 1 << 13


@pytest.mark.parametrize(
    ("key", "state", "symbol"),
    [
        (Key((0, 0, 0, 0), 1, 2, (97, 65)), 0, (97, False)),
        (Key((0, 0, 0, 0), 1, 2, (97, 65)), 1, (65, False)),
        (Key((0, 0, 0, 0), 1, 2, (97, 65)), 2, (65, False)),
        (Key((1, 0, 0, 0), 1, 2, (97, 65)), 2, (97, True)),
        (Key((2, 0, 0, 0), 1, 2, (97, 65)), 2, (97, True)),
        (Key((1, 1, 0, 0), 2, 2, (97, 65, 98, 66)), SECOND, (98, False)),
        (Key((1, 1, 0, 0), 2, 2, (97, 65, 98, 66)), SECOND * 2, (97, False)),
        (Key((1, 1, 0, 0), 0x42, 2, (97, 65, 98, 66)), SECOND * 3, (98, False)),
        (Key((1, 1, 0, 0), 0x82 | 1 << 4, 2, (97, 65, 98, 66)), SECOND * 2, (98, False)),
        (Key((0, 0, 0, 0), 0, 0, ()), 0, (0, False)),
        (Key((1, 0, 0, 0), 1, 1, (97,)), 1, (0, False)),
    ],
)
def test_groups_levels_and_caps_lock_are_those_of_the_protocol(key: Key, state: int, symbol: tuple[int, bool]) -> None:
    keymap = Keymap((LETTERS, SYMBOLS, KEPT), {30: key})
    assert keymap.symbol(30, state) == symbol
    assert keymap.symbol(31, state) == (0, False)


@pytest.mark.parametrize(
    ("changed", "at", "not_known"),
    [
        (None, 5, False),
        (1000, 900, True),
        (1000, 1000 + UNSURE_MS, True),
        (1000, 1001 + UNSURE_MS, False),
        ((1 << 32) - 10, 5, True),
        ((1 << 32) - 10, UNSURE_MS, False),
    ],
)
def test_P07_nothing_is_guessed_around_a_change(changed: int | None, at: int, *, not_known: bool) -> None:
    assert unsure(changed, at) is not_known


def test_an_accent_waits_for_its_letter_and_nothing_is_guessed() -> None:
    keys = Composer()
    keys.dead("\u0301")
    assert [keys.character(one) for one in "ee"] == ["é", "e"]
    keys.dead("\u0301")
    assert [keys.character(one) for one in "xe"] == [None, "e"]
    keys.dead("\u0301")
    keys.dead("\u0301")
    assert [keys.character(one) for one in "ee"] == [None, "e"]
    keys.compose()
    assert [keys.character(one) for one in "12e"] == [None, None, "e"]
