"""Delete by itself what has become too old: a step for each kind and hour, carried out as a person's steps are (R03).

It is claimed, deleted in batches, read back with the login that only looks, and ended with its entry in the log.
Who asks says what is spared: a freeze is a request, of which this feature knows nothing.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.audit.actions import record, record_numbered
from portal.capture.models import Segment
from portal.core import clock, points
from portal.core.db import Database
from portal.core.ending import Ending, EndingError
from portal.deletion import ages, claims, store
from portal.deletion.carrying import LOGIN, physical_date
from portal.deletion.claims import LostError
from portal.deletion.models import ENOUGH, RetentionStep, StepState
from portal.deletion.own_store import READER, SWEEPS
from portal.deletion.queries import RETENTION
from wire.documents import Kind

ENDED = "retention.ended"
FIRST = UUID(int=0)
log = structlog.get_logger()


class PeopleFirstError(Exception):
    """What a person asked for is due: the step is given back until that is done."""


@dataclass(frozen=True)
class Aged:
    """A step in hand, with the token it was taken under."""

    rows: ClassVar[claims.Rows] = RetentionStep
    step: UUID
    kind: Kind
    until: datetime
    fence: int
    tries: int


class Retention:
    """Carries out steps of retention. `spared`: what is not to go; `days`: how long backups are kept."""

    def __init__(
        self, database: Database, spared: ColumnElement[bool], days: int, ending: Ending | None = None
    ) -> None:
        self._database = database
        self._spared = spared
        self._days = days
        self._ending = ending or Ending()
        self._yields = False

    def ring(self) -> None:
        """One bell: make what is due this hour, and carry it out; after each batch people's own deletions go first."""
        self._yields = True
        try:
            with self._database.transaction(LOGIN) as session:
                ages.plan(session, ages.full_hour(clock.now()))
            self.run()
        except OperationalError:
            log.warning("job.database_unavailable", job="retention")

    def run(self) -> None:
        """Every step that is due, until none is left, people's deletions are, or the process is to end."""
        try:
            while not self._ending.asked and (claimed := self._take()) is not None:
                self._carry_out(claimed)
        except PeopleFirstError:
            log.info("retention.people_first")

    def _take(self) -> Aged | None:
        due = select(RetentionStep).where(*claims.free(RetentionStep, clock.now()))
        oldest = due.order_by(RetentionStep.next_try_at, RetentionStep.kind).limit(1)
        with self._database.transaction(LOGIN) as session:
            step = session.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()
            if step is None:
                return None
            claims.taken(step, clock.now())
            claimed = Aged(step.id, step.kind, step.until, step.fence, step.tries)
        points.reached("age_claimed")
        return claimed

    def _carry_out(self, claimed: Aged) -> None:
        """As far as it goes now."""
        try:
            for _ in range(SWEEPS):
                self._delete(claimed)
                free, held, frozen = self._read_back(claimed)
                if not free:
                    break
            self._finish(claimed, free, held, frozen)
        except LostError:
            log.info("step.lost")
        except (EndingError, PeopleFirstError):
            self._give_back(claimed, claims.release)
            raise
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others; no text into a log
            log.error("step.failed", error=type(error).__name__)
            self._give_back(claimed, partial(claims.postpone, unreachable=True))

    def _give_back(self, claimed: Aged, how: Callable[[Session, Aged, datetime], None]) -> None:
        try:
            with self._database.transaction(LOGIN) as session:
                how(session, claimed, clock.now())
        except LostError:
            log.info("step.lost")

    def _delete(self, claimed: Aged) -> None:
        """Person after person, so that most have one entry; whoever begins anew begins with the first."""
        with self._database.transaction(LOGIN) as session:
            old = list(ages.too_old(session, claimed.kind, claimed.until))
        for days, conditions in old:
            last: UUID | None = FIRST
            while last is not None:
                with self._database.transaction(LOGIN) as session:
                    last = self._batch(session, claimed, days, [*conditions, Segment.employee_id >= last])
                    waits = self._yields and last is not None and claims.people_wait(session, clock.now())
                points.reached("age_batch")
                self._ending.go_on()
                if waits:
                    raise PeopleFirstError

    def _batch(self, session: Session, claimed: Aged, days: int, conditions: list[ColumnElement[bool]]) -> UUID | None:
        """One batch with the entry of each person, under the claim; the last person, None: nothing is left."""
        now = clock.now()
        gone: Counter[UUID] = Counter()
        for (person, _), items in store.delete_batch(session, [*conditions, ~self._spared], now).items():
            gone[person] += items
        for person, items in sorted(gone.items()):
            said: dict[str, Any] = {"kind": claimed.kind.value, "items": items, "days": days}
            record(session, RETENTION, actor=None, role="worker", employee=person, about=claimed.step, **said)
        people = func.greatest(RetentionStep.people, len(gone))
        claims.keep(session, claimed, now, deleted=RetentionStep.deleted + gone.total(), people=people)
        return max(gone, default=None)

    def _read_back(self, claimed: Aged) -> tuple[int, int, int]:
        """What another login still finds, by the policies as it reads them itself: free to go, held, frozen."""
        with self._database.transaction(READER) as session:
            found = ages.left(session, claimed.kind, claimed.until, self._spared, clock.now())
        points.reached("age_read_back")
        return found

    def _finish(self, claimed: Aged, free: int, held: int, frozen: int) -> None:
        """End the step with its entry, in one transaction."""
        now = clock.now()
        with self._database.transaction(LOGIN) as session:
            step = session.get_one(RetentionStep, claimed.step)
            ended: dict[str, Any] = {
                "state": StepState.PARTIAL if free else StepState.DONE,
                "held": held,
                "frozen": frozen,
                "remaining": free,
            }
            said: dict[str, Any] = {"kind": claimed.kind.value, "until": claimed.until.isoformat()}
            said |= {"deleted": step.deleted} | ended
            entry = record_numbered(
                session, ENDED, actor=None, role="worker", employee=None, about=claimed.step, **said
            )
            claims.write(
                session,
                claimed,
                **ended,
                told=step.deleted if step.people >= ENOUGH else None,
                physical_on=physical_date(now, self._days),
                read_back_at=now,
                entry_id=entry,
                pending_since=None,
                claimed_until=None,
            )
        points.reached("age_finished")
