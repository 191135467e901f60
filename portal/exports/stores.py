"""The worker's part of an export: reads external stores and hands their rows to the vault, which encrypts them at once.

What a store holds passes through this process, batch by batch, and is kept nowhere. A store is read again from its
start after a crash: batch 0 begins its file anew.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.db import Database
from portal.core.ending import Ending, EndingError
from portal.core.vault_client import NoArchive, VaultClient, VaultUnavailable
from portal.exports.models import ExportOrder, ExportStore, StoreState
from portal.exports.rules import PATIENCE

LOGIN: Final = "worker"
LEASE: Final = timedelta(minutes=5)
AGAIN: Final = timedelta(minutes=1)
BATCH_ROWS: Final = 500
BATCH_BYTES: Final = 256 * 1024
LONGEST_ROW: Final = 512 * 1024
log = structlog.get_logger()


class StoreUnreachable(Exception):  # noqa: N818 - a state of the world
    """The store does not answer: tried again for a while, then named as missing in the archive."""


class StoreRefused(Exception):  # noqa: N818 - as above
    """The store cannot give this person's rows; the text is a slug that the person is told the meaning of."""


@dataclass(frozen=True)
class Named:
    """A dataset of an external store, as the person reads its name."""

    dataset: UUID
    name: str
    rows: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Whose rows of which dataset, of what stretch and of which kinds (None: all)."""

    person: UUID
    dataset: UUID
    starts: datetime | None
    ends: datetime | None
    kinds: frozenset[str] | None


class Stores(Protocol):
    """The external stores that this worker can reach."""

    def names(self, session: Session, person: UUID) -> Sequence[Named]:
        """Every dataset that may hold rows of the person."""

    def rows(self, session: Session, wanted: Wanted) -> AbstractContextManager[Iterator[dict[str, Any]]]:
        """The person's rows, streamed; `session` is used now only.

        Raises StoreUnreachable, StoreRefused, also while streaming.
        """


@dataclass(frozen=True)
class _Claimed:
    order: UUID
    number: int
    wanted: Wanted
    ordered: datetime


class StoreWork:
    """Names the stores of new orders, and reads one store after the other."""

    def __init__(self, database: Database, vault: VaultClient, stores: Stores, ending: Ending | None = None) -> None:
        self._database = database
        self._ending = ending or Ending()
        self._vault = vault
        self._stores = stores

    def next(self) -> bool:
        """Do the next thing; False when there is none. Raises EndingError in the midst of a store."""
        return self._name_stores() or self._read_one()

    def _name_stores(self) -> bool:
        now = clock.now()
        with self._database.transaction(LOGIN) as session:
            found = select(ExportOrder).where(*_alive(now), ExportOrder.stores, ExportOrder.stores_listed_at.is_(None))
            order = session.scalars(found.limit(1).with_for_update(skip_locked=True)).one_or_none()
            if order is None:
                return False
            for number, named in enumerate(self._stores.names(session, order.employee_id)):
                session.add(
                    ExportStore(
                        order_id=order.id,
                        number=number,
                        employee_id=order.employee_id,
                        dataset_id=named.dataset,
                        store=named.name,
                        rows_total=named.rows,
                        next_try_at=now,
                    )
                )
            order.stores_listed_at = now
        return True

    def _read_one(self) -> bool:
        claimed = self._claim()
        if claimed is None:
            return False
        try:
            self._hand_over(claimed)
        except StoreUnreachable:
            self._later(claimed, unreachable=True)
        except StoreRefused as refused:
            self._put(claimed, state=StoreState.MISSING, reason=str(refused))
        except VaultUnavailable:
            self._later(claimed, unreachable=False)
        except NoArchive:
            log.info("export.store_no_longer_wanted")
        except EndingError:
            self._put(claimed, state=StoreState.WAITING, next_try_at=clock.now())
            raise
        except Exception:  # one store's trouble must not end the others; no text of it may reach a log
            log.exception("export.store_failed")
            self._put(claimed, state=StoreState.MISSING, reason="failed")
        return True

    def _claim(self) -> _Claimed | None:
        now = clock.now()
        with self._database.transaction(LOGIN) as session:
            found = (
                select(ExportStore, ExportOrder)
                .join(ExportOrder, ExportOrder.id == ExportStore.order_id)
                .where(ExportStore.state.in_((StoreState.WAITING, StoreState.RUNNING)), ExportStore.next_try_at <= now)
                .where(*_alive(now))
                .order_by(ExportStore.next_try_at)
            )
            row = session.execute(found.limit(1).with_for_update(of=ExportStore, skip_locked=True)).one_or_none()
            if row is None:
                return None
            store, order = row
            store.next_try_at = now + LEASE
            store.tries += 1
            kinds = None if order.kinds is None else frozenset(order.kinds)
            wanted = Wanted(order.employee_id, store.dataset_id, order.starts_at, order.ends_at, kinds)
            return _Claimed(order.id, store.number, wanted, order.ordered_at)

    def _hand_over(self, claimed: _Claimed) -> None:
        with self._database.transaction(LOGIN) as session:
            opening = self._stores.rows(session, claimed.wanted)
        with opening as rows:
            number = -1
            for number, batch in enumerate(batches(self._ending.each(rows))):
                self._vault.append_rows(claimed.order, claimed.number, number, batch, done=False)
                self._put(claimed, next_try_at=clock.now() + LEASE)
            self._vault.append_rows(claimed.order, claimed.number, number + 1, [], done=True)
        self._put(claimed, pending_since=None)

    def _later(self, claimed: _Claimed, *, unreachable: bool) -> None:
        now = clock.now()
        given_up = unreachable and now - claimed.ordered >= PATIENCE
        state = StoreState.MISSING if given_up else StoreState.WAITING
        values: dict[str, Any] = {"state": state, "next_try_at": now + AGAIN}
        if unreachable:
            values |= {"pending_since": func.coalesce(ExportStore.pending_since, now), "reason": "unreachable"}
        self._put(claimed, **values)

    def _put(self, claimed: _Claimed, **values: Any) -> None:
        with self._database.transaction(LOGIN) as session:
            session.execute(
                update(ExportStore)
                .where(ExportStore.order_id == claimed.order, ExportStore.number == claimed.number)
                .values(**values)
            )


def batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows in batches that fit one message to the vault; one that is too long is named in its place."""
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        length = len(json.dumps(row))
        kept = row if length <= LONGEST_ROW else {"too_long": length, "columns": sorted(row)}
        if batch and (len(batch) >= BATCH_ROWS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(kept)
        size += min(length, LONGEST_ROW)
    if batch:
        yield batch


def _alive(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (ExportOrder.finished_at.is_(None), ExportOrder.cancelled_at.is_(None), ExportOrder.expires_at > now)
