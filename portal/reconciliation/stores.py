"""External stores take part: a dataset that lies there, names people, and stands in no catalogue, is a mismatch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.core.ending import Ending
from portal.identity.models import Employee
from portal.reconciliation import actions
from portal.reconciliation.jobs import due_at
from portal.reconciliation.rules import Mismatch, What, zone_of
from portal.sources import queries
from portal.sources.connections import Connections
from portal.sources.connectors.base import ConnectorError, Count, Found, RefusedError, Target
from portal.sources.models import Dataset, DescribedBy, Source
from portal.sources.rules import NOT_DESCRIBED, guess_meaning, guess_subject

LOGIN = "worker"
AT_ONCE = 500
log = structlog.get_logger()


@dataclass(frozen=True)
class Place:
    """A dataset of a source that the catalogue does not know. `dataset` is never written."""

    source: Source
    dataset: Dataset


class Undeclared:
    """Looks into every source once a day, outside any transaction."""

    def __init__(self, database: Database, settings: Settings, ending: Ending | None = None) -> None:
        self._database, self._settings = database, settings
        self._ending = ending or Ending()
        self._looked: dict[UUID, date] = {}

    def run(self) -> None:
        """One bell: each source that was not looked into today. One that does not answer is asked again.

        Raises EndingError in the midst of it; the next process looks from the start.
        """
        try:
            today = clock.now().date()
            with self._database.transaction(LOGIN) as session:
                waiting = [one for one in queries.sources(session) if self._looked.get(one.id) != today]
                known = {one.id: _described(queries.places_of(session, one)) for one in waiting}
            for source in self._ending.each(waiting):
                if self._look(source, known[source.id], today - timedelta(days=1)):
                    self._looked[source.id] = today
        except OperationalError:
            log.warning("job.database_unavailable", job="look_for_undeclared")

    def _look(self, source: Source, known: set[str], day: date) -> bool:
        try:
            with Connections(self._settings) as stores:
                connector = stores.open(source)
                described = self._ending.each(connector.discover())
                unknown = [place for found in described if (place := _place(source, found, known))]
                for place in unknown:
                    for people in self._people():
                        targets = self._targets(place, people)
                        answers = self._ending.each(connector.counts([target for _, target in targets]))
                        self._note(place, day, zip((one for one, _ in targets), answers, strict=False))
        except (ConnectorError, ConfigError) as error:
            log.warning("reconciliation.store_not_read", source=source.name, error=type(error).__name__)
            return False
        return True

    def _people(self) -> list[Sequence[UUID]]:
        with self._database.transaction(LOGIN) as session:
            everybody = session.scalars(select(Employee.id).order_by(Employee.id)).all()
        return [everybody[start : start + AT_ONCE] for start in range(0, len(everybody), AT_ONCE)]

    def _targets(self, place: Place, people: Sequence[UUID]) -> list[tuple[UUID, Target]]:
        with self._database.transaction(LOGIN) as session:
            now = clock.now()
            return [(person, one) for person in people for one in _found(session, person, place.dataset, now)]

    def _note(
        self, place: Place, day: date, answers: Iterator[tuple[UUID, tuple[Target, Count | ConnectorError]]]
    ) -> None:
        where = f"{place.source.name}: {place.dataset.location}"
        for person, (_, count) in answers:
            if isinstance(count, Count) and count.rows:
                with self._database.transaction(LOGIN) as session:
                    one = Mismatch(What.UNDECLARED_STORE, count.rows, place=where)
                    zone = session.scalar(select(Employee.timezone).where(Employee.id == person)) or ""
                    actions.find(session, person, day, [one], due_at(day, zone_of(zone)))


def _described(datasets: Sequence[Dataset]) -> set[str]:
    """Locations that the catalogue knows, and of which somebody has said whose rows they hold."""
    return {one.location for one in datasets if one.reason != NOT_DESCRIBED}


def _place(source: Source, found: Found, known: set[str]) -> Place | None:
    subject = guess_subject(found.columns)
    if found.refused or found.location in known or subject is None:
        return None
    dataset = Dataset(
        source_id=source.id,
        location=found.location,
        subject_column=subject[0],
        subject_kind=subject[1],
        time_column=guess_meaning(found.columns, "time"),
        described_by=DescribedBy.DISCOVERED,
    )
    return Place(source, dataset)


def _found(session: Session, person: UUID, dataset: Dataset, now: datetime) -> tuple[Target, ...]:
    """None for a person who has no name in that store, or shares it."""
    try:
        return queries.targets(session, person, dataset, now)
    except RefusedError:
        return ()
