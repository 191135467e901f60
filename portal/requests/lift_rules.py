"""When HR may lift a freeze against the person's wish (GDPR 18(3)): with a reason, by two, and told before. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from portal.requests import rules
from portal.requests.happened import Happened
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import EventKind, Role, Standing

NOTICE: Final = timedelta(days=7)
"""How long before it is lifted the person is told."""
LIFTS: Final = frozenset(
    {EventKind.LIFT_PROPOSED, EventKind.LIFT_REJECTED, EventKind.LIFT_ANNOUNCED, EventKind.LIFT_CALLED_OFF}
)


@dataclass(frozen=True)
class Lift:
    """What HR proposed, and for when it was announced; nothing of it once it was sent back or called off."""

    words: str = ""
    proposed_by: UUID | None = None
    proposed_at: datetime | None = None
    on: datetime | None = None


def lift_of(events: Iterable[Happened]) -> Lift:
    """How the lifting stands after a request's events, oldest first."""
    lift = Lift()
    for event in events:
        match EventKind(event.kind):
            case EventKind.LIFT_PROPOSED:
                lift = Lift(event.words, event.actor_id, event.at)
            case EventKind.LIFT_ANNOUNCED:
                lift = replace(lift, on=event.at + NOTICE)
            case EventKind.LIFT_REJECTED | EventKind.LIFT_CALLED_OFF | EventKind.LIFTED | EventKind.WITHDRAWN:
                lift = Lift()
    return lift


def require(standing: Standing, lift: Lift, kind: EventKind, role: Role, actor: UUID | None = None) -> None:
    """Raise NotNowError unless `actor` may do this about lifting. What somebody shown by an item asked for stays."""
    rules.require(standing, kind, role, actor)
    if not standing.freezes or standing.claimed:
        raise NotNowError(Why.NOT_YOURS)
    if kind is EventKind.LIFT_PROPOSED:
        if lift.proposed_by is not None:
            raise NotNowError(Why.PROPOSED)
        return
    if lift.proposed_by is None:
        raise NotNowError(Why.NO_PROPOSAL)
    announced = lift.on is not None
    if announced == (kind in {EventKind.LIFT_ANNOUNCED, EventKind.LIFT_REJECTED}):
        raise NotNowError(Why.ALREADY if announced else Why.NO_PROPOSAL)
    if kind is EventKind.LIFT_ANNOUNCED and lift.proposed_by == actor:
        raise NotNowError(Why.FOUR_EYES)


def may(standing: Standing, lift: Lift, kind: EventKind, role: Role, actor: UUID | None = None) -> bool:
    """Whether `require` lets it pass: what a page offers."""
    try:
        require(standing, lift, kind, role, actor)
    except NotNowError:
        return False
    return True
