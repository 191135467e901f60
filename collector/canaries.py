"""Feeds canaries (wire.canary) through the code that real events take, each through a recorder of its own.

So nothing of the person can get into one. A run begins as soon as something may be recorded under a policy, again each
day, and again after each start. It waits for pauses, stops, hours and the lease as everything else does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from collector import contexts
from collector.contexts import Rules
from collector.desktop import Field, Rect, Snapshot, Window
from collector.permission import Permission, Reason, Scope
from collector.recorder import Recorder
from collector.segments import Segment, Segmenter
from wire import canary
from wire.canary import Canary
from wire.documents import Kind
from wire.policy import Context, Policy

VIEWED_MS = 100
"""Keys count from a little after the focus was seen."""

SETTLED_MS = 600
"""From then on it is known that they count."""

AGAIN_MS = 86_400_000
SOONER_MS = 3_600_000
"""Where nothing that the policy permits may be recorded here now."""

TEXTS = (Kind.WINDOW, Kind.PROMPT, Kind.KEY)
Seal = Callable[[Segment, Canary], None]


@dataclass(frozen=True)
class Attempt:
    """One made-up event: what is done, in which context, in front of which window."""

    number: int
    kind: Kind
    context: str
    window: Window
    text: str

    @property
    def snapshot(self) -> Snapshot:
        """The desktop with that window alone."""
        return Snapshot((self.window,), self.window, Field.TEXT, screen=canary.SCREEN)


@dataclass
class Run:
    """A run in progress. `fed`: boot ms when the events were fed, None before that."""

    policy: str
    began: int
    boot: int
    feeds: "list[tuple[Attempt, Recorder, list[Segment]]]"
    fed: int | None = None


class Canaries:
    """`tick` it as often as the recorder. `rules`: what decides about contexts; `seal` numbers, seals and spools."""

    def __init__(self, permission: Permission, device: UUID, rules: Callable[[], Rules], seal: Seal) -> None:
        self._permission, self._device, self._rules, self._seal = permission, device, rules, seal
        self._run: Run | None = None
        self._tried: tuple[str, int] | None = None

    def tick(self, scope: Scope) -> None:
        """Goes on with the run, or begins one where it is time."""
        boot, run = self._permission.clock.boot_ms(), self._run
        if run is None:
            if scope.reason is Reason.RECORDING and scope.permitted and self._due(boot):
                self._begin(scope, boot)
        elif run.policy != self._permission.policy_hash or boot - run.boot > canary.RUN_MS:
            self._run = self._tried = None
        elif run.fed is None and boot - run.boot >= VIEWED_MS:
            run.fed = boot
            for attempt, recorder, _ in run.feeds:
                _feed(recorder, attempt, boot)
        elif run.fed is not None and boot - run.fed >= SETTLED_MS:
            self._run = None
            self._close(run)

    def _due(self, boot: int) -> bool:
        policy, again = self._tried or ("", 0)
        return policy != self._permission.policy_hash or boot >= again

    def _begin(self, scope: Scope, boot: int) -> None:
        policy, digest = self._permission.policy, self._permission.policy_hash
        if policy is None or digest is None or scope.now is None:
            return
        attempts = plan(policy, scope, self._rules())
        self._tried = digest, boot + (AGAIN_MS if attempts else SOONER_MS)
        if attempts:
            feeds = [self._recorder(attempt) for attempt in attempts]
            for attempt, recorder, _ in feeds:
                recorder.see(attempt.snapshot)
            self._run = Run(digest, scope.now, boot, feeds)

    def _recorder(self, attempt: Attempt) -> tuple[Attempt, Recorder, list[Segment]]:
        given: list[Segment] = []
        return attempt, Recorder(self._permission, Segmenter(given.append), self._rules, lambda: 0), given

    def _close(self, run: Run) -> None:
        key = canary.public_key(self._device, run.began)
        for attempt, recorder, given in run.feeds:
            recorder.tick()
            recorder.close()
            for closed in given:
                if closed.kind is attempt.kind and closed.terms.policy == run.policy:
                    closed.terms = replace(closed.terms, public_key=key)
                    self._seal(closed, Canary(run.began, attempt.number))


def plan(policy: Policy, scope: Scope, rules: Rules) -> list[Attempt]:
    """What is tried under this policy, the last one again after all others; nothing where nothing can be kept."""
    kept = [one for kind in Kind if canary.fits(policy, kind) and (one := _kept(policy, kind, scope, rules))]
    if not kept:
        return []
    outside = (one for kind in Kind if (one := _outside(policy, kind, rules)))
    return [*kept, *outside, *_dropped(policy, kept), replace(kept[0], number=canary.LAST)]


def _kept(policy: Policy, kind: Kind, scope: Scope, rules: Rules) -> Attempt | None:
    named = {context.id: context for context in policy.contexts}
    found = (named[name] for name in policy.permitted().get(kind, ()) if scope.allows(kind, name))
    return _first(found, kind, canary.kept(kind), canary.text_of(policy), rules)


def _outside(policy: Policy, kind: Kind, rules: Rules) -> Attempt | None:
    permitted = policy.permitted().get(kind, ()) if canary.fits(policy, kind) else ()
    found = (context for context in policy.contexts if context.id not in permitted)
    return _first(found, kind, canary.outside(kind), canary.text_of(policy), rules)


def _dropped(policy: Policy, kept: list[Attempt]) -> Iterator[Attempt]:
    """What no policy keeps: a window of no context, an excluded one, a text that is too sensitive."""
    first = kept[0]
    nowhere = replace(first.window, apps=(canary.UNLISTED_NAME,), url=None)
    yield replace(first, number=canary.UNLISTED, context=canary.UNLISTED_NAME, window=nowhere)
    seen = next((one for one in kept if one.kind is not Kind.PROMPT), None)
    if policy.exclusions and seen is not None:
        excluded = replace(seen.window, apps=(*seen.window.apps, policy.exclusions[0].lower()))
        yield replace(seen, number=canary.EXCLUDED, window=excluded)
    text = next((one for one in kept if one.kind in TEXTS), None)
    if policy.max_sensitivity < canary.SECRET_LEVEL and text is not None:
        window = replace(text.window, title=canary.SECRET) if text.kind is Kind.WINDOW else text.window
        yield replace(text, number=canary.TOO_SENSITIVE, window=window, text=canary.SECRET)


def _first(found: "Iterator[Context]", kind: Kind, number: int, text: str, rules: Rules) -> Attempt | None:
    """The first context to which a window of it belongs here."""
    for context in found:
        window = _window(context, text if kind is Kind.WINDOW else canary.TITLE)
        if window is not None and contexts.judge(window, rules).context == context.id:
            return Attempt(number, kind, context.id, window, text)
    return None


def _window(context: Context, title: str) -> Window | None:
    rect = Rect(0, 0, *canary.SCREEN)
    if context.apps:
        return Window(1, (context.apps[0].lower(),), title, rect)
    if context.sites:
        return Window(1, ("canary",), title, rect, url="https://" + context.sites[0].removeprefix("*."))
    return None


def _feed(recorder: Recorder, attempt: Attempt, boot: int) -> None:
    match attempt.kind:
        case Kind.KEY:
            for character in attempt.text:
                recorder.key(boot, "char", character)
        case Kind.POINTER:
            recorder.pointer(boot, *canary.SPOT)
        case Kind.CLICK:
            recorder.click(boot, *canary.SPOT, "left")
        case Kind.PROMPT:
            recorder.prompt(attempt.context, [("user", attempt.text)])
        case Kind.SCREENSHOT:
            frame = recorder.frame()
            if frame is not None:
                recorder.screenshot(frame[0], canary.IMAGE, canary.SIZE, 0)
        case Kind.WINDOW:
            pass  # seen already
