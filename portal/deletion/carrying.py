"""Carry out one step after the other, each in short transactions that may all be repeated (R03).

A step is claimed, buried (`burying`), deleted in batches, read back with another credential, and ended together with
its receipt. Between any two commits the process may die: the next claimant begins anew and finds less to do.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.audit.keys import LogKey
from portal.core import clock
from portal.core.db import Database, lock
from portal.deletion import claims, points, receipting
from portal.deletion.claims import Claim, LostError
from portal.deletion.models import Step, StepState
from portal.deletion.receipting import Ended

LOGIN = "worker"
log = structlog.get_logger()

Told = Callable[[Session, UUID, UUID, bool, datetime], object]


class UnreachableError(Exception):
    """The store does not answer: the step is pending until it does."""


class NotYetError(Exception):
    """Something else has to be done first."""


class Store(Protocol):
    """Where a step deletes: repeatable, under its claim, one transaction after the other."""

    def erase(self, claimed: Claim) -> Ended:
        """Delete, and read back. Raises UnreachableError, NotYetError, LostError."""


class Carrier:
    """Carries out due steps. `ended(session, person, request, complete, now)` hears when a request's last step ends."""

    def __init__(self, database: Database, key: LogKey, own: Store, others: Store, ended: Told) -> None:
        self._database = database
        self._key = key
        self._own, self._others = own, others
        self._ended = ended

    def run(self) -> None:
        """One bell: every step that is due."""
        try:
            while self.next():
                pass
        except OperationalError:
            log.warning("job.database_unavailable", job="carry_out")

    def next(self) -> bool:
        """Carry out one due step as far as it goes now. False when none is due."""
        with self._database.transaction(LOGIN) as session:
            claimed = claims.claim(session, clock.now())
        if claimed is None:
            return False
        points.reached("claimed")
        try:
            found = Ended(StepState.REFUSED, claimed.reason) if claimed.stays else self._store(claimed).erase(claimed)
            self._finish(claimed, found)
        except LostError:
            log.info("step.lost")
        except (UnreachableError, NotYetError) as error:
            self._postpone(claimed, unreachable=isinstance(error, UnreachableError))
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others; no text into a log
            log.error("step.failed", error=type(error).__name__)
            self._postpone(claimed, unreachable=False)
        return True

    def _store(self, claimed: Claim) -> Store:
        return self._own if claimed.dataset is None else self._others

    def _postpone(self, claimed: Claim, *, unreachable: bool) -> None:
        try:
            with self._database.transaction(LOGIN) as session:
                claims.postpone(session, claimed, clock.now(), unreachable=unreachable)
        except LostError:
            log.info("step.lost")

    def _finish(self, claimed: Claim, found: Ended) -> None:
        """End the step with its receipt, and the request with its last step, in one transaction."""
        now = clock.now()
        with self._database.transaction(LOGIN) as session:
            lock(session, claimed.request)  # of two last steps at once the later one tells
            claims.write(
                session,
                claimed,
                state=found.state,
                reason=found.reason,
                deleted=found.deleted,
                held=found.held,
                remaining=found.remaining,
                logical_at=found.logical_at,
                physical_on=found.physical_on,
                read_back_at=found.read_back_at,
                apart=found.apart,
                pending_since=None,
                claimed_until=None,
            )
            receipting.issue(session, self._key, claimed, found, now)
            close(session, claimed.person, claimed.request, self._ended, now)
        points.reached("finished")


def close(session: Session, person: UUID, request: UUID, ended: Told, now: datetime) -> None:
    """Tell `ended` when no step of the request is open any more."""
    states = latest(session, person, request)
    if not any(state in claims.OPEN for state in states):
        ended(session, person, request, all(state == StepState.DONE for state in states), now)


def latest(session: Session, person: UUID, request: UUID) -> list[StepState]:
    """How the newest round of each store stands."""
    statement = select(Step.state).where(Step.employee_id == person, Step.request_id == request)
    newest = statement.ext(distinct_on(Step.dataset_id)).order_by(Step.dataset_id, Step.round.desc())
    return list(session.scalars(newest))


def physical_date(now: datetime, days: int) -> date:
    """When no backup holds any more what was deleted now."""
    return (now + timedelta(days=days)).date()
