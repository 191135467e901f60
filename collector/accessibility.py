"""Which field has the keyboard, and which page a browser shows: by AT-SPI over D-Bus (gnome.org, at-spi2-core).

Whatever cannot be told is unknown, and unknown means off in a browser. The interface is asked again at each look, so
that neither a missed event nor a field that turns into a password field is believed for long.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.asyncio import DBusRouter, open_dbus_router
from jeepney.io.common import RouterClosed

from collector import floor
from collector.desktop import Field, Snapshot

log = logging.getLogger("collector")
ROLE_PASSWORD, ROLE_TERMINAL, ROLE_TEXT, ROLE_ENTRY = 40, 60, 61, 79
ROLE_FRAME, ROLE_WEB, ROLE_DOCUMENT = 23, 95, 82
STATE_EDITABLE, STATE_FOCUSED = 7, 12
PATIENCE_S = 0.3
RETRY_S = 10.0
DEEPEST = 60
_BUS = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
_REGISTRY = DBusAddress("/org/a11y/atspi/registry", "org.a11y.atspi.Registry", "org.a11y.atspi.Registry")
_EVENTS = ("object:state-changed:focused", "window:activate", "document:load-complete")
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_PROBLEMS = (OSError, TimeoutError, ValueError, KeyError, IndexError, TypeError, EOFError, RouterClosed)


class LostError(OSError):
    """The accessibility bus did not answer, or not as expected."""


@dataclass(frozen=True)
class Focus:
    """The focused element: its process, itself, the page it is in (None outside of one), its window's name."""

    pid: int
    element: DBusAddress
    document: DBusAddress | None
    frame: str


class Accessibility:
    """`changed` is called when the focus moved, before anything is asked about it."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._router: DBusRouter | None = None
        self._focus: Focus | None = None

    async def run(self) -> None:
        """Follows the focus until cancelled; where there is no accessibility bus, everything stays unknown."""
        while True:
            try:
                await self._follow()
            except _PROBLEMS as problem:
                log.info("collector.accessibility_unavailable reason=%s", type(problem).__name__)
            self._router, self._focus = None, None
            self._changed()
            await asyncio.sleep(RETRY_S)

    async def complete(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the field, and with the page of the active window, as they are now."""
        window, focus = snapshot.active, self._focus
        if window is None or focus is None or window.pid != focus.pid or self._router is None:
            return snapshot
        try:
            field = await self._field(focus) if snapshot.field is Field.UNKNOWN else snapshot.field
            url = await self._url(focus)
        except _PROBLEMS:
            self._focus = None
            return snapshot
        private = any(word in focus.frame.lower() for word in floor.PRIVATE_TITLES)
        told = replace(window, url=url, private=private)
        windows = tuple(told if other == window else other for other in snapshot.windows)
        return replace(snapshot, windows=windows, active=told, field=field)

    async def _follow(self) -> None:
        async with open_dbus_router("SESSION") as session:
            (address,) = await _call(session, _BUS, "GetAddress")
            status = ("org.a11y.Status", "IsEnabled", ("b", True))
            await _call(session, _BUS.with_interface(_PROPERTIES), "Set", "ssv", status)
        async with open_dbus_router(address) as router:
            for event in _EVENTS:
                await _call(router, _REGISTRY, "RegisterEvent", "sass", (event, [], ""))
            for name in ("Object", "Window", "Document"):
                rule = MatchRule(type="signal", interface=f"org.a11y.atspi.Event.{name}")
                await asyncio.wait_for(router.send_and_get_reply(message_bus.AddMatch(rule)), PATIENCE_S)
            self._router = router
            queue: asyncio.Queue[Message] = asyncio.Queue(1000)
            with router.filter(MatchRule(type="signal"), queue=queue):
                await self._events(router, queue)

    async def _events(self, router: DBusRouter, queue: "asyncio.Queue[Message]") -> None:
        while True:
            try:
                message = await asyncio.wait_for(queue.get(), RETRY_S)
            except TimeoutError:
                await _call(router, _REGISTRY, "GetRegisteredEvents")
                continue
            name, body = message.header.fields.get(HeaderFields.member), message.body
            if name == "Activate":
                self._focus = None
                self._changed()
            elif name == "StateChanged" and body[0] == "focused" and body[1] == 1:
                # The old focus stays until the new one is known; keys have to wait longer than that to count.
                try:
                    self._focus = await asyncio.wait_for(self._find(router, message), PATIENCE_S)
                except _PROBLEMS:
                    self._focus = None
                self._changed()
            elif name == "LoadComplete":
                self._changed()

    async def _find(self, router: DBusRouter, message: Message) -> Focus:
        sender, path = (message.header.fields[key] for key in (HeaderFields.sender, HeaderFields.path))
        element = DBusAddress(path, sender, _ACCESSIBLE)
        ask = message_bus.GetConnectionUnixProcessID(sender)
        (pid,) = _body(await asyncio.wait_for(router.send_and_get_reply(ask), PATIENCE_S))
        document, frame, current = None, "", element
        for _ in range(DEEPEST):
            (role,) = await _call(router, current, "GetRole")
            if role in {ROLE_WEB, ROLE_DOCUMENT}:
                document = current
            if role == ROLE_FRAME:
                frame = str(await _property(router, current, "Name"))
                break
            name, parent = await _property(router, current, "Parent")
            if parent.endswith("/null"):
                break
            current = DBusAddress(parent, name, _ACCESSIBLE)
        return Focus(int(pid), element, document, frame)

    async def _field(self, focus: Focus) -> Field:
        router = self._connected()
        (role,) = await _call(router, focus.element, "GetRole")
        (words,) = await _call(router, focus.element, "GetState")
        states = words[0] | words[1] << 32
        if role == ROLE_PASSWORD:
            return Field.PASSWORD
        if not states >> STATE_FOCUSED & 1:
            return Field.UNKNOWN
        if role in {ROLE_TEXT, ROLE_ENTRY, ROLE_TERMINAL} or states >> STATE_EDITABLE & 1:
            return Field.TEXT
        return Field.UNKNOWN

    async def _url(self, focus: Focus) -> str | None:
        if focus.document is None:
            return None
        address = focus.document.with_interface("org.a11y.atspi.Document")
        (attributes,) = await _call(self._connected(), address, "GetAttributes")
        return attributes.get("DocURL") or attributes.get("URI") or None

    def _connected(self) -> DBusRouter:
        if self._router is None:
            raise LostError("not connected")
        return self._router


async def _call(router: DBusRouter, address: DBusAddress, method: str, signature: str = "", body: Any = ()) -> Any:
    message = new_method_call(address, method, signature or None, body)
    return _body(
        await asyncio.wait_for(router.send_and_get_reply(message), PATIENCE_S * 10 if signature else PATIENCE_S)
    )


def _body(reply: Message) -> Any:
    if reply.header.message_type is not MessageType.method_return:
        raise LostError("an error instead of an answer")
    return reply.body


async def _property(router: DBusRouter, address: DBusAddress, name: str) -> Any:
    ((_, value),) = await _call(router, address.with_interface(_PROPERTIES), "Get", "ss", (_ACCESSIBLE, name))
    return value
