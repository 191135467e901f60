"""HR's decision on a request: proposed by one and, where four eyes are wanted, confirmed by another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.requests import queries, rules
from portal.requests.actions import happen, standing_of
from portal.requests.models import Decision, Request
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import Actor, EventKind, Outcome


@dataclass(frozen=True)
class Proposal:
    """What is to be decided. `ground`: a code of the law's list, needed unless all is approved; `words` to the person.

    `stays` lists what a partial approval leaves: {"store", "kind", "ground"}.
    """

    outcome: Outcome
    words: str = ""
    ground: str | None = None
    stays: tuple[dict[str, Any], ...] = ()


def propose(
    session: Session, request_id: UUID, by: Actor, now: datetime, proposal: Proposal, *, four_eyes: bool
) -> Decision:
    """Propose a decision; without `four_eyes` it holds at once. Raises NotNowError, LookupError."""
    request = _held(session, request_id, EventKind.PROPOSED, by)
    if proposal.outcome is not Outcome.APPROVE and not (proposal.ground and proposal.words.strip()):
        raise NotNowError(Why.EMPTY)
    if by.id is None:
        raise NotNowError(Why.NOT_YOURS)
    decision = Decision(
        employee_id=request.employee_id, request_id=request.id, outcome=proposal.outcome, ground=proposal.ground,
        words=proposal.words.strip(), stays=list(proposal.stays) or None,
        proposed_by=by.id, proposed_name=by.name, proposed_at=now, confirmed_at=None if four_eyes else now,
    )  # fmt: skip
    session.add(decision)
    happen(session, request, EventKind.PROPOSED, by, now)
    if not four_eyes:
        _decided(session, request, decision, by, now)
    return decision


def confirm(session: Session, request_id: UUID, by: Actor, now: datetime) -> Decision:
    """Confirm what a colleague proposed; it holds from now on. Raises NotNowError: FOUR_EYES for one's own."""
    request = _held(session, request_id, EventKind.DECIDED, by)
    decision = _standing(session, request)
    decision.confirmed_by, decision.confirmed_name, decision.confirmed_at = by.id, by.name, now
    _decided(session, request, decision, by, now)
    return decision


def reject(session: Session, request_id: UUID, by: Actor, now: datetime, words: str) -> Decision:
    """Say no to what was proposed, one's own included; the request is undecided again."""
    request = _held(session, request_id, EventKind.REJECTED, by)
    decision = _standing(session, request)
    decision.rejected_at, decision.rejected_by = now, by.id
    happen(session, request, EventKind.REJECTED, by, now, words.strip())
    return decision


def _decided(session: Session, request: Request, decision: Decision, by: Actor, now: datetime) -> None:
    if decision.outcome is Outcome.REFUSE:
        request.closed_at = now
    happen(session, request, EventKind.DECIDED, by, now, decision.words, outcome=decision.outcome.value)


def _held(session: Session, request_id: UUID, kind: EventKind, by: Actor) -> Request:
    request = queries.locked(session, request_id)
    if request is None:
        raise LookupError("no such request")
    rules.require(standing_of(session, request, queries.events(session, request), by), kind, by.role, by.id)
    return request


def _standing(session: Session, request: Request) -> Decision:
    decision = queries.decision(session, request)
    if decision is None or decision.confirmed_at is not None:
        raise NotNowError(Why.NO_PROPOSAL)
    return decision
