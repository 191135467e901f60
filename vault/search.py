"""Finds words in opened content, item by item: no index is made, and only short snippets are kept."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wire.content import Content
from wire.documents import Kind

AROUND: Final = 40
MAX_SNIPPETS: Final = 3


@dataclass(frozen=True)
class Snippet:
    """A place where the words stand; `start` and `end` mark them inside `text`, in code points."""

    text: str
    start: int
    end: int


def pattern(words: str) -> re.Pattern[str]:
    """What finds `words`, whatever their case and whatever white space stands between them."""
    parts = (re.escape(part) for part in unicodedata.normalize("NFC", words).split())
    return re.compile(r"\s+".join(parts), re.IGNORECASE)


def snippets(content: Content, wanted: re.Pattern[str]) -> tuple[Snippet, ...]:
    """The first few places where `wanted` stands in the texts of `content`."""
    found = (snippet for text in _texts(content) for snippet in _places(unicodedata.normalize("NFC", text), wanted))
    return tuple(snippet for snippet, _ in zip(found, range(MAX_SNIPPETS), strict=False))


def _places(text: str, wanted: re.Pattern[str]) -> Iterator[Snippet]:
    for match in wanted.finditer(text):
        start = max(0, match.start() - AROUND)
        yield Snippet(text[start : match.end() + AROUND], match.start() - start, match.end() - start)


def _texts(content: Content) -> Iterator[str]:
    data = content.data
    match content.summary.kind:
        case Kind.KEY:
            yield from (data["text"], data["title"])
        case Kind.WINDOW:
            yield from (title for _, title in data["titles"])
        case Kind.PROMPT:
            yield from (turn["text"] for turn in data["turns"])
        case Kind.POINTER | Kind.CLICK | Kind.SCREENSHOT:
            return
