"""The desktop under Windows, through PyWinCtl. Written through the same library as elsewhere, not tested."""

import ctypes
import os
import threading

import psutil
import pywinctl

from collector.desktop import Rect, Snapshot, Window


class WindowsDesktop:
    """Raises OSError when the desktop cannot be read, as on the secure desktop of a password prompt."""

    def __init__(self) -> None:
        self._wake = threading.Event()

    def look(self) -> Snapshot:
        """The desktop now."""
        try:
            active = pywinctl.getActiveWindow()
            found = [_describe(window) for window in reversed(pywinctl.getAllWindows()) if window.isVisible]
            width, height = pywinctl.getScreenSize()
        except Exception as problem:
            raise OSError("the desktop cannot be read") from problem
        windows = tuple(window for window in found if window.pid != os.getpid())
        handle = active.getHandle() if active else None
        return Snapshot(windows, next((one for one in windows if one.id == handle), None), screen=(width, height))

    def wait(self, seconds: float) -> None:
        """Returns when a key was pressed or the time is over."""
        self._wake.wait(min(seconds, 0.25))
        self._wake.clear()

    def note_key(self) -> None:
        """A key was pressed: look again."""
        self._wake.set()


def _describe(window: "pywinctl.Window") -> Window:
    handle, pid = window.getHandle(), ctypes.c_ulong()
    ctypes.CDLL("user32").GetWindowThreadProcessId(handle, ctypes.byref(pid))
    try:
        owner = psutil.Process(pid.value).username()
        ours = owner == psutil.Process().username()
    except psutil.Error:
        ours = False
    box = window.box
    program = (window.getAppName() or "").lower()
    rect = Rect(box.left, box.top, box.width, box.height)
    return Window(handle, (program,) if program else (), window.title or "", rect, own_user=ours, pid=pid.value)
