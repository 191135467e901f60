"""What may be captured at this instant. No files, no network: documents and a clock go in, a scope comes out.

Fails closed: capture needs trust, a policy in force, a key, and a lease that fits them all and is younger than its
time to live by the boot clock. Whatever is refused on arrival also drops the lease.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from collector import pauses
from collector.clock import Clock
from collector.obeyed import Obeyed, guard
from collector.pauses import LocalPause
from collector.stops import Stops
from collector.timekeeping import TimeKeeper
from wire import codec, documents, succession
from wire.documents import Directive, KeyDocument, Kind, Lease, PauseSpan, Signer, Trust
from wire.policy import Hours, Policy

LONGEST_SITE = 200
LocalTime = Callable[[int], tuple[int, int]]


class Reason(StrEnum):
    """Why the scope is what it is."""

    RECORDING = "recording"
    NO_POLICY = "no_policy"
    NO_KEY = "no_key"
    NO_PERMIT = "no_permit"
    PERMIT_OVER = "permit_over"
    NOT_IN_FORCE = "policy_not_in_force"
    ENDED = "policy_ended"
    HOURS = "outside_hours"
    STOPPED = "stopped_for_all"
    PAUSED = "paused"
    PAUSED_HERE = "paused_here"


@dataclass(frozen=True)
class Scope:
    """Kind → contexts that may be captured now; empty with the reason why. `now`: server time, if known."""

    permitted: Mapping[Kind, frozenset[str]]
    reason: Reason
    now: int | None

    def allows(self, kind: Kind, context: str) -> bool:
        """Whether a segment of this kind and context may be recorded."""
        return context in self.permitted.get(kind, frozenset())


@dataclass
class Permission:
    """What is in force. `local_time`: server ms → (ISO weekday, minute of day) here; `moved`: pin not on disk yet.

    `site_told`: where the server says that the person works; it is shown, and changes nothing.
    """

    trust: Trust
    device: UUID
    employee: UUID
    clock: Clock
    local_time: LocalTime
    obeyed: Obeyed = field(default_factory=Obeyed)
    key: KeyDocument | None = None
    directive: Directive | None = None
    stops: Stops = field(default_factory=Stops)
    lease: Lease | None = None
    local_pause: LocalPause | None = None
    moved: bytes | None = None
    site_told: str | None = None
    _received: int = 0
    _spans: dict[PauseSpan, None] = field(default_factory=dict)
    _exclusions: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.time = TimeKeeper(self.clock, self.device)

    @property
    def policy(self) -> Policy | None:
        """The policy that is obeyed."""
        return self.obeyed.policy

    @property
    def policy_hash(self) -> str | None:
        """Its document's hash."""
        return self.obeyed.hash

    def server_now(self) -> int | None:
        """The server's time by the boot clock; None before the first lease of this boot."""
        return self.time.now()

    def exclusions(self) -> frozenset[str]:
        """What policy and directive exclude beyond the floor."""
        return self._exclusions | frozenset(self.policy.exclusions if self.policy else ())

    def scope(self) -> Scope:
        """What may be captured now."""
        reason, now = self._hindrance(), self.server_now()
        if reason is not Reason.RECORDING or now is None or self.lease is None or self.policy is None:
            return Scope({}, reason, now)
        permitted = {kind: frozenset(names) for kind, names in self.policy.permitted().items()}
        leased = self.lease.permitted
        active = self.active(now)
        left = {
            kind: frozenset(
                c for c in names & set(leased.get(kind, ())) if not any(_covers(s, kind, c) for s in active)
            )
            for kind, names in permitted.items()
        }
        left = {kind: names for kind, names in left.items() if names}
        return Scope(left, Reason.RECORDING if left or not active else Reason.PAUSED, now)

    def active(self, now: int) -> tuple[PauseSpan, ...]:
        """The pauses from the portal that concern this device at `now`."""
        return tuple(
            span
            for span in self._spans
            if span.device in {None, self.device} and span.starts <= now and (span.ends is None or now < span.ends)
        )

    def _hindrance(self) -> Reason:
        now = self.server_now()
        if self.local_pause is not None and (now is None or not pauses.over(self.local_pause, now)):
            return Reason.PAUSED_HERE
        if self.stops:
            return Reason.STOPPED
        if self.policy is None:
            return Reason.NO_POLICY
        if self.key is None:
            return Reason.NO_KEY
        if now is not None and self.policy.expires <= now:
            return Reason.ENDED
        if self.lease is None or now is None:
            # A pause of everything arrives without a lease: the one that permits nothing follows.
            paused = now is not None and any(span.kinds is None and span.contexts is None for span in self.active(now))
            return Reason.PAUSED if paused else Reason.NO_PERMIT
        if not self._lease_runs(self.lease, self.policy, now):
            return Reason.PERMIT_OVER
        if now < self.policy.not_before:
            return Reason.NOT_IN_FORCE
        if self.policy.hours is not None and not _within(self.policy.hours, *self.local_time(now)):
            return Reason.HOURS
        return Reason.RECORDING

    def _lease_runs(self, lease: Lease, policy: Policy, now: int) -> bool:
        life = min(lease.ttl_s, policy.lease_ttl_s) * 1000
        elapsed = self.clock.boot_ms() - self._received
        return 0 <= elapsed < life and now < lease.issued + life

    def take(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Takes a complete map from the server; the names of what was refused. A refusal drops the lease."""
        refused: list[str] = []
        guard("trust", refused, self._follow, files.get("trust"))
        lease = guard("lease", refused, self._read_lease, files.get("lease"))
        refused.extend(self.obeyed.take(files, self.trust, self.server_now()))
        refused.extend(self.stops.take(files, self.trust))
        guard("directive", refused, self._take_directive, files.get("directive"))
        guard("key", refused, self._take_key, files.get("key"))
        if "key" in files:  # what is told to everybody at once says nothing of this person
            self.site_told = _told(files.get("site", b""))
        self.lease = None
        if lease is not None and not refused and not self.time.unsure:
            guard("lease", refused, self._hold, lease)
        self._settle()
        return tuple(refused)

    def restore(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Takes what was kept on disk, never a lease; `policy_base` is the last policy the works council signed."""
        refused: list[str] = []
        guard("directive", refused, self._take_directive, files.get("directive"))
        guard("key", refused, self._take_key, files.get("key"))
        return *refused, *self.obeyed.restore(files, self.trust)

    def set_time(self, envelope: bytes) -> int:
        """Takes the server's answer to the question what time it is; by how many ms the time went back.

        Then there is no lease until the next one comes. Raises SignatureError or DocumentError.
        """
        back = self.time.answered(envelope, self.trust)
        if back:
            self.drop_lease()
        return back

    def drop_lease(self) -> None:
        """Forgets the lease: the machine woke up, the clock broke, the device was removed."""
        self.lease = None

    def pause_here(self, minutes: int | None) -> LocalPause:
        """Pauses on this device, with or without a server; of two pauses the one that ends later holds."""
        new = pauses.begin(self.clock, minutes, self.server_now())
        self.local_pause = pauses.longer(self.local_pause, new)
        return self.local_pause

    def resume_here(self) -> None:
        """Ends this device's own pause; one from the portal stays."""
        self.local_pause = None

    def local_pause_over(self) -> bool:
        """Whether the own pause has run out."""
        now = self.server_now()
        return self.local_pause is not None and now is not None and pauses.over(self.local_pause, now)

    def _settle(self) -> None:
        now = self.server_now()
        if self.local_pause is not None and now is not None:
            self.local_pause = pauses.settle(self.local_pause, self.clock, now)

    def _follow(self, chain: bytes) -> None:
        """Moves the pin. Whatever the old keys vouched for has to come again, signed by the new ones."""
        if (newer := succession.follow(self.trust, chain)) is not None:
            self.trust, self.moved = newer
            self.key = None
            self.obeyed.leave()

    def _read_lease(self, envelope: bytes) -> Lease:
        lease, _ = documents.open_signed(Lease, envelope, self.trust.keys_of(Signer.LEASE))
        if lease.employee != self.employee or self.device not in lease.devices:
            raise codec.DocumentError("the lease is for somebody else")
        self.time.learn(lease)
        return lease

    def _hold(self, lease: Lease) -> None:
        if self.policy_hash is None or lease.policy != self.policy_hash:
            raise codec.DocumentError("the lease is for another policy")
        if self.key is None or lease.key != self.key.id:
            raise codec.DocumentError("the lease is for another key")
        if self.directive is not None and lease.directive < self.directive.number:
            raise codec.DocumentError("the lease does not know the latest pause")
        self.lease, self._received = lease, self.clock.boot_ms()

    def _take_directive(self, envelope: bytes) -> None:
        new, _ = documents.open_signed(Directive, envelope, self.trust.keys_of(Signer.LEASE))
        if new.employee != self.employee:
            raise codec.DocumentError("the directive is for somebody else")
        if self.directive is not None and new.number < self.directive.number:
            raise codec.DocumentError("the directive is older than the one in force")
        if self.directive is None or new.number > self.directive.number:
            self._spans, self._exclusions = dict.fromkeys(new.pauses), frozenset(new.exclusions)
        else:
            # Under the same number a directive may only add: a repeated pause rolls forward.
            self._spans |= dict.fromkeys(new.pauses)
            self._exclusions |= frozenset(new.exclusions)
        now = self.server_now()
        self._spans = {span: None for span in self._spans if now is None or span.ends is None or span.ends > now}
        self.directive = new

    def _take_key(self, envelope: bytes) -> None:
        new, _ = documents.open_signed(KeyDocument, envelope, self.trust.keys_of(Signer.VAULT))
        if new.employee != self.employee:
            raise codec.DocumentError("the key is somebody else's")
        if self.key is not None and (new.created < self.key.created or (new.id == self.key.id and new != self.key)):
            raise codec.DocumentError("the key is older than, or contradicts, the one in force")
        self.key = new


def _told(name: bytes) -> str | None:
    """A name that can be shown, from whoever says it."""
    text = name.decode(errors="replace")
    return text if text.isprintable() and 0 < len(text) <= LONGEST_SITE else None


def _covers(span: PauseSpan, kind: Kind, context: str) -> bool:
    return (span.kinds is None or kind in span.kinds) and (span.contexts is None or context in span.contexts)


def _within(hours: Hours, weekday: int, minute: int) -> bool:
    return weekday in hours.weekdays and hours.from_minute <= minute < hours.to_minute
