"""Contents of demo segments, prepared once through the collector's own cutting, redaction and labelling, then sealed.

A content is chosen by kind, context, language and number. Only its place in time changes from segment to segment;
each is packed, compressed and sealed to its person's key for itself.
"""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final
from uuid import UUID

import zstandard
from PIL import Image, ImageDraw

from collector.redaction import KeyEvent
from collector.sealing import label
from collector.segments import Segment, Segmenter, Terms
from portal.operations.demo_calendar import draw_for
from portal.operations.demo_plan import Planned
from portal.operations.demo_texts import ASKED, TITLES, TYPED, WORDS
from wire import content, segment
from wire.content import Content
from wire.documents import Kind
from wire.segment import LONGEST_MS, Header

SCREEN: Final = (1920, 1080)
PICTURE: Final = (640, 360)
TYPO_SHARE: Final = 0.02
EDGE: Final = 1_000_000_000_000
"""Prepared contents begin at this moment, far from any real one."""

COMPRESSOR: Final = zstandard.ZstdCompressor()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a header says of policy and key, the same for all of a person's segments."""

    policy: str
    policy_version: int
    key: UUID
    public_key: bytes


def sealed(item: Planned, grounds: Grounds) -> tuple[bytes, bytes]:
    """Header and body of one planned segment, as a device would send them."""
    ready = prepared(item.kind, item.context, item.german, item.number)
    length = ready.summary.end - ready.summary.start
    said = replace(ready.summary, context=item.context, start=item.start, end=item.start + length)
    packed = content.pack(Content(said, ready.data, ready.blob))
    header = Header(
        segment=item.segment,
        device=item.device,
        employee=item.person,
        seq=item.seq,
        kind=said.kind,
        context=said.context,
        start=said.start,
        end=said.end,
        counts=said.counts,
        sensitivity=said.sensitivity,
        categories=said.categories,
        policy=grounds.policy,
        policy_version=grounds.policy_version,
        lease=item.lease,
        key=grounds.key,
        size=len(packed),
    )
    data = segment.header_bytes(header)
    return data, segment.seal(data, COMPRESSOR.compress(packed), grounds.public_key)


@cache
def prepared(kind: Kind, context: str, german: bool, number: int) -> Content:  # noqa: FBT001 - a key of the cache
    """The content with this number, redacted and labelled by the collector's own code."""
    draw = draw_for("content", kind.value, context, german, number)
    match kind:
        case Kind.KEY:
            return label(_typed(fill(_pick(TYPED[german][context], number), german, draw), context, german, draw))
        case Kind.WINDOW:
            titles = [fill(_pick(TITLES[context], number + at), german, draw) for at in range(draw.randint(1, 3))]
            return label(_segment(kind, context, [(EDGE + at * 9_000, title) for at, title in enumerate(titles)]))
        case Kind.PROMPT:
            question, answer = (fill(text, german, draw) for text in _pick(ASKED[german], number))
            return label(_segment(kind, context, [(EDGE, ("user", question)), (EDGE + 2_500, ("assistant", answer))]))
        case Kind.POINTER:
            return label(replace(_segment(kind, context, list(_path(draw, draw.randint(20, 60)))), screen=SCREEN))
        case Kind.CLICK:
            return label(replace(_segment(kind, context, list(_clicks(draw))), screen=SCREEN))
        case Kind.SCREENSHOT:
            picture = _picture(context, german, number, draw)
            return label(replace(_segment(kind, context, [(EDGE, (PICTURE, 1))]), blob=picture))


def _pick(choices: tuple[Any, ...], number: int) -> Any:
    return choices[number % len(choices)]


def fill(text: str, german: bool, draw: random.Random) -> str:  # noqa: FBT001 - which language
    """The text with words in place of its `{…}`."""
    for name, words in WORDS[german].items():
        while "{" + name + "}" in text:
            text = text.replace("{" + name + "}", draw.choice(words), 1)
    return text.replace("{{", "{").replace("}}", "}")


def _terms() -> Terms:
    """No lease and no key yet: those of each segment come when it is sealed. Redaction as in the default policy."""
    nobody = UUID(int=0)
    names = frozenset({"credentials", "bank", "tax", "health"})
    return Terms("", 1, nobody, EDGE + LONGEST_MS, nobody, b"", names, 4)


def _segment(kind: Kind, context: str, items: list[tuple[int, Any]]) -> Segment:
    return Segment(kind, context, _terms(), EDGE, items=items)


def _typed(text: str, context: str, german: bool, draw: random.Random) -> Segment:  # noqa: FBT001 - which language
    """The text typed key by key, cut to a minute and redacted where the collector would."""
    closed: list[Segment] = []
    segmenter = Segmenter(closed.append)
    at = EDGE
    title = fill(TITLES[context][0], german, draw)
    for name, character in _keys(text, draw):
        segmenter.add(Segment(Kind.KEY, context, _terms(), EDGE, title=title), at, KeyEvent(at, name, character))
        at += draw.randint(60, 260)
        if at >= EDGE + LONGEST_MS:
            break
    segmenter.flush(at)
    return closed[0]


def _keys(text: str, draw: random.Random) -> Iterator[tuple[str, str]]:
    """The keys that type a text, with a mistake and its correction now and then."""
    for character in text:
        if character == "\n":
            yield "enter", ""
        elif character == "\t":
            yield "down", "tab"
        else:
            if draw.random() < TYPO_SHARE:
                yield "char", draw.choice("etaoinsr")
                yield "backspace", ""
            yield "char", character


def _path(draw: random.Random, count: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """A pointer that goes from place to place and rests in between."""
    at, x, y = EDGE, draw.randrange(SCREEN[0]), draw.randrange(SCREEN[1])
    for _ in range(count // 10):
        to_x, to_y = draw.randrange(SCREEN[0]), draw.randrange(SCREEN[1])
        for step in range(1, 11):
            yield at, (x + (to_x - x) * step // 10, y + (to_y - y) * step // 10)
            at += draw.randint(16, 50)
        x, y = to_x, to_y
        at += draw.randint(300, 4_000)


def _clicks(draw: random.Random) -> Iterator[tuple[int, tuple[int, int, str]]]:
    at = EDGE
    for _ in range(draw.randint(1, 9)):
        yield at, (draw.randrange(SCREEN[0]), draw.randrange(SCREEN[1]), draw.choice(("left", "left", "left", "right")))
        at += draw.randint(400, 6_000)


def _picture(context: str, german: bool, number: int, draw: random.Random) -> bytes:  # noqa: FBT001 - which language
    """A small picture of a window at work, as WebP."""
    dark = context in {"vscode", "terminal"}
    paper, ink = ((30, 32, 38), (205, 210, 216)) if dark else ((250, 250, 247), (45, 48, 54))
    picture = Image.new("RGB", PICTURE, paper)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, PICTURE[0], 24), fill=(70, 78, 96))
    pen.text((10, 6), _latin(fill(_pick(TITLES[context], number), german, draw)), fill=(255, 255, 255))
    pen.rectangle((0, 24, 110, PICTURE[1]), fill=(42, 46, 54) if dark else (236, 236, 231))
    for row in range(8):
        pen.rectangle((12, 40 + row * 22, 40 + draw.randint(10, 60), 46 + row * 22), fill=(140, 146, 158))
    lines = [line for text in TYPED[german][context][:7] for line in fill(text, german, draw).splitlines() if line]
    for row, line in enumerate(lines[:12]):
        pen.text((126, 38 + row * 24), _latin(line[:80].expandtabs(12)), fill=ink)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=40)
    return out.getvalue()


def _latin(text: str) -> str:
    """What the built-in font can draw."""
    return text.encode("latin-1", "replace").decode("latin-1")
