"""Lifting a freeze against the person's wish: proposed, announced by a colleague, called off, carried out.

As `actions`: each act locks the request, asks the rules, and writes event, audit entry and notification together.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.requests import lift_rules, queries
from portal.requests.actions import happen, standing_of
from portal.requests.models import Request
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import WORKER, Actor, EventKind


def act(session: Session, request_id: UUID, kind: EventKind, by: Actor, now: datetime, words: str = "") -> Request:
    """HR proposes (with a reason), sends back, announces (somebody else's proposal) or calls off.

    Raises NotNowError, LookupError.
    """
    request = queries.locked(session, request_id)
    if request is None:
        raise LookupError("no such request")
    events = queries.events(session, request)
    lift = lift_rules.lift_of(events)
    lift_rules.require(standing_of(session, request, events, by), lift, kind, by.role, by.id)
    if kind is EventKind.LIFT_PROPOSED and not words.strip():
        raise NotNowError(Why.EMPTY)
    said = lift.words if kind is EventKind.LIFT_ANNOUNCED else words.strip()
    return happen(session, request, kind, by, now, said)


def lift_due(session: Session, now: datetime) -> bool:
    """Lift one freeze whose day has come; the steps follow (`jobs.lift_next`). False when none is due."""
    request = queries.due_to_lift(session, now - lift_rules.NOTICE)
    if request is None:
        return False
    if queries.due_to_lift(session, now - lift_rules.NOTICE) is not request:
        return True  # called off or disputed before the lock was ours: the first statement could not see that
    request.closed_at = now
    happen(session, request, EventKind.LIFTED, WORKER, now)
    return True
