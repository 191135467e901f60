"""Tell a person something once, on their pages or by mail; what is on a page they close when seen."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.notifications.models import Mail, Notification


def tell(session: Session, person: UUID, kind: str, reference: str, **params: Any) -> None:
    """Tell `person` about `reference` unless that was told before. `params` are plain values, put into words later."""
    row = {"id": uuid4(), "employee_id": person, "kind": kind, "reference": reference, "params": params}
    session.execute(insert(Notification).values(row).on_conflict_do_nothing())


def post(session: Session, person: UUID, kind: str, reference: str, **params: Any) -> None:
    """Have a mail sent to `person` about `reference` unless one was before; it leaves after the commit.

    `kind` is one of `mails.TEXTS`; `params` are ids and counts, never words: those are on the page the mail leads to.
    """
    row = {"id": uuid4(), "employee_id": person, "kind": kind, "reference": reference, "params": params}
    session.execute(insert(Mail).values(row).on_conflict_do_nothing())


def post_to(session: Session, address: str, kind: str, reference: str, **params: Any) -> None:
    """As `post`, to an address that belongs to no account; in both languages."""
    row = {"id": uuid4(), "address": address, "kind": kind, "reference": reference, "params": params}
    session.execute(insert(Mail).values(row).on_conflict_do_nothing())


def mark_seen(session: Session, person: UUID, notification: UUID, now: datetime) -> bool:
    """Close one of the person's own notifications, at the time it was first closed; False when it is not theirs."""
    found = session.execute(
        update(Notification)
        .where(Notification.employee_id == person, Notification.id == notification)
        .values(seen_at=func.coalesce(Notification.seen_at, now))
        .returning(Notification.id)
    )
    return found.one_or_none() is not None
