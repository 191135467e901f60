"""What the worker does: find who is named, file claims as requests of the owner, tell both sides how they end."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from portal.bystanders.models import ShownClaim, ShownItem, Wish
from portal.bystanders.queries import over
from portal.capture.models import Segment
from portal.identity.models import Employee
from portal.notifications.actions import tell
from portal.requests import actions, deadlines
from portal.requests.models import Request
from portal.requests.refusals import NotNowError
from portal.requests.rules import About, Actor, RequestState, RequestType, Role

KEPT_FOR = timedelta(days=90)
WITHDRAWN = RequestState.WITHDRAWN.value
MOMENT = timedelta(milliseconds=1)


def match_next(session: Session, now: datetime) -> bool:
    """Find whom one name means, by address or user name; they are told. False when no name can be matched now.

    Names that fit nobody wait, for somebody may come later; names that fit several people fit nobody.
    """
    fits = (
        or_(
            func.lower(Employee.email) == ShownItem.handle,
            func.lower(Employee.subject) == ShownItem.handle,
            Employee.former_emails.contains(array([ShownItem.handle])),
        ),
        Employee.id != ShownItem.employee_id,
    )
    several = select(func.count()).select_from(Employee).where(*fits).correlate(ShownItem).scalar_subquery()
    statement = select(ShownItem, Employee.id).join(Employee, fits[0] & fits[1])
    waiting = statement.where(ShownItem.bystander_id.is_(None), several == 1).order_by(ShownItem.named_at)
    found = session.execute(waiting.limit(1).with_for_update(of=ShownItem, skip_locked=True)).one_or_none()
    if found is None:
        return False
    item, who = found
    item.bystander_id, item.matched_at = who, now
    tell(session, who, "shown_named", f"shown:{item.id}")
    return True


def file_next(session: Session, now: datetime) -> bool:
    """File one claim as a request about the owner's item; HR and the owner see who asks. False when none waits."""
    statement = select(ShownClaim).where(ShownClaim.closed_at.is_(None), ShownClaim.filed_as.is_(None))
    statement = statement.where(ShownClaim.withdrawn_at.is_(None))
    claim = session.scalars(_first(statement)).one_or_none()
    if claim is None:
        return False
    started = session.scalar(_item(claim.owner_id, claim.segment_id))
    if started is None:
        _close(session, claim, "gone", now)
        return True
    filed = _file(session, claim, started, now)
    claim.filed_as, claim.number, claim.state = filed.id, filed.number, filed.state.value
    return True


def withdraw_next(session: Session, now: datetime) -> bool:
    """Withdraw one claim that was taken back, its owner is told; too late, and it goes on. False when none waits."""
    waiting = select(ShownClaim).where(ShownClaim.withdrawn_at.is_not(None), ShownClaim.state != WITHDRAWN)
    claim = session.scalars(_first(waiting)).one_or_none()
    if claim is None:
        return False
    try:
        if claim.filed_as is not None:
            actions.withdraw(session, claim.filed_as, _claimant(session, claim), now)
    except (NotNowError, LookupError):
        claim.withdrawn_at = None
    else:
        _close(session, claim, WITHDRAWN, now)
    return True


def follow_next(session: Session, now: datetime) -> bool:
    """Tell one claimant where the request stands. False when everybody knows."""
    moved = select(ShownClaim, Request.state).join(Request, Request.id == ShownClaim.filed_as)
    behind = moved.where(ShownClaim.state != Request.state)  # also of a closed one: the end of a hold opens it again
    found = session.execute(_first(behind)).one_or_none()
    if found is None:
        return _owner_gone(session, now)
    claim, state = found
    claim.state, claim.closed_at = state.value, None
    if over(claim.state):
        _close(session, claim, claim.state, now)
    return True


def forget_closed(session: Session, now: datetime) -> None:
    """Names beside items that are deleted go with them; a closed claim after 90 days, a freeze with its item."""
    there = select(Segment.id).where(
        Segment.employee_id == ShownItem.employee_id,
        Segment.started_at == ShownItem.started_at,
        Segment.id == ShownItem.segment_id,
    )
    once = {"synchronize_session": False}
    session.execute(delete(ShownItem).where(~there.exists()), execution_options=once)
    frozen = ShownClaim.state.in_(("done", "partial")) & (ShownClaim.wish == Wish.RESTRICT)
    holds = (
        frozen
        & select(Segment.id)
        .where(Segment.employee_id == ShownClaim.owner_id, Segment.id == ShownClaim.segment_id)
        .exists()
    )
    session.execute(delete(ShownClaim).where(ShownClaim.closed_at < now - KEPT_FOR, ~holds), execution_options=once)


def _owner_gone(session: Session, now: datetime) -> bool:
    """A claim whose request went with its owner, erased as a whole, has come to its end, too."""
    there = select(Request.id).where(Request.id == ShownClaim.filed_as)
    lost = select(ShownClaim).where(ShownClaim.closed_at.is_(None), ShownClaim.filed_as.is_not(None), ~there.exists())
    claim = session.scalars(_first(lost)).one_or_none()
    if claim is not None:
        _close(session, claim, "gone", now)
    return claim is not None


def _file(session: Session, claim: ShownClaim, started: datetime, now: datetime) -> Request:
    who = select(Employee.country, Employee.timezone).where(Employee.id == claim.owner_id)
    country, timezone = session.execute(who).one()
    kind = RequestType(claim.wish.value)
    law, due_at = deadlines.begun(country, kind, now, timezone)
    about = About(started, started + MOMENT, segments=(claim.segment_id,))
    by = _claimant(session, claim)
    return actions.file(session, claim.owner_id, kind, about, by, now, law=law, due_at=due_at)


def _claimant(session: Session, claim: ShownClaim) -> Actor:
    name = session.scalars(select(Employee.name).where(Employee.id == claim.employee_id)).one()
    return Actor(claim.employee_id, Role.BYSTANDER, name)


def _close(session: Session, claim: ShownClaim, state: str, now: datetime) -> None:
    claim.state, claim.closed_at = state, now
    tell(session, claim.employee_id, "shown_closed", f"shown_claim:{claim.id}:{state}:{now.date()}")


def _item(owner: UUID, segment_id: UUID) -> Select[Any]:
    return select(Segment.started_at).where(Segment.employee_id == owner, Segment.id == segment_id)


def _first(statement: Any) -> Any:
    return statement.order_by(ShownClaim.claimed_at).limit(1).with_for_update(of=ShownClaim, skip_locked=True)
