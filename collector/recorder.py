"""Where all probes come in: what they saw goes on only if it may be captured at this instant, here, of this kind.

Everything runs in one thread. Times that come in are of the boot clock; times that go on are the server's.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from collector import contexts
from collector.contexts import Rules, Verdict
from collector.desktop import Field, Rect, Snapshot
from collector.keygate import KeyGate, View
from collector.permission import Permission, Scope
from collector.redaction import KeyEvent
from collector.segments import Segment, Segmenter, Terms
from wire.documents import Kind
from wire.policy import PERMILLE

Turns = Sequence[tuple[str, str]]


@dataclass
class Recorder:
    """`rules`: asked at each look, so that a new exclusion counts at once. `draw`: a number in [0, 1000)."""

    permission: Permission
    segmenter: Segmenter
    rules: Callable[[], Rules]
    draw: Callable[[], int] = lambda: random.randrange(PERMILLE)  # noqa: S311 - a sample, not a secret
    snapshot: Snapshot = field(default_factory=Snapshot)
    verdict: Verdict = field(default_factory=lambda: Verdict(None, contexts.Why.NO_WINDOW))
    _gate: KeyGate = field(default_factory=KeyGate)
    _scope: Scope | None = None
    _title: tuple[str | None, str] = (None, "")

    def see(self, snapshot: Snapshot) -> None:
        """What the desktop looks like now."""
        now = self.permission.server_now()
        self.snapshot = snapshot
        self.verdict = contexts.judge(snapshot.active, self.rules())
        if now is None:
            return
        keys_in = self.verdict.context if contexts.keys_allowed(snapshot) else None
        title = snapshot.active.title if snapshot.active else ""
        self._gate.see(View(now, keys_in, title))
        if (self.verdict.context, title) == self._title:
            return
        if self.verdict.context != self._title[0]:
            self._settle(now)
            self.segmenter.leave(self.verdict.context, now)
        self._title = (self.verdict.context, title)
        self._add(Kind.WINDOW, self.verdict.context, now, title)

    def key(self, boot_ms: int, name: str, text: str) -> None:
        """A key went down: `name` and `text` as in wire.content."""
        at = self._time(boot_ms)
        if at is not None and self._scope_now().permitted.get(Kind.KEY):
            self._gate.press(KeyEvent(at, name, text))

    def pointer(self, boot_ms: int, x: int, y: int) -> None:
        """The pointer moved there."""
        self._place(Kind.POINTER, boot_ms, x, y, (x, y))

    def click(self, boot_ms: int, x: int, y: int, button: str) -> None:
        """A button was pressed there."""
        self._place(Kind.CLICK, boot_ms, x, y, (x, y, button))

    def prompt(self, context: str, turns: Turns) -> bool:
        """An AI tool's question and answer; whether they were recorded."""
        now = self.permission.server_now()
        if now is None or not turns or not self._scope_now().allows(Kind.PROMPT, context):
            return False
        fresh = self._fresh(Kind.PROMPT, context, now)
        if fresh is None or not fresh.sampled:
            return False
        fresh.items.extend((now, turn) for turn in turns[:-1])
        self.segmenter.single(fresh, now, turns[-1])
        return True

    def frame(self) -> tuple[str, Rect] | None:
        """Context and rectangle of a screenshot that may be taken now; decided before any pixel is read.

        Only the active window, and only where nothing of another context lies over it.
        """
        window, context = self.snapshot.active, self.verdict.context
        if window is None or context is None or self.snapshot.field is Field.PASSWORD or self.snapshot.grabbed:
            return None
        if window not in self.snapshot.windows or not self._scope_now().allows(Kind.SCREENSHOT, context):
            return None
        rules = self.rules()
        above = self.snapshot.windows[: self.snapshot.windows.index(window)]
        if any(other.rect.meets(window.rect) and contexts.judge(other, rules).context != context for other in above):
            return None
        rect = _clip(window.rect, self.snapshot.screen)
        return None if rect is None else (context, rect)

    def screenshot(self, context: str, image: bytes, size: tuple[int, int], monitor: int) -> None:
        """An image of that context, as WebP."""
        now = self.permission.server_now()
        if now is None or not self._scope_now().allows(Kind.SCREENSHOT, context):
            return
        fresh = self._fresh(Kind.SCREENSHOT, context, now)
        if fresh is not None and fresh.sampled:
            fresh.blob = image
            self.segmenter.single(fresh, now, (size, monitor))

    def screenshot_interval(self) -> float | None:
        """Seconds between screenshots; None if the policy has none."""
        rule = self.permission.policy.rule(Kind.SCREENSHOT) if self.permission.policy else None
        return None if rule is None else max(rule.interval_s, 1)

    def tick(self) -> Scope:
        """To be called several times a second, and at once when the permission changed. The scope now."""
        scope, before = self.permission.scope(), self._scope
        self._scope = scope
        if scope.now is None:
            self.segmenter.discard()
            self._gate.drop()
            return scope
        if before is not None and _narrower(before, scope):
            self._gate.drop()
            self.segmenter.flush(scope.now)
        self._settle(scope.now)
        self.segmenter.due(scope.now)
        return scope

    def close(self) -> None:
        """The collector ends: what may be kept is sealed."""
        now = self.permission.server_now()
        self._gate.drop()
        self.segmenter.discard() if now is None else self.segmenter.flush(now)

    def _settle(self, now: int) -> None:
        for event, view in self._gate.settled(now):
            self._add(Kind.KEY, view.context, event.at, event, title=view.title)

    def _place(self, kind: Kind, boot_ms: int, x: int, y: int, item: tuple[object, ...]) -> None:
        at = self._time(boot_ms)
        if at is None or self.verdict.context is None:
            return
        below = contexts.judge(self.snapshot.at(x, y), self.rules())
        self._add(kind, below.context, at, item)

    def _add(self, kind: Kind, context: str | None, at: int, item: object, title: str = "") -> None:
        if context is None or not self._scope_now().allows(kind, context):
            return
        fresh = self._fresh(kind, context, at)
        if fresh is not None:
            fresh.title = title
            self.segmenter.add(fresh, at, item)

    def _fresh(self, kind: Kind, context: str, at: int) -> Segment | None:
        terms = self._terms()
        if terms is None:
            return None
        screen = self.snapshot.screen if kind in {Kind.POINTER, Kind.CLICK} else (0, 0)
        return Segment(kind, context, terms, at, screen=screen, sampled=self._sampled(kind, context))

    def _sampled(self, kind: Kind, context: str) -> bool:
        already = self.segmenter.sampled((kind, context))
        rule = self.permission.policy.rule(kind) if self.permission.policy else None
        return already if already is not None else rule is not None and self.draw() < rule.sampling

    def _terms(self) -> Terms | None:
        held = self.permission
        if held.policy is None or held.policy_hash is None or held.lease is None or held.key is None:
            return None
        lease, policy = held.lease, held.policy
        return Terms(
            policy=held.policy_hash,
            policy_version=policy.version,
            lease=lease.id,
            lease_ends=lease.issued + min(lease.ttl_s, policy.lease_ttl_s) * 1000,
            key=held.key.id,
            public_key=held.key.public_key,
            redaction=frozenset(policy.redaction),
            max_sensitivity=policy.max_sensitivity,
        )

    def _scope_now(self) -> Scope:
        return self.permission.scope()

    def _time(self, boot_ms: int) -> int | None:
        now = self.permission.server_now()
        return None if now is None else min(now, now - (self.permission.clock.boot_ms() - boot_ms))


def _narrower(before: Scope, after: Scope) -> bool:
    return any(not names <= after.permitted.get(kind, frozenset()) for kind, names in before.permitted.items())


def _clip(rect: Rect, screen: tuple[int, int]) -> Rect | None:
    left, top = max(rect.x, 0), max(rect.y, 0)
    right, bottom = min(rect.x + rect.width, screen[0]), min(rect.y + rect.height, screen[1])
    return Rect(left, top, right - left, bottom - top) if right - left > 1 and bottom - top > 1 else None
