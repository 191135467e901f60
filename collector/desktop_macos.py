"""The desktop under macOS, through Quartz (with pynput's own requirements). Written, not tested."""

import os
import threading

import Quartz
from AppKit import NSWorkspace

from collector.desktop import Rect, Snapshot, Window

_NORMAL_LAYERS = range(1000)


class MacDesktop:
    """Raises OSError when the window list cannot be read."""

    def __init__(self) -> None:
        self._wake = threading.Event()

    def look(self) -> Snapshot:
        """The desktop now; a secure text field anywhere counts as a grabbed keyboard."""
        options = Quartz.kCGWindowListOptionOnScreenOnly | Quartz.kCGWindowListExcludeDesktopElements
        listed = Quartz.CGWindowListCopyWindowInfo(options, Quartz.kCGNullWindowID)
        if listed is None:
            raise OSError("the window list cannot be read")
        front = NSWorkspace.sharedWorkspace().frontmostApplication()
        windows = tuple(_describe(one) for one in listed if one["kCGWindowOwnerPID"] != os.getpid())
        pid = front.processIdentifier() if front else None
        bounds = Quartz.CGDisplayBounds(Quartz.CGMainDisplayID())
        session = Quartz.CGSessionCopyCurrentDictionary() or {}
        secure = bool(session.get("kCGSSessionSecureInputPID")) or not session.get("kCGSSessionOnConsoleKey", True)
        active = next((window for window in windows if window.pid == pid), None)
        screen = (int(bounds.size.width), int(bounds.size.height))
        return Snapshot(windows, active, grabbed=secure, screen=screen)

    def wait(self, seconds: float) -> None:
        """Returns when a key was pressed or the time is over."""
        self._wake.wait(min(seconds, 0.25))
        self._wake.clear()

    def note_key(self) -> None:
        """A key was pressed: look again."""
        self._wake.set()


def _describe(one: "dict[str, object]") -> Window:
    box = one["kCGWindowBounds"]
    rect = Rect(*(int(box[name]) for name in ("X", "Y", "Width", "Height")))  # type: ignore[index]
    app, title = str(one.get("kCGWindowOwnerName", "")).lower(), str(one.get("kCGWindowName", ""))
    number, pid = int(str(one["kCGWindowNumber"])), int(str(one["kCGWindowOwnerPID"]))
    apps = (app,) if app and one.get("kCGWindowLayer", 0) in _NORMAL_LAYERS else ()
    return Window(number, apps, title, rect, pid=pid)
