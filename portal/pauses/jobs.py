"""Announce the end of a pause before it happens, where something starts again then."""

import hashlib
import json
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portal.core.clock import to_ms
from portal.identity.models import Employee
from portal.notifications.actions import tell
from portal.pauses import ends, rules
from portal.pauses.models import Pause

BEFORE = timedelta(minutes=5)


def announce_ends(session: Session, now: datetime) -> int:
    """Tell everybody for whom something starts again within five minutes; how often there was something to tell."""
    soon = and_(Pause.ends_at > now, Pause.ends_at <= now + BEFORE)
    ending = (
        select(Pause.employee_id)
        .where(Pause.ended_at.is_(None), or_(soon, and_(Pause.weekday.is_not(None), Pause.starts_at <= now)))
        .distinct()
    )
    rows = session.execute(
        select(Pause, Employee.timezone)
        .join(Employee, Employee.id == Pause.employee_id)
        .where(
            Pause.employee_id.in_(ending), Pause.ended_at.is_(None), or_(Pause.ends_at.is_(None), Pause.ends_at > now)
        )
    ).all()
    people: dict[UUID, list[rules.Pause]] = {}
    for row, zone in rows:
        people.setdefault(row.employee_id, []).append(rules.of_row(row, zone))
    return sum(_announce(session, person, pauses, now) for person, pauses in people.items())


def _announce(session: Session, person: UUID, pauses: list[rules.Pause], now: datetime) -> int:
    found = ends.restarts(pauses, to_ms(now), to_ms(now + BEFORE))
    for restart in found:
        told = ends.params(restart)
        what = json.dumps(told, sort_keys=True)
        tell(session, person, "pause_ends", f"pause_ends:{hashlib.sha256(what.encode()).hexdigest()}", **told)
    return len(found)
