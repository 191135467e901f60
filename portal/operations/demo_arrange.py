"""People and pauses of the demo as rows, put there by the operator's hand; nothing happens a second time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.core.clock import from_ms, to_ms
from portal.core.config import Settings
from portal.core.notify import notify
from portal.identity.models import Employee, Installation
from portal.operations.demo_calendar import WORKING_DAYS, name_id, pauses, shifts
from portal.operations.demo_company import SIZE, Colleague, company
from portal.operations.publish import as_owner
from portal.operations.runtime import OperationsError
from portal.pauses import rules
from portal.pauses.models import Pause, PauseSource

HIRED: Final = timedelta(days=400)


def require_demo(session: Session) -> int:
    """The moment this database was made (Unix ms), where the demo's past ends.

    Raises OperationsError unless the database was marked as a demo when it was made.
    """
    row = session.get(Installation, 1)
    if row is None or not row.demo:
        raise OperationsError(
            "This database is not marked as a demo, so no demo data goes into it; nothing was changed."
        )
    return to_ms(row.created_at)


def arrange(settings: Settings, size: int = SIZE, days: int = WORKING_DAYS) -> dict[str, UUID]:
    """Add the demo's people, with what they paused in the last `days` working days; subject → id of the employee.

    Raises OperationsError for a database that is not a demo.
    """
    people = company(size)
    with as_owner(settings) as session:
        until = require_demo(session)
        found = _employ(session, settings.require("oidc_issuer"), people, until)
        fresh = _add_pauses(session, people, found, until, days)
        for pause, person in fresh:
            if pause.over() > until:
                notify(session, "pause", pause.id)
            number = max(pause.number, pause.ended_number or 0)
            highest = func.greatest(Employee.directive_number, number)
            session.execute(update(Employee).where(Employee.id == person).values(directive_number=highest))
    return found


def people_of(settings: Settings) -> dict[str, UUID]:
    """Subject → id of everybody whom the demo's identity provider knows."""
    with as_owner(settings) as session:
        statement = select(Employee.subject, Employee.id).where(Employee.issuer == settings.require("oidc_issuer"))
        return dict(session.execute(statement).all())


def _grade(place: int) -> str:
    """One in twenty leads the company, one in eight a team."""
    return "executive" if place % 20 == 19 else "manager" if place % 8 == 7 else "staff"  # noqa: PLR2004


def _employ(session: Session, issuer: str, people: Sequence[Colleague], until: int) -> dict[str, UUID]:
    rows = [
        {
            "id": name_id("employee", who.subject),
            "issuer": issuer,
            "subject": who.subject,
            "name": who.name,
            "email": who.email,
            "site": who.site.name,
            "department": who.department,
            "country": who.site.country,
            "grade": _grade(place),
            "timezone": who.site.timezone,
            "created_at": from_ms(until) - HIRED,
        }
        for place, who in enumerate(people)
    ]
    # another PORTAL_DEMO_PORT_BASE than last time: the demo's provider, and so everybody's, has moved with it
    session.execute(update(Employee).where(Employee.issuer != issuer).values(issuer=issuer))
    session.execute(insert(Employee).values(rows).on_conflict_do_nothing(index_elements=["issuer", "subject"]))
    statement = select(Employee.subject, Employee.id).where(Employee.issuer == issuer)
    known = dict(session.execute(statement).all())
    return {who.subject: known[who.subject] for who in people}


def _add_pauses(
    session: Session, people: Sequence[Colleague], ids: Mapping[str, UUID], until: int, days: int
) -> list[tuple[rules.Pause, UUID]]:
    """Insert the pauses that are not there yet; those, with their people."""
    asked = {pause.id: (pause, ids[who.subject]) for who in people for pause in pauses(who, shifts(who, until, days))}
    if not asked:
        return []
    rows = [_row(pause, person) for pause, person in asked.values()]
    statement = insert(Pause).values(rows).on_conflict_do_nothing(index_elements=["id"]).returning(Pause.id)
    return [asked[pause] for pause in session.scalars(statement)]


def _row(pause: rules.Pause, person: UUID) -> dict[str, Any]:
    weekly = pause.weekly
    return {
        "id": pause.id,
        "employee_id": person,
        "source": PauseSource.PAGE,
        "number": pause.number,
        "asked_at": from_ms(pause.starts),
        "starts_at": from_ms(pause.starts),
        "ends_at": None if pause.ends is None else from_ms(pause.ends),
        "kinds": None if pause.kinds is None else sorted(pause.kinds),
        "contexts": None if pause.contexts is None else sorted(pause.contexts),
        "weekday": weekly.weekday if weekly else None,
        "from_minute": weekly.from_minute if weekly else None,
        "minutes": weekly.minutes if weekly else None,
        "ended_at": None if pause.ended is None else from_ms(pause.ended),
        "ended_number": pause.ended_number,
    }
