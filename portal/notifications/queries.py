"""Reads of what a person was told and has not yet closed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from portal.notifications.models import Notification

SHOWN_FOR = timedelta(days=30)
NEWEST = 5

_UNSEEN = (
    select(Notification)
    .where(
        Notification.employee_id == bindparam("person"),
        Notification.seen_at.is_(None),
        Notification.created_at > bindparam("since"),
        or_(Notification.kind != "pause_ends", Notification.params["at"].astext > bindparam("moment")),
    )
    .order_by(Notification.created_at.desc())
    .limit(NEWEST)
)


_MOVED = select(func.max(Notification.created_at)).where(
    Notification.employee_id == bindparam("person"),
    Notification.kind == "moved",
    Notification.params.has_key("site"),
)


def moved_at(session: Session, person: UUID) -> datetime | None:
    """When they were last told that devices of theirs have to be told another site."""
    return session.scalars(_MOVED, {"person": person}).one()


def unseen(session: Session, person: UUID, now: datetime) -> Sequence[Notification]:
    """The newest things told and not closed, of the last 30 days; ends of pauses while they are to come."""
    return session.scalars(_UNSEEN, {"person": person, "since": now - SHOWN_FOR, "moment": now.isoformat()}).all()
