"""A step in somebody else's store: its connector deletes under a lease that beats, and other credentials read back."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, points
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.deletion import claims, queries
from portal.deletion.carrying import LOGIN, UnreachableError
from portal.deletion.claims import Claim, LostError
from portal.deletion.models import Step, StepState
from portal.deletion.receipting import Ended
from portal.deletion.rules import Chosen, gaps
from portal.sources import actions as sources
from portal.sources import queries as places
from portal.sources.connections import Connections
from portal.sources.connectors import base
from portal.sources.connectors.base import Narrowing, Reason, RefusedError, Target
from portal.sources.connectors.progress import Progress, Tell
from portal.sources.queries import Place

BEATS = 4
"""How often a lease is renewed within its length."""


@dataclass(frozen=True)
class Work:
    """What is to be deleted where: one target for each stretch between holds; and all of it, where there are holds."""

    place: Place
    targets: tuple[Target, ...]
    whole: Target | None


class External:
    """Carries out steps with the connectors of the stores whose addresses `settings` hold."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def erase(self, claimed: Claim) -> Ended:
        """See `carrying.Store`. What a store refuses is named in the step's reason, `slug:detail`."""
        try:
            with self._database.transaction(LOGIN) as session:
                found = _work(session, claimed)
            with Connections(self._settings) as stores, self._beating(claimed) as tell:
                return self._erase(claimed, found, stores, tell)
        except RefusedError as error:
            return self._refused(claimed, error)
        except (base.UnreachableError, ConfigError) as error:
            self._mark(claimed, reached=False)
            raise UnreachableError from error

    def _erase(self, claimed: Claim, found: Work, stores: Connections, tell: Tell) -> Ended:
        connector = stores.open(found.place.source)
        resume = claimed.resume if len(found.targets) == 1 else replace(claimed.resume, done=0)
        ended = []
        for number, target in _interrupted_first(found.targets, resume):
            ended.append(connector.erase(target, uuid5(claimed.step, str(number)), tell, resume))
            resume = Progress(0, 0, ended[-1].rows)
        points.reached("store_erased")
        self._mark(claimed, reached=True)
        self._forget_count(claimed)
        days = [one.physical_by for one in ended if one.physical_by is not None]
        known = len(days) == len(ended) and days
        remaining, held, why = _read_back(found, stores)
        points.reached("store_read_back")
        proved = remaining == 0 and not held
        return Ended(
            state=StepState.DONE if proved else StepState.PARTIAL,
            reason=why,
            deleted=resume.rows,
            held=held,
            remaining=remaining,
            logical_at=max((one.logical_at for one in ended), default=clock.now()),
            physical_on=max(days).date() if known else None,
            read_back_at=None if remaining is None else clock.now(),
            apart=None if remaining is None else stores.read_back_apart(found.place.source),
        )

    @contextmanager
    def _beating(self, claimed: Claim) -> Iterator[Tell]:
        """Renew the lease while the store works; what is told is stored, and stops the work once the step is lost."""
        stop, lost = threading.Event(), threading.Event()

        def keep(**values: object) -> None:
            try:
                with self._database.transaction(LOGIN) as session:
                    claims.keep(session, claimed, clock.now(), **values)
            except LostError:
                lost.set()

        def beat() -> None:
            while not stop.wait(claims.LEASE.total_seconds() / BEATS) and not lost.is_set():
                keep()

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


def _interrupted_first(targets: Sequence[Target], resume: Progress) -> list[tuple[int, Target]]:
    """The targets with their numbers; ahead the one at which an attempt was killed, for only one part is written down.

    Where holds have changed since, no target is that one any more: what the kill left uncounted stays so.
    """
    return sorted(enumerate(targets), key=lambda one: not resume.part.startswith(one[1].mark))


def _read_back(found: Work, stores: Connections) -> tuple[int | None, int, str | None]:
    """What other credentials still find, how much of it holds keep, and why nobody could look."""
    try:
        reader = stores.open_readback(found.place.source)
        remaining = sum(reader.remaining(target) for target in found.targets)
        held = reader.remaining(found.whole) - remaining if found.whole else 0
    except RefusedError as error:
        return None, 0, f"{error.reason}:{error.detail}"
    return remaining, held, None


def _work(session: Session, claimed: Claim) -> Work:
    """Raises RefusedError when the dataset is gone, and as `work` does."""
    place = places.place(session, claimed.dataset) if claimed.dataset else None
    if place is None:
        raise RefusedError(Reason.MISSING, claimed.store)
    return work(session, claimed.person, place, claimed.chosen, claimed.asked_at)


def work(session: Session, person: UUID, place: Place, chosen: Chosen, asked_at: datetime) -> Work:
    """What of `chosen` is to go from a dataset, asked at `asked_at`, and what the holds of now keep.

    Raises RefusedError when the dataset cannot tell apart what is to go and what is to stay.
    """
    held = [hold for hold in queries.held(session, person, chosen, clock.now()) if hold.segment_id is None]
    whole = _target(session, person, place, chosen, (chosen.starts_at, chosen.ends_at))
    if not held:
        return Work(place, (whole,), None)
    stretches = gaps(chosen.bounds(asked_at), [(hold.starts_at, hold.ends_at) for hold in held])
    targets = tuple(_target(session, person, place, chosen, one) for one in stretches)
    return Work(place, targets, whole)


Ends = tuple[datetime | None, datetime | None]


def _target(session: Session, person: UUID, place: Place, chosen: Chosen, ends: Ends | Sequence[datetime]) -> Target:
    narrowing = Narrowing(ends[0], ends[1], chosen.kinds, chosen.contexts, chosen.sensitivities)
    return places.target(session, person, place.dataset, narrowing)
