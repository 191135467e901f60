"""A step in somebody else's store: its connector deletes under a lease that beats, and other credentials read back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final
from uuid import uuid5

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.core import clock, points
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.core.ending import Ending
from portal.deletion import claims, moving
from portal.deletion.carrying import LOGIN, NotYetError, UnreachableError
from portal.deletion.claims import Claim, LostError
from portal.deletion.models import Step, StepState
from portal.deletion.receipting import Ended
from portal.deletion.rules import TO_MEND
from portal.deletion.work import Work, erasing, interrupted_first
from portal.sources import actions as sources
from portal.sources import queries as places
from portal.sources.connections import Connections
from portal.sources.connectors import base
from portal.sources.connectors.base import Reason, RefusedError
from portal.sources.connectors.progress import Progress, Tell
from portal.sources.queries import Place
from portal.sources.rules import NOT_GONE, UNDATED

MENDABLE: Final = frozenset(
    {
        Reason.MISSING,
        Reason.MISSING_COLUMN,
        Reason.VIEW,
        Reason.SUBJECT_TYPE,
        Reason.TABLE_FORMAT,
        Reason.LINKED,
        Reason.REFERENCED,
        Reason.TAKEN_ALONG,
        Reason.DENIED,
        Reason.NO_HANDLE,
        Reason.AMBIGUOUS,
        Reason.NO_READ_BACK,
        Reason.CHANGING,
        Reason.STORE_ERROR,
    }
)
"""What a better description, rights or the store's owner can change."""
BEATS = 4
"""How often a lease is renewed within its length."""

log = structlog.get_logger()

Plan = Callable[[Session, Claim, Place], Work]
Act = Callable[[Claim, Work, Connections, Tell], Ended]


class External:
    """Carries out steps with the connectors of the stores whose addresses `settings` hold."""

    def __init__(self, database: Database, settings: Settings, ending: Ending | None = None) -> None:
        self._database = database
        self._settings = settings
        self._ending = ending or Ending()

    def erase(self, claimed: Claim) -> Ended:
        """See `carrying.Store`. What a store refuses is named in the step's reason, `slug:detail`."""

        def work(session: Session, claimed: Claim, place: Place) -> Work:
            return erasing(session, claimed.person, place, claimed.chosen, claimed.asked_at)

        return self._carried_out(claimed, work, self._erase)

    def move(self, claimed: Claim) -> Ended:
        """The same for a freeze, or a thaw."""

        def move(claimed: Claim, found: Work, stores: Connections, tell: Tell) -> Ended:
            ended = moving.move(claimed, found, stores, tell)
            self._mark(claimed, reached=True)
            return ended

        return self._carried_out(claimed, moving.work, move)

    def _carried_out(self, claimed: Claim, plan: Plan, act: Act) -> Ended:
        try:
            with self._database.transaction(LOGIN) as session:
                found = plan(session, claimed, _place(session, claimed))
            with Connections(self._settings) as stores, self._beating(claimed) as tell:
                return act(claimed, found, stores, tell)
        except RefusedError as error:
            if _waits(claimed, error):
                raise NotYetError(f"{error.reason}:{error.detail}") from error
            return self._refused(claimed, error)
        except (base.UnreachableError, ConfigError) as error:
            self._mark(claimed, reached=False)
            raise UnreachableError from error

    def _erase(self, claimed: Claim, found: Work, stores: Connections, tell: Tell) -> Ended:
        connector = stores.open(found.place.source)
        resume = claimed.resume if len(found.targets) == 1 else replace(claimed.resume, done=0)
        ended = []
        for number, target in interrupted_first(found.targets, resume):
            ended.append(connector.erase(target, uuid5(claimed.step, str(number)), tell, resume))
            resume = Progress(0, 0, ended[-1].rows)
        points.reached("store_erased")
        self._mark(claimed, reached=True)
        self._forget_count(claimed)
        days = [one.physical_by for one in ended if one.physical_by is not None]
        known = len(days) == len(ended) and days
        remaining, held, why = _read_back(found, stores)
        points.reached("store_read_back")
        proved = remaining == 0 and not held and why is None
        return Ended(
            state=StepState.DONE if proved else StepState.PARTIAL,
            reason=f"{NOT_GONE}:{resume.rows}" if remaining else why,
            deleted=moving.surely(claimed, resume.rows, remaining or 0),
            held=held,
            remaining=remaining,
            logical_at=max((one.logical_at for one in ended), default=clock.now()),
            physical_on=max(days).date() if known else None,
            read_back_at=None if remaining is None else clock.now(),
            apart=None if remaining is None else stores.read_back_apart(found.place.source),
        )

    @contextmanager
    def _beating(self, claimed: Claim) -> Iterator[Tell]:
        """Renew the lease while the store works; what is told is stored, and stops the work once the step is lost.

        So does the wish to end (EndingError): the next attempt begins with what was told.
        """
        stop, lost = threading.Event(), threading.Event()

        def keep(**values: object) -> None:
            try:
                with self._database.transaction(LOGIN) as session:
                    claims.keep(session, claimed, clock.now(), **values)
            except LostError:
                lost.set()

        def beat() -> None:
            while not stop.wait(claims.LEASE.total_seconds() / BEATS) and not lost.is_set():
                try:
                    keep()
                except OperationalError:  # the next beat comes before the lease ends
                    log.warning("lease.database_unavailable")

        def tell(progress: Progress) -> None:
            keep(
                parts_done=progress.done,
                parts_total=progress.total or None,
                deleted=progress.rows,
                part=progress.part or None,
                part_rows=progress.going,
            )
            if lost.is_set():
                raise LostError
            self._ending.go_on()

        thread = threading.Thread(target=beat, name="lease", daemon=True)
        thread.start()
        try:
            yield tell
        finally:
            stop.set()
            thread.join()

    def _mark(self, claimed: Claim, *, reached: bool) -> None:
        with self._database.transaction(LOGIN) as session:
            place = places.place(session, claimed.dataset) if claimed.dataset else None
            if place is not None:
                sources.mark_contact(session, place.source.id, clock.now(), reached=reached)

    def _forget_count(self, claimed: Claim) -> None:
        """What was counted before is not so any more."""
        with self._database.transaction(LOGIN) as session:
            if claimed.dataset is not None:
                sources.forget_count(session, claimed.person, claimed.dataset)

    def _refused(self, claimed: Claim, error: RefusedError) -> Ended:
        with self._database.transaction(LOGIN) as session:
            deleted = session.scalar(select(Step.deleted).where(Step.id == claimed.step)) or 0
        state = StepState.PARTIAL if deleted else StepState.REFUSED
        return Ended(state, f"{error.reason}:{error.detail}", deleted=deleted)


def _read_back(found: Work, stores: Connections) -> tuple[int | None, int, str | None]:
    """What other credentials still find, how much of it holds keep, and why nobody could look or rows were left."""
    try:
        reader = stores.open_readback(found.place.source)
        remaining = sum(reader.remaining(target) for target in found.targets)
        whole = sum(reader.remaining(target) for target in found.whole)
        undated = moving.undated(reader, found)
    except RefusedError as error:
        return None, 0, f"{error.reason}:{error.detail}"
    left = f"{UNDATED}:{undated}" if undated else None
    return remaining, whole - remaining if found.whole else 0, left


class _ForgottenError(RefusedError):
    """Nobody describes the dataset any more: nothing to wait for."""


def _waits(claimed: Claim, error: RefusedError) -> bool:
    """Whether a refusal is not the last word.

    After a whole person is erased nobody knows where to look, so what somebody can mend has its time until then.
    """
    if error.reason is Reason.CONTESTED:
        return True
    mendable = error.reason in MENDABLE and not isinstance(error, _ForgottenError)
    return claimed.chosen.whole_person and mendable and clock.now() < claimed.asked_at + TO_MEND


def _place(session: Session, claimed: Claim) -> Place:
    """Raises RefusedError when the dataset is gone."""
    found = places.place(session, claimed.dataset) if claimed.dataset else None
    if found is None:
        raise _ForgottenError(Reason.MISSING, claimed.store)
    return found
