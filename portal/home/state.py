"""The first card of the first page, as its template takes it."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from portal.core.permissions import ROLE_WORDS
from portal.home.queries import Standing
from portal.home.rules import DeviceLine, Part, ends_in, resuming
from portal.policies.queries import Policies
from portal.stops.rules import Halt


@dataclass(frozen=True)
class Offer:
    """What could be deleted after a pause."""

    items: int
    url: str


@dataclass(frozen=True)
class Stopped:
    """The stop for all that holds, in words."""

    since: datetime
    by: str
    reason: str
    whom: str


@dataclass(frozen=True)
class PageState:
    """See templates/home/_state.html."""

    status: str
    recording: int
    total: int
    until: datetime | None
    can_resume: bool
    pending: bool
    resuming: bool
    kinds: list[str]
    contexts: int
    policy_version: int | None
    ends_in: int | None
    parts: list[Part]
    offer: Offer | None
    devices: list[DeviceLine]
    halt: Stopped | None = None


def page_state(standing: Standing, known: Policies, now: datetime, items_today: int) -> PageState:
    """How things stand, what is captured, and the offer to delete while everything is paused."""
    permitted = standing.permitted
    starting = standing.whole is None and standing.bar.halt is None and resuming(standing.asked, standing.devices, now)
    labels = known.labels()
    offer = Offer(items_today, url_for("deletion.delete", last="today")) if standing.whole and items_today else None
    versions = [line.policy_version for line in standing.devices if line.policy_version is not None]
    return PageState(
        status=standing.bar.status,
        recording=standing.bar.recording,
        total=sum(not line.observer for line in standing.devices),
        until=standing.bar.until,
        can_resume=standing.bar.can_resume,
        pending=starting or _pending(standing),
        resuming=starting,
        kinds=sorted(permitted, key=list(permitted).index),
        contexts=len({context for contexts in permitted.values() for context in contexts}),
        policy_version=max(versions, default=None),
        ends_in=ends_in(standing.whole, now),
        parts=[replace(part.named(labels), delete_url=_delete_url(part)) for part in standing.parts],
        offer=offer,
        devices=[_noted(line) for line in standing.devices],
        halt=stopped(standing.bar.halt),
    )


def stopped(halt: Halt | None) -> Stopped | None:
    """The stop with its role in words."""
    return None if halt is None else Stopped(halt.since, str(ROLE_WORDS[halt.by]), halt.reason, halt.whom)


def _pending(standing: Standing) -> bool:
    """Whether a device has still to answer to a pause, of everything or of a part."""
    return any(line.pending for line in standing.devices) or any(part.pending for part in standing.parts)


def _delete_url(part: Part) -> str:
    """Where what was captured today of a paused part can be seen and deleted."""
    return url_for("deletion.delete", last="today", kind=list(part.kinds), context=list(part.contexts))


def _noted(line: DeviceLine) -> DeviceLine:
    """Say of a stock OpAMP client that it is not a device that merely is off."""
    return replace(line, note=str(gettext("captures nothing: it only learns the policy"))) if line.observer else line
