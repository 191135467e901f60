"""The sign that is always in sight: a small window in the corner that says whether recording is on. It cannot hide."""

import asyncio
import os
from gettext import gettext
from typing import Any

from PIL import Image, ImageDraw
from Xlib import X, Xatom, display, error

from collector.agent import Agent
from collector.language import marked
from collector.permission import Reason, Scope

SIZE = (132, 20)
MARGIN = 6
EVERY_S = 1.0
COLOURS = {True: (176, 0, 32), False: (84, 96, 112)}
ON, OFF = marked("recording"), marked("off")
WORDS = {
    Reason.PAUSED: marked("paused"),
    Reason.PAUSED_HERE: marked("paused here"),
    Reason.STOPPED: marked("stopped"),
}


class X11Indicator:
    """Drawn by the X server itself, so that it needs no tray, no toolkit and no window manager."""

    async def run(self, agent: Agent) -> None:
        """Shows the agent's state until cancelled. Raises OSError when the display is gone."""
        try:
            connection = display.Display()
        except (error.DisplayError, OSError) as problem:
            raise OSError("no X display") from problem
        try:
            window, shown = _window(connection), b""
            while True:
                image = picture(agent.permission.scope())
                if _raise(connection, window) or image.tobytes() != shown:
                    _draw(connection, window, image)
                    shown = image.tobytes()
                await asyncio.sleep(EVERY_S)
        except error.ConnectionClosedError as problem:
            raise OSError("the X server is gone") from problem
        finally:
            connection.close()


def picture(scope: Scope) -> Image.Image:
    """What the sign looks like: red with a dot while something may be recorded, grey otherwise."""
    recording = bool(scope.permitted)
    image = Image.new("RGB", SIZE, COLOURS[recording])
    pen = ImageDraw.Draw(image)
    if recording:
        pen.ellipse((7, 6, 15, 14), fill=(255, 255, 255))
    else:
        pen.rectangle((7, 5, 9, 15), fill=(255, 255, 255))
        pen.rectangle((12, 5, 14, 15), fill=(255, 255, 255))
    word = ON if recording else WORDS.get(scope.reason, OFF)
    pen.text((22, 4), f"Daylight: {gettext(word)}", fill=(255, 255, 255))
    return image


def _window(connection: display.Display) -> Any:
    screen = connection.screen()
    corner = screen.root.get_geometry()
    left, top = corner.width - SIZE[0] - MARGIN, corner.height - SIZE[1] - MARGIN
    window = screen.root.create_window(
        left,
        top,
        *SIZE,
        0,
        screen.root_depth,
        X.InputOutput,
        X.CopyFromParent,
        override_redirect=1,
        event_mask=X.ExposureMask,
    )
    window.set_wm_name("Daylight indicator")
    window.set_wm_class("daylight-indicator", "Daylight-indicator")
    window.change_property(connection.intern_atom("_NET_WM_PID"), Xatom.CARDINAL, 32, [os.getpid()])
    window.map()
    return window


def _raise(connection: display.Display, window: Any) -> bool:
    """Puts the window above all others; whether it must be drawn anew."""
    window.configure(stack_mode=X.Above)
    connection.sync()
    exposed = False
    while connection.pending_events():
        exposed |= connection.next_event().type == X.Expose
    return exposed


def _draw(connection: display.Display, window: Any, image: Image.Image) -> None:
    context = window.create_gc()
    window.put_pil_image(context, 0, 0, image)
    context.free()
    connection.sync()
