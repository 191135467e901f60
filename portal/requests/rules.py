"""What may happen to a request, by whom and when: its states, its events, and what these add up to. Pure.

The clock (GDPR 12(3), CPRA) is counted from the same events by the laws; what a store does is the business of deletion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from portal.requests.happened import Happened
from portal.requests.refusals import NotNowError, Why, require_apart


class RequestType(StrEnum):
    """The rights of GDPR 15 to 22, as one asks for them."""

    ACCESS = "access"
    ERASE = "erase"
    RECTIFY = "rectify"
    RESTRICT = "restrict"
    OBJECT = "object"
    PORT = "port"
    REVIEW = "review"


class RequestState(StrEnum):
    """Where a request stands. `running` ends in `done` or `partial`; `lifted`: a freeze that HR ended."""

    DRAFT = "draft"
    OPEN = "open"
    ASKED_BACK = "asked_back"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LIFTED = "lifted"
    MERGED = "merged"


class Outcome(StrEnum):
    """What HR decides."""

    APPROVE = "approve"
    PARTIAL = "partial"
    REFUSE = "refuse"


class Role(StrEnum):
    """In which capacity somebody acts on a request; the words that the audit log uses, too."""

    EMPLOYEE = "employee"
    DELEGATE = "delegate"
    HR = "hr"
    WORKER = "worker"
    BYSTANDER = "bystander"


@dataclass(frozen=True)
class Actor:
    """Who acts. For a delegate `id` and `name` are the delegate's; whose request it is says the request."""

    id: UUID | None
    role: Role
    name: str = ""


WORKER: Final = Actor(None, Role.WORKER)


@dataclass(frozen=True)
class About:
    """What a request is about: a half-open stretch or, without one, everything; an empty tuple narrows nothing."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    kinds: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    sensitivities: tuple[int, ...] = ()
    segments: tuple[UUID, ...] = ()

    def everything(self) -> bool:
        """Whether nothing narrows it."""
        return self == About()


class EventKind(StrEnum):
    """One thing that happened to a request. `absorbed`: took a duplicate in; `noted`: changed no state.

    `retried`: HR has a store tried again that refused; `params` names store and step.
    """

    SENT = "sent"
    SAID = "said"
    ASKED_BACK = "asked_back"
    ANSWERED = "answered"
    EXTENDED = "extended"
    ASSIGNED = "assigned"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    DECIDED = "decided"
    MERGED = "merged"
    ABSORBED = "absorbed"
    WITHDRAWN = "withdrawn"
    APPEALED = "appealed"
    STARTED = "started"
    CLOSED = "closed"
    REOPENED = "reopened"
    RETRIED = "retried"
    NOTED = "noted"
    LIFT_PROPOSED = "lift_proposed"
    LIFT_REJECTED = "lift_rejected"
    LIFT_ANNOUNCED = "lift_announced"
    LIFT_CALLED_OFF = "lift_called_off"
    LIFTED = "lifted"


_S, _E = RequestState, EventKind
LIVE: Final = frozenset({_S.OPEN, _S.ASKED_BACK, _S.APPROVED, _S.RUNNING})
UNDECIDED: Final = frozenset({_S.OPEN, _S.ASKED_BACK})
FINAL: Final = frozenset(RequestState) - LIVE - {_S.DRAFT}
APPEALABLE: Final = frozenset({_S.REFUSED, _S.PARTIAL})
ENDS: Final = frozenset({_S.DONE, _S.PARTIAL, _S.REFUSED})
"""The states that `closed` may lead to."""
WITHOUT_STEPS: Final = frozenset({RequestType.RECTIFY, RequestType.OBJECT, RequestType.REVIEW})
"""What a person of HR carries out; everything else is the worker's, store by store."""

IN_FORCE: Final = frozenset({_S.DONE, _S.PARTIAL})
_PERSON, _HR = frozenset({Role.EMPLOYEE, Role.DELEGATE}), frozenset({Role.HR})

ALLOWED: Final[Mapping[EventKind, tuple[frozenset[Role], frozenset[RequestState]]]] = {
    _E.SENT: (_PERSON | _HR | {Role.BYSTANDER}, frozenset({_S.DRAFT})),
    _E.SAID: (_PERSON | _HR, LIVE),
    _E.ASKED_BACK: (_HR, frozenset({_S.OPEN})),
    _E.ANSWERED: (_PERSON, frozenset({_S.ASKED_BACK})),
    _E.EXTENDED: (_HR, UNDECIDED),
    _E.ASSIGNED: (_HR, LIVE),
    _E.PROPOSED: (_HR, UNDECIDED),
    _E.REJECTED: (_HR, UNDECIDED),
    _E.DECIDED: (_HR, UNDECIDED),
    _E.MERGED: (_HR, UNDECIDED),
    _E.ABSORBED: (_HR, UNDECIDED),
    _E.WITHDRAWN: (_PERSON, UNDECIDED | {_S.APPROVED}),
    _E.APPEALED: (_PERSON, APPEALABLE),
    _E.STARTED: (frozenset({Role.WORKER}), frozenset({_S.APPROVED})),
    _E.CLOSED: (frozenset({Role.WORKER, Role.HR}), frozenset({_S.APPROVED, _S.RUNNING})),
    _E.REOPENED: (frozenset({Role.WORKER, Role.HR}), IN_FORCE),
    _E.RETRIED: (_HR, IN_FORCE | {_S.RUNNING}),
    _E.NOTED: (frozenset({Role.WORKER, Role.HR}), LIVE | FINAL),
    **dict.fromkeys((_E.LIFT_PROPOSED, _E.LIFT_REJECTED, _E.LIFT_ANNOUNCED, _E.LIFT_CALLED_OFF), (_HR, IN_FORCE)),
    _E.LIFTED: (frozenset({Role.WORKER}), IN_FORCE),
}
"""What happens → who may make it happen, and in which states."""

DECIDING: Final = frozenset(
    {
        *(_E.ASKED_BACK, _E.EXTENDED, _E.PROPOSED, _E.REJECTED, _E.DECIDED, _E.MERGED, _E.ABSORBED, _E.CLOSED),
        *(_E.LIFT_PROPOSED, _E.LIFT_REJECTED, _E.LIFT_ANNOUNCED, _E.LIFT_CALLED_OFF),
    }
)
"""What HR does as the one who decides; `barred` says who does not."""
NOT_WHEN_CLAIMED: Final = frozenset({_E.WITHDRAWN, _E.MERGED, _E.ABSORBED})
"""What would let the wish of somebody whom an item shows disappear: the strictest of all whom it shows wins."""
FREEZING: Final = IN_FORCE | {_S.RUNNING}
"""Where a freeze is under way or in force: taking it back lifts it, and a later round may end otherwise."""
GRANTED: Final = FREEZING | {_S.APPROVED}
"""Where what HR approved holds for Daylight's own store: from the decision on until it is lifted."""

_LEADS_TO: Final[Mapping[EventKind, RequestState]] = {
    _E.SENT: _S.OPEN,
    _E.ASKED_BACK: _S.ASKED_BACK,
    _E.ANSWERED: _S.OPEN,
    _E.MERGED: _S.MERGED,
    _E.WITHDRAWN: _S.WITHDRAWN,
    _E.LIFTED: _S.LIFTED,
    _E.STARTED: _S.RUNNING,
    _E.REOPENED: _S.RUNNING,
    _E.RETRIED: _S.RUNNING,
}


@dataclass(frozen=True)
class Standing:
    """What the events of one request add up to. `question`: what HR asked and nobody answered yet.

    `claimed`: sent by somebody whom the item shows; the person cannot take it back. `freezes`: that can be lifted.
    `decided_before`: who proposed or confirmed what is appealed with it.
    """

    state: RequestState = RequestState.DRAFT
    question: str = ""
    asked_at: datetime | None = None
    extended_at: datetime | None = None
    proposed_by: UUID | None = None
    appealed: bool = False
    claimed: bool = False
    freezes: bool = False
    sent_by: UUID | None = None
    decided_before: frozenset[UUID] = frozenset()


def after(standing: Standing, event: Happened) -> Standing:
    """How things stand once `event` has happened."""
    kind = EventKind(event.kind)
    standing = replace(standing, state=state_after(standing.state, kind, event.params))
    match kind:
        case EventKind.SENT:
            return replace(standing, claimed=bool(event.params.get("claimed")), sent_by=event.actor_id)
        case EventKind.ASKED_BACK:
            return replace(standing, question=event.words, asked_at=event.at)
        case EventKind.ANSWERED | EventKind.WITHDRAWN | EventKind.MERGED:
            return replace(standing, question="", asked_at=None)
        case EventKind.EXTENDED:
            return replace(standing, extended_at=event.at)
        case EventKind.PROPOSED:
            return replace(standing, proposed_by=event.actor_id)
        case EventKind.REJECTED:
            return replace(standing, proposed_by=None)
        case EventKind.DECIDED:
            return replace(standing, proposed_by=None, question="", asked_at=None)
        case EventKind.APPEALED:
            return replace(standing, appealed=True)
    return standing


def state_after(state: RequestState, kind: EventKind, params: Mapping[str, Any]) -> RequestState:
    """The state that `kind` leads to; `params` holds a decision's `outcome` and the `state` of an end."""
    if kind is EventKind.DECIDED:
        return RequestState.REFUSED if params["outcome"] == Outcome.REFUSE else RequestState.APPROVED
    if kind is EventKind.CLOSED:
        return RequestState(params["state"])
    return _LEADS_TO.get(kind, state)


def fold(
    events: Iterable[Happened], kind: RequestType | None = None, decided_before: frozenset[UUID] = frozenset()
) -> Standing:
    """How a request stands after its events, oldest first; its type says whether it can be lifted."""
    standing = Standing(freezes=kind is RequestType.RESTRICT, decided_before=decided_before)
    for event in events:
        standing = after(standing, event)
    return standing


def require(standing: Standing, kind: EventKind, role: Role, actor: UUID | None = None) -> None:
    """Raise NotNowError unless `actor`, as `role`, may do this to a request that stands like this."""
    roles, states = ALLOWED[kind]
    if standing.claimed and kind in NOT_WHEN_CLAIMED:
        roles = frozenset({Role.BYSTANDER}) if kind is EventKind.WITHDRAWN else frozenset()
    if standing.freezes and (kind is EventKind.WITHDRAWN or (kind is EventKind.CLOSED and role is Role.WORKER)):
        states |= FREEZING
    if role not in roles or standing.state not in states:
        raise NotNowError(_why_not(standing, kind) if role in roles else Why.NOT_YOURS)
    if {EventKind.EXTENDED: standing.extended_at, EventKind.APPEALED: standing.appealed}.get(kind):
        raise NotNowError(Why.ALREADY)
    if role is Role.HR and kind in DECIDING:
        require_apart(standing, actor)
    _require_proposal(standing, kind, actor)


def _require_proposal(standing: Standing, kind: EventKind, actor: UUID | None) -> None:
    """Four eyes: who proposed a decision does not confirm it; only one is proposed at a time."""
    if kind in {EventKind.PROPOSED, EventKind.ASKED_BACK} and standing.proposed_by:
        raise NotNowError(Why.PROPOSED)
    if kind in {EventKind.DECIDED, EventKind.REJECTED} and standing.proposed_by is None:
        raise NotNowError(Why.NO_PROPOSAL)
    if kind is EventKind.DECIDED and standing.proposed_by == actor:
        raise NotNowError(Why.FOUR_EYES)


def _why_not(standing: Standing, kind: EventKind) -> Why:
    state = standing.state
    if state is RequestState.DRAFT:
        return Why.NOT_SENT
    if kind is EventKind.ANSWERED and state is RequestState.OPEN:
        return Why.NO_QUESTION
    if kind is EventKind.SENT or _LEADS_TO.get(kind) is state:
        return Why.ALREADY
    if kind is EventKind.APPEALED:
        return Why.NO_APPEAL
    if state in FINAL:
        return Why.OVER
    return {_S.RUNNING: Why.RUNNING, _S.APPROVED: Why.DECIDED}.get(state, Why.UNDECIDED)


def may(standing: Standing, kind: EventKind, role: Role, actor: UUID | None = None) -> bool:
    """Whether `require` lets it pass: what a page offers."""
    try:
        require(standing, kind, role, actor)
    except NotNowError:
        return False
    return True
