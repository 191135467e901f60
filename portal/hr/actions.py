"""What HR does at the desk. Each act knows which event its form was drawn from, so that two tabs never overwrite.

On top of `portal.requests`: the clock is counted anew, and the person gets a mail besides the notification.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.deletion.holding import NewHold, set_hold
from portal.deletion.models import LegalHold, Step
from portal.hr import queries, rules
from portal.hr.models import Sort, StoreTask
from portal.hr.queries import Case, Who
from portal.laws.book import law
from portal.laws.rules import Clock
from portal.notifications.actions import post, tell
from portal.requests import actions, deadlines, deciding, lifting
from portal.requests import queries as requests
from portal.requests.models import Decision, Request, RequestEvent
from portal.requests.refusals import NotNowError, Why, require_apart
from portal.requests.rules import WITHOUT_STEPS, About, Actor, EventKind, RequestState, RequestType

LONGEST = 4000
"""Letters of anything that HR writes."""


class TooLateError(Exception):
    """The law allowed this until a day that is over."""


class LosesError(Exception):
    """Merging would lose something that the newer request asks for."""


@dataclass(frozen=True)
class Seen:
    """Who acts when, on a page drawn when `event` was the newest one; 0: it does not matter."""

    by: Actor
    now: datetime
    event: int = 0


def clock_of(case: Case) -> Clock:
    """The clock of a request as the law of its person counts it."""
    return deadlines.clock_of(case.request, case.events, case.who.country, case.who.timezone)


def assign(session: Session, case: Case, seen: Seen, to: UUID | None) -> Request:
    """Give it to a colleague, or to nobody. Raises LookupError for somebody who is not of HR or whose own it is.

    Raises NotNowError for somebody who may not decide on it.
    """
    _hold(session, case, seen)
    names = {one.id: one.name for one in case.colleagues if one.id != case.request.employee_id}
    if to is not None and to not in names:
        raise LookupError("nobody of HR, or the person of the request")
    return actions.assign(session, case.request.id, seen.by, seen.now, to, names[to] if to else None)


def say(session: Session, case: Case, seen: Seen, words: str) -> Request:
    """Write to the person."""
    request = actions.say(session, case.request.id, seen.by, seen.now, words[:LONGEST])
    _mail(session, request, "request_said")
    return request


def ask_back(session: Session, case: Case, seen: Seen, words: str, reason: str) -> Request:
    """Ask the person something, for a reason of the law's list; the clock stands where the law says so."""
    _hold(session, case, seen)
    if reason not in {one.code for one in law(case.request.law).asking}:
        raise LookupError("no such reason")
    request = actions.ask_back(session, case.request.id, seen.by, seen.now, words[:LONGEST], reason=reason)
    reckon(session, request, case.who)
    _mail(session, request, "request_asked_back")
    return request


def extend(session: Session, case: Case, seen: Seen, words: str) -> Request:
    """Extend once, with a reason, inside the first period (GDPR 12(3)). Raises TooLateError, NotNowError."""
    _hold(session, case, seen)
    before = clock_of(case)
    if before.extended:
        raise NotNowError(Why.ALREADY)
    if not extendable(case, seen.now):
        raise TooLateError
    after = _extended(case, seen.now)
    request = actions.extend(session, case.request.id, seen.by, seen.now, words[:LONGEST], after.due)
    _mail(session, request, "request_extended")
    return request


def merge(session: Session, case: Case, seen: Seen, other_id: UUID) -> Request:
    """Merge a duplicate; the older one stays with its clock. Raises LosesError where the newer one asks for more."""
    _hold(session, case, seen)
    other = requests.one(session, other_id, case.request.employee_id)
    if other is None or other.type is not case.request.type:
        raise LookupError("no such request of this type")
    older, newer = sorted((case.request, other), key=lambda row: (row.received_at or seen.now, row.number))
    if not rules.covers(actions.about_of(older), actions.about_of(newer)):
        raise LosesError
    return actions.merge(session, case.request.id, other_id, seen.by, seen.now)


def propose(session: Session, case: Case, seen: Seen, proposal: deciding.Proposal) -> Decision:
    """Decide, or propose where a second person must confirm. Raises LookupError for a ground the law does not know."""
    _hold(session, case, seen)
    known = {ground.code for ground in law(case.request.law).grounds_for(case.request.type.value)}
    if proposal.ground is not None and proposal.ground not in known:
        raise LookupError("no such ground")
    two = rules.four_eyes(proposal.outcome, case.request.type, actions.about_of(case.request))
    decision = deciding.propose(session, case.request.id, seen.by, seen.now, proposal, four_eyes=two)
    if not two:
        _decided(session, case)
    return decision


def confirm(session: Session, case: Case, seen: Seen) -> Decision:
    """Confirm what a colleague proposed; the person is told. Raises NotNowError (FOUR_EYES for one's own)."""
    _hold(session, case, seen)
    decision = deciding.confirm(session, case.request.id, seen.by, seen.now)
    _decided(session, case)
    return decision


def reject(session: Session, case: Case, seen: Seen, words: str) -> Decision:
    """Send a proposal back; the request is undecided again."""
    _hold(session, case, seen)
    return deciding.reject(session, case.request.id, seen.by, seen.now, words[:LONGEST])


def lift(session: Session, case: Case, seen: Seen, kind: EventKind, words: str = "") -> Request:
    """One act about lifting a freeze; the person gets a mail when it is announced. Raises NotNowError."""
    _hold(session, case, seen)
    request = lifting.act(session, case.request.id, kind, seen.by, seen.now, words[:LONGEST])
    if kind is EventKind.LIFT_ANNOUNCED:
        _mail(session, request, "request_lift_announced")
    return request


def close(session: Session, case: Case, seen: Seen, words: str) -> Request:
    """Say that what was approved is done, for types that a person carries out."""
    _hold(session, case, seen)
    if not words.strip():
        raise NotNowError(Why.EMPTY)
    if case.request.type not in WITHOUT_STEPS:
        raise NotNowError(Why.NOT_YOURS)
    request = actions.close(session, case.request.id, RequestState.DONE, seen.now, seen.by, words[:LONGEST].strip())
    _mail(session, request, "request_decided")
    return request


def retry(session: Session, case: Case, seen: Seen, step: Step) -> Request:
    """Have a store tried again that refused. Raises NotNowError once the person was erased: nobody finds them there."""
    _hold(session, case, seen)
    if not case.who.name:
        raise NotNowError(Why.ERASED)
    return actions.retry(session, case.request.id, seen.by, seen.now, step.id, step.store)


def hold(session: Session, case: Case, seen: Seen, new: NewHold) -> LegalHold:
    """Keep records of the person from being deleted; the person is told that a hold is set and until when."""
    _hold(session, case, seen)
    require_apart(case.standing, seen.by.id)
    row = set_hold(session, case.request.employee_id, new, _id(seen.by), seen.now)
    until = new.expires_at.isoformat()
    note(session, case.request, seen.by, seen.now, "held", "", hold=str(row.id), until=until)
    tell(session, row.employee_id, "hold_set", f"hold_set:{row.id}", until=until)
    return row


def start(
    session: Session, person: UUID, by: Actor, now: datetime, kind: RequestType, about: About, words: str, checked: str
) -> Request:
    """A request for somebody who has left and cannot sign in; `checked`: how identity was established off-line."""
    who = queries.leaver(session, person)
    if who is None:
        raise LookupError("nobody who has left")
    if not checked.strip():
        raise NotNowError(Why.EMPTY)
    code, due = deadlines.begun(who.country, kind, now, who.timezone)
    request = actions.file(session, person, kind, about, by, now, law=code, due_at=due, words=words[:LONGEST].strip())
    note(session, request, by, now, "identity", checked[:LONGEST].strip())
    _mail(session, request, "request_sent")
    return request


def give_task(session: Session, case: Case, seen: Seen, given: dict[str, str]) -> StoreTask:
    """Ask the owner of a store, or a recipient, to do something; `given`: sort, store, owner, words."""
    if not (given["store"].strip() and given["owner"].strip()):
        raise NotNowError(Why.EMPTY)
    task = StoreTask(
        id=uuid4(), employee_id=case.request.employee_id, request_id=case.request.id, sort=Sort(given["sort"]),
        store=given["store"].strip()[:200], owner=given["owner"].strip()[:200], words=given["words"].strip()[:LONGEST],
        given_by=_id(seen.by), given_name=seen.by.name, given_at=seen.now, chases=0, proof="",
    )  # fmt: skip
    session.add(task)
    note(session, case.request, seen.by, seen.now, "task", task.store, sort=task.sort.value)
    return task


def chase(session: Session, case: Case, seen: Seen, task_id: UUID) -> StoreTask:
    """Remind whoever has not done it. Raises LookupError, NotNowError."""
    task = _task(session, case, task_id)
    task.chased_at, task.chases = seen.now, task.chases + 1
    note(session, case.request, seen.by, seen.now, "task_chased", task.store)
    return task


def finish_task(session: Session, case: Case, seen: Seen, task_id: UUID, proof: str) -> StoreTask:
    """It was done: by which proof we know."""
    task = _task(session, case, task_id)
    if not proof.strip():
        raise NotNowError(Why.EMPTY)
    task.done_at, task.done_by, task.done_name = seen.now, seen.by.id, seen.by.name
    task.proof = proof.strip()[:LONGEST]
    note(session, case.request, seen.by, seen.now, "task_done", task.store)
    return task


def note(session: Session, request: Request, by: Actor, now: datetime, what: str, words: str, **params: Any) -> None:
    """Write down something that changes no state: how identity was checked, a task, a hold."""
    actions.happen(session, request, EventKind.NOTED, by, now, words, what=what, **params)


def reckon(session: Session, request: Request, who: Who) -> Clock:
    """Count the clock anew after an event, and keep it for the queue."""
    clock = deadlines.clock_of(request, requests.events(session, request), who.country, who.timezone)
    actions.reckon(session, request.id, clock.due, clock.stands_since)
    return clock


def extendable(case: Case, now: datetime) -> bool:
    """Whether the law still lets the clock be extended."""
    counted = clock_of(case)
    return counted.extendable_until is not None and (counted.stands_since is not None or now < counted.due)


def extended_until(case: Case, now: datetime) -> date:
    """The last day of the clock if it were extended now."""
    return _extended(case, now).due_on


def _extended(case: Case, now: datetime) -> Clock:
    coming = RequestEvent(kind=EventKind.EXTENDED.value, at=now, words="", params={})
    return deadlines.clock_of(case.request, [*case.events, coming], case.who.country, case.who.timezone)


def _id(by: Actor) -> UUID:
    if by.id is None:
        raise LookupError("nobody acts")
    return by.id


def _task(session: Session, case: Case, task_id: UUID) -> StoreTask:
    task = queries.task(session, task_id, case.request)
    if task is None:
        raise LookupError("no such task")
    if task.done_at is not None:
        raise NotNowError(Why.ALREADY)
    return task


def _hold(session: Session, case: Case, seen: Seen) -> None:
    """Lock the request, and refuse when somebody did something to it that the form's sender has not seen."""
    if requests.locked(session, case.request.id) is None:
        raise LookupError("no such request")
    if seen.event:
        rules.require_seen(requests.events(session, case.request), seen.event)


def _decided(session: Session, case: Case) -> None:
    """A question that was open is over, so nothing lets the clock stand any more; the person is told."""
    actions.reckon(session, case.request.id, clock_of(case).due)
    _mail(session, case.request, "request_decided")


def _mail(session: Session, request: Request, kind: str) -> None:
    """Once per event: the newest one gives the reference."""
    newest = requests.events(session, request)[-1].id
    reference = f"{kind}:{request.id}:{newest}"
    post(session, request.employee_id, kind, reference, request=str(request.id), number=request.number)
