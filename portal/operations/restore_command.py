"""`python -m portal restore-check`: make a restored database fit to be served, and say what that took."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import click

from portal.audit import queries, sequencing
from portal.audit.actions import record
from portal.audit.keys import log_key
from portal.core import clock, witness
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.vault_client import VaultUnavailable
from portal.deletion import ages, burying, restoring
from portal.deletion.carrying import LOGIN
from portal.deletion.restoring import Replayed
from portal.deletion.retention import Retention
from portal.requests.freezes import spared
from portal.worker import carrier


@click.command("restore-check")
def restore_check() -> None:
    """Erase again what was erased after the backup; run it after each restore, before anything else starts."""
    settings = Settings.from_env(os.environ)
    database = Database(replace(settings, log_witness=None))
    try:
        _check(database, settings)
    finally:
        database.dispose()


def _check(database: Database, settings: Settings) -> None:
    database.check(LOGIN)
    journal = burying.journal(settings)
    known = max((witness.last_size(path) or 0 for path in witness.files(settings.log_witness)), default=0)
    with database.transaction(LOGIN) as session:
        head = queries.newest_head(session)
        size = head.size if head else 0
        erased = {one.person for one in burying.read(journal) if one.chosen.whole_person}
        if restoring.keys_missing(session, settings.var_dir / restoring.EXPORT, erased):
            raise click.ClickException(
                f"The newest key export holds newer keys. First: python -m vault restore-keys "
                f"{settings.var_dir / restoring.EXPORT}"
            )
    click.echo(f"The log here has {size} entries; the witness knows {known or 'nothing'}.")
    done = restoring.replay(database, journal)
    with database.transaction(LOGIN) as session:
        ages.plan(session, clock.now())
    Retention(database, spared(), settings.backup_days).run()
    if done.people:
        carrier(database, settings, without_vault(done.people)).run()
    _note(database, settings, (size, known), done, clock.now())
    click.echo(
        f"Laid again: {done.tombstones} tombstones. Deleted again: {done.items} items, {len(done.people)} people. "
        "This database may be served."
    )
    if done.people:
        click.echo("Keys were deleted again: run `python -m vault rotate` before the next backup.")


def without_vault(again: set[UUID]) -> Callable[[UUID], None]:
    """No vault runs now; of the steps that are repeated the keys' epochs were destroyed the first time."""

    def destroy_keys(step: UUID) -> None:
        if step not in again:
            raise VaultUnavailable("the vault is not running")

    return destroy_keys


def _note(database: Database, settings: Settings, sizes: tuple[int, int], done: Replayed, now: datetime) -> None:
    """Log what was done, sign it, and hand the new head to the witness's files: from here on this log counts."""
    with database.transaction(LOGIN) as session:
        record(
            session,
            "database.restored",
            actor=None,
            role="operator",
            employee=None,
            size=sizes[0],
            witness=sizes[1],
            tombstones=done.tombstones,
            items=done.items,
            people=len(done.people),
        )
    more = True
    while more:
        with database.transaction(LOGIN) as session:
            more = sequencing.sequence(session, log_key(settings), now)
    with database.transaction(LOGIN) as session:
        head = queries.newest_head(session)
    for path in witness.files(settings.log_witness):
        if head is not None:
            witness.append(path, head.note)
