"""What happens to requests without a person: the worker tells how far it is, and old drafts are forgotten."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.db import lock
from portal.deletion import moving, planning
from portal.deletion.models import StepAction
from portal.deletion.rules import chosen_of
from portal.identity.models import Employee
from portal.requests import actions, drafting, previewing, queries, rules
from portal.requests.models import Request
from portal.requests.rules import WORKER, EventKind, Outcome, RequestState, RequestType
from portal.sources import queries as sources
from portal.sources.models import DatasetState

ACTIONS: Final = {RequestType.ERASE: StepAction.ERASE, RequestType.RESTRICT: StepAction.FREEZE}
"""What the worker carries out in each store."""


def ended(session: Session, person: UUID, request_id: UUID, complete: bool, now: datetime) -> None:  # noqa: FBT001
    """The last store has finished; what is not `complete` ends as partial. Nothing happens to a request not running.

    A freeze in force has later rounds, and is told about where one makes it whole, or no longer so.
    """
    request = _may(session, person, request_id, EventKind.CLOSED)
    if request is None:
        return
    end = _end(session, request, complete=complete)
    if request.state is not end:
        actions.close(session, request_id, end, now)


def reopened(session: Session, person: UUID, request_id: UUID, now: datetime) -> None:
    """A hold has ended, and what it kept is deleted now."""
    if _may(session, person, request_id, EventKind.REOPENED) is not None:
        actions.reopen(session, request_id, now)


def plan_next(session: Session, now: datetime) -> bool:
    """Turn one approved deletion, or freeze, into its steps, one for each store; from here on it runs.

    False when none waits.
    """
    request = queries.approved(session, ACTIONS)
    if request is None:
        return False
    _plan(session, request, now)
    actions.start(session, request.id, now)
    return True


def retry_next(session: Session, now: datetime) -> bool:
    """Make the next round of one store that HR has tried again. False when none waits."""
    step = queries.retried(session)
    if step is None:
        return False
    lock(session, step.request_id)  # the last open step ends before this, and the request runs again, or after it
    if planning.once_more(session, step, now):
        reopened(session, step.employee_id, step.request_id, now)
    return True


def reach_next(session: Session, now: datetime) -> bool:
    """Carry one freeze in force into the datasets that are known only since. False when none waits."""
    request = queries.not_reached(session)
    if request is None:
        return False
    _plan(session, request, now)
    return True


def _plan(session: Session, request: Request, now: datetime) -> None:
    """A step for each store that has none."""
    action = ACTIONS[request.type]
    decision = queries.decision(session, request)
    whole_person = action is StepAction.ERASE and _whole_person(session, request)
    chosen = chosen_of(request, whole_person=whole_person)
    places = _places(session, request)
    stays = (decision.stays if decision else None) or ()
    person = request.employee_id
    planning.plan(session, person, request.id, chosen, now=now, stays=stays, places=places, action=action)


def lift_next(session: Session, now: datetime) -> bool:
    """Let one freeze that was taken back be lifted in every store it reached. False when none waits."""
    request = queries.lifted(session)
    if request is None:
        return False
    moving.lift(session, request.employee_id, request.id, now)
    return True


def close_exported(session: Session, now: datetime) -> bool:
    """Close one approved request for a copy whose archive is ready. False when there is none."""
    request = queries.exported(session)
    if request is None:
        return False
    actions.start(session, request.id, now)
    actions.close(session, request.id, _end(session, request, complete=True), now)
    return True


def count_next(session: Session, now: datetime) -> bool:
    """Count one request that somebody else sent for the person: neither a delegate nor HR sees any item."""
    request = queries.uncounted(session)
    if request is None:
        return False
    counted = previewing.preview(session, request.employee_id, actions.about_of(request), now)
    previewing.remember(session, request, counted, now)
    return True


def forget_drafts(session: Session, now: datetime) -> None:
    """Delete drafts that nobody touched for 90 days."""
    drafting.forget(session, now)


def _whole_person(session: Session, request: Request) -> bool:
    """Everything about somebody who has left goes with the account and its keys; who stays keeps the account."""
    left = select(Employee.left_at).where(Employee.id == request.employee_id)
    return actions.about_of(request).everything() and session.scalars(left).one() is not None


def _places(session: Session, request: Request) -> list[planning.Place]:
    """Every usable dataset, with the kinds that were counted there for HR to decide upon, if it tells kinds at all."""
    kinds: dict[UUID | None, set[str | None]] = {}
    for count in queries.counts(session, request):
        kinds.setdefault(count.dataset_id, set()).add(count.kind)
    return [
        planning.Place(
            place.dataset.name,
            place.dataset.id,
            _told(kinds.get(place.dataset.id, {None})),
            place.dataset.kinds,
            place.dataset.kind_column is not None,
        )
        for place in sources.places(session, DatasetState.USABLE)
    ]


def _told(kinds: Collection[str | None]) -> frozenset[str] | None:
    told = frozenset(kind for kind in kinds if kind is not None)
    return told if len(told) == len(kinds) else None


def _end(session: Session, request: Request, *, complete: bool) -> RequestState:
    """Where a partial approval left something out, the request is not done, however well it was carried out."""
    decision = queries.decision(session, request)
    whole = complete and (decision is None or decision.outcome is not Outcome.PARTIAL)
    return RequestState.DONE if whole else RequestState.PARTIAL


def _may(session: Session, person: UUID, request_id: UUID, kind: EventKind) -> Request | None:
    """The request, held, if it is there, is this person's, and stands so that `kind` may happen."""
    request = queries.locked(session, request_id)
    if request is None or request.employee_id != person:
        return None
    standing = rules.fold(queries.events(session, request), request.type)
    return request if rules.may(standing, kind, WORKER.role) else None
