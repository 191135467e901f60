"""Reads of stores and datasets, and of the values under which a person stands in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select, text
from sqlalchemy.orm import Session

from portal.identity.models import Employee
from portal.sources.connectors.base import EVERYTHING, Narrowing, Reason, RefusedError, SubjectKind, Target
from portal.sources.models import AddressSpan, Dataset, DatasetCount, DatasetState, Source, SubjectHandle
from portal.sources.rules import OBJECTIONS, Ends, begins, meet

_HAD = select(Employee.id, Employee.email, Employee.former_emails)


@dataclass(frozen=True)
class Place:
    """A dataset with the source it lies in."""

    source: Source
    dataset: Dataset


def sources(session: Session) -> Sequence[Source]:
    """Every source, by name."""
    return session.scalars(select(Source).order_by(Source.name)).all()


def source_named(session: Session, name: str) -> Source | None:
    """The source of that name."""
    return session.scalars(select(Source).where(Source.name == name)).one_or_none()


def places(session: Session, state: DatasetState | None = None) -> list[Place]:
    """Every dataset, or those in `state`, with its source: one query, by names."""
    statement = select(Source, Dataset).join(Dataset, Dataset.source_id == Source.id)
    if state is not None:
        statement = statement.where(Dataset.state == state)
    rows = session.execute(statement.order_by(Source.name, Dataset.location)).all()
    return [Place(source, dataset) for source, dataset in rows]


def places_of(session: Session, source: Source) -> Sequence[Dataset]:
    """The datasets of one source, by location."""
    return session.scalars(select(Dataset).where(Dataset.source_id == source.id).order_by(Dataset.location)).all()


def holds_datasets(session: Session, source: Source) -> bool:
    """Whether the source has any."""
    return session.scalars(select(Dataset.id).where(Dataset.source_id == source.id).limit(1)).first() is not None


def place(session: Session, dataset: UUID) -> Place | None:
    """One dataset with its source."""
    statement = select(Source, Dataset).join(Dataset, Dataset.source_id == Source.id).where(Dataset.id == dataset)
    row = session.execute(statement).one_or_none()
    return Place(*row) if row else None


def targets(
    session: Session,
    person: UUID,
    dataset: Dataset,
    now: datetime,
    narrowing: Narrowing = EVERYTHING,
    *,
    ever: bool = False,
) -> tuple[Target, ...]:
    """What a connector needs to find the person's rows in a usable dataset. Asked by the worker.

    Several where a mail address was the person's for a time only; none where it was not within the narrowing. With
    `ever` each address counts that the person has or had, whatever HR has said of it since: so it did when rows were
    frozen under it.

    Raises RefusedError: no handle known, a value that two people share, or a column that the narrowing needs. CONTESTED
    waits for HR.
    """
    layout = dataset.layout()
    if layout.subject_kind is SubjectKind.HANDLE:
        return (Target(layout, handles(session, person, dataset.source_id), narrowing),)
    if layout.subject_kind is SubjectKind.EMAIL:
        found = (
            dict.fromkeys(_ever(session, person, layout.location), (None, None))
            if ever
            else _addresses(session, person, layout.location, now)
        )
        return tuple(
            Target(layout, tuple(mine), replace(narrowing, since=since, until=until))
            for (since, until), mine in _within(found, narrowing)
        )
    gone = func.concat("erased ", Employee.id)  # what stands there once the whole person was erased
    mine = tuple(session.scalars(select(Employee.subject).where(Employee.id == person, Employee.subject != gone)))
    if not mine:
        raise RefusedError(Reason.NO_SUBJECT, layout.location)
    twin = select(Employee.id).where(Employee.subject.in_(mine), Employee.id != person)
    if session.scalars(twin.limit(1)).first() is not None:
        raise RefusedError(Reason.AMBIGUOUS, layout.location)
    return (Target(layout, mine, narrowing),)


def _within(found: Mapping[str, Ends], narrowing: Narrowing) -> list[tuple[Ends, list[str]]]:
    """Stretches of time with the addresses that are looked for in each; no two are the same stretch."""
    met: dict[Ends, list[str]] = {}
    for address, ends in found.items():
        both = meet((narrowing.since, narrowing.until), ends)
        if both is not None:
            met.setdefault(both, []).append(address)
    return list(met.items())


def _addresses(session: Session, person: UUID, location: str, now: datetime) -> dict[str, Ends]:
    """The person's address and those of before, for rows stand under the address of their day; when each was theirs.

    Raises RefusedError: without any, or while one is somebody else's, too, and HR has not said whose, or a week is not
    over in which both can object.
    """
    mine = _mine(session, person)
    others = session.execute(_HAD.where(_mail_of(mine), Employee.id != person)).all() if mine else ()
    said = select(AddressSpan).where(AddressSpan.address.in_(mine), AddressSpan.settled_at <= now - OBJECTIONS)
    spans = {(one.employee_id, one.address): one for one in session.scalars(said)} if mine else {}
    claims = {(row[0], address) for row in others for address in _known(row) if address in mine}
    contested = {address for _, address in claims}
    if any(claim not in spans for claim in claims | {(person, address) for address in contested}):
        raise RefusedError(Reason.CONTESTED, location)
    found = {}
    for address in mine:
        span = spans.get((person, address))
        if span is None or span.theirs:
            found[address] = (begins(span.since), begins(span.until)) if span else (None, None)
    if not found:
        raise RefusedError(Reason.NO_SUBJECT, location)
    return found


def _ever(session: Session, person: UUID, location: str) -> tuple[str, ...]:
    """Every address that the person has or had. Raises RefusedError without any."""
    found = _mine(session, person)
    if not found:
        raise RefusedError(Reason.NO_SUBJECT, location)
    return found


def sharers(session: Session, person: UUID) -> Sequence[UUID]:
    """Who else has or had one of the person's addresses. Asked by the worker."""
    mine = _mine(session, person)
    return session.scalars(select(Employee.id).where(_mail_of(mine), Employee.id != person)).all() if mine else ()


def _mine(session: Session, person: UUID) -> tuple[str, ...]:
    """The person's address and those they had before."""
    row = session.execute(_HAD.where(Employee.id == person)).one_or_none()
    return () if row is None else _known(row)


def _mail_of(addresses: Collection[str]) -> ColumnElement[bool]:
    return or_(func.lower(Employee.email).in_(addresses), Employee.former_emails.overlap(addresses))


def _known(row: Row[UUID, str | None, list[str]]) -> tuple[str, ...]:
    """All addresses of somebody, in small letters."""
    return tuple(address.lower() for address in (row[1], *row[2]) if address)


@dataclass(frozen=True)
class Sharing:
    """Somebody of several who have an address now (`has`) or had it before."""

    address: str
    person: UUID
    name: str
    department: str | None
    has: bool
    left_at: datetime | None


def shared(session: Session, most: int, skip: int = 0, address: str | None = None) -> list[Sharing]:
    """Of `most` addresses after the first `skip`, or of one, everybody who has or had them; none of the reader's (HR).

    Ahead those of which HR has not said whose they were.
    """
    asked = {"most": most, "skip": skip, "address": address}
    found = session.execute(text("SELECT * FROM shared_addresses(:most, :skip, :address)"), asked)
    return [Sharing(*row) for row in found]


def spans(session: Session, addresses: Collection[str]) -> dict[tuple[UUID, str], AddressSpan]:
    """What HR has said so far of each person and address."""
    found = session.scalars(select(AddressSpan).where(AddressSpan.address.in_(addresses)))
    return {(one.employee_id, one.address): one for one in found}


def handles(session: Session, person: UUID, source: UUID) -> tuple[str, ...]:
    """The person's pseudonyms in a source. Raises RefusedError when none is known: then nothing can be looked for."""
    statement = select(SubjectHandle.handle).where(
        SubjectHandle.employee_id == person, SubjectHandle.source_id == source
    )
    found = tuple(session.scalars(statement.order_by(SubjectHandle.handle)))
    if not found:
        raise RefusedError(Reason.NO_HANDLE)
    return found


def people(session: Session, lines: Sequence[Mapping[str, str | None]]) -> list[tuple[UUID, str]]:
    """Person and handle of each line (`employee_id` or `email`, and `handle`).

    Raises ValueError with the number of the first line that names nobody, or two people, or no handle.
    """
    found = []
    for number, line in enumerate(lines, 2):
        email, subject, handle = (line.get(name) for name in ("email", "employee_id", "handle"))
        if bool(email) == bool(subject) or not handle:
            raise ValueError(f"line {number}: employee_id or email, and handle, are expected")
        same = func.lower(Employee.email) == email.lower() if email else Employee.subject == subject
        ids = session.scalars(select(Employee.id).where(same)).all()
        if len(ids) != 1:
            raise ValueError(f"line {number}: {'nobody is' if not ids else 'two people are'} known by that name")
        found.append((ids[0], handle))
    return found


def known_counts(session: Session, person: UUID) -> Mapping[UUID, DatasetCount]:
    """Dataset → how many rows of the person it was last seen to hold. One query, whatever the number of datasets."""
    rows = session.scalars(select(DatasetCount).where(DatasetCount.employee_id == person)).all()
    return {row.dataset_id: row for row in rows}
