"""From a closed segment to what is sent: redacted, labelled, compressed, sealed to the person's key."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import zstandard

from collector import redaction
from collector.segments import Segment, key_rows
from collector.sensitivity import CLASSES
from wire import canary, content, segment
from wire.canary import Canary, Marked
from wire.content import Content, Summary
from wire.documents import Kind
from wire.segment import Header

BASE = content.BASE
LONGEST_TITLE = 300
LONGEST_TURN = 100_000


@dataclass(frozen=True)
class Sealed:
    """A segment ready to be sent. `header`: canonical bytes."""

    header: bytes
    body: bytes
    sensitivity: int


@dataclass(frozen=True)
class Sealer:
    """Makes sealed segments of one device and person."""

    device: UUID
    employee: UUID

    def seal(self, closed: Segment, seq: int, mark: Canary | None = None) -> Sealed:
        """The sealed segment, a canary where `mark` is given. Raises ContentError if it does not fit its form."""
        item, terms = label(closed), closed.terms
        packed = content.pack(item)
        summary = item.summary
        header = Header(
            segment=uuid4(),
            device=self.device,
            employee=self.employee,
            seq=seq,
            kind=summary.kind,
            context=summary.context,
            start=summary.start,
            end=summary.end,
            counts=summary.counts,
            sensitivity=summary.sensitivity,
            categories=summary.categories,
            policy=terms.policy,
            policy_version=terms.policy_version,
            lease=terms.lease,
            key=terms.key,
            size=len(packed),
        )
        data = segment.header_bytes(header) if mark is None else canary.header_bytes(Marked(mark, header))
        body = segment.seal(data, zstandard.compress(packed), terms.public_key)
        return Sealed(data, body, summary.sensitivity)


def label(closed: Segment) -> Content:
    """The content with its redactions, counts, sensitivity and categories."""
    data, found = _data(closed)
    found |= closed.found
    level, category = BASE[closed.kind]
    level = max([level, *(CLASSES[name].level for name in found)])
    categories = sorted({category, *(CLASSES[name].category for name in found)})
    counts = content.counts_of(closed.kind, data)
    summary = Summary(closed.kind, closed.context, closed.start, closed.end, counts, level, tuple(categories))
    return Content(summary, data, closed.blob)


def _data(closed: Segment) -> tuple[dict[str, Any], frozenset[str]]:
    start = closed.start
    match closed.kind:
        case Kind.KEY:
            title, found = _clean(closed.title, closed)
            text = redaction.reconstruct([event for _, event in closed.items])
            return {"title": title, "events": list(key_rows(closed)), "text": text}, found
        case Kind.POINTER:
            points = [[at - start, *point] for at, point in closed.items]
            return {"screen": list(closed.screen), "points": points}, frozenset()
        case Kind.CLICK:
            clicks = [[at - start, *click] for at, click in closed.items]
            return {"screen": list(closed.screen), "clicks": clicks}, frozenset()
        case Kind.WINDOW:
            cleaned = [(at, *_clean(title, closed)) for at, title in closed.items]
            found = frozenset[str]().union(*(names for _, _, names in cleaned))
            return {"titles": [[at - start, title] for at, title, _ in cleaned]}, found
        case Kind.SCREENSHOT:
            _, (size, monitor) = closed.items[0]
            return {"size": list(size), "monitor": monitor}, frozenset()
        case Kind.PROMPT:
            return _prompt(closed)


def _prompt(closed: Segment) -> tuple[dict[str, Any], frozenset[str]]:
    turns, found = [], frozenset[str]()
    for at, (role, text) in closed.items:
        cleaned, names = redaction.redact_text(plain(text, LONGEST_TURN), closed.terms.redaction)
        turns.append({"role": role, "at": at - closed.start, "text": cleaned})
        found |= names
    return {"turns": turns}, found


def _clean(title: str, closed: Segment) -> tuple[str, frozenset[str]]:
    return redaction.redact_text(plain(title, LONGEST_TITLE), closed.terms.redaction)


def plain(text: str, longest: int) -> str:
    """Text that has a byte form: cut, without U+0000, and with no half of a surrogate pair."""
    return text[:longest].replace("\0", "").encode("utf-8", "replace").decode()
