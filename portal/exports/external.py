"""External stores in an export: which datasets are read for a person, and their rows as the connectors stream them."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.exports.stores import LOGIN, Named, StoreRefused, StoreUnreachable, Wanted
from portal.sources import actions, queries
from portal.sources.connections import Connections
from portal.sources.connectors.base import Narrowing, Reason, RefusedError, Target, UnreachableError
from portal.sources.models import DatasetState, Source
from portal.sources.rules import meant

OUT_OF_REACH: Final = (UnreachableError, ConfigError)
"""A store whose address this worker was not given is as far away as one that does not answer."""


class ExternalStores:
    """Every usable dataset of every source that was described; the addresses are those of `settings`."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def names(self, session: Session, _person: UUID) -> Sequence[Named]:
        """All of them: whether rows of the person lie there, only the store knows."""
        return [Named(it.dataset.id, it.dataset.name) for it in queries.places(session, DatasetState.USABLE)]

    def rows(self, session: Session, wanted: Wanted) -> AbstractContextManager[Iterator[dict[str, Any]]]:
        """See `stores.Stores`. A dataset that was dropped, or is refused by now, is refused with that reason."""
        place = queries.place(session, wanted.dataset)
        if place is None:
            raise StoreRefused(Reason.MISSING.value)
        if place.dataset.state is DatasetState.REFUSED:
            raise StoreRefused(place.dataset.reason)
        try:
            narrowing = Narrowing(wanted.starts, wanted.ends, meant(wanted.kinds, place.dataset.kinds))
            targets = queries.targets(session, wanted.person, place.dataset, clock.now(), narrowing)
        except RefusedError as error:
            raise StoreRefused(error.reason.value) from error
        session.expunge(place.source)
        return self._opened(place.source, targets)

    @contextmanager
    def _opened(self, source: Source, targets: Sequence[Target]) -> Iterator[Iterator[dict[str, Any]]]:
        with Connections(self._settings) as stores:
            yield self._read(stores, source, targets)

    def _read(self, stores: Connections, source: Source, targets: Sequence[Target]) -> Iterator[dict[str, Any]]:
        """Only what the store brings about is translated; what the reader of these rows raises passes by."""
        try:
            connector = stores.open(source)
            for target in targets:
                yield from connector.export(target)
        except OUT_OF_REACH as error:
            self._mark(source, reached=False)
            raise StoreUnreachable from error
        except RefusedError as error:
            raise StoreRefused(error.reason.value) from error
        self._mark(source, reached=True)

    def _mark(self, source: Source, *, reached: bool) -> None:
        with self._database.transaction(LOGIN) as session:
            actions.mark_contact(session, source.id, clock.now(), reached=reached)
