"""The operator's commands; `portal.cli` loads this file only when one of them is called."""

import os

import click

from portal import worker as jobs
from portal.core import logs
from portal.core.config import Settings
from portal.operations import start
from portal.operations.schema import migrate as upgrade_schema
from portal.operations.schema import traces_are_open


@click.command()
def up() -> None:
    """Run the whole portal on this machine, for the identity provider that PORTAL_OIDC_* names."""
    start.up(os.environ)


@click.command()
def demo() -> None:
    """Run the whole portal on this machine, with a sign-in service and people to try it as."""
    start.run_demo(os.environ)


@click.command("bootstrap-database")
def bootstrap_database() -> None:
    """Make roles and database, as the superuser of PORTAL_DATABASE_SUPERUSER_URL; may be repeated."""
    start.bootstrap_database(os.environ)
    click.echo("Roles and database are in place.")


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date, as the login migrator."""
    settings = Settings.from_env(os.environ)
    upgrade_schema(settings, demo=settings.demo)
    click.echo("The schema is up to date.")
    if traces_are_open(settings):
        click.echo(
            "Every login of this database reads its locks or its statistics, which tell who does what and when. "
            "Run `python -m portal bootstrap-database` again."
        )


@click.command()
def worker() -> None:
    """Do what happens without a person, until a signal."""
    settings = Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    jobs.main(settings)
