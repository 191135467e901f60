"""The daily digest: what is overdue, at risk and new, to everybody of HR, without what concerns the reader."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.hr import rules
from portal.identity.models import Employee, Role, RoleGrant
from portal.notifications.actions import post
from portal.requests.models import Request
from portal.requests.queries import not_claimed_by
from portal.requests.rules import LIVE

HOUR: Final = 7
"""From this hour on, in the reader's own zone."""
DAY: Final = timedelta(days=1)


def digest(session: Session, now: datetime) -> int:
    """Post today's digest to everybody of HR who has something to do and has none yet today; how many."""
    statement = select(Employee.id, Employee.timezone).join(RoleGrant, RoleGrant.employee_id == Employee.id)
    people = session.execute(statement.where(RoleGrant.role == Role.HR, Employee.left_at.is_(None)))
    posted = 0
    for person, name in people.all():
        local = now.astimezone(ZoneInfo(name))
        if local.hour < HOUR or local.weekday() >= rules.WEEKEND:
            continue
        runs = Request.stands_since.is_(None)
        until = rules.risk_until(local.date(), ZoneInfo(name))
        counted = session.execute(
            select(
                func.count().filter(and_(runs, Request.due_at <= now)),
                func.count().filter(and_(runs, Request.due_at > now, Request.due_at <= until)),
                func.count().filter(Request.received_at > now - DAY),
            ).where(Request.state.in_(LIVE), Request.employee_id != person, not_claimed_by(person))
        ).one()
        over, risk, new = counted
        if over or risk or new:
            post(session, person, "hr_digest", f"hr_digest:{local.date()}", overdue=over, at_risk=risk, new=new)
            posted += 1
    return posted
