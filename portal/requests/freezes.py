"""What a freeze in force (GDPR 18) keeps from being deleted by itself: it is kept until the matter is settled."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, any_, exists, or_
from sqlalchemy.orm import Session

from portal.capture.models import Segment
from portal.deletion.retention import delete_old
from portal.requests.models import Request
from portal.requests.rules import GRANTED, RequestType


def delete_expired(session: Session, now: datetime) -> bool:
    """Delete one batch of what the policy keeps no longer; what is frozen goes once its freeze has ended."""
    return delete_old(session, now, frozen())


def frozen() -> ColumnElement[bool]:
    """Whether a freeze that was granted and has not ended covers the segment, as `notes.covers` says of one."""
    inside = and_(Request.starts_at <= Segment.started_at, Request.ends_at > Segment.started_at)
    return exists(Request.id).where(
        Request.employee_id == Segment.employee_id,
        Request.type == RequestType.RESTRICT,
        Request.state.in_(GRANTED),
        or_(Request.starts_at.is_(None), inside),
        or_(Request.kinds.is_(None), Segment.kind == any_(Request.kinds)),
        or_(Request.contexts.is_(None), Segment.context == any_(Request.contexts)),
        or_(Request.sensitivities.is_(None), Segment.sensitivity == any_(Request.sensitivities)),
        or_(Request.segments.is_(None), Segment.id == any_(Request.segments)),
    )
