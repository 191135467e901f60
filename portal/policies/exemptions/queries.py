"""Reads of what is published of exemptions, and what it is counted from."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity.models import Employee
from portal.policies.exemptions.models import Exemption
from portal.policies.exemptions.rules import TOGETHER, Group
from portal.policies.rules import Workplace


def newest(session: Session) -> Sequence[Exemption]:
    """The grades of the newest month, those taken together last."""
    month = select(func.max(Exemption.month)).scalar_subquery()
    found = select(Exemption).where(Exemption.month == month)
    return session.scalars(found.order_by(Exemption.grade == TOGETHER, Exemption.grade)).all()


def published(session: Session, month: date) -> bool:
    """Whether this month's numbers are there."""
    return session.scalar(select(Exemption.month).where(Exemption.month == month).limit(1)) is not None


def groups(session: Session) -> list[Group]:
    """Everybody who has not left, by grade and workplace; nobody hides among people whom the directory made up."""
    place = (Employee.site, Employee.department, Employee.country)
    counts = (Employee.left_at.is_(None), func.employee_counts(Employee.id))
    found = select(Employee.grade, *place, func.count()).where(*counts)
    return [
        Group(grade, Workplace(site, department, country), people)
        for grade, site, department, country, people in session.execute(found.group_by(Employee.grade, *place))
    ]
