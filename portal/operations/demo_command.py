"""`python -m portal demo-data`: a file of its own, because it needs the collector's packages."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import click

from portal.core import logs
from portal.core.config import Settings
from portal.operations import demo
from portal.operations.demo_calendar import WORKING_DAYS
from portal.operations.demo_company import SIZE
from portal.operations.demo_data import fill
from portal.operations.demo_progress import Bar, Note
from portal.operations.identity_provider import IdentityProvider
from portal.operations.installation import IDENTITY_PROVIDER_OFFSET, complete, local_addresses
from portal.operations.postgres import Postgres
from portal.operations.runtime import Runtime


@click.command()
@click.option("--people", type=click.IntRange(1, SIZE), default=SIZE, help="How many people.")
@click.option("--days", type=click.IntRange(1, WORKING_DAYS), default=WORKING_DAYS, help="How many working days.")
@click.option("--progress", type=click.Path(path_type=Path), help="Note the progress in this file; show no bar.")
def demo_data(people: int, days: int, progress: Path | None) -> None:
    """Fill a demo with people and their past weeks; again adds only what is missing."""
    settings = settings_of(os.environ)
    logs.configure(settings.log_level)
    outcomes = asyncio.run(fill(settings, Note(progress) if progress else Bar("History"), people, days))
    stored = outcomes.pop("stored", 0)
    click.echo(f"{stored} items were stored, {outcomes.total()} uploads were refused.")


def settings_of(environ: Mapping[str, str]) -> Settings:
    """The settings in the environment; without a database's address, those of the demo that runs from this checkout."""
    given = Settings.from_env(environ)
    if given.database_url is not None:
        return given
    runtime = Runtime(given.var_dir.resolve())
    local = local_addresses(given.demo_port_base, runtime)
    provider = IdentityProvider(runtime, given.demo_port_base + IDENTITY_PROVIDER_OFFSET, local["PORTAL_BASE_URL"])
    defaults = local | demo.addresses(provider) | {"PORTAL_DATABASE_URL": Postgres(runtime).url()}
    return Settings.from_env(complete(environ, runtime, defaults))
