"""A virtual X display with a window manager, and windows to type into."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

SECONDS = 30
PANEL_HEIGHT = 32
PANEL = f"""<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{PANEL_HEIGHT}"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""


def wait_until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Return when `condition()` holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this state did not come"
        time.sleep(0.1)


class Display:
    """The display's environment, and the programs started on it."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        read_end, write_end = os.pipe()
        command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        self._start(command, dict(os.environ), pass_fds=(write_end,))
        os.close(write_end)
        with os.fdopen(read_end) as told:
            number = told.readline().strip()
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        self.environment = dict(os.environ) | {
            "DISPLAY": f":{number}",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self._start_bus()
        self.start("openbox")

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Starts a program; it ends with the display."""
        return self._start(list(command), self.environment)

    def xdotool(self, *arguments: str) -> str:
        """Input as from a person."""
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, check=True, timeout=SECONDS
        )
        return done.stdout.strip()

    def entry(self, app: str, title: str) -> None:
        """A window of that class with a text field, which has the keyboard when this returns."""
        shape = ("-geometry", "60x8+100+100", "-T", title)
        self.start("xterm", "-name", app, "-class", app, *shape, "-e", "cat")
        self.await_window(title)

    def browser(self, url: str, title: str, *more: str) -> None:
        """Chromium with that page, which tells the accessibility interface what it shows."""
        profile = self._folder / "chromium"
        flags = ("--no-sandbox", "--no-first-run", "--force-renderer-accessibility", f"--user-data-dir={profile}")
        self.start(str(shutil.which("chromium")), *flags, *more, url)
        self.await_window(title)

    def panel(self) -> "subprocess.Popen[bytes]":
        """A desktop's panel along the upper edge, with nothing but its tray."""
        settings = self._folder / "config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(PANEL)
        return self.start("xfce4-panel", "--disable-wm-check")

    def await_window(self, title: str) -> None:
        """Returns when the active window has that title."""
        wait_until(lambda: title in self._active_title())

    def _active_title(self) -> str:
        done = subprocess.run(
            ["xdotool", "getactivewindow", "getwindowname"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        return done.stdout

    def _start_bus(self) -> None:
        command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        self.bus = self._start(command, self.environment, stdout=subprocess.PIPE)
        assert self.bus.stdout
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().decode().strip()

    def _start(self, command: list[str], environment: dict[str, str], **more: object) -> "subprocess.Popen[bytes]":
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | more
        process = subprocess.Popen(command, env=environment, **streams)  # type: ignore[call-overload]
        self._stack.callback(_end, process)
        return process  # type: ignore[no-any-return]


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)
    if process.stdout:
        process.stdout.close()


@contextmanager
def display(folder: Path) -> Iterator[Display]:
    """A display that ends with everything on it."""
    with ExitStack() as stack:
        yield Display(stack, folder)
