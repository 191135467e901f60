"""What is done to a request, by the person, a delegate, HR or the worker.

Each act locks the request, asks `rules.require` (NotNowError), writes event, audit entry and, when somebody else acts,
a notification to the person, all in the caller's transaction. A request that the login cannot see raises LookupError.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.notifications.actions import tell
from portal.requests import queries, rules
from portal.requests.models import Request, RequestEvent
from portal.requests.refusals import NotNowError, Why, barred
from portal.requests.rules import About, Actor, EventKind, RequestState, RequestType, Role, Standing
from portal.requests.senders import StartedBy

TOLD = {
    EventKind.SAID,
    EventKind.ASKED_BACK,
    EventKind.EXTENDED,
    EventKind.DECIDED,
    EventKind.MERGED,
    EventKind.CLOSED,
    EventKind.REOPENED,
    EventKind.RETRIED,
    EventKind.SENT,
    EventKind.WITHDRAWN,
    EventKind.APPEALED,
    EventKind.ANSWERED,
    EventKind.LIFT_ANNOUNCED,
    EventKind.LIFT_CALLED_OFF,
    EventKind.LIFTED,
}
"""What the person is told when somebody else did it."""
SAME_WORDS = timedelta(minutes=1)
"""The same words again within this time are a second click, not a second message."""


def send(session: Session, request_id: UUID, by: Actor, now: datetime, *, law: str, due_at: datetime) -> Request:
    """Send a draft: HR sees it from now on, and its clock runs."""
    request, _ = _held(session, request_id, EventKind.SENT, by)
    request.law, request.received_at, request.due_at = law, now, due_at
    return happen(session, request, EventKind.SENT, by, now)


def file(  # noqa: PLR0913 - everything a request says when it arrives
    session: Session,
    person: UUID,
    kind: RequestType,
    about: About,
    by: Actor,
    now: datetime,
    *,
    law: str,
    due_at: datetime,
    words: str = "",
    appeals: UUID | None = None,
) -> Request:
    """A request that is sent as it is made: an appeal, HR's for somebody who has left, a claim."""
    request = Request(id=uuid4(), employee_id=person, type=kind, law=law, words=words, appeals=appeals)
    request.state, request.created_at = RequestState.OPEN, now
    request.received_at, request.due_at = now, due_at
    mark_sender(request, by)
    set_about(request, about)
    session.add(request)
    session.flush()
    claimed: dict[str, Any] = {"claimed": True} if by.role is Role.BYSTANDER else {}
    return happen(session, request, EventKind.SENT, by, now, **claimed)


def say(session: Session, request_id: UUID, by: Actor, now: datetime, words: str) -> Request:
    """A message to the other side; the same words again within a minute are not a second one."""
    request, events = _held(session, request_id, EventKind.SAID, by)
    last = events[-1]
    if last.kind == EventKind.SAID and (last.words, last.actor_id) == (words, by.id) and now - last.at < SAME_WORDS:
        return request
    return happen(session, request, EventKind.SAID, by, now, _some(words))


def ask_back(session: Session, request_id: UUID, by: Actor, now: datetime, words: str, reason: str = "") -> Request:
    """HR asks the person something, for a `reason` of the law's list; ."""
    request, _ = _held(session, request_id, EventKind.ASKED_BACK, by)
    return happen(session, request, EventKind.ASKED_BACK, by, now, _some(words), reason=reason)


def answer(session: Session, request_id: UUID, by: Actor, now: datetime, words: str) -> Request:
    """The person's answer to what HR asked."""
    request, _ = _held(session, request_id, EventKind.ANSWERED, by)
    return happen(session, request, EventKind.ANSWERED, by, now, _some(words))


def extend(session: Session, request_id: UUID, by: Actor, now: datetime, words: str, due_at: datetime) -> Request:
    """Extend once, with a reason (GDPR 12(3)). That it is still in time is the law's to say, before this is called."""
    request, _ = _held(session, request_id, EventKind.EXTENDED, by)
    request.due_at = due_at
    return happen(session, request, EventKind.EXTENDED, by, now, _some(words), due=due_at.isoformat())


def reckon(session: Session, request_id: UUID, due_at: datetime, stands_since: date | None = None) -> None:
    """Keep what the law counted after an event, for sorting: the end of the clock, and since when it stands."""
    request = _found(queries.locked(session, request_id))
    request.due_at, request.stands_since = due_at, stands_since
    session.flush()


def assign(session: Session, request_id: UUID, by: Actor, now: datetime, to: UUID | None, name: str | None) -> Request:
    """Give it to somebody of HR who may decide on it, or to nobody."""
    request = _found(queries.locked(session, request_id))
    standing, _ = _require(session, request, EventKind.ASSIGNED, by)
    if request.assigned_to == to:
        return request
    if barred(standing, to):
        raise NotNowError(Why.NOT_TO_THEM)
    request.assigned_to, request.assigned_name = to, name
    return happen(session, request, EventKind.ASSIGNED, by, now, to=str(to) if to else None)


def merge(session: Session, one_id: UUID, other_id: UUID, by: Actor, now: datetime) -> Request:
    """Join two requests of one person. The one that arrived first stays, with its clock; it is returned."""
    first, second = sorted((one_id, other_id))
    rows = {row.id: row for row in (_found(queries.locked(session, row)) for row in (first, second))}
    one, other = rows[one_id], rows[other_id]
    if one is other or (one.employee_id, one.type) != (other.employee_id, other.type):
        raise LookupError("only two requests of one person and of one type can be merged")
    _require(session, other, EventKind.MERGED, by)
    _require(session, one, EventKind.ABSORBED, by)
    kept, gone = sorted((one, other), key=lambda row: (row.received_at or now, row.number))
    gone.merged_into, gone.closed_at = kept.id, now
    happen(session, gone, EventKind.MERGED, by, now, into=kept.number)
    return happen(session, kept, EventKind.ABSORBED, by, now, absorbed=gone.number)


def withdraw(session: Session, request_id: UUID, by: Actor, now: datetime) -> Request:
    """The sender takes it back; not once it runs, for part of it is done. A freeze is lifted so, by the worker."""
    request, _ = _held(session, request_id, EventKind.WITHDRAWN, by)
    request.closed_at = now
    return happen(session, request, EventKind.WITHDRAWN, by, now)


def appeal(
    session: Session, request_id: UUID, by: Actor, now: datetime, *, words: str, law: str, due_at: datetime
) -> Request:
    """Have somebody else at HR look at a refusal: a new request for human review, which is returned."""
    request, _ = _held(session, request_id, EventKind.APPEALED, by)
    about = about_of(request)
    review = file(
        session, request.employee_id, RequestType.REVIEW, about, by, now,
        law=law, due_at=due_at, words=words, appeals=request.id,
    )  # fmt: skip
    happen(session, request, EventKind.APPEALED, by, now, review=str(review.id))
    return review


def start(session: Session, request_id: UUID, now: datetime) -> Request:
    """The worker has begun: from here on it cannot be withdrawn."""
    request, _ = _held(session, request_id, EventKind.STARTED, rules.WORKER)
    return happen(session, request, EventKind.STARTED, rules.WORKER, now)


def close(
    session: Session, request_id: UUID, state: RequestState, now: datetime, by: Actor = rules.WORKER, words: str = ""
) -> Request:
    """It is done, or partly: by the worker after the last step, by HR where people carry it out."""
    if state not in {RequestState.DONE, RequestState.PARTIAL}:
        raise ValueError(f"a request does not end as {state} by carrying it out")
    request, _ = _held(session, request_id, EventKind.CLOSED, by)
    request.closed_at = request.closed_at or now  # a freeze in force may end anew, but was answered then
    return happen(session, request, EventKind.CLOSED, by, now, words, state=state.value)


def reopen(session: Session, request_id: UUID, now: datetime, by: Actor = rules.WORKER, words: str = "") -> Request:
    """What stayed can go now, since a hold was released: it runs again."""
    request, _ = _held(session, request_id, EventKind.REOPENED, by)
    request.closed_at = None
    return happen(session, request, EventKind.REOPENED, by, now, words)


def retry(session: Session, request_id: UUID, by: Actor, now: datetime, step: UUID, store: str) -> Request:
    """HR has a store tried again that refused; the worker makes the round (`jobs.retry_next`). An erasure only."""
    request, events = _held(session, request_id, EventKind.RETRIED, by)
    if request.type is not RequestType.ERASE:
        raise NotNowError(Why.NOT_YOURS)
    if any(event.kind == EventKind.RETRIED and event.params.get("step") == str(step) for event in events):
        raise NotNowError(Why.ALREADY)
    request.closed_at = None
    return happen(session, request, EventKind.RETRIED, by, now, step=str(step), store=store)


def happen(
    session: Session, request: Request, kind: EventKind, by: Actor, now: datetime, words: str = "", **params: Any
) -> Request:
    """Write down that `kind` happened to a request that is held and may be: event, log, notification."""
    request.state = rules.state_after(request.state, kind, params)
    request.changed_at = now
    event = RequestEvent(
        employee_id=request.employee_id, request_id=request.id, kind=kind.value, at=now,
        actor_id=by.id, actor_role=by.role.value, actor_name=by.name or None, words=words, params=params,
    )  # fmt: skip
    session.add(event)
    session.flush()
    record(
        session, f"request.{kind}", actor=by.id, role=by.role.value, employee=request.employee_id,
        about=request.id, state=request.state.value,
    )  # fmt: skip
    if by.role is not Role.EMPLOYEE and kind in TOLD:
        known = {"request": str(request.id), "number": request.number, "type": request.type.value}
        reference = f"request:{request.id}:{event.id}"
        tell(session, request.employee_id, f"request_{kind}", reference, **known, state=request.state.value, by=by.role)
    return request


def set_about(request: Request, about: About) -> None:
    """Write down what the request is about."""
    request.starts_at, request.ends_at = about.starts_at, about.ends_at
    request.kinds = list(about.kinds) or None
    request.contexts = list(about.contexts) or None
    request.sensitivities = list(about.sensitivities) or None
    request.segments = list(about.segments) or None


def about_of(request: Request) -> About:
    """What the request is about."""
    return About(
        request.starts_at,
        request.ends_at,
        tuple(request.kinds or ()),
        tuple(request.contexts or ()),
        tuple(request.sensitivities or ()),
        tuple(request.segments or ()),
    )


def standing_of(session: Session, request: Request, events: Sequence[RequestEvent], by: Actor) -> Standing:
    """How it stands for who acts: of HR it matters who decided before on what is appealed."""
    before = queries.decided_before(session, [request]) if by.role is Role.HR else {}
    return rules.fold(events, request.type, before.get(request.id, frozenset()))


def mark_sender(request: Request, by: Actor) -> None:
    """Write down in which capacity it was begun, and by whom if not by the person."""
    started = {Role.EMPLOYEE: StartedBy.PERSON, Role.DELEGATE: StartedBy.DELEGATE, Role.HR: StartedBy.HR}
    started[Role.BYSTANDER] = StartedBy.BYSTANDER
    request.started_by = started[by.role]
    request.started_by_id = None if by.role is Role.EMPLOYEE else by.id


def _held(session: Session, request_id: UUID, kind: EventKind, by: Actor) -> tuple[Request, list[RequestEvent]]:
    """The request, locked, for which `kind` is allowed; with its events so far."""
    request = _found(queries.locked(session, request_id))
    return request, _require(session, request, kind, by)[1]


def _require(session: Session, request: Request, kind: EventKind, by: Actor) -> tuple[Standing, list[RequestEvent]]:
    events = list(queries.events(session, request))
    standing = standing_of(session, request, events, by)
    rules.require(standing, kind, by.role, by.id)
    return standing, events


def _found(request: Request | None) -> Request:
    if request is None:
        raise LookupError("no such request")
    return request


def _some(words: str) -> str:
    if not words.strip():
        raise NotNowError(Why.EMPTY)
    return words.strip()
