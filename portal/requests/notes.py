"""What a person's requests say beside an item of theirs: a correction, or that it is frozen."""

from collections.abc import Sequence
from uuid import UUID

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.capture.beside import Note
from portal.capture.models import Segment
from portal.requests.actions import about_of
from portal.requests.models import Request
from portal.requests.rules import GRANTED, About, RequestState, RequestType

DROPPED = (
    RequestState.DRAFT,
    RequestState.WITHDRAWN,
    RequestState.LIFTED,
    RequestState.MERGED,
    RequestState.REFUSED,
)
MOST = 100


def beside(session: Session, person: UUID, item: Segment) -> Sequence[Note]:
    """Corrections and freezes that mean this item, the oldest first; one statement."""
    statement = select(Request).where(
        Request.employee_id == person,
        Request.type.in_((RequestType.RECTIFY, RequestType.RESTRICT)),
        Request.state.not_in(DROPPED),
    )
    rows = session.scalars(statement.order_by(Request.received_at, Request.id).limit(MOST)).all()
    return [_note(row) for row in rows if covers(about_of(row), item)]


def covers(about: About, item: Segment) -> bool:
    """Whether a request is about this item."""
    if about.starts_at and about.ends_at and not about.starts_at <= item.started_at < about.ends_at:
        return False
    return (
        (not about.segments or item.id in about.segments)
        and (not about.kinds or item.kind in about.kinds)
        and (not about.contexts or item.context in about.contexts)
        and (not about.sensitivities or item.sensitivity in about.sensitivities)
    )


def _note(row: Request) -> Note:
    link = url_for("requests.one", request_id=row.id)
    more = gettext("Request %(number)s", number=row.number)
    if row.type is RequestType.RECTIFY:
        return Note(gettext("Your note: %(words)s", words=row.words), "info", link, more)
    if row.state in GRANTED:
        said = gettext(
            "Frozen: it may be kept, but nobody may use it. It is not deleted by itself before the freeze ends."
        )
        return Note(said, "warning", link, more)
    said = gettext("You asked to have this frozen. HR has not decided yet. Until then it is not deleted by itself.")
    return Note(said, "info", link, more)
