"""Carry out steps, a few beside each other, each in short transactions that may all be repeated (R03).

A step is claimed, buried (`burying`), deleted in batches, read back with another credential, and ended together with
its receipt. Between any two commits the process may die: the next claimant begins anew and finds less to do.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.audit.keys import LogKey
from portal.core import clock, points
from portal.core.db import Database, lock
from portal.core.ending import Ending, EndingError
from portal.deletion import claims, receipting, rules
from portal.deletion.claims import Claim, LostError
from portal.deletion.models import Step, StepAction, StepState
from portal.deletion.receipting import Ended

LOGIN = "worker"
HANDS = 8
"""Steps at once: they mostly wait for their stores."""
IN_ONE_STORE = 4
"""Of these in one external store, so that a slow one holds up none but itself. In Daylight's own: one."""
log = structlog.get_logger()

Told = Callable[[Session, UUID, UUID, bool, datetime], object]


class UnreachableError(Exception):
    """The store does not answer: the step is pending until it does."""


class NotYetError(Exception):
    """Something else has to be done first; `reason`, a slug with its detail, where it is shown."""

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason


class Store(Protocol):
    """Where a step deletes: repeatable, under its claim, one transaction after the other."""

    def erase(self, claimed: Claim) -> Ended:
        """Delete, and read back. Raises UnreachableError, NotYetError, LostError."""

    def move(self, claimed: Claim) -> Ended:
        """Freeze or thaw, and read back. Raises the same."""


class Carrier:
    """Carries out due steps. `ended(session, person, request, complete, now)` hears when a request's last step ends."""

    def __init__(
        self,
        database: Database,
        key: LogKey,
        own: Store,
        others: Store,
        ended: Told,
        ending: Ending | None = None,
    ) -> None:
        self._database = database
        self._key = key
        self._own, self._others = own, others
        self._ended = ended
        self._pool = ThreadPoolExecutor(HANDS, thread_name_prefix="step")
        self._hands: set[Future[None]] = set()
        self._busy: Counter[UUID] = Counter()
        self._claiming = Lock()
        self._ending = ending or Ending()

    def ring(self) -> None:
        """One bell: give what is due to free hands, and wait for none of them."""
        self._hands = {one for one in self._hands if not one.done()}
        try:
            while len(self._hands) < HANDS and (claimed := self._take()) is not None:
                self._hands.add(self._pool.submit(self._work, claimed))
        except OperationalError:
            log.warning("job.database_unavailable", job="carry_out")

    def run(self) -> None:
        """Every step that is due; returns when none is left."""
        self.ring()
        while self._hands:
            wait(self._hands, return_when=FIRST_COMPLETED)
            self.ring()

    def stop(self) -> None:
        """Begin nothing more, and wait until what was begun ends or breaks off."""
        self._ending.ask()
        self._pool.shutdown()

    def _take(self) -> Claim | None:
        """Claim one step in a store that has a hand free. None when none is due."""
        if self._ending.asked:
            return None
        with self._claiming:
            full = [one for one, hands in self._busy.items() if hands >= (1 if one == claims.OWN else IN_ONE_STORE)]
            with self._database.transaction(LOGIN) as session:
                claimed = claims.claim(session, clock.now(), full)
            if claimed is not None:
                self._busy[claimed.source] += 1
        if claimed is not None:
            points.reached("claimed")
        return claimed

    def _work(self, claimed: Claim) -> None:
        """Carry out this step, then whatever else is due."""
        following: Claim | None = claimed
        try:
            while following is not None:
                try:
                    self._carry_out(following)
                finally:
                    with self._claiming:
                        self._busy[following.source] -= 1
                following = self._take()
        except OperationalError:
            log.warning("job.database_unavailable", job="carry_out")
        except Exception as error:  # noqa: BLE001 - its lease ends, and it is tried again; no text into a log
            log.error("step.failed", error=type(error).__name__)

    def _carry_out(self, claimed: Claim) -> None:
        """As far as it goes now."""
        try:
            self._finish(claimed, self._done(claimed))
        except LostError:
            log.info("step.lost")
        except EndingError:
            self._give_back(claimed)
        except NotYetError as error:
            self._postpone(claimed, unreachable=False, reason=error.reason)
        except UnreachableError:
            self._postpone(claimed, unreachable=True)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others; no text into a log
            log.error("step.failed", error=type(error).__name__)
            self._postpone(claimed, unreachable=False)

    def _done(self, claimed: Claim) -> Ended:
        if claimed.stays:
            return Ended(StepState.REFUSED, claimed.reason)
        store = self._own if claimed.dataset is None else self._others
        return store.erase(claimed) if claimed.action is StepAction.ERASE else store.move(claimed)

    def _give_back(self, claimed: Claim) -> None:
        try:
            with self._database.transaction(LOGIN) as session:
                claims.release(session, claimed, clock.now())
        except LostError:
            log.info("step.lost")

    def _postpone(self, claimed: Claim, *, unreachable: bool, reason: str | None = None) -> None:
        try:
            with self._database.transaction(LOGIN) as session:
                claims.postpone(session, claimed, clock.now(), unreachable=unreachable, reason=reason)
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
                apart_rows=found.apart_rows,
                pending_since=None,
                claimed_until=None,
                look_at=_next_look(claimed, found, now),
            )
            receipting.issue(session, self._key, claimed, found, now)
            close(session, claimed.person, claimed.request, self._ended, now)
        points.reached("finished")


def _next_look(claimed: Claim, found: Ended, now: datetime) -> datetime | None:
    """Where something is frozen, one looks again (`keeping`)."""
    froze = found.state in {StepState.DONE, StepState.PARTIAL} or claimed.frozen_at is not None
    if claimed.action is not StepAction.FREEZE or not froze:
        return None
    return rules.next_look(now, whole=found.state is StepState.DONE)


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
