"""Forget what devices said, what they were permitted and what was refused, once it proves nothing any more."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.agents.models import DeviceReport, LeaseSpan
from portal.agents.rules import REPORTS_KEPT
from portal.capture.models import Outcome, Segment, Upload

KEPT: Final = REPORTS_KEPT
"""So long a person can see what was refused and when each device stopped, and the daily check can be repeated."""

LONGEST_ITEM: Final = timedelta(days=1)
"""An item began at most so long before the lease it names: its device had an earlier one when it began."""

AT_ONCE: Final = 2_000


def forget_reports(session: Session, now: datetime) -> bool:
    """Delete old reports, but of each kind a device's newest: it says what holds there now. True: there may be more."""
    newer = aliased(DeviceReport)
    same = and_(newer.device_id == DeviceReport.device_id, newer.what == DeviceReport.what)
    told_again = exists(newer.id).where(same, newer.received_at > DeviceReport.received_at)
    old = select(DeviceReport.id).where(DeviceReport.received_at < now - KEPT, told_again)
    return _delete(session, DeviceReport, DeviceReport.id.in_(old.order_by(DeviceReport.id).limit(AT_ONCE)))


def forget_leases(session: Session, now: datetime) -> bool:
    """Delete old leases under which no item is left. True: there may be more."""
    own = and_(Segment.employee_id == LeaseSpan.employee_id, Segment.lease_id == LeaseSpan.id)
    while_it_held = Segment.started_at.between(LeaseSpan.started_at - LONGEST_ITEM, LeaseSpan.valid_until)
    old = select(LeaseSpan.id).where(LeaseSpan.valid_until < now - KEPT, ~exists(Segment.id).where(own, while_it_held))
    return _delete(session, LeaseSpan, LeaseSpan.id.in_(old.limit(AT_ONCE)))


def forget_refused(session: Session, now: datetime) -> bool:
    """Delete old refusals: what comes again by then is refused again, for its age. True: there may be more."""
    key = Upload.device_id, Upload.segment_id
    old = select(*key).where(Upload.outcome == Outcome.REFUSED, Upload.received_at < now - KEPT).limit(AT_ONCE)
    return _delete(session, Upload, tuple_(*key).in_(old))


def _delete(session: Session, table: type[DeviceReport | LeaseSpan | Upload], which: ColumnElement[bool]) -> bool:
    gone = session.execute(delete(table).where(which).execution_options(synchronize_session=False))
    return bool(cast("CursorResult[Any]", gone).rowcount == AT_ONCE)
