"""Who carries out a step: a claim with a lease and a fencing token. What an old claimant writes changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, exists, func, or_, select, update
from sqlalchemy.orm import Session

from portal.deletion import rules
from portal.deletion.models import Erasure, RetentionStep, Step, StepAction, StepState
from portal.deletion.rules import Chosen
from portal.sources.connectors.progress import Progress
from portal.sources.models import Dataset

LEASE = timedelta(minutes=2)
OWN = UUID(int=0)
"""Daylight's own store, where stores are told apart."""
OPEN = (StepState.WAITING, StepState.RUNNING, StepState.PENDING)


class LostError(Exception):
    """Another worker has the step by now, or it ended: go no further."""


Rows = type[Step] | type[RetentionStep]


class Held(Protocol):
    """A row of `rows` in hand, with the token it was taken under."""

    rows: ClassVar[Rows]

    @property
    def step(self) -> UUID:
        """The row's id."""

    @property
    def fence(self) -> int:
        """The token."""

    @property
    def tries(self) -> int:
        """How often it was taken, this time included."""


@dataclass(frozen=True)
class Claim:
    """A step in hand, with the token it was taken under."""

    rows: ClassVar[Rows] = Step
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
    due = select(Step).where(*free(Step, now))
    source = select(Dataset.source_id).where(Dataset.id == Step.dataset_id).scalar_subquery()
    where = func.coalesce(source, OWN)
    statement = due.add_columns(where).where(where.not_in(full)).order_by(Step.next_try_at)
    found = session.execute(statement.limit(1).with_for_update(of=Step, skip_locked=True)).one_or_none()
    if found is None:
        return None
    step, source_id = found
    taken(step, now)
    chosen = Chosen.from_json(step.chosen)
    resume = Progress(step.parts_done, step.parts_total or 0, step.deleted, step.part or "", step.part_rows)
    return Claim(
        step.id, step.employee_id, step.request_id, step.dataset_id, step.store, chosen, step.created_at, step.fence,
        step.tries, step.reason, resume, source_id, step.action, step.frozen_at,
    )  # fmt: skip


def free(rows: Rows, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Whether a step is due and in nobody's hand."""
    unclaimed = or_(rows.claimed_until.is_(None), rows.claimed_until <= now)
    return rows.state.in_(OPEN), rows.next_try_at <= now, unclaimed


def taken(step: Step | RetentionStep, now: datetime) -> None:
    """Take it for `LEASE`; whoever had it before may write nothing more."""
    step.state, step.fence, step.tries = StepState.RUNNING, step.fence + 1, step.tries + 1
    step.claimed_until = step.next_try_at = now + LEASE


def people_wait(session: Session, now: datetime) -> bool:
    """Whether something in Daylight's own store is due that a person asked for, by a request or by oneself."""
    steps = exists(Step.id).where(Step.dataset_id.is_(None), *free(Step, now))
    due = (Erasure.done_at.is_(None), Erasure.undone_at.is_(None), Erasure.execute_after <= now)
    return bool(session.scalar(select(or_(steps, exists(Erasure.id).where(*due)))))


def keep(session: Session, claimed: Held, now: datetime, **values: Any) -> None:
    """Write to the step, and renew the lease, in the transaction that does the work. Raises LostError."""
    write(session, claimed, claimed_until=now + LEASE, next_try_at=now + LEASE, **values)


def write(session: Session, claimed: Held, **values: Any) -> None:
    """Write to the step under the claim. Raises LostError when it is no longer held; roll back then."""
    rows = claimed.rows
    statement = update(rows).where(
        rows.id == claimed.step, rows.fence == claimed.fence, rows.state == StepState.RUNNING
    )
    changed = session.execute(statement.values(**values).execution_options(synchronize_session=False))
    if not cast("CursorResult[Any]", changed).rowcount:
        raise LostError


def drop(session: Session, now: datetime) -> None:
    """Take every step out of hands that are no more; whoever has one nevertheless writes nothing once it is taken."""
    for rows in (Step, RetentionStep):
        held = update(rows).where(rows.state == StepState.RUNNING)
        session.execute(
            held.values(state=StepState.WAITING, claimed_until=None, next_try_at=now).execution_options(
                synchronize_session=False
            )
        )


def release(session: Session, claimed: Held, now: datetime) -> None:
    """Give the step back as far as it came, for anybody to go on with at once. Raises LostError."""
    write(session, claimed, state=StepState.WAITING, claimed_until=None, next_try_at=now)


def postpone(session: Session, claimed: Held, now: datetime, *, unreachable: bool, **more: Any) -> None:
    """Give the step back, to be tried again; `unreachable`: pending since the first failure in a row."""
    values: dict[str, Any] = {"state": StepState.WAITING}
    if unreachable:
        since = select(claimed.rows.pending_since).where(claimed.rows.id == claimed.step)
        values = {"state": StepState.PENDING, "pending_since": session.scalar(since) or now}
    write(session, claimed, claimed_until=None, next_try_at=now + rules.wait(claimed.tries), **values, **more)
