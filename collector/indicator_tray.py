"""The sign in the tray of Windows and macOS, through pystray. Written through the same library, not tested."""

import asyncio
from typing import Any

import pystray

from collector import indicator_menu
from collector.agent import Agent

EVERY_S = 1.0


class TrayIndicator:
    """The icon, what it says when pointed at, and its menu."""

    async def run(self, agent: Agent) -> None:
        """Shows the agent's state until cancelled."""
        tray: Any = pystray.Icon("daylight")
        tray.icon, loop = indicator_menu.icon(indicator_menu.Face.OFF), asyncio.get_running_loop()
        tray.run_detached()
        try:
            while True:
                scope = agent.permission.scope()
                tray.icon = indicator_menu.icon(indicator_menu.face(scope))
                tray.title = indicator_menu.sentence(scope)
                tray.menu = pystray.Menu(*(_line(entry, agent, loop) for entry in indicator_menu.entries(agent, scope)))
                await asyncio.sleep(EVERY_S)
        finally:
            tray.stop()


def _line(entry: indicator_menu.Entry, agent: Agent, loop: asyncio.AbstractEventLoop) -> Any:
    if not entry.label:
        return pystray.Menu.SEPARATOR
    # pystray calls from a thread of its own.
    act = entry.act
    chosen = None if act is None else lambda: loop.call_soon_threadsafe(act, agent)
    return pystray.MenuItem(entry.label, chosen, enabled=entry.enabled)
