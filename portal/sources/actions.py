"""Writes: what is described, discovered and counted, when a store answered (worker); whose an address was (HR)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.db import lock
from portal.notifications.actions import tell
from portal.sources.connectors.base import Count, Found
from portal.sources.description import DatasetDescription, SourceDescription
from portal.sources.models import (
    AddressSpan,
    Dataset,
    DatasetCount,
    DatasetState,
    DescribedBy,
    Source,
    SourceOwner,
    SubjectHandle,
)
from portal.sources.rules import NOT_DESCRIBED, OBJECTIONS, OWN_STORE, Said, setting_name


class NameTakenError(ValueError):
    """Another dataset has the name that a description gives; one sentence for its author."""


class HandleTakenError(ValueError):
    """A handle that already means somebody else; the text does not name anybody."""


def put_source(session: Session, name: str, connector: str) -> Source:
    """The source of that name, made if it is new, with this connector from now on."""
    row = session.scalars(select(Source).where(Source.name == name)).one_or_none()
    if row is None:
        row = Source(id=uuid4(), name=name, connector=connector, setting=setting_name(name))
        session.add(row)
    row.connector = connector
    session.flush()
    return row


def describe(session: Session, source: Source, description: SourceDescription) -> int:
    """Make the source's described datasets those of `description`; how many are new.

    What an earlier description held and this one does not is gone; what discovery found stays until it is described.
    Raises NameTakenError.
    """
    kept = {dataset.location for dataset in description.datasets}
    dropped = delete(Dataset).where(Dataset.source_id == source.id, Dataset.described_by == DescribedBy.YAML)
    session.execute(dropped.where(Dataset.location.not_in(kept)))
    known = {row.location: row for row in session.scalars(select(Dataset).where(Dataset.source_id == source.id))}
    rows = []
    for described in description.datasets:
        row = known.get(described.location)
        if row is None:
            row = Dataset(id=uuid4(), source_id=source.id, location=described.location)
            session.add(row)
        _fill(row, described)
        rows.append(row)
    session.flush()
    for row in rows:
        _name_apart(session, source, row)
    return len(kept - known.keys())


def _name_apart(session: Session, source: Source, row: Dataset) -> None:
    """A name that nobody chose, the location, is said with its source where another has it. Raises NameTakenError."""
    same = select(Source.name).join(Dataset, Dataset.source_id == Source.id)
    taken = session.scalar(same.where(Dataset.name == row.name, Dataset.id != row.id).limit(1))
    if taken is None and row.name != OWN_STORE:
        return
    if row.name != row.location:
        whose = f"a dataset of {taken}" if taken else "Daylight's own store"
        raise NameTakenError(f'{row.location}: "{row.name}" is the name of {whose} already; give one of them another.')
    row.name = f"{row.location} ({source.name})"
    session.flush()


def _fill(row: Dataset, described: DatasetDescription) -> None:
    row.name = described.name
    row.subject_column, row.subject_kind = described.subject_column, described.subject_kind
    row.time_column, row.kind_column = described.time_column, described.kind_column
    row.context_column, row.sensitivity_column = described.context_column, described.sensitivity_column
    row.kinds = dict(described.kinds)
    row.physical_days, row.readable_by = described.physical_days, described.readable_by
    row.described_by, row.state, row.reason, row.detail = DescribedBy.YAML, DatasetState.USABLE, None, ""


def add_found(session: Session, source: Source, found: Found, guess: DatasetDescription | None, now: datetime) -> bool:
    """Note a dataset that discovery met, unless somebody has described it; True when it is new.

    With a guess at its columns it is usable; else refused until it is described.
    """
    row = session.scalars(
        select(Dataset).where(Dataset.source_id == source.id, Dataset.location == found.location)
    ).one_or_none()
    is_new = row is None
    if row is None:
        row = Dataset(id=uuid4(), source_id=source.id, location=found.location, described_by=DescribedBy.DISCOVERED)
        session.add(row)
    if row.described_by is DescribedBy.DISCOVERED:
        _settle(row, found, guess)
        session.flush()
        _name_apart(session, source, row)
    if found.rows is not None:
        row.rows, row.rows_at = found.rows, now
    session.flush()
    return is_new


def _settle(row: Dataset, found: Found, guess: DatasetDescription | None) -> None:
    row.name = found.location
    if guess is not None:
        _fill(row, guess)
        row.described_by = DescribedBy.DISCOVERED
    if guess is None or found.refused is not None:
        row.state, row.detail = DatasetState.REFUSED, found.detail
        row.reason = str(found.refused or NOT_DESCRIBED)


def set_owner(session: Session, source: UUID, address: str | None, now: datetime) -> None:
    """Who answers for a source from now on; None for nobody. The same address again changes nothing."""
    row = session.get(SourceOwner, source)
    if address is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(SourceOwner(source_id=source, address=address, set_at=now))
    elif row.address != address:
        row.address, row.owner_id, row.set_at, row.told_at = address, None, now, None
    session.flush()


def mark_refused(session: Session, dataset: UUID, reason: str, detail: str) -> None:
    """A dataset cannot be used as it is described."""
    values = {"state": DatasetState.REFUSED, "reason": reason, "detail": detail}
    session.execute(update(Dataset).where(Dataset.id == dataset).values(values))


def mark_usable(session: Session, dataset: UUID, rows: int | None, now: datetime) -> None:
    """A described dataset was found as described; its rows where the store knows them."""
    values: dict[str, object] = {"state": DatasetState.USABLE, "reason": None, "detail": ""}
    if rows is not None:
        values |= {"rows": rows, "rows_at": now}
    session.execute(update(Dataset).where(Dataset.id == dataset).values(values))


def mark_contact(session: Session, source: UUID, now: datetime, *, reached: bool) -> None:
    """Note that a store answered, or since when it does not."""
    if reached:
        values: dict[str, object] = {"contacted_at": now, "unreachable_since": None}
    else:
        values = {"unreachable_since": func.coalesce(Source.unreachable_since, now)}
    session.execute(update(Source).where(Source.id == source).values(values))


def remember_count(session: Session, person: UUID, dataset: UUID, count: Count, now: datetime) -> None:
    """Keep how many rows of the person a dataset holds, for previews."""
    row = {"rows": count.rows, "by_kind": dict(count.by_kind), "counted_at": now}
    statement = insert(DatasetCount).values(employee_id=person, dataset_id=dataset, **row)
    session.execute(statement.on_conflict_do_update(index_elements=["employee_id", "dataset_id"], set_=row))


def forget_count(session: Session, person: UUID, dataset: UUID) -> None:
    """What was counted does not hold any more."""
    session.execute(delete(DatasetCount).where(DatasetCount.employee_id == person, DatasetCount.dataset_id == dataset))


def add_handles(session: Session, source: UUID, pairs: Iterable[tuple[UUID, str]]) -> int:
    """Keep (person, handle) pairs of a source; how many are new. Raises HandleTakenError for somebody else's."""
    added = 0
    for person, handle in pairs:
        row = {"employee_id": person, "source_id": source, "handle": handle}
        made = session.execute(
            insert(SubjectHandle).values(row).on_conflict_do_nothing().returning(SubjectHandle.handle)
        )
        if made.one_or_none() is not None:
            added += 1
            continue
        held = select(SubjectHandle.employee_id).where(
            SubjectHandle.source_id == source, SubjectHandle.handle == handle
        )
        if session.scalars(held).one() != person:
            raise HandleTakenError("a handle already belongs to somebody else")
    return added


def settle(session: Session, address: str, said: Sequence[Said], by: UUID, now: datetime) -> None:
    """Keep what HR says of an address and of everybody who has or had it; each is told, before it counts."""
    lock(session, f"address {address}")
    session.execute(
        delete(AddressSpan).where(AddressSpan.address == address), execution_options={"synchronize_session": False}
    )
    for one in said:
        what = {"theirs": one.theirs, "since": one.since, "until": one.until}
        session.add(AddressSpan(employee_id=one.person, address=address, **what))
        shown: dict[str, Any] = {key: it.isoformat() if isinstance(it, date) else it for key, it in what.items()}
        record(session, "address.settled", actor=by, role="hr", employee=one.person, **shown)
        counts = (now + OBJECTIONS).isoformat()
        told = f"address_settled:{address}:{now.isoformat()}"
        tell(session, one.person, "address_settled", told, address=address, counts=counts, **shown)
