"""Handles, and what a wish comes to where several people have one. Pure."""

import re
from enum import StrEnum
from typing import Final

MOST: Final = 20
"""Names beside one item."""
_HANDLE: Final = re.compile(r"[^\s\x00-\x1f]{2,200}")


class Answer(StrEnum):
    """What the database answers to a claim; `unknown` is no item that shows the person, whatever else it is."""

    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    GONE = "gone"
    TWICE = "twice"
    HELD = "held"


_BEFORE: Final = frozenset({"waiting", "open", "asked_back", "approved"})
_FROZEN: Final = frozenset({"running", "done", "partial"})


def may_take_back(wish: str, state: str) -> bool:
    """Whether a claim can be taken back: before it is carried out; a freeze as long as it holds."""
    return state in _BEFORE or (wish == "restrict" and state in _FROZEN)


def handle(text: str) -> str | None:
    """The one spelling of an address or user name; None for what cannot be one."""
    found = text.strip().lower()  # as the database compares; casefold would make ß ss, and match nobody
    return found if _HANDLE.fullmatch(found) else None
