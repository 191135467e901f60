"""Keys under X11, translated with the server's keymap of this moment and the state that each event carries.

pynput reads the keymap once and looks at Shift and AltGr only. So it only brings the events here. Where it is not known
which character a key gave, because the keymap changed just then or there is none, the key is told without a character.
"""

import struct
from typing import Any

from pynput import keyboard
from pynput._util.xorg_keysyms import SYMBOLS
from Xlib import X, error

from collector.keymap import CONTROL, Composer, Keymap, unsure
from collector.xkb import Keyboard

_FAULTS = (OSError, error.XError, error.ConnectionClosedError, struct.error, ValueError, LookupError)
_UNICODE, _LAST = 0x01000000, 0x0110FFFF
_CHARACTERS: dict[int, str] = {symbol: character for symbol, character in SYMBOLS.values() if character}
_ACCENTS: dict[int, str] = {
    symbol: accent for name, (symbol, accent) in SYMBOLS.items() if name.startswith("dead_") and accent
}
_LATIN = frozenset({*range(0x20, 0x7F), *range(0xA0, 0x100)})
_DEAD = range(0xFE50, 0xFE94)
_COMPOSE = 0xFF20
_KEYPAD = dict(zip(range(0xFFAA, 0xFFBA), "*+,-./0123456789", strict=True)) | {0xFFBD: "=", 0xFF80: " "}
_SHIFTS = frozenset({*range(0xFFE1, 0xFFE3), *range(0xFFE5, 0xFFE7), *range(0xFE01, 0xFE14), 0xFF7E, 0xFF7F})
_COMMANDS = frozenset({0xFFE7, 0xFFE8, 0xFFED, 0xFFEE})
_SAME = {0xFE20: keyboard.Key.tab, 0xFF89: keyboard.Key.tab, 0xFF8D: keyboard.Key.enter, 0x20: keyboard.Key.space}


class KeyListener(keyboard.Listener):  # type: ignore[misc]
    """pynput's listener with a translation of its own: one of its keys, or None for a key that is not known."""

    _board: Keyboard | None = None
    _map: Keymap | None = None
    _changed: int | None = None

    def _initialize(self, display: Any) -> None:
        self._composer = Composer()
        self._pressed: dict[int, Any] = {}
        try:
            self._board = Keyboard(display)
            self._map = self._board.read()
        except _FAULTS:
            self._map = None

    def _event_to_key(self, _display: Any, event: Any) -> Any:
        if event.type == X.KeyRelease:
            return self._pressed.pop(event.detail, None)
        key = self._translate(event)
        self._pressed[event.detail] = key
        return key

    def _translate(self, event: Any) -> Any:
        self._follow()
        if self._map is None or unsure(self._changed, event.time):
            self._composer.forget()
            return None
        self._changed = None  # the server's 32 bits of ms come round
        symbol, capital = self._map.symbol(event.detail, event.state)
        if symbol in _SHIFTS:
            return keyboard.Key.shift
        if symbol in _DEAD or symbol == _COMPOSE:
            self._wait(symbol)
            return None
        typed = character(symbol)
        if not typed or event.state & CONTROL:
            self._composer.forget()
            return None if typed else _special(symbol)
        whole = self._composer.character(typed.upper() if capital and len(typed.upper()) == 1 else typed)
        return None if whole is None else keyboard.KeyCode.from_char(whole)

    def _wait(self, symbol: int) -> None:
        if symbol == _COMPOSE:
            self._composer.compose()
        else:
            self._composer.dead(_ACCENTS.get(symbol, ""))

    def _follow(self) -> None:
        """Reads the keymap anew if it changed. Whatever goes wrong: no keymap, and no characters."""
        if self._board is None:
            return
        try:
            number, at = self._board.changed()
            if number:
                before, self._map = self._map, self._board.read()
                # Another device with the same keymap is no change; of several changes the first may be undone by now.
                self._changed = self._changed if number == 1 and self._map == before else at
        except _FAULTS:
            self._board = self._map = None


def character(symbol: int) -> str:
    """The character of a keysym, "" if it has none."""
    if symbol in _KEYPAD:
        return _KEYPAD[symbol]
    if symbol in _LATIN:
        return chr(symbol)
    if _UNICODE <= symbol <= _LAST:
        return chr(symbol - _UNICODE)
    return "" if symbol in _DEAD else _CHARACTERS.get(symbol, "")


def _special(symbol: int) -> Any:
    if symbol in _COMMANDS:
        return keyboard.Key.cmd
    known = keyboard.Listener._SPECIAL_KEYS.get(symbol) or _SAME.get(symbol)  # noqa: SLF001 - its only table
    other = keyboard.Listener._KEYPAD_KEYS.get(symbol)  # noqa: SLF001
    return known or (other if isinstance(other, keyboard.Key) else None)
