"""Reads of stores and datasets, and of the values under which a person stands in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.identity.models import Employee
from portal.sources.connectors.base import EVERYTHING, Narrowing, Reason, RefusedError, SubjectKind, Target
from portal.sources.models import Dataset, DatasetCount, DatasetState, Source, SubjectHandle


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


def target(session: Session, person: UUID, dataset: Dataset, narrowing: Narrowing = EVERYTHING) -> Target:
    """What a connector needs to find the person's rows in a usable dataset. Asked by the worker.

    Raises RefusedError: no handle known, a value that two people share, or a column that the narrowing needs.
    """
    layout = dataset.layout()
    if layout.subject_kind is SubjectKind.HANDLE:
        return Target(layout, handles(session, person, dataset.source_id), narrowing)
    by_mail = layout.subject_kind is SubjectKind.EMAIL
    mine = _addresses(session, person) if by_mail else _subject(session, person)
    if not mine:
        raise RefusedError(Reason.NO_SUBJECT, layout.location)
    mail = or_(func.lower(Employee.email).in_(mine), Employee.former_emails.overlap(mine))
    anybody = mail if by_mail else Employee.subject.in_(mine)
    if session.scalars(select(Employee.id).where(anybody, Employee.id != person).limit(1)).first() is not None:
        raise RefusedError(Reason.AMBIGUOUS, layout.location)
    return Target(layout, mine, narrowing)


def _subject(session: Session, person: UUID) -> tuple[str, ...]:
    return tuple(session.scalars(select(Employee.subject).where(Employee.id == person)))


def _addresses(session: Session, person: UUID) -> tuple[str, ...]:
    """The person's address and those they had before: rows stand under the address of their day."""
    row = session.execute(select(Employee.email, Employee.former_emails).where(Employee.id == person)).one_or_none()
    return () if row is None else tuple(address.lower() for address in (row[0], *row[1]) if address)


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
