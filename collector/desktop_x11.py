"""The desktop under X11, by EWMH properties where the window manager sets them and by the window tree where not."""

import contextlib
import os
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from Xlib import X, display, error
from Xlib.ext import res
from Xlib.protocol import request
from Xlib.xobject.drawable import Window as XWindow

from collector.desktop import Rect, Snapshot, Window
from collector.terminals import Terminals

PROC = Path("/proc")
GRAB_EVERY_S = 2.0
REMEMBER_S = 10.0
_STRUCTURE = frozenset(
    {
        X.CirculateNotify,
        X.ConfigureNotify,
        X.CreateNotify,
        X.DestroyNotify,
        X.GravityNotify,
        X.MapNotify,
        X.ReparentNotify,
        X.UnmapNotify,
    }
)
_GONE = (error.BadWindow, error.BadDrawable, error.BadMatch)


class X11Desktop:
    """One connection to the X server, for one thread. Raises OSError if there is no display."""

    def __init__(self) -> None:
        try:
            self._display = display.Display()
        except (error.DisplayError, OSError) as problem:
            raise OSError("no X display") from problem
        self._root = self._display.screen().root
        self._terminals = Terminals()
        self._watched: set[int] = set()
        self._tops: list[tuple[int, XWindow, Window]] | None = None
        self._read_at = 0.0
        self._visible = Rect(0, 0, 0, 0)
        self._focus = 0
        self._grabbed = False
        self._grab_checked = 0.0
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)
        self._typed = False
        self._root.change_attributes(event_mask=X.PropertyChangeMask | X.SubstructureNotifyMask)

    def look(self) -> Snapshot:
        """The desktop now; the keyboard's grab is looked at only when the focus moved or a key was pressed."""
        try:
            # An answer brings all earlier events with it, so that what is remembered is known to hold.
            focus = self._focused_top()
            self._drain()
            known = self._tops is not None and time.monotonic() - self._read_at < REMEMBER_S
            tops = self._tops if known and self._tops is not None else self._read_tops()
            titled = [(top, replace(window, title=self._title(client))) for top, client, window in tops]
            self._check_grab(focus)
        except (error.ConnectionClosedError, OSError) as problem:
            raise OSError("the X server is gone") from problem
        except _GONE:
            self._tops = None
            return Snapshot()
        active = next((window for top, window in titled if top == focus), None)
        windows = tuple(window for _, window in titled if window.rect.meets(self._visible) and not _our_own(window))
        screen = self._visible.width, self._visible.height
        return Snapshot(windows, active, self._terminals.field(active), self._grabbed, screen)

    def _read_tops(self) -> list[tuple[int, XWindow, Window]]:
        """Top-level windows with their clients, topmost first; remembered until one of them changes."""
        screen = self._root.get_geometry()
        self._visible = Rect(0, 0, screen.width, screen.height)
        tree = reversed(self._root.query_tree().children)
        tops = [(top.id, client, window) for top in tree for client, window in self._describe(top)]
        self._tops, self._read_at = tops, time.monotonic()
        return tops

    def wait(self, seconds: float) -> None:
        """Returns when something changed, a key was pressed, or the time is over."""
        with contextlib.suppress(error.ConnectionClosedError):
            if not self._drain():
                select.select([self._display.fileno(), self._read_end], [], [], seconds)
                self._drain()
        with contextlib.suppress(BlockingIOError):
            os.read(self._read_end, 4096)

    def note_key(self) -> None:
        """A key was pressed: look again, at the keyboard's grab too. Callable from any thread."""
        self._typed = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._write_end, b"k")

    def _drain(self) -> bool:
        changed = False
        while self._display.pending_events():
            event = self._display.next_event()
            of_root = event.type == X.PropertyNotify and event.window.id == self._root.id
            if event.type in _STRUCTURE or of_root:
                self._tops = None
            # Our own test of the keyboard's grab causes focus events that mean nothing.
            changed |= not (event.type in {X.FocusIn, X.FocusOut} and event.mode in {X.NotifyGrab, X.NotifyUngrab})
        return changed

    def _focused_top(self) -> int:
        focus = self._display.get_input_focus().focus
        if isinstance(focus, int):
            return 0
        with contextlib.suppress(*_GONE):
            self._watch(focus)
            current: XWindow = focus
            while True:
                parent = current.query_tree().parent
                if isinstance(parent, int) or parent.id == self._root.id:
                    return int(current.id)
                current = parent
        return 0

    def _watch(self, window: XWindow) -> None:
        if window.id not in self._watched:
            window.change_attributes(event_mask=X.PropertyChangeMask | X.FocusChangeMask)
            self._watched.add(window.id)

    def _describe(self, top: XWindow) -> Iterator[tuple[XWindow, Window]]:
        with contextlib.suppress(*_GONE):
            attributes = top.get_attributes()
            if attributes.map_state != X.IsViewable or attributes.win_class == X.InputOnly:
                return
            shape = top.get_geometry()
            client = self._client(top) or top
            pid = self._pid(client)
            names = [name.lower() for name in client.get_wm_class() or () if name]
            program = _program(pid)
            apps = tuple(dict.fromkeys([*names, *([program] if program else [])]))
            rect = Rect(shape.x, shape.y, shape.width + 2 * shape.border_width, shape.height + 2 * shape.border_width)
            yield client, Window(client.id, apps, "", rect, own_user=_is_ours(pid), pid=pid)

    def _client(self, top: XWindow) -> XWindow | None:
        """The application's window inside the window manager's frame: the one with WM_STATE."""
        state = self._display.intern_atom("WM_STATE")
        level = [top]
        for _ in range(3):
            for window in level:
                if window.get_full_property(state, X.AnyPropertyType) is not None:
                    return window
            level = [child for window in level for child in window.query_tree().children]
        return None

    def _title(self, window: XWindow) -> str:
        name = window.get_full_text_property(self._display.intern_atom("_NET_WM_NAME"))
        return str(name or window.get_wm_name() or "")

    def _pid(self, window: XWindow) -> int | None:
        machine = window.get_wm_client_machine()
        if machine and machine not in {socket.gethostname(), "localhost"}:
            return None
        value = window.get_full_property(self._display.intern_atom("_NET_WM_PID"), X.AnyPropertyType)
        return int(value.value[0]) if value is not None and len(value.value) else self._connected_pid(window)

    def _connected_pid(self, window: XWindow) -> int | None:
        """The process at the other end of the connection, as the server knows it (X-Resource 1.2)."""
        if not self._display.has_extension(res.extname):
            return None
        asked = [{"client": window.id, "mask": res.LocalClientPIDMask}]
        pids = [one.value[0] for one in self._display.res_query_client_ids(asked).ids if len(one.value)]
        return int(pids[0]) if pids else None

    def _check_grab(self, focus: int) -> None:
        moved, self._focus = focus != self._focus, focus
        old = time.monotonic() - self._grab_checked > GRAB_EVERY_S
        if not (moved or self._grabbed or (self._typed and old)):
            return
        self._typed, self._grab_checked = False, time.monotonic()
        # Both requests leave in one write, so that no key falls between them. A grab that somebody else holds
        # (a screen lock, a password prompt) makes ours fail, which is all we want to know.
        asked = request.GrabKeyboard(
            display=self._display.display,
            defer=1,
            owner_events=1,
            grab_window=self._root,
            time=X.CurrentTime,
            pointer_mode=X.GrabModeAsync,
            keyboard_mode=X.GrabModeAsync,
        )
        self._display.ungrab_keyboard(X.CurrentTime)
        asked.reply()
        self._grabbed = asked.status == X.AlreadyGrabbed


def _our_own(window: Window) -> bool:
    return window.pid == os.getpid()


def _program(pid: int | None) -> str | None:
    try:
        return None if pid is None else (PROC / str(pid) / "exe").readlink().name.lower()
    except OSError:
        return None


def _is_ours(pid: int | None) -> bool:
    """Whether the process is known to belong to who runs this: another computer's, or one that is gone, is not."""
    try:
        return pid is not None and (PROC / str(pid)).stat().st_uid == os.getuid()
    except OSError:
        return False
