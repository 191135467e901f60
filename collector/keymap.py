"""Which character a key gives: the X server's own keymap, read as the X Keyboard Extension prescribes.

Source: The X Keyboard Extension: Protocol Specification, sections 7.2 (key types) and 12 (interpreting an event).
"""

import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LOCK, CONTROL = 1 << 1, 1 << 2
UNSURE_MS = 300
"""So long after a change of the keymap keys count as unknown: programs take it over at different moments."""

_MODIFIERS = 0xFF
_HALF = 1 << 31
_FIXED = 40
"""Bytes of a reply to GetMap before its lists."""


@dataclass(frozen=True)
class Type:
    """What modifiers do to a key. `levels`: modifiers of `mask` → (level, those of them that are not used up)."""

    mask: int
    levels: Mapping[int, tuple[int, int]]


@dataclass(frozen=True)
class Key:
    """One key: its type per group, what to do with a group that it lacks, and its keysyms group by group."""

    types: tuple[int, int, int, int]
    groups: int
    width: int
    symbols: tuple[int, ...]


@dataclass(frozen=True)
class Keymap:
    """All keys of a keyboard by keycode."""

    types: tuple[Type, ...]
    keys: Mapping[int, Key]

    def symbol(self, keycode: int, state: int) -> tuple[int, bool]:
        """The keysym of a key under the state of its event, 0 if it has none; and whether Caps Lock is still to do."""
        key = self.keys.get(keycode)
        group = None if key is None else _group(key.groups, state >> 13 & 3)
        if key is None or group is None:
            return 0, False
        kind = self.types[key.types[group]]
        level, kept = kind.levels.get(state & _MODIFIERS & kind.mask, (0, 0))
        at = group * key.width + level
        capital = bool(state & LOCK and not LOCK & kind.mask & ~kept)
        return (key.symbols[at] if level < key.width and at < len(key.symbols) else 0), capital


def _group(info: int, group: int) -> int | None:
    count = info & 0x0F
    if count == 0:
        return None
    if group < count:
        return group
    if info & 0x80:
        there = info >> 4 & 3
        return there if there < count else 0
    return count - 1 if info & 0x40 else group % count


def parse(reply: bytes, order: str = "=") -> Keymap:
    """The keymap in a reply to GetMap that asked for types and keysyms. Raises struct.error or IndexError."""
    first_type, number = reply[14], reply[15]
    first_key, keys_number = reply[17], reply[20]
    if first_type != 0:
        raise IndexError("not all types")
    types, at = [], _FIXED
    for _ in range(number):
        one, at = _type(reply, at, order)
        types.append(one)
    keys = {}
    for keycode in range(first_key, first_key + keys_number):
        *kinds, groups, width, length = struct.unpack_from(order + "6BH", reply, at)
        symbols = struct.unpack_from(f"{order}{length}I", reply, at + 8)
        keys[keycode] = Key((kinds[0], kinds[1], kinds[2], kinds[3]), groups, width, symbols)
        at += 8 + 4 * length
    return Keymap(tuple(types), keys)


def _type(reply: bytes, at: int, order: str) -> tuple[Type, int]:
    mask, _, _, _, entries, keeps = struct.unpack_from(order + "BBHBBB", reply, at)
    at += 8
    kept_at = at + 8 * entries
    levels = {}
    for index in range(entries):
        active, modifiers, level = struct.unpack_from("BBB", reply, at + 8 * index)
        kept = reply[kept_at + 4 * index] if keeps else 0
        if active:
            levels[modifiers] = level, kept
    return Type(mask, levels), kept_at + (4 * entries if keeps else 0)


def unsure(changed: int | None, at: int) -> bool:
    """Whether a key came before the keymap of `changed` held, or too soon after. Server times in ms, 32 bits wide."""
    if changed is None:
        return False
    return (at - changed + _HALF) % (2 * _HALF) - _HALF <= UNSURE_MS


class Composer:
    """Dead keys: an accent waits for its letter. What has no single character is not known."""

    def __init__(self) -> None:
        self._waiting = ""
        self._unknown = 0

    def dead(self, accent: str) -> None:
        """A dead key with that combining character; "" if it is none that we know."""
        self._unknown = max(self._unknown, 1) if self._waiting or not accent else self._unknown
        self._waiting = accent

    def compose(self) -> None:
        """The Compose key: what the next two keys give is not known."""
        self._waiting, self._unknown = "", 2

    def forget(self) -> None:
        """A key that is no character ends what waits."""
        self._waiting, self._unknown = "", 0

    def character(self, typed: str) -> str | None:
        """What the key gives together with what waits; None if that is not known."""
        accent, self._waiting = self._waiting, ""
        if self._unknown:
            self._unknown -= 1
            return None
        if not accent:
            return typed
        if typed == " ":
            return SPACING.get(accent)
        whole = unicodedata.normalize("NFC", typed + accent)
        return whole if len(whole) == 1 else None


SPACING = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u0327": "\u00b8", "\u030a": "°"}
"""What a dead key and a blank give in the Compose tables of X."""
