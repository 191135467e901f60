"""Carry out self-service deletions whose ten minutes are over, each in one transaction: a crash leaves it undone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.deletion import burying, store
from portal.deletion.burying import Buried
from portal.deletion.models import Erasure, Tombstone
from portal.deletion.rules import BACKUP_SLACK
from portal.notifications.actions import tell


def carrier(journal: Path) -> Callable[[Session, datetime], bool]:
    """The job that deletes what a person deleted."""

    def carry_out_next(session: Session, now: datetime) -> bool:
        """Bury one due erasure and delete its rows. False when none is due.

        What is left hidden then, a hold keeps that was set meanwhile: its person sees it again, and is told.
        """
        due = select(Erasure).where(
            Erasure.done_at.is_(None), Erasure.undone_at.is_(None), Erasure.execute_after <= now
        )
        statement = due.order_by(Erasure.execute_after).limit(1).with_for_update(skip_locked=True)
        erasure = session.scalars(statement).one_or_none()
        if erasure is None:
            return False
        chosen = store.chosen_in(erasure)
        bounds = chosen.bounds(erasure.asked_at)
        burying.bury(session, journal, Buried(erasure.id, erasure.employee_id, chosen, bounds, now))
        conditions = store.inside(erasure.employee_id, chosen, bounds)
        items = 0
        while gone := sum(store.delete_batch(session, conditions, now).values()):
            items += gone
        erasure.done_at, erasure.items = now, items
        erasure.held = store.hide(session, store.hidden_by(erasure), None)
        if erasure.held:
            tell(session, erasure.employee_id, "erasure_held", f"erasure_held:{erasure.id}", items=erasure.held)
        about = {"employee": erasure.employee_id, "about": erasure.id}
        record(session, "erasure.done", actor=None, role="worker", items=items, **about)
        return True

    return carry_out_next


def forgetter(days: int) -> Callable[[Session, datetime], None]:
    """The job that takes tombstones away once no backup is older, `days` being how long those are kept."""

    def forget_tombstones(session: Session, now: datetime) -> None:
        """A whole person's stays: an account that comes back under the same id would not be the same person.

        So does one under which something lies still: a hold keeps that, and once it ends, it goes by the tombstone.
        """
        old = delete(Tombstone).where(Tombstone.erased_at < now - timedelta(days=days) - BACKUP_SLACK)
        empty = old.where(~Tombstone.whole_person, ~store.under_tombstone())
        session.execute(empty.execution_options(synchronize_session=False))

    return forget_tombstones
