"""`python -m portal sources`: what an operator does with external stores, as the database login `worker`."""

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.deletion.moving import still_needed
from portal.sources import actions, description, queries, surveying
from portal.sources.actions import HandleTakenError
from portal.sources.connections import CONNECTORS, Connections
from portal.sources.connectors.base import ConnectorError
from portal.sources.description import DescriptionError
from portal.sources.models import DatasetState, Source
from portal.worker import LOGIN

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def sources() -> None:
    """Describe, discover and check external stores, whose addresses are in PORTAL_SOURCE_<NAME>_URL."""


@contextmanager
def _working() -> Iterator[tuple[Session, Connections]]:
    """A transaction as the worker, and the stores this process was given."""
    settings = Settings.from_env(os.environ)
    database = Database(settings)
    try:
        with Connections(settings) as stores, database.transaction(LOGIN) as session:
            yield session, stores
    finally:
        database.dispose()


def _source(session: Session, name: str) -> Source:
    source = queries.source_named(session, name)
    if source is None:
        raise click.ClickException(f'There is no source "{name}"; `python -m portal sources describe` adds one.')
    return source


def _chosen(session: Session, name: str | None) -> list[Source]:
    return [_source(session, name)] if name else list(queries.sources(session))


@sources.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Drop datasets that were described before and are not in the file.")
def describe(file: Path, *, replace: bool) -> None:
    """Take over the description of a source from a YAML file, once the store confirms it."""
    try:
        described = description.read_file(file, CONNECTORS)
        with _working() as (session, stores):
            now = clock.now()
            survey = surveying.describe(session, stores, described, now, replace=replace, needed=still_needed)
            source = _source(session, described.name)
            record(session, "source.described", actor=None, employee=None, role="operator", about=source.id)
    except (DescriptionError, ConnectorError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{described.name}: {len(described.datasets)} datasets are described, {survey.new} of them new.")
    for line in survey.lines:
        click.echo(f"- {line}")


@sources.command()
@click.argument("name", required=False)
def discover(name: str | None) -> None:
    """Look what datasets a source has (or each source), and guess what plainly named columns mean."""
    _survey(name, surveying.discover, "found")


@sources.command()
@click.argument("name", required=False)
def check(name: str | None) -> None:
    """Look whether each source answers, with both credentials, and is still as described."""
    _survey(name, surveying.check, "as described")


def _survey(
    name: str | None, look: Callable[[Session, Connections, Source, datetime], surveying.Survey], word: str
) -> None:
    """Survey each source in a transaction of its own: one that does not answer must not undo the others."""
    with _working() as (session, _):
        names = [source.name for source in _chosen(session, name)]
    troubled = []
    for one in names:
        with _working() as (session, stores):
            source = _source(session, one)
            try:
                survey = look(session, stores, source, clock.now())
            except ConnectorError as error:
                actions.mark_contact(session, source.id, clock.now(), reached=False)
                survey = surveying.Survey(lines=[f"It cannot be reached: {error}."])
        click.echo(f"{one}: {survey.usable} datasets {word}, {survey.new} new, {survey.refused} refused.")
        for line in survey.lines:
            click.echo(f"- {line}")
        troubled += [one] if survey.lines else []
    if troubled and word != "found":
        raise click.ClickException(f"Look at: {', '.join(troubled)}.")


@sources.command("list")
def list_sources() -> None:
    """List the sources: connector, what this process was given for them, datasets, last contact."""
    settings = Settings.from_env(os.environ)
    with _working() as (session, stores):
        places = queries.places(session)
        for source in queries.sources(session):
            mine = [place.dataset for place in places if place.source.id == source.id]
            usable = sum(dataset.state is DatasetState.USABLE for dataset in mine)
            click.echo(
                f"{source.name}: {source.connector}; {_given(settings, stores, source)}; "
                f"{usable} datasets usable, {len(mine) - usable} refused; {_contact(source)}"
            )
        click.echo(f"Connectors: {', '.join(sorted(CONNECTORS))}.")


def _given(settings: Settings, stores: Connections, source: Source) -> str:
    if source.setting not in settings.sources:
        return f"{source.setting} is not set"
    return (
        "reads back with other credentials" if stores.read_back_apart(source) else "no other credentials to read back"
    )


def _contact(source: Source) -> str:
    if source.unreachable_since is not None:
        return f"unreachable since {source.unreachable_since:%Y-%m-%d %H:%M} UTC"
    return f"last contact {source.contacted_at:%Y-%m-%d %H:%M} UTC" if source.contacted_at else "never asked"


@sources.command()
@click.argument("name")
@click.argument("file", type=FILE)
def handles(name: str, file: Path) -> None:
    """Take over pseudonyms of a source from a CSV file with the columns `employee_id` (or `email`) and `handle`."""
    with _working() as (session, _):
        source = _source(session, name)
        try:
            with file.open(newline="", encoding="utf-8") as lines:
                pairs = queries.people(session, list(csv.DictReader(lines)))
            added = actions.add_handles(session, source.id, pairs)
        except (HandleTakenError, ValueError) as error:
            raise click.ClickException(f"Nothing was taken over: {error}.") from error
    click.echo(f"{name}: {added} handles are new.")
