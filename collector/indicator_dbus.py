"""The sign in the tray of a Linux desktop: a StatusNotifierItem with a menu, over D-Bus (decision 64).

The tray is whoever owns the name of the watcher. Where there is none this waits for one, and shows nothing.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageFlag,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.asyncio import DBusRouter, open_dbus_router
from jeepney.io.common import RouterClosed
from PIL import Image

from collector import indicator_menu
from collector.agent import Agent
from collector.indicator_menu import Entry, Face

log = logging.getLogger("collector")
EVERY_S, PATIENCE_S, RETRY_S = 1.0, 5.0, 10.0
WAITING = 100
WATCHER = "org.kde.StatusNotifierWatcher"
_WATCHER = DBusAddress("/StatusNotifierWatcher", WATCHER, WATCHER)
_ITEM = DBusAddress("/StatusNotifierItem", None, "org.kde.StatusNotifierItem")
_MENU = DBusAddress("/Menu", None, "com.canonical.dbusmenu")
_UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"
_PROBLEMS = (OSError, TimeoutError, EOFError, ValueError, KeyError, RouterClosed)
Answer = tuple[str, tuple[Any, ...]]
Node = tuple[int, dict[str, Any], list[Any]]


class DBusIndicator:
    """Shows the agent's state in whatever tray there is, comes or goes."""

    async def run(self, agent: Agent) -> None:
        """Works until cancelled."""
        told = ""
        while True:
            try:
                async with open_dbus_router("SESSION") as router:
                    await _Item(router, agent).show()
            except _PROBLEMS as problem:
                if told != (told := type(problem).__name__):
                    log.info("collector.tray_unavailable reason=%s", told)
            await asyncio.sleep(RETRY_S)


class _Item:
    """The item on one connection to the bus."""

    def __init__(self, router: DBusRouter, agent: Agent) -> None:
        self._router, self._agent = router, agent
        self._name = f"org.kde.StatusNotifierItem-{os.getpid()}-1"
        self._face, self._sentence, self._entries, self._revision = Face.OFF, "", tuple[Entry, ...](), 0
        self._methods: dict[str, Callable[[Any], Answer]] = {
            "Get": lambda body: ("v", (self._properties(body[0])[body[1]],)),
            "GetAll": lambda body: ("a{sv}", (self._properties(body[0]),)),
            "GetLayout": lambda body: ("u(ia{sv}av)", (self._revision, self._layout(body[0]))),
            "GetGroupProperties": lambda body: ("a(ia{sv})", ([self._node(one)[:2] for one in self._ids(body[0])],)),
            "GetProperty": lambda body: ("v", (self._node(body[0])[1][body[1]],)),
            "Event": self._event,
            "EventGroup": self._events,
            "AboutToShow": lambda _: ("b", (False,)),
            "AboutToShowGroup": lambda _: ("aiai", ([], [])),
        }
        # A click that a tray sends beside opening the menu.
        self._methods |= dict.fromkeys(("Activate", "SecondaryActivate", "ContextMenu", "Scroll"), lambda _: ("", ()))

    async def show(self) -> None:
        """Answers the tray and tells it what changed. Raises one of _PROBLEMS when the bus is gone."""
        await self._ask(message_bus.RequestName(self._name))
        owner = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
        owner.add_arg_condition(0, WATCHER)
        calls, queue = MatchRule(type="method_call"), asyncio.Queue[Message](WAITING)
        with self._router.filter(owner, queue=queue), self._router.filter(calls, queue=queue):
            await self._ask(message_bus.AddMatch(owner))
            await self._refresh()
            await self._register()
            asked = asyncio.get_running_loop().time()
            while True:
                try:
                    await self._take(await asyncio.wait_for(queue.get(), EVERY_S))
                except TimeoutError:
                    if (now := asyncio.get_running_loop().time()) > asked + RETRY_S:
                        asked = now
                        await self._ask(message_bus.NameHasOwner(WATCHER))
                await self._refresh()

    async def _register(self) -> None:
        (there,) = await self._ask(message_bus.NameHasOwner(WATCHER))
        if there:
            await self._ask(new_method_call(_WATCHER, "RegisterStatusNotifierItem", "s", (self._name,)))

    async def _ask(self, message: Message) -> Any:
        reply = await asyncio.wait_for(self._router.send_and_get_reply(message), PATIENCE_S)
        if reply.header.message_type is not MessageType.method_return:
            raise OSError("an error instead of an answer")
        return reply.body

    async def _take(self, message: Message) -> None:
        if message.header.message_type is MessageType.signal:
            await self._register()
            return
        try:
            signature, body = self._methods[message.header.fields[HeaderFields.member]](message.body)
            answer = new_method_return(message, signature or None, body)
        except (LookupError, TypeError, ValueError):
            answer = new_error(message, _UNKNOWN)
        if not message.header.flags & MessageFlag.no_reply_expected:
            await self._router.send(answer)

    async def _refresh(self) -> None:
        scope = self._agent.permission.scope()
        shown, sentence = indicator_menu.face(scope), indicator_menu.sentence(scope)
        entries = indicator_menu.entries(self._agent, scope)
        if shown != self._face or sentence != self._sentence:
            self._face, self._sentence = shown, sentence
            for name in ("NewIcon", "NewToolTip", "NewTitle"):
                await self._router.send(new_signal(_ITEM, name))
        if [(one.label, one.enabled) for one in entries] != [(one.label, one.enabled) for one in self._entries]:
            self._entries, self._revision = entries, self._revision + 1
            await self._router.send(new_signal(_MENU, "LayoutUpdated", "ui", (self._revision, 0)))

    def _properties(self, interface: str) -> dict[str, Any]:
        if interface == _MENU.interface:
            return {
                "Version": ("u", 3),
                "Status": ("s", "normal"),
                "TextDirection": ("s", "ltr"),
                "IconThemePath": ("as", []),
            }
        return {
            "Category": ("s", "SystemServices"),
            "Id": ("s", "daylight-collector"),
            "Title": ("s", self._sentence),
            "Status": ("s", "Active"),
            "WindowId": ("i", 0),
            "IconName": ("s", ""),
            "IconPixmap": ("a(iiay)", [_pixels(indicator_menu.icon(self._face))]),
            "ToolTip": ("(sa(iiay)ss)", ("", [], self._sentence, "")),
            "ItemIsMenu": ("b", True),
            "Menu": ("o", _MENU.object_path),
        }

    def _ids(self, wanted: list[int]) -> list[int]:
        return [one for one in wanted or range(len(self._entries) + 1) if one <= len(self._entries)]

    def _layout(self, number: int) -> Node:
        below = [("(ia{sv}av)", self._node(one)) for one in self._ids([])[1:]] if number == 0 else []
        return (*self._node(number)[:2], below)

    def _node(self, number: int) -> Node:
        if number == 0:
            return 0, {"children-display": ("s", "submenu")}, []
        entry = self._entries[number - 1]
        if not entry.label:
            return number, {"type": ("s", "separator")}, []
        # An underscore would underline the letter after it.
        return number, {"label": ("s", entry.label.replace("_", "__")), "enabled": ("b", entry.enabled)}, []

    def _event(self, body: Any) -> Answer:
        number, what = body[:2]
        entry = self._entries[number - 1] if 0 < number <= len(self._entries) else None
        if what == "clicked" and entry is not None and entry.act is not None and entry.enabled:
            entry.act(self._agent)
        return "", ()

    def _events(self, body: Any) -> Answer:
        for event in body[0]:
            self._event(event)
        return "ai", ([],)


def _pixels(image: Image.Image) -> tuple[int, int, bytes]:
    """Width, height and ARGB in network byte order."""
    red, green, blue, alpha = image.split()
    return image.width, image.height, Image.merge("RGBA", (alpha, red, green, blue)).tobytes()
