"""`python -m portal log`: what an outsider does with the audit log."""

import json
import os
from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal.audit import queries, verifying
from portal.audit.keys import log_key
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.worker import LOGIN
from wire import checkpoint, merkle, receipt
from wire.checkpoint import Checkpoint, NoteError, VerifierKey
from wire.merkle import ProofError

MOST_SHOWN = 20
CHANGED = "The stored tree is not the signed one; run `python -m portal log verify`."


@click.group()
def log() -> None:
    """Check the audit log, or print its newest checkpoint, as the database login `worker`."""


@log.command()
def head() -> None:
    """Print the newest checkpoint, a signed note to keep elsewhere."""
    database = Database(Settings.from_env(os.environ))
    with database.transaction(LOGIN) as session:
        newest = queries.newest_head(session)
    database.dispose()
    if newest is None:
        raise click.ClickException("The log has no checkpoint yet.")
    click.echo(newest.note, nl=False)


@log.command()
def key() -> None:
    """Print the public key of the log, to keep beside the checkpoints."""
    click.echo(str(log_key(Settings.from_env(os.environ)).public()))


@log.command()
@click.option(
    "--head",
    "heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A checkpoint that was kept elsewhere, or a witness's file with many.",
)
@click.option("--key", "public", help="The log's public key as `log key` prints it; else that of PORTAL_LOG_KEY.")
def verify(heads: tuple[Path, ...], public: str | None) -> None:
    """Recompute the whole log from the entries and compare it with every checkpoint."""
    settings = Settings.from_env(os.environ)
    try:
        verifier = checkpoint.parse_verifier_key(public) if public else log_key(settings).public()
    except NoteError as error:
        raise ConfigError(f"--key is wrong: {error}") from error
    kept = [one for path in heads for one in _kept(path, verifier)]
    database = Database(settings)
    with database.transaction(LOGIN) as session:
        report = verifying.verify(session, verifier, kept)
    database.dispose()
    _tell(report, len(kept))


@log.command()
@click.argument("old", type=click.IntRange(min=1))
@click.argument("new", type=click.IntRange(min=1), required=False)
def consistency(old: int, new: int | None) -> None:
    """Print what shows that the log of NEW entries begins with that of OLD; without NEW, the newest.

    Both are sizes of checkpoints. Whoever holds the old one checks it offline: `verify_receipt.py --head OLD
    --consistency FILE`.
    """
    settings = Settings.from_env(os.environ)
    public = str(log_key(settings).public())
    database = Database(settings)
    with database.transaction(LOGIN) as session:
        proof = _consistency(session, old, new, public)
    database.dispose()
    click.echo(json.dumps(proof, ensure_ascii=False, indent=1))


def _consistency(session: Session, old: int, new: int | None, public: str) -> dict[str, object]:
    head = queries.newest_head(session) if new is None else queries.head_of(session, new)
    if head is None:
        raise click.ClickException(f"The log has no checkpoint{f' of {new} entries' if new else ' yet'}.")
    if old > head.size:
        raise click.ClickException(f"A log of {head.size} entries does not begin with {old}.")
    try:
        path = queries.consistency_proof(session, old, head.size)
        before = queries.frontier(session, old).root()
        merkle.verify_consistency(old, head.size, before, head.root, path)
    except (KeyError, ProofError) as error:
        raise click.ClickException(CHANGED) from error
    return receipt.consistency(old, path, head.note, public)


def _kept(path: Path, key: VerifierKey) -> list[Checkpoint]:
    try:
        found = [checkpoint.open_checkpoint(note, key) for note in checkpoint.notes_in(path.read_text("utf-8"))]
    except (NoteError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} holds no checkpoint of this log: {error}") from error
    if not found:
        raise click.ClickException(f"{path} holds no checkpoint.")
    return found


def _tell(report: verifying.Report, kept: int) -> None:
    for finding in report.findings[:MOST_SHOWN]:
        click.echo(f"- {finding}")
    if report.findings:
        raise click.ClickException(f"The log was changed: {len(report.findings)} findings.")
    erased = f", {len(report.blanked)} were erased with their people" if report.blanked else ""
    click.echo(
        f"The log is whole: {report.leaves} entries, {report.checkpoints} checkpoints and {kept} kept elsewhere agree; "
        f"{report.waiting} entries wait{erased}."
    )
