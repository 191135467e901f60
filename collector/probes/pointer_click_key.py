"""Pointer, clicks and keys through pynput. A listener exists only while its kind may be captured."""

import asyncio
from collections.abc import Callable
from typing import Any

from pynput import keyboard, mouse

from collector.agent import Agent
from collector.permission import Scope
from wire.documents import Kind

POINTER_EVERY_MS = 50
_KEYPAD_ZERO, _KEYPAD_NINE = 0xFFB0, 0xFFB9
_NAMED = {
    keyboard.Key.enter: ("enter", ""),
    keyboard.Key.backspace: ("backspace", ""),
    keyboard.Key.space: ("char", " "),
    keyboard.Key.tab: ("down", "tab"),
}
_CONTROLS = frozenset(
    getattr(keyboard.Key, name)
    for name in ("ctrl", "ctrl_l", "ctrl_r", "cmd", "cmd_l", "cmd_r", "alt", "alt_l")
    if hasattr(keyboard.Key, name)
)
_SILENT = frozenset(
    getattr(keyboard.Key, name)
    for name in ("shift", "shift_l", "shift_r", "alt_r", "alt_gr", "caps_lock", "num_lock")
    if hasattr(keyboard.Key, name)
)


class InputProbe:
    """`on_key` is called at each key, in the listener's thread. `listener`: what listens to keys, made as pynput's."""

    def __init__(self, on_key: Callable[[], None], listener: Callable[..., Any] = keyboard.Listener) -> None:
        self._on_key, self._listener = on_key, listener
        self._keyboard: Any = None
        self._mouse: Any = None
        self._held: set[Any] = set()
        self._moved = 0

    async def run(self, agent: Agent) -> None:
        """Works until cancelled."""
        self._agent, self._loop = agent, asyncio.get_running_loop()
        agent.on_scope.append(self._adjust)
        try:
            self._adjust(agent.permission.scope())
            await asyncio.Event().wait()
        finally:
            agent.on_scope.remove(self._adjust)
            self._close_keyboard()
            self._close_mouse()

    def _adjust(self, scope: Scope) -> None:
        if scope.permitted.get(Kind.KEY):
            self._open_keyboard()
        else:
            self._close_keyboard()
        if scope.permitted.get(Kind.POINTER) or scope.permitted.get(Kind.CLICK):
            self._open_mouse()
        else:
            self._close_mouse()

    def _open_keyboard(self) -> None:
        if self._keyboard is None:
            self._held.clear()
            self._keyboard = self._listener(on_press=self._press, on_release=self._release)
            self._keyboard.start()

    def _close_keyboard(self) -> None:
        if self._keyboard is not None:
            self._keyboard.stop()
            self._keyboard = None

    def _open_mouse(self) -> None:
        if self._mouse is None:
            self._mouse = mouse.Listener(on_move=self._move, on_click=self._click)
            self._mouse.start()

    def _close_mouse(self) -> None:
        if self._mouse is not None:
            self._mouse.stop()
            self._mouse = None

    def _press(self, key: Any, *_: object) -> None:
        at = self._agent.clock.boot_ms()
        if key in _CONTROLS:
            self._held.add(key)
        elif key not in _SILENT:
            self._on_key()
            self._later(self._agent.recorder.key, at, *describe(key, control=bool(self._held)))

    def _release(self, key: Any, *_: object) -> None:
        self._held.discard(key)

    def _move(self, x: int, y: int, *_: object) -> None:
        at = self._agent.clock.boot_ms()
        if at - self._moved >= POINTER_EVERY_MS:
            self._moved = at
            self._later(self._agent.recorder.pointer, at, int(x), int(y))

    def _click(self, x: int, y: int, button: Any, pressed: bool, *_: object) -> None:  # noqa: FBT001 - pynput's call
        if pressed:
            at = self._agent.clock.boot_ms()
            self._later(self._agent.recorder.click, at, int(x), int(y), str(button.name))

    def _later(self, tell: Callable[..., None], *values: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell, *values)


def describe(key: Any, *, control: bool) -> tuple[str, str]:
    """Name and text of a key event as in wire.content. A key of no known character tells nothing but that it was."""
    if control:
        return "down", "ctrl+backspace" if key == keyboard.Key.backspace else "shortcut"
    if key in _NAMED:
        return _NAMED[key]
    if isinstance(key, keyboard.Key):
        return "down", str(key.name)
    character = getattr(key, "char", None)
    code = getattr(key, "vk", None)
    if character is None and code is not None and _KEYPAD_ZERO <= code <= _KEYPAD_NINE:
        character = str(code - _KEYPAD_ZERO)
    if character and character.isprintable() and not getattr(key, "is_dead", False):
        return "char", str(character)
    return "down", "key"
