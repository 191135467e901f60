"""Text as its readers see it: without letters that hide or reorder what stands there."""

import unicodedata
from typing import Final

UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
LINES: Final = frozenset("\n\t")


def plain(text: str | None) -> str:
    """The text in one form (NFC), without what nobody sees, and without space around it; its lines stay."""
    one = unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n"))
    return "".join(each for each in one if each in LINES or unicodedata.category(each) not in UNSEEN).strip()


def printable(name: str) -> str:
    """A name of one line: without control characters, also those that turn the direction of writing."""
    return "".join(letter for letter in name if letter.isprintable()).strip()
