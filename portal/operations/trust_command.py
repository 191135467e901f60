"""`python -m portal trust`: bring new keys of officer and council, or take lost ones away. See docs/operations.md.

`next` writes the files to sign, `policies` those that new keys have to sign, `publish` takes them back signed. Devices
follow by themselves, by the keys they know.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.clock import from_ms
from portal.operations.first_policy import settings_here
from portal.operations.publish import as_owner
from portal.operations.runtime import OperationsError
from portal.policies.actions import publish_succession, unsigned
from portal.policies.deciding.queries import to_sign
from portal.policies.models import PolicyRow, TrustDocument
from portal.policies.queries import trust as trust_in_force
from portal.signing import build, bundle
from wire import canonical, codec, documents, dsse, succession
from wire.documents import MOST_QUORUM, Signer, Trust, TrustedKey

Readable: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
SIGNERS: Final = {"officer": Signer.OFFICER, "council": Signer.COUNCIL}


@click.group()
def trust() -> None:
    """Change which keys officer and council sign with."""


@trust.command("next")
@click.option("--add", "added", multiple=True, help="officer:PUBLICKEY, council:PUBLICKEY or council:PUBLICKEY:SITE.")
@click.option("--remove", "removed", multiple=True, help="Id of a key, or its first digits.")
@click.option("--quorum", type=click.IntRange(1, MOST_QUORUM), help="How many keys of a council must sign together.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), required=True, help="Directory for the files."
)
def next_(added: tuple[str, ...], removed: tuple[str, ...], quorum: int | None, into: Path) -> None:
    """Write what has to be signed: the next trust document, and where a key goes each policy in force.

    It names the signing file that ships with this release, so that a new one is brought in by this alone.
    """
    into.mkdir(parents=True, exist_ok=True)
    with as_owner(settings_here(os.environ)) as session:
        row = _in_force(session)
        old = documents.read(Trust, dsse.payload_of(row.envelope.encode()))
        new = replace(changed(old, added, removed, _now(), quorum), signing_file=build.sha256())
        files = {"trust-to-sign.json": bundle.written(Trust.TYPE, _bytes(new), None, row.envelope)}
        if removed:
            rows = session.scalars(select(PolicyRow).where(PolicyRow.expires_at > from_ms(_now()))).all()
            files |= _policies(session, rows, row.envelope)
    _write(into, files)
    click.echo("Officer and council sign each of them, with keys that are in both trust documents where a key goes.")
    click.echo("Put signatures over the same file together: python -m portal sign join … --out …")


@trust.command()
@click.argument("signed", type=Readable)
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), required=True, help="Directory for the files."
)
def policies(signed: Path, into: Path) -> None:
    """Write the policies in force that the keys of the SIGNED trust document have to sign before it is published."""
    envelope = signed.read_bytes().strip()
    try:
        with as_owner(settings_here(os.environ)) as session:
            old = documents.read(Trust, dsse.payload_of(_in_force(session).envelope.encode()))
            new = succession.succeed(old, envelope)
            rows = unsigned(session, old, new, _now())
            files = _policies(session, rows, succession.own(envelope, new).decode())
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise OperationsError(f"Nothing was written: {error}.") from error
    into.mkdir(parents=True, exist_ok=True)
    _write(into, files)
    click.echo(
        "Each needs officer and council, by the new trust document." if files else "Nothing has to be signed anew."
    )


@trust.command()
@click.argument("signed", type=Readable)
@click.option("--policy", "policies", type=Readable, multiple=True, help="A policy in force, signed anew.")
def publish(signed: Path, policies: tuple[Path, ...]) -> None:
    """Put the signed trust document in the place of the one in force."""
    try:
        with as_owner(settings_here(os.environ)) as session:
            resigned = [path.read_bytes().strip() for path in policies]
            fingerprint = publish_succession(session, signed.read_bytes().strip(), resigned, _now())
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise OperationsError(f"Nothing was changed: {error}.") from error
    click.echo(f"Devices follow as they connect. New ones pin the trust document {fingerprint}.")


def changed(old: Trust, added: tuple[str, ...], removed: tuple[str, ...], now: int, quorum: int | None = None) -> Trust:
    """The trust document after `old` with these keys, and this quorum where one is given. Raises OperationsError."""
    keys = [key for key in old.keys if not any(_named(key, one) for one in removed)]
    if len(keys) != len(old.keys) - len(removed):
        raise OperationsError("Each --remove names one key of officer or council by the first digits of its id.")
    for one in added:
        signer, _, rest = one.partition(":")
        public, colon, site = rest.partition(":")
        try:
            keys.append(TrustedKey(SIGNERS[signer], bytes.fromhex(public), site if colon else None))
        except (KeyError, ValueError) as error:
            raise OperationsError(
                "--add takes officer:PUBLICKEY, council:PUBLICKEY or council:PUBLICKEY:SITE; a key has 64 digits."
            ) from error
    wanted = old.quorum if quorum is None else quorum
    try:
        # One key is what holds without a quorum: a document has one form for each meaning.
        wanted = None if wanted == 1 else wanted
        return replace(old, version=old.version + 1, issued=now, keys=tuple(keys), quorum=wanted)
    except codec.DocumentError as error:
        raise OperationsError(f"These keys do not go together: {error}.") from error


def _named(key: TrustedKey, prefix: str) -> bool:
    return key.signer in SIGNERS.values() and bool(prefix) and dsse.key_id(key.public_key).startswith(prefix.lower())


def _policies(session: Session, rows: Sequence[PolicyRow], trust_envelope: str) -> dict[str, str]:
    contents = {row.version: dsse.payload_of(row.envelope.encode()).decode() for row in rows}
    return {
        f"policy-{version}-to-sign.json": to_sign(session, content, trust_envelope)
        for version, content in contents.items()
    }


def _write(into: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (into / name).write_text(text, encoding="utf-8")
        click.echo(f"Written: {into / name}")


def _in_force(session: Session) -> TrustDocument:
    row = trust_in_force(session)
    if row is None:
        raise OperationsError("There is no trust document yet: python -m portal first-policy makes the first one.")
    return row


def _bytes(document: documents.Document) -> bytes:
    return canonical.encode(codec.to_value(document))


def _now() -> int:
    return int(time.time() * 1000)
