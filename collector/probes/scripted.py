"""Demo work instead of a real desktop: windows, typing, pointer, prompts and small pictures, all drawn from a seed.

It enters the recorder where the real probes do, so that everything behind it is the real collector.
"""

import asyncio
import io
import random
from collections.abc import Iterator

from PIL import Image, ImageDraw, WebPImagePlugin

from collector.agent import Agent
from collector.desktop import Field, Rect, Snapshot, Window
from wire.documents import Kind
from wire.policy import Context

SCREEN = (1920, 1080)
LINES = (
    "Thanks, I will look at it after lunch.",
    "def total(rows): return sum(row.amount for row in rows)",
    "Could you review the second paragraph again?",
    "The build is green again, the cache was stale.",
    "git commit -m 'Read the limit from the settings'",
    "Sehr geehrte Damen und Herren, anbei die Unterlagen.",
    "SELECT name, count(*) FROM orders GROUP BY name;",
    "Let us move the meeting to Thursday at ten.",
    "My account is DE89 3704 0044 0532 0130 00, please transfer.",
    "for item in queue: process(item)",
)
TITLES = ("Inbox", "invoice.py", "Quarterly plan", "README.md", "Budget 2026", "Ticket 4711", "orders.sql", "Notes")
PROMPTS = (
    ("How do I merge two dictionaries in Python?", "Use the | operator: merged = first | second."),
    ("Make this sentence shorter: We would like to kindly ask you.", "Please."),
    ("Explain what an index does in a database.", "It lets the database find rows without reading the whole table."),
    ("Write a polite reminder for an unpaid invoice.", "Dear customer, our invoice from May is still open."),
)
PAUSE_S = (0.4, 1.6)
TYPOS = 0.03


class ScriptedProbe:
    """One demo person at work. `pace`: 1 is natural; larger is faster. `rest`: seconds between two acts.

    Screenshots come at the policy's interval. Override `line`, `title` and `conversation` for another job.
    """

    def __init__(self, seed: int, pace: float = 1.0, rest: tuple[float, float] = PAUSE_S) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - a script, not a secret
        self._pace, self._pause = pace, rest
        self._next_picture = 0

    def line(self, _context: str) -> str:
        """Something to type there."""
        return self._draw.choice(LINES)

    def title(self, _context: str) -> str:
        """The title of a window there."""
        return self._draw.choice(TITLES)

    def conversation(self) -> tuple[str, str]:
        """A question to an assistant, and its answer."""
        return self._draw.choice(PROMPTS)

    async def run(self, agent: Agent) -> None:
        """Works through windows until cancelled; while nothing is permitted it only waits."""
        while True:
            contexts = agent.permission.policy.contexts if agent.permission.policy else ()
            if not contexts or not agent.permission.scope().permitted:
                await asyncio.sleep(1)
                continue
            context = self._draw.choice(contexts)
            agent.recorder.see(self._desk(context))
            await self._work(agent, context)

    async def _work(self, agent: Agent, context: Context) -> None:
        for _ in range(self._draw.randint(2, 6)):
            act = self._draw.choices((self._type, self._move, self._ask, self._picture), (5, 4, 1, 1))[0]
            await act(agent, context)
            await self._rest(*self._pause)

    async def _type(self, agent: Agent, context: Context) -> None:
        for name, text in self.keys(self.line(context.id)):
            agent.recorder.key(agent.clock.boot_ms(), name, text)
            await self._rest(0.05, 0.25)

    async def _move(self, agent: Agent, _context: Context) -> None:
        for x, y in self.path(self._draw.randint(8, 20)):
            agent.recorder.pointer(agent.clock.boot_ms(), x, y)
            await self._rest(0.04, 0.08)
        agent.recorder.click(agent.clock.boot_ms(), x, y, self._draw.choice(("left", "left", "left", "right")))

    async def _ask(self, agent: Agent, _context: Context) -> None:
        names = sorted(agent.permission.scope().permitted.get(Kind.PROMPT, ()))
        if names:
            question, answer = self.conversation()
            agent.recorder.prompt(self._draw.choice(names), [("user", question), ("assistant", answer)])

    async def _picture(self, agent: Agent, _context: Context) -> None:
        plan, interval, now = agent.recorder.frame(), agent.recorder.screenshot_interval(), agent.clock.boot_ms()
        if plan is not None and interval is not None and now >= self._next_picture:
            self._next_picture = now + round(interval * 1000 / self._pace)
            size, image = self.image()
            agent.recorder.screenshot(plan[0], image, size, 1)

    async def _rest(self, least: float, most: float) -> None:
        await asyncio.sleep(self._draw.uniform(least, most) / self._pace)

    def _desk(self, context: Context) -> Snapshot:
        url = f"https://{context.sites[0].removeprefix('*.')}/" if context.sites else None
        app = context.apps[0].lower() if context.apps else "chromium"
        title = f"{self.title(context.id)} - {context.name}"
        window = Window(1, (app,), title, Rect(0, 0, *SCREEN), url=url if not context.apps else None)
        return Snapshot((window,), window, Field.TEXT, screen=SCREEN)

    def keys(self, line: str) -> Iterator[tuple[str, str]]:
        """The keys that type a line, with a mistake and its correction now and then."""
        for character in line:
            if self._draw.random() < TYPOS:
                yield "char", self._draw.choice("etaoin")
                yield "backspace", ""
            yield "char", character
        yield "enter", ""

    def path(self, count: int) -> list[tuple[int, int]]:
        """A pointer path of `count` points from one place on the screen to another, slightly bent."""
        (x, y), (to_x, to_y) = ((self._draw.randrange(SCREEN[0]), self._draw.randrange(SCREEN[1])) for _ in range(2))
        bend = self._draw.randint(-80, 80)
        steps = [step / max(count - 1, 1) for step in range(count)]
        return [
            (
                min(max(round(x + (to_x - x) * t + bend * t * (1 - t)), 0), SCREEN[0] - 1),
                min(max(round(y + (to_y - y) * t - bend * t * (1 - t)), 0), SCREEN[1] - 1),
            )
            for t in steps
        ]

    def image(self) -> tuple[tuple[int, int], bytes]:
        """A small picture of a window, as WebP: (width, height), bytes."""
        picture = Image.new("RGB", (480, 270), (245, 245, 240))
        pen = ImageDraw.Draw(picture)
        pen.rectangle((0, 0, 480, 22), fill=(60, 70, 90))
        pen.text((8, 5), self._draw.choice(TITLES), fill=(255, 255, 255))
        for row, line in enumerate(self._draw.sample(LINES[:8], 5)):
            pen.text((12, 40 + row * 24), line, fill=(40, 40, 40))
        out = io.BytesIO()
        picture.save(out, WebPImagePlugin.WebPImageFile.format, quality=60)
        return picture.size, out.getvalue()
