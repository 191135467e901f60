"""What a device is doing, said from what the server knows for sure: its lease, its reports, the person's pauses."""

import re
import secrets
import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

CODE_LIFETIME = timedelta(minutes=15)
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 30
_PLAIN = re.compile(r"[\w ./-]+")


class DeviceState(StrEnum):
    """What is shown for a device, always as a word."""

    RECORDING = "recording"
    PAUSED = "paused"
    STOPPING = "stopping"
    OFF = "off"
    OBSERVER = "observer"


@dataclass(frozen=True)
class DeviceFacts:
    """One device: its newest lease's end and what that lease permits (kind → contexts), and its newest reports.

    `offered_at`: since when it was offered the policy of that lease.
    """

    id: UUID
    name: str
    uploads: bool
    last_seen_at: datetime | None
    lease_until: datetime | None
    permitted: dict[str, tuple[str, ...]]
    policy_version: int | None
    received: dict[int, datetime]
    stopped: dict[int, datetime]
    offered_at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """One device on its way to a stop: asked → received → stopped. `by`: when it stops by itself at the latest."""

    device: UUID
    name: str
    state: DeviceState
    policy_version: int | None
    last_seen_at: datetime | None
    asked_at: datetime | None
    received_at: datetime | None
    stopped_at: datetime | None
    by: datetime | None

    @property
    def pending(self) -> bool:
        """Whether the page should keep asking."""
        return self.state is DeviceState.STOPPING


def new_code() -> str:
    """A one-time code a person can type: 30 of 30 signs, 147 bits, in groups of five."""
    signs = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(signs[start : start + 5] for start in range(0, CODE_LENGTH, 5))


def progress(facts: DeviceFacts, asked_at: datetime | None, number: int | None, now: datetime) -> Progress:
    """Where the device stands. `asked_at`, `number`: of the pause of everything that holds now, None without one."""
    permit = facts.lease_until if facts.lease_until and facts.lease_until > now else None
    received = _first(facts.received, number)
    stopped = _first(facts.stopped, number)
    return Progress(
        device=facts.id,
        name=facts.name,
        state=_state(facts, permit, number, stopped),
        policy_version=facts.policy_version,
        last_seen_at=facts.last_seen_at,
        asked_at=asked_at,
        received_at=received or stopped,
        stopped_at=stopped,
        by=permit if number is not None and stopped is None else None,
    )


def _state(facts: DeviceFacts, permit: datetime | None, number: int | None, stopped: datetime | None) -> DeviceState:
    if not facts.uploads:
        return DeviceState.OBSERVER
    if number is not None and stopped is not None:
        return DeviceState.PAUSED
    if permit is None:
        return DeviceState.OFF
    if number is not None:
        return DeviceState.STOPPING
    return DeviceState.RECORDING if facts.permitted else DeviceState.PAUSED


def _first(reports: dict[int, datetime], number: int | None) -> datetime | None:
    """When the device first answered directive `number` or a later one."""
    moments = [at for directive, at in reports.items() if number is not None and directive >= number]
    return min(moments, default=None)


def at_site(site: str | None) -> str:
    """What the command that adds a device says of its site, which comes from elsewhere: a shell runs none of it."""
    if not site:
        return ""
    # Double quotes are understood by every shell, and a plain name holds nothing that they let through.
    return f' --site="{site}"' if _PLAIN.fullmatch(site) else f" --site={shlex.quote(site)}"
