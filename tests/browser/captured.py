"""What was captured about a person: labelled and sealed by the collector's code, admitted by the gateway's."""

import asyncio
import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

from collector.redaction import KeyEvent, mark, masks
from collector.sealing import Sealer
from collector.segments import Segment, Terms
from gateway import admission, database
from gateway.items import Item, item
from portal.core import clock
from tests.browser.installation import Installation
from wire import documents
from wire.documents import Kind

SCREEN = (1920, 1080)
HOSTILE = '<script>window.hit=1</script><img src=x onerror="window.hit=1"><svg onload="window.hit=1"></svg>'
REDACTED = frozenset({"credentials", "bank", "tax", "health"})


@dataclass
class Recorder:
    """One device of a person that captures what it is told, at the moments it is told; `send` uploads it."""

    installed: Installation
    person: UUID
    device: UUID
    lease: UUID
    key: UUID
    public_key: bytes
    spool: list[Item] = field(default_factory=list)
    seq: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def terms(self) -> Terms:
        """What a lease under the policy in force allows."""
        policy = self.installed.policy
        ends = clock.to_ms(clock.now()) + 120_000
        digest = documents.document_hash(policy)
        return Terms(digest, policy.version, self.lease, ends, self.key, self.public_key, REDACTED, 4)

    def store(self, closed: Segment) -> UUID:
        """Seal a closed segment into the spool; its id."""
        sealed = Sealer(self.device, self.person).seal(closed, next(self.seq))
        self.spool.append(item(self.device, self.person, sealed.header, sealed.body))
        return self.spool[-1].id

    def send(self) -> list[str]:
        """Upload the spool as if each item had come two seconds after its end; `stored` or why it was refused."""
        spool, self.spool = self.spool, []
        with ThreadPoolExecutor(1) as elsewhere:  # the browser's own loop runs in this thread
            return elsewhere.submit(asyncio.run, _admit(self.installed.settings.conninfo("gateway"), spool)).result()

    def begin(self, kind: Kind, context: str, at: datetime, **more: Any) -> Segment:
        """An empty segment that starts at `at`."""
        return Segment(kind, context, self.terms(), clock.to_ms(at), screen=SCREEN, **more)

    def typed(self, at: datetime, text: str, context: str = "vscode", title: str = "notes.md") -> UUID:
        """Keys, one each 180 ms, redacted as the collector redacts."""
        segment = self.begin(Kind.KEY, context, at, title=title)
        events = [KeyEvent(segment.start + 180 * n, "char", sign) for n, sign in enumerate(text[:300])]
        segment.items = [(event.at, event) for event in mark(events, masks(events, REDACTED))]
        return self.store(segment)

    def moved(self, at: datetime, context: str = "vscode") -> UUID:
        """A sweep of the pointer over the screen."""
        segment = self.begin(Kind.POINTER, context, at)
        points = [(200 + 14 * n, 300 + (n * n * 7) % 500) for n in range(60)]
        segment.items = [(segment.start + 150 * n, point) for n, point in enumerate(points)]
        return self.store(segment)

    def clicked(self, at: datetime, context: str = "jira") -> UUID:
        """Three clicks."""
        segment = self.begin(Kind.CLICK, context, at)
        clicks = ((320, 240, "left"), (900, 610, "left"), (1400, 300, "right"))
        segment.items = [(segment.start + 900 * n, click) for n, click in enumerate(clicks)]
        return self.store(segment)

    def looked(self, at: datetime, titles: tuple[str, ...] = ("Inbox", "Re: plan"), context: str = "outlook") -> UUID:
        """Window titles, one each 5 s."""
        segment = self.begin(Kind.WINDOW, context, at)
        segment.items = [(segment.start + 5000 * n, title) for n, title in enumerate(titles)]
        return self.store(segment)

    def shot(self, at: datetime, context: str = "sheets") -> UUID:
        """A screenshot."""
        segment = self.begin(Kind.SCREENSHOT, context, at, blob=picture())
        segment.items = [(segment.start, ((960, 540), 0))]
        return self.store(segment)

    def asked(self, at: datetime, *turns: str) -> UUID:
        """A talk with an AI tool: user and assistant in turn, 4 s apart."""
        segment = self.begin(Kind.PROMPT, "chat", at)
        said = turns or ("Write a polite reminder to a supplier.", "Dear partner, may we remind you …")
        roles = itertools.cycle(("user", "assistant"))
        segment.items = [(segment.start + 4000 * n, (next(roles), text)) for n, text in enumerate(said)]
        return self.store(segment)

    def day(self, end: datetime, hours: int = 6) -> dict[Kind, UUID]:
        """Some hours of work up to `end`; the newest item of each kind."""
        newest: dict[Kind, UUID] = {}
        for back in range(hours * 3, 0, -1):
            at = end - timedelta(minutes=20 * back - 2)
            newest[Kind.POINTER] = self.moved(at)
            if back % 2:
                newest[Kind.KEY] = self.typed(at + timedelta(minutes=3), "Agenda for Monday, bring the numbers.\n")
                newest[Kind.CLICK] = self.clicked(at + timedelta(minutes=6))
            if back % 3 == 1:
                newest[Kind.WINDOW] = self.looked(at + timedelta(minutes=8))
                newest[Kind.SCREENSHOT] = self.shot(at + timedelta(minutes=9))
            if back % 5 == 1:
                newest[Kind.PROMPT] = self.asked(at + timedelta(minutes=11))
        return newest


def picture() -> bytes:
    """A WebP image that looks a little like a spreadsheet."""
    image = Image.new("RGB", (960, 540), "#ffffff")
    draw = ImageDraw.Draw(image)
    for row in range(0, 540, 27):
        draw.line((0, row, 960, row), "#d9dde3")
    for column in range(0, 960, 120):
        draw.line((column, 0, column, 540), "#d9dde3")
    draw.rectangle((0, 0, 960, 27), "#e8eef7")
    written = io.BytesIO()
    image.save(written, "WEBP", quality=70)
    return written.getvalue()


async def _admit(conninfo: str, spool: list[Item]) -> list[str]:
    outcomes = []
    async with await database.connect(conninfo, "test") as connection:
        for one in spool:
            assert one.header
            async with connection.transaction():
                (result,) = await admission.admit(connection, [one], one.header.end + 2000)
            outcomes.append(str(result.reason or result.outcome))
    return outcomes
