"""The owner's digest: once a working day, one mail a store, when deletions there do not get on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.identity.models import Employee
from portal.notifications.actions import post, post_to
from portal.owners import queries, rules
from portal.owners.queries import Owner
from portal.owners.rules import Trouble
from portal.sources.models import SourceOwner

KIND = "store_digest"


def tell_owners(session: Session, now: datetime) -> int:
    """Post today's digest to every owner who has something to hear and was not told yet today; how many."""
    _find_people(session)
    posted = 0
    for owner in queries.owners(session):
        zone = ZoneInfo(owner.timezone or "UTC")
        if not rules.is_time(now, zone, owner.row.told_at):
            continue
        found = queries.trouble(session, owner.source.id, owner.row.told_at or owner.row.set_at, now)
        owner.row.told_at = now
        if found:
            _post(session, owner, found, f"{KIND}:{owner.source.id}:{now.astimezone(zone).date()}")
            posted += 1
    return posted


def _find_people(session: Session) -> None:
    """Whose account an address belongs to, who is told in their own language; a team's mailbox has none."""
    person = select(Employee.id).where(
        func.lower(Employee.email) == func.lower(SourceOwner.address), Employee.left_at.is_(None)
    )
    found = person.order_by(Employee.id).limit(1).scalar_subquery()
    session.execute(
        update(SourceOwner).where(SourceOwner.owner_id.is_(None), found.is_not(None)).values(owner_id=found),
        execution_options={"synchronize_session": False},
    )


def _post(session: Session, owner: Owner, found: Trouble, reference: str) -> None:
    params = {
        "store": owner.source.name,
        "datasets": found.names(),
        "hours": int(rules.PATIENCE.total_seconds() // 3600),
        "pending": found.pending,
        "failed": found.failed,
        "partial": found.partial,
        "late": found.late,
    }
    if owner.person is not None:
        post(session, owner.person, KIND, reference, **params)
    elif owner.row.address is not None:
        post_to(session, owner.row.address, KIND, reference, **params)
