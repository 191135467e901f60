"""Who carries out a step: a claim with a lease and a fencing token. What an old claimant writes changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from portal.deletion import rules
from portal.deletion.models import Step, StepAction, StepState
from portal.deletion.rules import Chosen
from portal.sources.connectors.progress import Progress
from portal.sources.models import Dataset

LEASE = timedelta(minutes=2)
OWN = UUID(int=0)
"""Daylight's own store, where stores are told apart."""
OPEN = (StepState.WAITING, StepState.RUNNING, StepState.PENDING)


class LostError(Exception):
    """Another worker has the step by now, or it ended: go no further."""


@dataclass(frozen=True)
class Claim:
    """A step in hand, with the token it was taken under."""

    step: UUID
    person: UUID
    request: UUID
    dataset: UUID | None
    store: str
    chosen: Chosen
    asked_at: datetime
    fence: int
    tries: int
    reason: str | None
    resume: Progress
    """As far as an earlier attempt came."""
    source: UUID = OWN
    """The store that the dataset lies in."""
    action: StepAction = StepAction.ERASE
    frozen_at: datetime | None = None

    @property
    def stays(self) -> bool:
        """Whether the decision says that all of it stays where it is."""
        return (self.reason or "").startswith(rules.GROUND)


def claim(session: Session, now: datetime, full: Collection[UUID] = ()) -> Claim | None:
    """Take one step that is due, for `LEASE`, in none of the stores `full`. None when there is none."""
    due = select(Step).where(Step.state.in_(OPEN), Step.next_try_at <= now)
    free = due.where(or_(Step.claimed_until.is_(None), Step.claimed_until <= now))
    source = select(Dataset.source_id).where(Dataset.id == Step.dataset_id).scalar_subquery()
    where = func.coalesce(source, OWN)
    statement = free.add_columns(where).where(where.not_in(full)).order_by(Step.next_try_at)
    found = session.execute(statement.limit(1).with_for_update(of=Step, skip_locked=True)).one_or_none()
    if found is None:
        return None
    step, source_id = found
    step.state, step.fence, step.tries = StepState.RUNNING, step.fence + 1, step.tries + 1
    step.claimed_until = step.next_try_at = now + LEASE
    chosen = Chosen.from_json(step.chosen)
    resume = Progress(step.parts_done, step.parts_total or 0, step.deleted, step.part or "", step.part_rows)
    return Claim(
        step.id, step.employee_id, step.request_id, step.dataset_id, step.store, chosen, step.created_at, step.fence,
        step.tries, step.reason, resume, source_id, step.action, step.frozen_at,
    )  # fmt: skip


def keep(session: Session, claimed: Claim, now: datetime, **values: Any) -> None:
    """Write to the step, and renew the lease, in the transaction that does the work. Raises LostError."""
    write(session, claimed, claimed_until=now + LEASE, next_try_at=now + LEASE, **values)


def write(session: Session, claimed: Claim, **values: Any) -> None:
    """Write to the step under the claim. Raises LostError when it is no longer held; roll back then."""
    statement = update(Step).where(
        Step.id == claimed.step, Step.fence == claimed.fence, Step.state == StepState.RUNNING
    )
    changed = session.execute(statement.values(**values).execution_options(synchronize_session=False))
    if not cast("CursorResult[Any]", changed).rowcount:
        raise LostError


def release(session: Session, claimed: Claim, now: datetime) -> None:
    """Give the step back as far as it came, for anybody to go on with at once. Raises LostError."""
    write(session, claimed, state=StepState.WAITING, claimed_until=None, next_try_at=now)


def postpone(session: Session, claimed: Claim, now: datetime, *, unreachable: bool, reason: str | None = None) -> None:
    """Give the step back, to be tried again; `reason`: why it waits.

    `unreachable`: pending since the first failure in a row.
    """
    values: dict[str, Any] = {"state": StepState.WAITING}
    if unreachable:
        since = select(Step.pending_since).where(Step.id == claimed.step)
        values = {"state": StepState.PENDING, "pending_since": session.scalar(since) or now}
    write(session, claimed, reason=reason, claimed_until=None, next_try_at=now + rules.wait(claimed.tries), **values)
