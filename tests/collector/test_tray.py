"""A real desktop panel shows what the collector does, and its menu works; without one all goes on as before."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mss
import pytest
from jeepney import DBusAddress, HeaderFields, MessageType, Properties, new_method_call
from jeepney.io.blocking import open_dbus_connection
from PIL import Image, ImageChops, ImageStat

from collector import indicator_menu
from collector.indicator_menu import Face
from tests.collector.display import PANEL_HEIGHT, Display, display, wait_until
from tests.collector.gateway import PORTAL, SmallGateway
from tests.collector.test_real_input import RED, command, gateway, recording, sign, status
from wire.documents import ReportKind

__all__ = ["gateway"]
WATCHER = DBusAddress("/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Display]:
    with display(tmp_path) as one:
        yield one


def seen(screen: Display) -> Face | None:
    """Which of the pictures the panel shows: the most like it. None while it shows none."""
    with mss.MSS(display=screen.environment["DISPLAY"]) as eyes:
        shot = eyes.grab({"left": 0, "top": 0, "width": 60, "height": PANEL_HEIGHT - 2})
    panel = Image.frombytes("RGB", shot.size, shot.bgra, "raw", "BGRX")
    ground = panel.getpixel((50, 10))
    assert isinstance(ground, tuple)
    box = ImageChops.difference(panel, Image.new("RGB", panel.size, ground)).convert("L").point(_clear).getbbox()
    if box is None or ground == (0, 0, 0):
        return None
    there = panel.crop(box).resize((48, 48))
    return min(Face, key=lambda one: ImageStat.Stat(ImageChops.difference(there, _expected(one, ground))).sum[0])


def _clear(difference: int) -> int:
    return 255 if difference > 40 else 0


def _expected(one: Face, ground: tuple[int, ...]) -> Image.Image:
    icon = indicator_menu.icon(one)
    picture = Image.new("RGB", icon.size, ground)
    picture.paste(icon, mask=icon)
    return picture.crop(icon.getbbox()).resize((48, 48))


def asked(screen: Display, address: DBusAddress | None, method: str, signature: str = "", body: Any = ()) -> Any:
    """What the bus answers; from the collector's item if there is no address."""
    with open_dbus_connection(screen.environment["DBUS_SESSION_BUS_ADDRESS"]) as bus:
        if address is None:
            names = bus.send_and_get_reply(Properties(WATCHER).get("RegisteredStatusNotifierItems")).body[0][1]
            item = str(names[0]).partition("/")[0]
            address = DBusAddress("/Menu", item, "com.canonical.dbusmenu")
            if method == "Get":
                address = DBusAddress("/StatusNotifierItem", item, "org.freedesktop.DBus.Properties")
        reply = bus.send_and_get_reply(new_method_call(address, method, signature or None, body))
    assert reply.header.message_type is MessageType.method_return, reply.header.fields[HeaderFields.error_name]
    return reply.body


def told(screen: Display, name: str) -> Any:
    """A property of the collector's item."""
    return asked(screen, None, "Get", "ss", ("org.kde.StatusNotifierItem", name))[0][1]


def menu(screen: Display) -> list[tuple[str, bool]]:
    """The lines of the menu, and whether they can be chosen."""
    _, (_, _, lines) = asked(screen, None, "GetLayout", "iias", (0, -1, []))
    found = [line[1][1] for line in lines]
    return [(one["label"][1], one["enabled"][1]) for one in found if "label" in one]


def choose(screen: Display, *keys: str) -> None:
    """Opens the icon's menu and goes there by the keyboard."""
    screen.xdotool("mousemove", "14", "14", "click", "1")
    time.sleep(1)
    screen.xdotool("key", "--delay", "100", *keys, "Return")


def test_the_panel_shows_each_state_and_its_menu_works(screen: Display, gateway: SmallGateway, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >{opened}\n')
    browser.chmod(0o700)
    screen.environment["BROWSER"] = str(browser)
    with recording(screen, gateway, tmp_path) as state:
        first = screen.panel()
        wait_until(lambda: seen(screen) is Face.RECORDING)
        assert told(screen, "Title") == told(screen, "ToolTip")[2] == "Daylight: Recording what your policy allows."
        choose(screen, "Down")
        wait_until(lambda: status(state).get("reason") == "paused_here")
        wait_until(lambda: seen(screen) is Face.PAUSED)
        paused = next(one for one in gateway.reports if one.what is ReportKind.PAUSED_HERE)
        assert int(paused.detail.removeprefix("until=")) - paused.at == pytest.approx(30 * 60_000, abs=2000)
        assert "paused it on this device" in told(screen, "Title")
        choose(screen, "Down")
        wait_until(lambda: status(state).get("reason") == "recording")
        wait_until(lambda: seen(screen) is Face.RECORDING)
        choose(screen, "Up")
        wait_until(lambda: opened.exists() and opened.read_text() == f"{PORTAL}\n")
        gateway.world.pause()
        gateway.push()
        wait_until(lambda: seen(screen) is Face.PAUSED)
        assert told(screen, "Title") == "Daylight: Not recording: you paused it in the portal."
        first.terminate()
        first.wait(timeout=30)
        gateway.world.resume()
        gateway.push()
        wait_until(lambda: status(state).get("reason") == "recording")
        screen.panel()
        wait_until(lambda: seen(screen) is Face.RECORDING)


def test_no_permit_and_a_stop_have_pictures_of_their_own(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    screen.panel()
    with recording(screen, gateway, tmp_path) as state:
        wait_until(lambda: seen(screen) is Face.RECORDING)
        gateway.push(gateway.world.message(lease=None))
        wait_until(lambda: status(state).get("reason") == "no_permit")
        wait_until(lambda: seen(screen) is Face.OFF)
        assert told(screen, "Title") == "Daylight: Not recording: there is no permit from the server."
        gateway.push(gateway.world.message(stop=b"{}"))
        wait_until(lambda: status(state).get("reason") == "stopped_for_all")
        wait_until(lambda: seen(screen) is Face.STOPPED)


def test_the_tray_speaks_german(screen: Display, gateway: SmallGateway, tmp_path: Path) -> None:
    screen.environment |= {"LC_ALL": "de_DE.UTF-8"}
    screen.panel()
    with recording(screen, gateway, tmp_path) as state:
        wait_until(lambda: seen(screen) is Face.RECORDING)
        assert told(screen, "Title") == "Daylight: Aufgezeichnet wird, was Ihre Richtlinie erlaubt."
        assert menu(screen) == [
            ("Aufgezeichnet wird, was Ihre Richtlinie erlaubt.", False),
            ("Dieses Gerät 30 Minuten pausieren", True),
            ("Auf diesem Gerät fortsetzen", False),
            ("Portal öffnen", True),
        ]
        said = command(screen, "status", state=state)
        assert "Aufgezeichnet wird, was Ihre Richtlinie erlaubt." in said
        assert status(state)["sentence"] == "Recording what your policy allows."


def test_without_tray_or_bus_the_collector_works_as_before(
    screen: Display, gateway: SmallGateway, tmp_path: Path
) -> None:
    with recording(screen, gateway, tmp_path) as state:
        wait_until(lambda: sign(screen) == RED)
        screen.bus.terminate()
        screen.bus.wait(timeout=30)
        time.sleep(12)
        screen.entry("editor", "notes")
        wait_until(lambda: status(state).get("context") == "editor")
        screen.xdotool("type", "--delay", "60", "still here")
        wait_until(lambda: "still here" in gateway.texts())
        assert sign(screen) == RED


def test_the_pictures_differ_without_colour() -> None:
    whites = {indicator_menu.icon(one).convert("L").point(lambda grey: 255 * (grey > 200)).tobytes() for one in Face}
    assert len(whites) == len(Face)
