"""Screenshots: decided before a pixel is read, and once more after; only the permitted window's rectangle is read."""

import asyncio
import io

import mss
from PIL import Image

from collector.agent import Agent
from collector.desktop import Rect
from collector.probes.window import WindowProbe

WIDEST = 1280
MOST_BYTES = 900_000
QUALITIES = (70, 50, 30)
WAIT_S = 1.0


class Named(io.BytesIO):
    """Bytes with the name of a WebP file: Pillow then loads the one format, not the five it knows best."""

    name = "picture.webp"


class ScreenshotProbe:
    """Takes a screenshot as often as the policy says, while one may be taken."""

    def __init__(self, windows: WindowProbe) -> None:
        self._windows = windows

    async def run(self, agent: Agent) -> None:
        """Works until cancelled."""
        while True:
            interval = agent.recorder.screenshot_interval()
            if interval is None or agent.recorder.frame() is None:
                await asyncio.sleep(WAIT_S)
                continue
            await self.take(agent)
            await asyncio.sleep(interval)

    async def take(self, agent: Agent) -> None:
        """One screenshot, unless something forbidden is or comes into sight."""
        await self._windows.look_now(agent)
        plan = agent.recorder.frame()
        if plan is None:
            return
        context, rect = plan
        picture, monitor = await asyncio.to_thread(grab, rect)
        await self._windows.look_now(agent)
        if agent.recorder.frame() != plan:
            return
        image, size = await asyncio.to_thread(encode, picture)
        if image:
            agent.recorder.screenshot(context, image, size, monitor)


def grab(rect: Rect) -> tuple[Image.Image, int]:
    """The pixels of a rectangle of the virtual screen, and the number of the monitor that its centre is on."""
    middle = rect.x + rect.width // 2, rect.y + rect.height // 2
    with mss.MSS() as screen:
        shot = screen.grab({"left": rect.x, "top": rect.y, "width": rect.width, "height": rect.height})
        monitors = [Rect(one["left"], one["top"], one["width"], one["height"]) for one in screen.monitors[1:]]
    number = next((index for index, monitor in enumerate(monitors, 1) if monitor.holds(*middle)), 1)
    return Image.frombytes("RGB", shot.size, shot.bgra, "raw", "BGRX"), number


def encode(picture: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """The picture as WebP of at most MOST_BYTES, scaled to WIDEST pixels, and its size; empty if it will not fit."""
    if picture.width > WIDEST:
        picture = picture.resize((WIDEST, max(picture.height * WIDEST // picture.width, 1)))
    for quality in QUALITIES:
        out = Named()
        picture.save(out, quality=quality)
        if out.tell() <= MOST_BYTES:
            return out.getvalue(), picture.size
    return b"", picture.size
