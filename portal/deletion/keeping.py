"""A freeze in force goes on: the worker looks again, and moves what was written after it was carried out.

A look asks and moves nothing. What it finds readable becomes another round of the step, which is claimed, read back
and receipted as the first was (`carrying`); the look itself is claimed under the step's fence.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.core import clock, points
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.core.ending import Ending
from portal.deletion import rules, store
from portal.deletion.models import Step, StepState
from portal.deletion.moving import again, lying
from portal.deletion.rules import Chosen
from portal.deletion.work import targets
from portal.sources import actions as sources
from portal.sources import queries as places
from portal.sources.connections import Connections
from portal.sources.connectors.base import Connector, Lying, RefusedError, Target, UnreachableError
from portal.sources.models import Source
from portal.sources.queries import Place

LOGIN = "worker"
READER = "readback"
log = structlog.get_logger()


@dataclass(frozen=True)
class Look:
    """One store of one freeze, to be looked at under the fence it was taken with."""

    step: UUID
    person: UUID
    chosen: Chosen
    fence: int
    whole: bool
    """Whether the last round froze everything."""
    place: Place | None
    """None: Daylight's own store, or a dataset that is gone."""
    targets: tuple[Target, ...] | None
    """None: nobody can say which rows are the person's. Empty: none can be, for the address was never theirs then."""
    own: bool


class Keeping:
    """Looks where freezes are in force, in the stores whose addresses `settings` hold."""

    def __init__(self, database: Database, settings: Settings, ending: Ending | None = None) -> None:
        self._database = database
        self._settings = settings
        self._ending = ending or Ending()

    def run(self) -> None:
        """One bell: every look that is due, until the process is to end."""
        try:
            with Connections(self._settings) as stores:
                while not self._ending.asked and self._next(stores):
                    pass
        except OperationalError:
            log.warning("job.database_unavailable", job="keep_frozen")

    def _next(self, stores: Connections) -> bool:
        """Look once. False when no look is due."""
        now = clock.now()
        with self._database.transaction(LOGIN) as session:
            step = session.scalars(_due(now)).one_or_none()
            if step is None:
                return False
            step.fence, step.look_at = step.fence + 1, now + rules.LOOK_LEASE
            look = _look(session, step)
        self._looked(look, *self._lies(look, stores))
        return True

    def _lies(self, look: Look, stores: Connections) -> tuple[Lying | None, bool]:
        """Where the rows lie now, None where nobody could look; and whether the store answered."""
        if look.own:
            with self._database.transaction(READER) as session:
                inside = store.inside(look.person, look.chosen, look.chosen.frozen())
                return Lying(0, sum(store.count(session, inside, clock.now()))), True
        if look.place is None or look.targets is None:
            return None, True
        try:
            return lying(_reader(stores, look.place.source), look.targets), True
        except (UnreachableError, ConfigError):
            return None, False
        except RefusedError:
            return None, True
        except Exception as error:  # noqa: BLE001 - one store's trouble must not end the others; no text into a log
            log.error("look.failed", error=type(error).__name__)
            return None, True

    def _looked(self, look: Look, lies: Lying | None, answered: bool) -> None:  # noqa: FBT001 - said by `_lies`
        """Write down what was seen; rows that came later are the next round's. Nothing once the freeze is lifted."""
        points.reached("looked")
        now = clock.now()
        values: dict[str, Any] = {"look_at": rules.next_look(now, whole=look.whole)}
        if lies is None:
            values["pending_since"] = func.coalesce(Step.pending_since, now)
        elif lies.readable:
            values |= {"looked_at": now, "look_at": None}
        else:
            values |= {"looked_at": now, "pending_since": None, "apart_rows": lies.apart}
        mine = update(Step).where(Step.id == look.step, Step.fence == look.fence, Step.look_at.is_not(None))
        statement = mine.values(**values).returning(Step.id).execution_options(synchronize_session=False)
        with self._database.transaction(LOGIN) as session:
            if look.place is not None:
                sources.mark_contact(session, look.place.source.id, now, reached=answered)
            held = session.scalar(statement)
            if held is not None and lies is not None and lies.readable:
                session.add(again(session.get_one(Step, held), now))


def _due(now: datetime) -> Select[Step]:
    """The look that is due longest; nobody else takes it."""
    return select(Step).where(Step.look_at <= now).order_by(Step.look_at).limit(1).with_for_update(skip_locked=True)


def _look(session: Session, step: Step) -> Look:
    chosen = Chosen.from_json(step.chosen)
    place = places.place(session, step.dataset_id) if step.dataset_id else None
    try:
        ends = (chosen.starts_at, chosen.ends_at)
        found = targets(session, step.employee_id, place, chosen, ends) if place else None
    except RefusedError:
        found = None
    whole = step.state is StepState.DONE
    return Look(step.id, step.employee_id, chosen, step.fence, whole, place, found, own=step.dataset_id is None)


def _reader(stores: Connections, source: Source) -> Connector:
    """Other credentials than those that freeze, where there are any."""
    try:
        return stores.open_readback(source)
    except RefusedError:
        return stores.open(source)
