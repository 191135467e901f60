"""The sign in the tray of Windows and macOS, through pystray. Written through the same library, not tested."""

import asyncio
from typing import Any

import pystray
from PIL import Image, ImageDraw

from collector.agent import Agent
from collector.permission import Scope
from collector.status import SENTENCES

EVERY_S = 1.0
SIDE = 64


class TrayIndicator:
    """An icon that is red while something may be recorded, grey otherwise; it says why when pointed at."""

    async def run(self, agent: Agent) -> None:
        """Shows the agent's state until cancelled."""
        icon: Any = pystray.Icon("daylight", _icon(agent.permission.scope()), "Daylight")
        icon.run_detached()
        try:
            while True:
                scope = agent.permission.scope()
                icon.icon, icon.title = _icon(scope), f"Daylight: {SENTENCES[scope.reason]}"
                await asyncio.sleep(EVERY_S)
        finally:
            icon.stop()


def _icon(scope: Scope) -> Image.Image:
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    colour = (176, 0, 32, 255) if scope.permitted else (84, 96, 112, 255)
    ImageDraw.Draw(image).ellipse((4, 4, SIDE - 4, SIDE - 4), fill=colour)
    return image
