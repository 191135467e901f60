"""The policy that this device obeys, and what bounds the next one. No files, no clock: both are handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from collector.timekeeping import LATE_MS
from wire import codec, documents, dsse
from wire.documents import Trust
from wire.policy import Policy, accept_here, accepts, widens

A = TypeVar("A")
R = TypeVar("R")
Refusal = (dsse.SignatureError, codec.DocumentError)
STEPS = ("policy_base", "policy")
"""First the policy that the works council signed, of which the next one is a part."""


@dataclass
class Obeyed:
    """`site`: where the device is. `based`: the last configuration's policy followed its base, which is kept with it.

    `former`: the policy obeyed before, as long as none counts in its place: its signatures are too few by now, or it is
    for another site. It permits nothing, and what follows is not older and, without the council, not wider.
    """

    site: str | None = None
    policy: Policy | None = None
    hash: str | None = None
    former: Policy | None = None
    based: bool = False

    def leave(self) -> None:
        """The policy counts no more until it comes again: the trust document has moved."""
        self._bounded_by(self.policy or self.former)

    def take(self, files: Mapping[str, bytes], trust: Trust, now: int | None) -> tuple[str, ...]:
        """Takes what the server sent; the names of what was refused. A base is only a step to the policy after it."""
        refused: list[str] = []
        before = self.policy, self.hash
        begins = self._moment(files.get("policy"), now)
        follows = accepts(files.get("policy"), trust, self.policy, begins)
        self.based = set(STEPS) <= files.keys() and not follows
        if self.based:
            guard("policy_base", refused, lambda data: self._obey(data, trust, now), files["policy_base"])
        guard("policy", refused, lambda data: self._follow(data, trust, begins), files.get("policy"))
        if "policy" in refused:
            self.policy, self.hash = before
        return tuple(refused)

    def _moment(self, envelope: bytes | None, now: int | None) -> int | None:
        """The moment by which a policy is judged: now, or its first one if that is about to come and it widens nothing.

        The time here is behind by as long as the latest lease was on its way. What a policy takes away is sent in its
        first moment, without a lease; taken early it permits nothing until then.
        """
        if envelope is None or now is None or self.policy is None:
            return now
        new = guard("policy", [], _read, envelope)
        early = new is not None and now < new.not_before <= now + LATE_MS and not widens(self.policy, new)
        return new.not_before if new is not None and early else now

    def restore(self, files: Mapping[str, bytes], trust: Trust) -> tuple[str, ...]:
        """Takes what was kept on disk. What does not count any more still bounds the next one."""
        refused: list[str] = []
        for name in STEPS:
            guard(name, refused, lambda data: self._obey(data, trust, _read(data).not_before), files.get(name))
        kept = [guard(name, [], _read, files.get(name)) for name in STEPS]
        newest = max((one for one in kept if one is not None), key=lambda one: one.version, default=None)
        if newest is not None and (self.policy is None or self.policy.version < newest.version):
            self._bounded_by(newest)
        return tuple(refused)

    def _bounded_by(self, policy: Policy | None) -> None:
        self.policy, self.hash, self.former = None, None, policy

    def _follow(self, envelope: bytes, trust: Trust, now: int | None) -> None:
        if self.former is not None and now is not None:
            accept_here(envelope, trust, self.former, now, self.site)
        self._obey(envelope, trust, now)
        self.former = None

    def _obey(self, envelope: bytes, trust: Trust, now: int | None) -> None:
        if now is None:
            raise codec.DocumentError("the server's time is not known yet")
        self.policy = accept_here(envelope, trust, self.policy, now, self.site)
        self.hash = documents.document_hash(self.policy)


def guard(name: str, refused: list[str], read: Callable[[A], R], value: A | None) -> R | None:
    """What `read` makes of the value; None without one, and where it is refused, which adds its name."""
    if value is None:
        return None
    try:
        return read(value)
    except Refusal:
        refused.append(name)
        return None


def _read(envelope: bytes) -> Policy:
    return documents.read(Policy, dsse.payload_of(envelope))
