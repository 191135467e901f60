"""What the worker looks at: each look is a count and since when, made in one go."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, any_, case, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.agents.models import CONTRADICTED, VERIFIED, Device, DeviceReport, LeaseSpan
from portal.audit.models import AuditEntry, LogPending
from portal.deletion.ages import EVERY
from portal.deletion.models import RetentionStep, Step, StepState
from portal.identity.models import Installation
from portal.reconciliation.models import Reconciliation, State
from portal.releases.periods import periods
from portal.releases.queries import unreleased
from portal.requests.models import Request
from portal.requests.rules import LIVE
from portal.watch import actions
from portal.watch.rules import Seen, Watched
from wire.documents import Kind

SETTLES: Final = timedelta(minutes=15)
"""So long a device may take to apply a policy, the log to take an entry."""
LATE: Final = timedelta(hours=2)
"""So long the check of a day, a release, and deleting by age may take once they are due."""
BACK: Final = timedelta(days=35)
"""As far back as the officer's page of the daily check goes."""

ENDED: Final = (StepState.DONE, StepState.PARTIAL)
Job = Callable[[Session, datetime], None]


def tallies(session: Session, now: datetime) -> Seen:
    """People's days of which a device has not said what it sent."""
    amber = select(func.count(), func.min(Reconciliation.due_at)).where(
        Reconciliation.state == State.AMBER, Reconciliation.missing > 0, Reconciliation.day >= (now - BACK).date()
    )
    return _seen(session, amber)


def checks(session: Session, now: datetime) -> Seen:
    """People's days that should have been checked by now, or once more."""
    never = and_(Reconciliation.state.is_(None), Reconciliation.due_at < now - LATE)
    since = func.min(case((Reconciliation.state.is_(None), Reconciliation.due_at), else_=Reconciliation.again_at))
    return _seen(session, select(func.count(), since).where(or_(never, Reconciliation.again_at < now - LATE)))


def policy(session: Session, now: datetime) -> Seen:
    """Devices that refused their policy or sent what it does not permit, or that never said they applied it."""
    word = (
        select(DeviceReport.what, DeviceReport.policy, DeviceReport.received_at)
        .where(DeviceReport.device_id == Device.id, DeviceReport.what.in_(("applied", "failed")))
        .order_by(DeviceReport.received_at.desc(), DeviceReport.id.desc())
        .limit(1)
        .lateral()
    )
    shown = (
        select(DeviceReport.what, DeviceReport.received_at)
        .where(DeviceReport.device_id == Device.id, DeviceReport.what.in_((VERIFIED, CONTRADICTED)))
        .order_by(DeviceReport.received_at.desc(), DeviceReport.id.desc())
        .limit(1)
        .lateral()
    )
    lease = (
        select(LeaseSpan.policy, LeaseSpan.started_at)
        .where(LeaseSpan.employee_id == Device.employee_id, Device.id == any_(LeaseSpan.devices))
        .where(LeaseSpan.valid_until > now)
        .order_by(LeaseSpan.valid_until.desc())
        .limit(1)
        .lateral()
    )
    refused = func.coalesce(word.c.what == "failed", False)
    amiss = func.coalesce(shown.c.what == CONTRADICTED, False)
    held = and_(lease.c.started_at < now - SETTLES, lease.c.policy.is_distinct_from(word.c.policy))
    since = case((refused, word.c.received_at), (amiss, shown.c.received_at), else_=lease.c.started_at)
    found = select(func.count(), func.min(since)).select_from(Device)
    found = found.outerjoin(word, true()).outerjoin(shown, true()).outerjoin(lease, true())
    return _seen(session, found.where(Device.removed_at.is_(None), or_(refused, amiss, held)))


def stores(session: Session, _now: datetime) -> Seen:
    """Stores that could not be reached for something that was to be done in them."""
    waits = select(func.count(Step.store.distinct()), func.min(Step.pending_since))
    return _seen(session, waits.where(Step.state == StepState.PENDING))


def requests(session: Session, now: datetime) -> Seen:
    """Requests whose time is over, unless a question to the person lets the clock stand."""
    over = select(func.count(), func.min(Request.due_at)).where(
        Request.state.in_(LIVE), Request.stands_since.is_(None), Request.due_at <= now
    )
    return _seen(session, over)


def log(session: Session, now: datetime) -> Seen:
    """Entries that wait for their place in the log: a log that was tampered with is not continued."""
    waits = select(func.count(), func.min(AuditEntry.at)).join(LogPending, LogPending.entry_id == AuditEntry.id)
    return _seen(session, waits.where(AuditEntry.at < now - SETTLES))


def releases(session: Session, now: datetime) -> Seen:
    """The oldest release that is due and was not made: the attack on it has not come to an end, or nobody made it."""
    first = session.scalars(select(Installation.created_at)).one().date()
    late = unreleased(session, periods(first, now - LATE))
    return Seen(1, late.due) if late else Seen()


def retention(session: Session, now: datetime) -> Seen:
    """Kinds of which something too old was found, or that nobody has deleted and read back since it was due."""
    newest = select(RetentionStep).where(RetentionStep.state.in_(ENDED)).ext(distinct_on(RetentionStep.kind))
    steps = session.scalars(newest.order_by(RetentionStep.kind, RetentionStep.until.desc()))
    last = {step.kind: step for step in steps}
    begun = session.scalars(select(Installation.created_at)).one()
    wrong = [since for kind in Kind if (since := amiss(last.get(kind), begun, now)) is not None]
    return Seen(len(wrong), min(wrong, default=None))


def amiss(last: RetentionStep | None, begun: datetime, now: datetime) -> datetime | None:
    """Since when a kind is not as it should be, by the last step that ended."""
    if last is not None and last.remaining:
        return last.read_back_at
    due = begun if last is None else last.until + EVERY
    return due if due < now - LATE else None


LOOKS: Final[dict[Watched, Callable[[Session, datetime], Seen]]] = {
    Watched.TALLIES: tallies,
    Watched.CHECKS: checks,
    Watched.POLICY: policy,
    Watched.RETENTION: retention,
    Watched.STORES: stores,
    Watched.REQUESTS: requests,
    Watched.LOG: log,
    Watched.RELEASES: releases,
}
"""The witness is missing: who hands out the checkpoints says so."""


def jobs() -> list[Job]:
    """One job for each look, so that one that fails keeps no other from looking."""
    return [_job(name, look) for name, look in LOOKS.items()]


def _job(name: Watched, look: Callable[[Session, datetime], Seen]) -> Job:
    def look_again(session: Session, now: datetime) -> None:
        actions.note(session, name, look(session, now), now)

    return look_again


def _seen(session: Session, statement: Any) -> Seen:
    found, since = session.execute(statement).one()
    return Seen(found, since if found else None)
