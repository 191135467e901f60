"""What one person's devices are told, decided from the facts: pure, without database, network or clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from portal.pauses import rules
from portal.policies.rules import Move, Workplace
from wire.documents import Directive, Kind, Lease
from wire.policy import Policy

RENEW_MS = 40_000
ROLL_MS = 86_400_000
"""A directive looks eight days ahead, so that a device that hears nothing for a week still knows: renewed each day."""

Permitted = dict[Kind, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Key:
    """The person's current key document."""

    id: UUID
    envelope: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says of one person. `collectors` may capture; `observers` are stock OpAMP clients.

    `answered`: stops for all that a device has confirmed, and whose end none has confirmed yet.
    """

    employee: UUID
    workplace: Workplace
    left: bool
    exclusions: tuple[str, ...]
    number: int
    pauses: tuple[rules.Pause, ...] = ()
    key: Key | None = None
    collectors: frozenset[UUID] = frozenset()
    answered: frozenset[UUID] = frozenset()
    observers: frozenset[UUID] = frozenset()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """A policy as published: its content, its hash and the signed envelope that devices get.

    `base`: envelope of the policy with the council's signature that this one, signed by the officer alone, narrows; a
    device that has no policy yet takes it first. `reached`: for how many of 100 people it holds by now.
    """

    policy: Policy
    hash: str
    envelope: bytes
    base: bytes | None = None
    reached: int = 100


@dataclass(frozen=True, slots=True)
class Permit:
    """A lease with its renewals, as the table lease_span remembers it. Times: Unix ms."""

    id: UUID
    employee: UUID
    devices: frozenset[UUID]
    policy: str
    directive: int
    key: UUID
    permitted: Permitted = field(hash=False)
    started: int
    until: int

    def continues(self, wanted: "Permit") -> bool:
        """Whether `wanted` says the same as this one, while this one still holds: then it is a renewal."""
        return self.until >= wanted.started and self.says == wanted.says

    @property
    def says(self) -> tuple[object, ...]:
        """All but identity and times."""
        return self.employee, self.devices, self.policy, self.directive, self.key, self.permitted


def permits(
    facts: Facts,
    published: Published | None,
    held: Sequence[Permit],
    now: int,
    *,
    halted: bool = False,
    within: Policy | None = None,
) -> list[Permit]:
    """The leases to issue at `now`: one for all devices, or one for each group that pauses leave different things.

    None for a person who has left, or who lacks a key, a policy or a collector. `held`: the ones issued before.
    `halted`: a stop for all is in force, so that they permit nothing. `within`: the policy of the place to which they
    moved, while that of the place before goes on: what it does not permit ends at once.
    """
    if facts.left or facts.key is None or published is None:
        return []
    groups: dict[tuple[tuple[Kind, tuple[str, ...]], ...], set[UUID]] = {}
    permitted = {} if halted else _common(published.policy, within)
    for device in sorted(facts.collectors):
        left = rules.left(permitted, facts.pauses, device, now) if facts.pauses else permitted
        groups.setdefault(tuple(sorted(left.items())), set()).add(device)
    until = now + published.policy.lease_ttl_s * 1000
    wanted = [
        Permit(
            uuid4(),
            facts.employee,
            frozenset(devices),
            published.hash,
            facts.number,
            facts.key.id,
            dict(left),
            now,
            until,
        )
        for left, devices in groups.items()
    ]
    return [_renewed(permit, held) for permit in wanted]


def _common(policy: Policy, other: Policy | None) -> Permitted:
    """What both permit; None: no other one."""
    if other is None:
        return policy.permitted()
    theirs = other.permitted()
    both = {
        kind: tuple(name for name in names if name in theirs.get(kind, ()))
        for kind, names in policy.permitted().items()
    }
    return {kind: names for kind, names in both.items() if names}


def _renewed(wanted: Permit, held: Sequence[Permit]) -> Permit:
    before = next((permit for permit in held if permit.continues(wanted)), None)
    return wanted if before is None else replace(before, until=max(before.until, wanted.until))


def lease(permit: Permit, issued: int) -> Lease:
    """The lease document of a permit, good from `issued` until the permit's end."""
    return Lease(
        id=permit.id,
        employee=permit.employee,
        devices=tuple(sorted(permit.devices)),
        policy=permit.policy,
        directive=permit.directive,
        permitted=permit.permitted,
        key=permit.key,
        issued=issued,
        ttl_s=(permit.until - issued) // 1000,
    )


def directive(facts: Facts, now: int) -> Directive:
    """All the person's pauses of the next eight days and their exclusions, under the current number."""
    return Directive(
        employee=facts.employee,
        number=facts.number,
        issued=now,
        pauses=rules.spans(facts.pauses, now, now + rules.HORIZON_MS),
        exclusions=facts.exclusions,
    )


def says_the_same(new: Directive, old: Directive | None) -> bool:
    """Whether a device that has `old` needs no `new`: same content, and not a day older."""
    return old is not None and replace(new, issued=old.issued) == old and new.issued - old.issued < ROLL_MS


def due(facts: Facts, policies: Iterable[Published], published: Published | None, now: int) -> int:
    """When the person's documents must be made anew: renewal, a pause's edge, or a policy's beginning or end."""
    ttl = published.policy.lease_ttl_s * 1000 if published else 3 * RENEW_MS
    moments = [now + min(RENEW_MS, ttl // 3)]
    change = rules.next_change(facts.pauses, now)
    moments += [] if change is None else [change]
    edges = (edge for entry in policies for edge in (entry.policy.not_before, entry.policy.expires))
    return min(moments + [edge for edge in edges if edge > now])
