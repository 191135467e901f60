"""What an operator does with stores: describe, discover, check. Each asks the store first and writes afterwards."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.sources import actions, queries, rules
from portal.sources.connections import Connections
from portal.sources.connectors.base import Connector, Found, Layout, RefusedError, UnreachableError
from portal.sources.description import DatasetDescription, DescriptionError, SourceDescription
from portal.sources.models import Dataset, DatasetState, DescribedBy, Source
from portal.sources.rules import NOT_DESCRIBED
from portal.sources.words import refusal


@dataclass
class Survey:
    """What was found: datasets by what became of them, and a line for each that a person should read."""

    usable: int = 0
    refused: int = 0
    new: int = 0
    lines: list[str] = field(default_factory=list)

    def refuse(self, location: str, reason: str, detail: str) -> None:
        """Count a refused dataset and say why."""
        self.refused += 1
        self.lines.append(f"{location}: {refusal(reason, detail)}")

    def doubt(self, connector: Connector, layout: Layout) -> None:
        """Say what would be refused in a dataset that is usable otherwise."""
        self.lines += [
            f"{layout.location}: deletions there are refused, or leave rows. {refusal(error.reason, error.detail)}"
            for error in connector.doubts(layout)
        ]


Needed = Callable[[Session, Collection[UUID]], Collection[UUID]]
"""Which of some datasets somebody still has to reach: steps are open there, or rows frozen."""


def describe(
    session: Session,
    stores: Connections,
    description: SourceDescription,
    now: datetime,
    *,
    replace: bool = False,
    needed: Needed = lambda _session, _datasets: (),
) -> Survey:
    """Take a description over once the store has confirmed it; with a line for what could not be deleted there.

    `replace`: also drop what an earlier description held and this one does not, but for what is `needed`.

    Raises DescriptionError with a line for each dataset that is not as described, and UnreachableError; then nothing
    is kept.
    """
    known = queries.source_named(session, description.name)
    if known is not None and known.connector != description.connector and queries.holds_datasets(session, known):
        raise DescriptionError(f'"{description.name}" is already a source of the connector {known.connector}.')
    source = actions.put_source(session, description.name, description.connector)
    survey = Survey()
    rows = _rows(stores.open(source), description, survey)
    _require_no_loss(session, source, description, needed, replace=replace)
    try:
        survey.new = actions.describe(session, source, description)
    except actions.NameTakenError as error:
        raise DescriptionError(str(error)) from error
    if description.owner is not None:
        actions.set_owner(session, source.id, description.owner, now)
    for place in queries.places_of(session, source):
        if place.location in rows:
            actions.mark_usable(session, place.id, rows[place.location], now)
    if description.datasets:
        actions.mark_contact(session, source.id, now, reached=True)
    return survey


def _rows(connector: Connector, description: SourceDescription, survey: Survey) -> dict[str, int | None]:
    """Location → rows where the store knows them. Raises DescriptionError with each that is not as described."""
    rows, problems = {}, []
    for dataset in description.datasets:
        try:
            rows[dataset.location] = connector.check(layout(dataset))
            survey.doubt(connector, layout(dataset))
        except RefusedError as error:
            problems.append(f"- {dataset.location}: {refusal(error.reason, error.detail)}")
    if problems:
        raise DescriptionError("\n".join(["The store is not as described:", *problems]))
    return rows


def _require_no_loss(
    session: Session, source: Source, description: SourceDescription, needed: Needed, *, replace: bool
) -> None:
    kept = {it.location for it in description.datasets}
    mine = [it for it in queries.places_of(session, source) if it.described_by is DescribedBy.YAML]
    going = {it.id: it.location for it in mine if it.location not in kept}
    if going and not replace:
        listed = [f"- {location}" for location in going.values()]
        raise DescriptionError(
            "\n".join(
                [
                    "These datasets were described before and are not in the file; nothing would reach them any more:",
                    *listed,
                    "Nothing was changed. Add them to the file, or say --replace to drop them.",
                ]
            )
        )
    if still := needed(session, list(going)):
        listed = [f"- {location}" for dataset, location in going.items() if dataset in still]
        raise DescriptionError(
            "\n".join(["Requests still have to reach these datasets (open steps, or frozen rows):", *listed])
        )


def layout(described: DatasetDescription) -> Layout:
    """A description as a connector takes it."""
    return Layout(
        location=described.location,
        subject_column=described.subject_column,
        subject_kind=described.subject_kind,
        time_column=described.time_column,
        kind_column=described.kind_column,
        context_column=described.context_column,
        sensitivity_column=described.sensitivity_column,
        physical_days=described.physical_days,
    )


def discover(session: Session, stores: Connections, source: Source, now: datetime) -> Survey:
    """Note every dataset of a source. What no column plainly names a person in waits to be described.

    Raises UnreachableError; what was met until then stays noted.
    """
    survey = Survey()
    described = {it.location for it in queries.places_of(session, source) if it.state is DatasetState.USABLE}
    for found in stores.open(source).discover():
        guess = None if found.refused else _guess(found)
        survey.new += actions.add_found(session, source, found, guess, now)
        if guess is not None or found.location in described:
            survey.usable += 1
        else:
            survey.refuse(found.location, str(found.refused or NOT_DESCRIBED), found.detail)
    actions.mark_contact(session, source.id, now, reached=True)
    return survey


def _guess(found: Found) -> DatasetDescription | None:
    subject = rules.guess_subject(found.columns)
    if subject is None:
        return None
    return DatasetDescription(
        name=found.location,
        location=found.location,
        subject_column=subject[0],
        subject_kind=subject[1],
        time_column=rules.guess_meaning(found.columns, "time"),
        kind_column=rules.guess_meaning(found.columns, "kind"),
        context_column=rules.guess_meaning(found.columns, "context"),
        sensitivity_column=rules.guess_meaning(found.columns, "sensitivity"),
    )


def check(session: Session, stores: Connections, source: Source, now: datetime) -> Survey:
    """Look whether every dataset is still as described, with both credentials; a dataset that is not is refused.

    An unreachable store changes no dataset: it is noted as unreachable since now.
    """
    survey = Survey()
    try:
        connector, reader = stores.open(source), stores.open_readback(source)
        if not stores.read_back_apart(source):
            survey.lines.append("The read-back setting is the same as the other: it proves less.")
        for dataset in queries.places_of(session, source):
            if dataset.subject_column is None:
                survey.refuse(dataset.location, dataset.reason or NOT_DESCRIBED, dataset.detail)
            else:
                _check_one(session, connector, reader, dataset, survey, now)
    except UnreachableError as error:
        actions.mark_contact(session, source.id, now, reached=False)
        survey.lines.append(f"It cannot be reached: {error}.")
    except RefusedError as error:
        survey.lines.append(refusal(error.reason, error.detail))
    else:
        actions.mark_contact(session, source.id, now, reached=True)
    return survey


def _check_one(
    session: Session, connector: Connector, reader: Connector, dataset: Dataset, survey: Survey, now: datetime
) -> None:
    try:
        rows = connector.check(dataset.layout())
        reader.check(dataset.layout())
    except RefusedError as error:
        actions.mark_refused(session, dataset.id, str(error.reason), error.detail)
        survey.refuse(dataset.location, str(error.reason), error.detail)
    else:
        actions.mark_usable(session, dataset.id, rows, now)
        survey.usable += 1
        survey.doubt(connector, dataset.layout())
