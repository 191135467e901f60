"""A step in Daylight's own store: rows in batches, and for a whole person the keys and every other column."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.core import clock, points
from portal.core.db import Database, lock
from portal.core.ending import Ending
from portal.core.vault_client import VaultUnavailable
from portal.deletion import burying, claims, store
from portal.deletion.burying import Buried
from portal.deletion.carrying import LOGIN, NotYetError, UnreachableError, physical_date
from portal.deletion.claims import OPEN, Claim
from portal.deletion.models import LegalHold, Step, StepAction, StepState
from portal.deletion.receipting import Ended
from portal.deletion.rules import HELD, LEFT, TO_MEND
from portal.identity.models import EmployeeKey

READER = "readback"
SWEEPS = 3
DestroyKeys = Callable[[UUID], None]


class OwnStore:
    """`days`: how long backups are kept; `destroy_keys`: how the vault is asked, None where it cannot be."""

    def __init__(
        self,
        database: Database,
        journal: Path,
        days: int,
        destroy_keys: DestroyKeys | None,
        ending: Ending | None = None,
    ) -> None:
        self._database = database
        self._journal = journal
        self._days = days
        self._destroy_keys = destroy_keys
        self._ending = ending or Ending()

    def erase(self, claimed: Claim) -> Ended:
        """See `carrying.Store`."""
        bounds = claimed.chosen.bounds(claimed.asked_at)
        with self._database.transaction(LOGIN) as session:
            now = clock.now()
            claims.keep(session, claimed, now)
            burying.bury(session, self._journal, Buried(claimed.step, claimed.person, claimed.chosen, bounds, now))
        points.reached("buried")
        for _ in range(SWEEPS):
            self._delete(claimed, bounds)
            free, held = self._read_back(claimed, bounds)
            if not free:
                break
        if claimed.chosen.whole_person and not held + free:
            free = self._erase_person(claimed)
        return self._ended(claimed, free, held)

    def move(self, claimed: Claim) -> Ended:
        """See `carrying.Store`. Frozen rows stay here, marked by the request itself; another login counts them."""
        free, held = self._read_back(claimed, claimed.chosen.frozen())
        frozen = free + held if claimed.action is StepAction.FREEZE else 0
        now = clock.now()
        return Ended(StepState.DONE, remaining=0, logical_at=now, read_back_at=now, apart=True, apart_rows=frozen)

    def _delete(self, claimed: Claim, bounds: tuple[datetime, datetime]) -> None:
        conditions = store.inside(claimed.person, claimed.chosen, bounds)
        gone = 1
        while gone:
            with self._database.transaction(LOGIN) as session:
                now = clock.now()
                gone = sum(store.delete_batch(session, conditions, now).values())
                claims.keep(session, claimed, now, deleted=Step.deleted + gone)
            points.reached("batch")
            self._ending.go_on()

    def _read_back(self, claimed: Claim, bounds: tuple[datetime, datetime]) -> tuple[int, int]:
        """What another login still finds: free to go, held."""
        with self._database.transaction(READER) as session:
            found = store.count(session, store.inside(claimed.person, claimed.chosen, bounds), clock.now())
        points.reached("read_back")
        return found

    def _erase_person(self, claimed: Claim) -> int:
        """Keys first, then all else; what another login still finds of the person."""
        with self._database.transaction(LOGIN) as session:
            self._delete_keys(session, claimed)
        points.reached("keys_deleted")
        try:
            if self._destroy_keys is None:
                raise UnreachableError
            self._destroy_keys(claimed.step)
        except VaultUnavailable as error:
            raise UnreachableError from error
        points.reached("keys_destroyed")
        with self._database.transaction(LOGIN) as session:
            claims.keep(session, claimed, clock.now())
            lock(session, claimed.person)  # whoever sets a hold meanwhile waits
            _require_forgettable(session, claimed)
            if session.scalar(select(func.erase_person(claimed.step))):
                raise NotYetError
        points.reached("person_erased")
        with self._database.transaction(READER) as session:
            return session.scalar(select(func.person_remains(claimed.person, claimed.request))) or 0

    def _delete_keys(self, session: Session, claimed: Claim) -> None:
        """Remember under which epoch they were wrapped: it and all before it must not outlive them in any backup."""
        gone = delete(EmployeeKey).where(EmployeeKey.employee_id == claimed.person).returning(EmployeeKey.kms_epoch)
        epochs = session.scalars(gone.execution_options(synchronize_session=False)).all()
        newest = func.greatest(Step.key_epoch, max(epochs, default=None))
        claims.keep(session, claimed, clock.now(), key_epoch=newest)

    def _ended(self, claimed: Claim, free: int, held: int) -> Ended:
        now = clock.now()
        with self._database.transaction(LOGIN) as session:
            deleted = session.scalar(select(Step.deleted).where(Step.id == claimed.step)) or 0
        return Ended(
            state=StepState.PARTIAL if free or held else StepState.DONE,
            deleted=deleted,
            held=held,
            remaining=free,
            logical_at=now,
            physical_on=physical_date(now, self._days),
            read_back_at=now,
            apart=True,
        )


def _require_forgettable(session: Session, claimed: Claim) -> None:
    """Raise NotYetError while the person has still to be found by what is about to be blanked.

    By a step of another store, by what a hold keeps there, or by whoever mends a store that kept rows; the latter has
    its time.
    """
    newest = select(Step).where(Step.request_id == claimed.request, Step.id != claimed.step)
    others = session.scalars(
        newest.ext(distinct_on(Step.dataset_id)).order_by(Step.dataset_id, Step.round.desc())
    ).all()
    if any(step.state in OPEN for step in others):
        raise NotYetError
    kept = select(LegalHold.id).where(LegalHold.employee_id == claimed.person, LegalHold.reopened_at.is_(None))
    if session.scalar(kept.limit(1)) is not None:
        raise NotYetError(HELD)
    left = sum(step.remaining or 0 for step in others if step.state == StepState.PARTIAL)
    if left and clock.now() < claimed.asked_at + TO_MEND:
        raise NotYetError(f"{LEFT}:{left}")
