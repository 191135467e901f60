"""The probes of this machine. Modules are loaded by name, since each exists on its own system only."""

import importlib
import logging
import os
import sys
from gettext import gettext
from typing import Any

from collector.probes.window import WindowProbe
from collector.runtime import Probe
from collector.state import StateError

log = logging.getLogger("collector")
_DESKTOPS = {
    "linux": ("collector.desktop_x11", "X11Desktop"),
    "win32": ("collector.desktop_windows", "WindowsDesktop"),
    "darwin": ("collector.desktop_macos", "MacDesktop"),
}
_KEYS = {"linux": ("collector.probes.keys_x11", "KeyListener")}
_INDICATORS = {
    "linux": (("collector.indicator_x11", "X11Indicator"), ("collector.indicator_dbus", "DBusIndicator")),
    "win32": (("collector.indicator_tray", "TrayIndicator"),),
    "darwin": (("collector.indicator_tray", "TrayIndicator"),),
}


def probes_of_this_machine() -> list[Probe]:
    """Windows, pointer, clicks, keys, screenshots and the indicators. Raises StateError where there is no desktop."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        raise StateError(
            gettext("there is no X display here (DISPLAY is not set); `run --no-probes` takes prompts only.")
        )
    if sys.platform not in _DESKTOPS:
        raise StateError(gettext("no desktop is known for %(system)s.") % {"system": sys.platform})
    try:
        eyes = _load("collector.accessibility", "Accessibility") if sys.platform == "linux" else None
        windows = WindowProbe(_load(*_DESKTOPS[sys.platform]), eyes)
        keys = _load(*_KEYS.get(sys.platform, ("pynput.keyboard", "Listener")))
        inputs = _load("collector.probes.pointer_click_key", "InputProbe")(windows.note_key, keys)
        pictures = _load("collector.probes.screenshot", "ScreenshotProbe")(windows)
        indicators = [_load(*one)() for one in _INDICATORS[sys.platform]]
    except (ImportError, OSError) as problem:
        log.warning("collector.no_desktop problem=%s", problem)
        raise StateError(gettext("the desktop cannot be watched; the log says why.")) from problem
    return [windows, inputs, pictures, *indicators]


def _load(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)
