"""What happens without a person: days fall due, are checked, are summed up, and are forgotten."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.agents.models import LeaseSpan
from portal.capture.day import local_midnights
from portal.capture.models import EmployeeDay, Outcome, Upload
from portal.core.clock import local_day
from portal.identity.models import Employee
from portal.reconciliation import actions, checking, queries
from portal.reconciliation.models import Reconciliation, TallyRow
from portal.reconciliation.rules import zone_of
from portal.reconciliation.settling import actions as settling

BACK = 7
"""How many days back a day may still fall due: longer than any outage of the worker should last."""
GRACE = timedelta(minutes=30)
"""How long after the day's end: devices send their tally five minutes after it."""
SETTLES = timedelta(days=1)
"""How long after a day it is looked at once more, unless uploads are taken for longer: by then none can come."""
KEPT = timedelta(days=400)
SUMMED = timedelta(days=35)
SETTLED = timedelta(days=3)
"""So long after a day its numbers are said, once and for all: by then nearly all tallies have come."""
ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
"""Everything a check counts is of one moment, while uploads and deletions go on."""


def plan_days(session: Session, now: datetime) -> None:
    """Give everybody with a lease, an item, a refusal or a tally on a day that has ended a check of that day."""
    for name in session.scalars(select(Employee.timezone).distinct()).all():
        zone = zone_of(name)
        today = local_day(now, zone)
        for back in range(1, BACK + 1):
            day = today - timedelta(days=back)
            due = due_at(day, zone)
            if due <= now:
                _plan(session, name, zone, day, due)


def due_at(day: date, zone: ZoneInfo) -> datetime:
    """When a day is checked: once it is over for the person and in UTC, by whose days devices count."""
    ends = datetime.combine(day + timedelta(days=1), time(), UTC)
    return max(local_midnights(day, zone)[1], ends) + GRACE


def checker(upload_max_age: int) -> Callable[[Session, datetime], bool]:
    """The job that checks days; `upload_max_age`: for how many seconds what was captured may be sent."""

    def check_days(session: Session, now: datetime) -> bool:
        """Check one due day."""
        return check_next(session, now, max(SETTLES, timedelta(seconds=upload_max_age)))

    return check_days


def check_next(session: Session, now: datetime, settles: timedelta = SETTLES) -> bool:
    """Check one due day, all in one transaction: killed anywhere it leaves nothing, and is done again. False: none.

    It is looked at once more when nothing of it can come any more, so long (`settles`) after it was due, and whenever
    something that concerns it is written later (`Reconciliation.again_at`).
    """
    session.execute(ONE_MOMENT)
    row = queries.next_due(session, now)
    if row is None:
        return False
    zone = session.scalar(select(Employee.timezone).where(Employee.id == row.employee_id)) or ""
    result = checking.check(session, queries.span(row.employee_id, row.day, zone_of(zone).key))
    settled = row.due_at + settles
    again = settled if now < settled else None
    actions.keep(session, row, result, queries.platforms(session, row.employee_id), now, again)
    return True


def gather(session: Session, now: datetime) -> None:
    """Gather for the officer what was found."""
    settling.gather(session, now.date())


def sharer(smallest_group: Callable[[Session, date], int]) -> Callable[[Session, datetime], None]:
    """The job that sums up for the council; `smallest_group`: how many people stand behind a number of that day."""

    def share_days(session: Session, now: datetime) -> None:
        """Say how many people's days agree, and how far mismatches were answered."""
        first, last = now.date() - SUMMED, now.date() - SETTLED
        actions.share(session, first, last, lambda day: smallest_group(session, day))
        settling.publish(session, smallest_group(session, now.date()))

    return share_days


def forget_checks(session: Session, now: datetime) -> None:
    """Delete tallies, checks and findings after 400 days; what the officer has not answered stays, without people."""
    actions.forget(session, now.date() - KEPT)
    settling.forget(session, now.date() - KEPT)


def _plan(session: Session, name: str, zone: ZoneInfo, day: date, due: datetime) -> None:
    begins, ends = local_midnights(day, zone)
    something = (
        exists().where(EmployeeDay.employee_id == Employee.id, EmployeeDay.local_day == day),
        exists().where(TallyRow.employee_id == Employee.id, TallyRow.day == day),
        exists().where(Upload.employee_id == Employee.id, Upload.local_day == day, Upload.outcome == Outcome.REFUSED),
        exists().where(
            LeaseSpan.employee_id == Employee.id, LeaseSpan.valid_until > begins, LeaseSpan.started_at < ends
        ),
    )
    found = select(Employee.id, literal(day), literal(due)).where(Employee.timezone == name, or_(*something))
    statement = insert(Reconciliation).from_select(["employee_id", "day", "due_at"], found)
    session.execute(statement.on_conflict_do_nothing())
