"""What a device is doing, said from what the server knows for sure: its lease, its reports, the person's pauses."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.core.shell import quoted

CODE_LIFETIME = timedelta(minutes=15)
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 30
REPORTS_KEPT = timedelta(days=90)
"""So long what devices said is kept whole; of what is older, the newest of each kind stays (capture.jobs)."""

ALLOWANCE = timedelta(seconds=2)
"""By so much the clocks of our own machines may differ."""


class DeviceState(StrEnum):
    """What is shown for a device, always as a word."""

    RECORDING = "recording"
    PAUSED = "paused"
    STOPPING = "stopping"
    OFF = "off"
    OBSERVER = "observer"


@dataclass(frozen=True)
class Ask:
    """A stretch of a pause that devices answer to. `number`: of the directive that told them of it.

    `asked_at`: when it was asked for or began. `since`: when the stretch began that it continues without a gap.
    """

    number: int
    asked_at: datetime
    since: datetime


@dataclass(frozen=True)
class Answer:
    """What a device said of an Ask: when it received it and stopped for it, by reports since `asked_at` alone.

    `knew`: it had that directive before. `had_stopped`: it stopped between `since` and `asked_at`, and knew.
    """

    received: datetime | None = None
    stopped: datetime | None = None
    knew: bool = False
    had_stopped: bool = False


SILENCE = Answer()


@dataclass(frozen=True)
class DeviceFacts:
    """One device: its newest lease, what that lease permits (kind → contexts), and what it answered to the pauses.

    `lease_until`: no later than a device can hold it that was last heard from at `last_seen_at`.
    `offered_at`: since when it was offered the policy of that lease.
    """

    id: UUID
    name: str
    uploads: bool
    last_seen_at: datetime | None
    lease_until: datetime | None
    permitted: dict[str, tuple[str, ...]]
    policy_version: int | None
    answers: Mapping[Ask, Answer] = field(default_factory=dict)
    offered_at: datetime | None = None
    lease_from: datetime | None = None
    added_at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """One device on its way to a stop: asked → received → stopped. `by`: when it stops by itself at the latest.

    `received_at`, `stopped_at` None with `received`, `stopped` True: so it is, and nothing says after how long.
    """

    device: UUID
    name: str
    state: DeviceState
    policy_version: int | None
    last_seen_at: datetime | None
    asked_at: datetime | None
    received: bool
    received_at: datetime | None
    stopped: bool
    stopped_at: datetime | None
    by: datetime | None


def new_code() -> str:
    """A one-time code a person can type: 30 of 30 signs, 147 bits, in groups of five."""
    signs = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(signs[start : start + 5] for start in range(0, CODE_LENGTH, 5))


def progress(facts: DeviceFacts, ask: Ask | None, now: datetime) -> Progress:
    """Where the device stands on its way to a pause; `ask` None without one."""
    permit = facts.lease_until if facts.lease_until and facts.lease_until > now else None
    answer = SILENCE if ask is None else facts.answers.get(ask, SILENCE)
    stopped = answer.stopped is not None or answer.had_stopped
    # Of a first answer that may have been forgotten since, a later one does not tell the time; nor does that of a
    # device that was not there yet.
    there = ask is not None and (facts.added_at is None or facts.added_at <= ask.asked_at)
    measured = ask is not None and there and now - ask.asked_at < REPORTS_KEPT
    return Progress(
        device=facts.id,
        name=facts.name,
        state=_state(facts, permit, asked=ask is not None, stopped=stopped),
        policy_version=facts.policy_version,
        last_seen_at=facts.last_seen_at,
        asked_at=ask.asked_at if ask else None,
        received=answer.received is not None or answer.knew or stopped,
        received_at=answer.received if measured else None,
        stopped=stopped,
        stopped_at=answer.stopped if measured else None,
        by=permit if ask is not None and not stopped else None,
    )


def _state(facts: DeviceFacts, permit: datetime | None, *, asked: bool, stopped: bool) -> DeviceState:
    if not facts.uploads:
        return DeviceState.OBSERVER
    if stopped:
        return DeviceState.PAUSED
    if permit is None:
        return DeviceState.OFF
    if asked:
        return DeviceState.STOPPING
    return DeviceState.RECORDING if facts.permitted else DeviceState.PAUSED


def at_site(site: str | None) -> str:
    """What the command that adds a device says of its site, which comes from elsewhere: a shell runs none of it."""
    if not site:
        return ""
    return f" --site={quoted(site)}"
