"""What a freeze (GDPR 18) keeps from being deleted by itself: until the matter is settled, from the asking on."""

from sqlalchemy import ColumnElement, and_, any_, exists, or_
from sqlalchemy.orm import aliased

from portal.capture.models import Segment
from portal.requests.models import Request
from portal.requests.rules import GRANTED, LIVE, UNDECIDED, RequestState, RequestType

KEPT = GRANTED | UNDECIDED
"""Whoever asks may ask because it would be gone otherwise (Article 18(1)(b), (c)): no decision must come too late."""


def spared() -> ColumnElement[bool]:
    """Whether a freeze that was asked for, and neither refused, taken back nor lifted, covers the segment.

    It covers what `notes.covers` says of one. One that was refused keeps again while somebody else looks at that.
    """
    review = aliased(Request)
    looked_at = exists(review.id).where(
        review.employee_id == Request.employee_id, review.appeals == Request.id, review.state.in_(LIVE)
    )
    inside = and_(Request.starts_at <= Segment.started_at, Request.ends_at > Segment.started_at)
    return exists(Request.id).where(
        Request.employee_id == Segment.employee_id,
        Request.type == RequestType.RESTRICT,
        or_(Request.state.in_(KEPT), and_(Request.state == RequestState.REFUSED, looked_at)),
        or_(Request.starts_at.is_(None), inside),
        or_(Request.kinds.is_(None), Segment.kind == any_(Request.kinds)),
        or_(Request.contexts.is_(None), Segment.context == any_(Request.contexts)),
        or_(Request.sensitivities.is_(None), Segment.sensitivity == any_(Request.sensitivities)),
        or_(Request.segments.is_(None), Segment.id == any_(Request.segments)),
    )
