"""Reads of the worker: how deletions in a store get on; of the officer: the stores and who answers for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from portal.deletion import rules as deletion
from portal.deletion.claims import OPEN
from portal.deletion.models import Receipt, Step, StepState
from portal.identity.models import Employee
from portal.owners.rules import PATIENCE, Trouble
from portal.sources.models import Dataset, DatasetState, Source, SourceOwner


def trouble(session: Session, source: UUID, since: datetime, now: datetime) -> Trouble:
    """What does not get on in a store; of what has ended, only since a moment. Asked by the worker."""
    ended = and_(Receipt.issued_at > since, Receipt.issued_at <= now)
    decided = func.coalesce(Step.reason, "").startswith(deletion.GROUND, autoescape=True)
    # what a hold keeps, and what HR decided to keep, is nothing that the store did
    left = or_(Step.remaining.is_(None), Step.remaining > 0)
    signs: dict[str, Any] = {
        "pending": and_(Step.state.in_(OPEN), Step.pending_since <= now - PATIENCE),
        "failed": and_(ended, Step.state == StepState.REFUSED, ~decided),
        "partial": and_(ended, Step.state == StepState.PARTIAL, left),
        # a later round is as old as the request, and begins when a hold ends or a freeze is lifted
        "late": and_(
            ended, Step.state == StepState.DONE, Step.round == 1, Receipt.issued_at > Step.created_at + PATIENCE
        ),
    }
    some = or_(*signs.values())
    names = func.array_agg(Dataset.name.distinct())
    statement = (
        select(names, *(func.count(case((sign, 1))).label(name) for name, sign in signs.items()))
        .select_from(Step)
        .join(Dataset, Dataset.id == Step.dataset_id)
        .outerjoin(Receipt, Receipt.step_id == Step.id)
        .where(Dataset.source_id == source, some)
    )
    row = session.execute(statement).one()
    return Trouble(row.pending, row.failed, row.partial, row.late, tuple(sorted(row[0] or ())))


@dataclass(frozen=True)
class Owner:
    """An owner with the store: `person` is not NULL where the address belongs to somebody who is still here."""

    row: SourceOwner
    source: Source
    person: UUID | None
    timezone: str | None


def owners(session: Session) -> list[Owner]:
    """Everybody who answers for a store and can be told, by store. Asked by the worker."""
    statement = (
        select(SourceOwner, Source, Employee.id, Employee.timezone)
        .join(Source, Source.id == SourceOwner.source_id)
        .outerjoin(Employee, Employee.id == SourceOwner.owner_id)
        .where(SourceOwner.address.is_not(None), Employee.left_at.is_(None))
    )
    return [Owner(*row) for row in session.execute(statement.order_by(Source.name).with_for_update(of=SourceOwner))]


@dataclass(frozen=True)
class Store:
    """A store as the officer sees it; `owner` None: nobody answers for it."""

    source: Source
    owner: str | None
    usable: int
    refused: int


def stores(session: Session) -> Sequence[Store]:
    """Every store, by name. Asked by the officer."""
    usable = func.count(Dataset.id).filter(Dataset.state == DatasetState.USABLE)
    statement = (
        select(Source, SourceOwner.address, usable, func.count(Dataset.id) - usable)
        .outerjoin(SourceOwner, SourceOwner.source_id == Source.id)
        .outerjoin(Dataset, Dataset.source_id == Source.id)
        .group_by(Source.id, SourceOwner.address)
    )
    return [Store(*row) for row in session.execute(statement.order_by(Source.name))]
