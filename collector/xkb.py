"""The three requests of the X Keyboard Extension that the collector needs, on a connection of python-xlib.

Source: The X Keyboard Extension: Protocol Specification, appendix D (encoding).
"""

import struct
from typing import Any

from Xlib.protocol import rq

from collector import keymap

NAME = "XKEYBOARD"
CORE_KEYBOARD = 0x100
_NEW_KEYBOARD, _MAP = 0, 1
_BOTH = 1 << _NEW_KEYBOARD | 1 << _MAP
_ALL_PARTS = 0xFF
_TYPES_AND_SYMBOLS = 3


class UseExtension(rq.ReplyRequest):  # type: ignore[misc]
    """Tells the server that this connection speaks version 1.0."""

    _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(0), rq.RequestLength(), rq.Card16("major"), rq.Card16("minor"))
    _reply = rq.Struct(rq.Pad(1), rq.Card8("supported"), rq.Card16("sequence_number"), rq.Pad(28))


class SelectEvents(rq.Request):  # type: ignore[misc]
    """Asks for the events of another keyboard and of another keymap."""

    _request = rq.Struct(
        rq.Card8("opcode"),
        rq.Opcode(1),
        rq.RequestLength(),
        rq.Card16("device"),
        rq.Card16("which"),
        rq.Card16("clear"),
        rq.Card16("all"),
        rq.Card16("affected_parts"),
        rq.Card16("parts"),
    )


class GetMap(rq.ReplyRequest):  # type: ignore[misc]
    """Asks for all key types and keysyms; the whole reply is kept as it came."""

    _request = rq.Struct(
        rq.Card8("opcode"), rq.Opcode(8), rq.RequestLength(), rq.Card16("device"), rq.Card16("full"), rq.Pad(20)
    )
    _reply = rq.Struct(rq.Pad(2), rq.Card16("sequence_number"), rq.Pad(28))

    def _parse_response(self, data: Any) -> None:
        self.whole = bytes(data)
        super()._parse_response(data)


class Keyboard:
    """The core keyboard of a display. Raises OSError if the server has no XKB."""

    def __init__(self, display: Any) -> None:
        self._display = display
        found = display.query_extension(NAME)
        if not found.present:
            raise OSError("no X keyboard extension")
        self._opcode, self._event = found.major_opcode, found.first_event
        if not UseExtension(display=display.display, opcode=self._opcode, major=1, minor=0).supported:
            raise OSError("another X keyboard extension")
        SelectEvents(
            display=display.display,
            opcode=self._opcode,
            device=CORE_KEYBOARD,
            which=_BOTH,
            clear=0,
            all=_BOTH,
            affected_parts=_ALL_PARTS,
            parts=_ALL_PARTS,
        )

    def read(self) -> keymap.Keymap:
        """The keymap as it is now."""
        asked = GetMap(
            display=self._display.display, opcode=self._opcode, device=CORE_KEYBOARD, full=_TYPES_AND_SYMBOLS
        )
        return keymap.parse(asked.whole)

    def changed(self) -> tuple[int, int]:
        """How many changes came since this was asked last, and the server time of the last; it counts if there was one.

        Each change of the device that types counts too.
        """
        number, at = 0, 0
        # The answer to a request brings all earlier events with it.
        self._display.sync()
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == self._event and event.detail in {_NEW_KEYBOARD, _MAP}:
                number, (at,) = number + 1, struct.unpack_from("=I", event.data)
        return number, at
