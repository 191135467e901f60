"""One collector: its permission, recorder, spool and messages, tied together. Knows no socket, file watcher or window.

Everything here runs in one thread (the event loop's) and answers at once; what is to be sent goes to `outbox`.
"""

import asyncio
import logging
import os
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from collector import contexts, identity, pauses, store
from collector.canaries import Canaries
from collector.clock import Clock, local_time
from collector.contexts import Rules
from collector.identity import Identity
from collector.ledger import Ledger
from collector.messages import Messages, offers
from collector.obeyed import Obeyed, Refusal
from collector.permission import LocalTime, Permission, Reason, Scope
from collector.recorder import Recorder
from collector.reporting import Reports
from collector.sealing import Sealer
from collector.segments import Segment, Segmenter
from collector.spool import DEFAULT_CAP, Sequence, Spool
from collector.state import StateDir
from wire import opamp
from wire.canary import Canary
from wire.content import ContentError
from wire.documents import Kind, PauseSpan, ReportKind
from wire.segment import LONGEST_MS, MAX_BODY

log = logging.getLogger("collector")
OUTBOX = 1_000


@dataclass(frozen=True)
class Options:
    """`segment_ms`: longest segment; `spool_cap`: bytes; `local_time`: see Permission; `canaries`: feed them."""

    segment_ms: int = LONGEST_MS
    spool_cap: int = DEFAULT_CAP
    local_time: LocalTime = local_time
    canaries: bool = True


@dataclass
class Totals:
    """What became of segments since the collector started. `refused`: reason → number."""

    stored: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    too_sensitive: int = 0
    unfit: int = 0


class Agent:
    """See the module. `spooled` is set when there is something to upload, `news` when there is something to send.

    `on_scope` is called when what may be captured changes, before that is reported: probes close there.
    """

    def __init__(self, state: StateDir, who: Identity, clock: Clock, options: Options | None = None) -> None:
        options = options or Options()
        self.state, self.identity, self.clock = state, who, clock
        self.permission = Permission(who.trust, who.device, who.employee, clock, options.local_time, Obeyed(who.site))
        self.spool, self.sequence = Spool(state, options.spool_cap), Sequence(state)
        self.ledger = Ledger(state)
        self.recorder = Recorder(self.permission, Segmenter(self._seal, options.segment_ms), self.rules)
        self._canaries = Canaries(self.permission, who.device, self.rules, self._seal) if options.canaries else None
        self.totals = Totals()
        self.outbox: deque[opamp.AgentToServer] = deque(maxlen=OUTBOX)
        self.news, self.spooled, self.removed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.connected = False
        self.on_scope: list[Callable[[Scope], None]] = []
        self._messages = Messages(os.urandom(16))
        self._sealer = Sealer(who.device, who.employee)
        self._hosts = contexts.server_hosts([who.server, *(f"https://{host}" for host in who.exclude)])
        self._excluded = store.exclusions(state)
        self._spans: frozenset[PauseSpan] = frozenset()
        self._permitted: Mapping[Kind, frozenset[str]] = {}
        self._reason: Reason | None = None
        self._config: bytes | None = None
        self._steady: dict[str, bytes] = {}
        self._reports = Reports(state, self.permission, self.sequence, who.key)
        self._offered: set[str] = set()
        for name in store.restore(state, self.permission):
            log.warning("collector.stored_document_refused name=%s", name)
        self._stops = self.permission.stops.held

    def rules(self) -> Rules:
        """What decides about contexts now."""
        listed = self.permission.policy.contexts if self.permission.policy else ()
        return Rules(listed, self.permission.exclusions() | self._excluded, self._hosts)

    def hello(self) -> opamp.AgentToServer:
        """The first message of a connection; the device's state and what the server has not kept follow it."""
        self._offered.clear()
        self._steady = {}
        self.outbox.clear()
        if self.permission.directive is not None:
            self._reports.still(ReportKind.RECEIVED)
        if self._spans:
            self._reports.still(ReportKind.STOPPED)
        for stop in self._stops:
            self._reports.still(ReportKind.STOPPED, f"stop={stop}")
        for envelope in self._reports.unheard:
            self.send(self._messages.report(envelope))
        return self._messages.hello(self.permission.policy_hash, self.permission.scope())

    def poll(self) -> opamp.AgentToServer:
        """A message that only asks."""
        return self._messages.poll()

    def receive(self, message: opamp.ServerToAgent) -> None:
        """What the server sent."""
        for offer in offers(message):
            if offer not in self._offered:
                self._offered.add(offer)
                log.warning("collector.offer_refused offer=%s", offer)
                self.report(ReportKind.OFFER_REFUSED, offer)
        if message.HasField("remote_config"):
            self._configure(message.remote_config)
        if message.custom_message.capability == opamp.REPORT_CAPABILITY:
            self._hear(message.custom_message)
        if message.flags & opamp.ServerToAgentFlags.ServerToAgentFlags_ReportFullState:
            self.send(self._messages.hello(self.permission.policy_hash, self.permission.scope()))

    def _hear(self, message: opamp.CustomMessage) -> None:
        if message.type == opamp.ACK:
            self._reports.heard(message.data)
        elif message.type == opamp.TIME:
            self._set_time(message.data)

    def _set_time(self, envelope: bytes) -> None:
        try:
            back = self.permission.set_time(envelope)
        except Refusal as error:
            log.warning("collector.time_refused reason=%s", error)
            return
        if back:
            log.warning("collector.time_set_back ms=%d", back)
        store.keep_time(self.state, self.permission.time.kept)
        self.tick()

    def _configure(self, config: opamp.AgentRemoteConfig) -> None:
        files = opamp.config_files(config)
        if opamp.config_hash(files) != config.config_hash:
            self.permission.drop_lease()
            self.send(self._messages.configured(config.config_hash, ("config_hash",)))
            self.tick()
            return
        before = self.permission.policy_hash, self.permission.directive
        pause = self.permission.local_pause
        refused = self.permission.take(files)
        self._keep_trust()
        store.keep(self.state, self.identity, files, refused, based=self.permission.obeyed.based)
        store.keep_time(self.state, self.permission.time.kept)
        store.keep_stops(self.state, self.permission.stops)
        directive = self.permission.directive
        if directive is not None and (before[1] is None or directive.number > before[1].number):
            self.report(ReportKind.RECEIVED)
        if self.permission.local_pause != pause:
            store.save_pause(self.state, self.permission.local_pause)
            self._report_local_pause()
        self.tick()
        self._acknowledge(config.config_hash, files, refused, before[0])
        nonce = self.permission.time.ask()
        if nonce is not None:
            self.send(self._messages.ask_time(nonce))

    def _keep_trust(self) -> None:
        """Pins the trust document that followed the old one, before anything that its keys signed is kept."""
        if self.permission.moved is not None:
            self.identity = replace(self.identity, trust=self.permission.trust)
            identity.save(self.state, self.identity, self.permission.moved)
            self.permission.moved = None
            log.warning("collector.trust_moved version=%d", self.permission.trust.version)

    def _acknowledge(self, config: bytes, files: dict[str, bytes], refused: tuple[str, ...], old: str | None) -> None:
        steady = {name: data for name, data in files.items() if name != "lease"}
        changed, self._steady = steady != self._steady, steady
        if not refused and not changed:
            return
        if refused and config == self._config:
            return
        self._config = config
        self.send(self._messages.configured(config, refused))
        if "policy" in refused:
            self.report(ReportKind.FAILED)
        elif self.permission.policy_hash != old:
            self.report(ReportKind.APPLIED)
        if refused:
            log.warning("collector.config_refused names=%s", ",".join(refused))

    def tick(self) -> Scope:
        """Several times a second: closes what must close, reports what changed. The scope now."""
        scope = self.recorder.tick()
        if scope.permitted != self._permitted:
            self._permitted = scope.permitted
            for notify in self.on_scope:
                notify(scope)
        spans = frozenset(self.permission.active(scope.now)) if scope.now is not None else self._spans
        begun, ended = spans - self._spans, self._spans - spans
        self._spans = spans
        if ended:
            self.report(ReportKind.RESUMED)
        if begun or (ended and spans):
            self.report(ReportKind.STOPPED)
        held, before = self.permission.stops.held, self._stops
        self._stops = held
        for stop in held ^ before:
            self.report(ReportKind.STOPPED if stop in held else ReportKind.RESUMED, f"stop={stop}")
        if self.permission.local_pause_over():
            self.resume_here()
        if scope.reason is not self._reason:
            self._reason = scope.reason
            log.info("collector.scope reason=%s", scope.reason.value)
            self.send(self._messages.state(self.permission.policy_hash, scope))
        if self._canaries is not None:
            self._canaries.tick(scope)
        return scope

    def pause_here(self, minutes: int | None) -> None:
        """Pauses on this device; works without the server, which is told when it can be."""
        store.save_pause(self.state, self.permission.pause_here(minutes))
        self.tick()
        self._report_local_pause()

    def resume_here(self) -> None:
        """Ends this device's own pause."""
        self.permission.resume_here()
        store.save_pause(self.state, None)
        self.tick()
        self.send(self._messages.report(self._reports.say_here(ReportKind.RESUMED_HERE, "")))

    def adopt_pause(self, pause: pauses.LocalPause | None) -> None:
        """Takes the pause that the command line wrote into the state directory."""
        if pause is None and self.permission.local_pause is not None:
            self.resume_here()
        elif pause is not None and pause != self.permission.local_pause:
            now = self.permission.server_now()
            settled = pause if now is None else pauses.settle(pause, self.clock, now)
            self.permission.local_pause = settled
            self.tick()
            self._report_local_pause()

    def adopt_exclusions(self, entries: frozenset[str]) -> None:
        """Takes the person's exclusions; they count from the next look at the desktop on."""
        self._excluded = entries
        self.recorder.see(self.recorder.snapshot)

    def forget(self) -> int:
        """Destroys everything not yet sent; the number of segments."""
        self.recorder.segmenter.discard()
        return self.spool.wipe()

    def remove(self) -> None:
        """The server does not know this device any more: nothing is captured or kept."""
        self.permission.drop_lease()
        self.recorder.segmenter.discard()
        self.spool.wipe()
        store.forget_documents(self.state)
        self.state.write(store.REMOVED, b"")
        self.removed.set()
        log.warning("collector.device_removed")

    def report(self, what: ReportKind, detail: str = "") -> None:
        """Sends a signed word about this device, and again until the server has it."""
        self.send(self._messages.report(self._reports.say(what, detail)))

    def send(self, message: opamp.AgentToServer) -> None:
        """Puts a message into the outbox."""
        self.outbox.append(message)
        self.news.set()

    def _report_local_pause(self) -> None:
        pause = self.permission.local_pause
        if pause is not None and (pause.duration is None or pause.until is not None):
            detail = "" if pause.until is None else f"until={pause.until}"
            self.send(self._messages.report(self._reports.say_here(ReportKind.PAUSED_HERE, detail)))

    def _seal(self, closed: Segment, mark: Canary | None = None) -> None:
        """Real segments, and canaries, which nothing counts."""
        lost = Totals() if mark is not None else self.totals
        try:
            sealed = self._sealer.seal(closed, self.sequence.next(), mark)
        except ContentError:
            lost.unfit += 1
            return
        if sealed.sensitivity > closed.terms.max_sensitivity:
            lost.too_sensitive += 1
            return
        if len(sealed.body) > MAX_BODY:
            lost.unfit += 1
            return
        self.spool.put(self.sequence.last, sealed.header, sealed.body)
        self.spooled.set()
